"""What the page says of learning curves: whether more patients would help, and the numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.report.score_tables import ends_head, marks_of, model_cell, value_cells
from auscultation.report.tables import Table, cell, table
from auscultation.scores.learning import HALF, Learning
from auscultation.scores.questions import asked
from auscultation.scores.wording import metric_name, number

TWICE = (1.9, 2.1)  # times as many patients, to be called twice as many


@dataclass(frozen=True)
class LearningVerdict:
    """What can be said of the curves under one split."""

    split: str
    best: Learning | None  # about half of the patients, of the model with the highest AUC, if any
    n_patients: float  # all
    twice: bool  # whether these are about twice as many as those compared with
    rises: bool  # whether the best model's curve rises beyond its interval
    falls: bool  # whether it falls beyond it
    others: int  # models with a gain beside it
    rising: int  # of these, those whose AUC rises beyond its interval
    mixed: bool  # whether models have AUCs of two kinds
    table: Table


def learning_verdict(
    rows: Iterable[Learning], split: str, models: Sequence[str], target: Target
) -> LearningVerdict | None:
    """Return what can be said of the curves under a split; None where it has none.

    `models` are ranked by their AUC, as the answer has them.
    """
    own = [row for row in rows if row["split"] == split]
    if not own:
        return None
    areas = asked("information", target)
    curves: dict[str, list[Learning]] = {}
    for row in own:
        if row["metric"] in areas and row["algorithm"] not in BASELINES:
            curves.setdefault(row["model"], []).append(row)
    halves = {model: _half(curve) for model, curve in curves.items()}
    gains = {model: half for model, half in halves.items() if half is not None}
    first = next((model for model in models if model in gains), None)
    best = gains.pop(first) if first else None
    n_patients = max(row["n_patients"] for row in own)
    low, high = TWICE
    return LearningVerdict(
        split=split,
        best=best,
        n_patients=n_patients,
        twice=best is not None and low <= n_patients / best["n_patients"] <= high,
        rises=best is not None and (best["gain_low"] or 0) > 0,
        falls=best is not None and (best["gain_high"] or 0) < 0,
        others=len(gains),
        rising=sum((row["gain_low"] or 0) > 0 for row in gains.values()),
        mixed=len({row["metric"] for curve in curves.values() for row in curve}) > 1,
        table=_table(own, models, target),
    )


def _half(curve: Iterable[Learning]) -> Learning | None:
    """Return the row of the share nearest to half of the patients; None without a gain."""
    rows = [row for row in curve if row["gain"] is not None]
    return min(rows, key=lambda row: abs(row["share"] - HALF), default=None)


def _table(rows: Sequence[Learning], models: Sequence[str], target: Target) -> Table:
    """Return a row a model and share, models as ranked, then the others by name."""
    score, areas = target.score, asked("information", target)
    by_key: dict[tuple[str, float], dict[str, Learning]] = {}
    for row in rows:
        kind = score if row["metric"] == score else "auc"
        by_key.setdefault((row["model"], row["share"]), {})[kind] = row
    place = {model: rank for rank, model in enumerate(models)}
    keys = sorted(by_key, key=lambda key: (place.get(key[0], len(place)), key))
    kinds = {"auc": "AUC", score: target.score_words}
    if len({row["metric"] for row in rows if row["metric"] in areas}) == 1:
        names = {row["metric"] for row in rows if row["metric"] in areas}
        kinds["auc"] = metric_name(names.pop(), target)
    head: list[str | tuple[str, str]] = ["model", "share", ("patients", "n_patients")]
    for kind, name in kinds.items():
        head += [(name, kind), ends_head(kind), ("all patients: gain", f"{kind}_gain")]
        head.append(ends_head(f"{kind}_gain"))
    body, firsts = [], []
    for key in keys:
        of = by_key[key]
        row = next(iter(of.values()))
        firsts.append(row)
        line = [model_cell(row), cell(f"{row['share']:g}", row["share"])]
        line.append(cell(number(row["n_patients"], 0), row["n_patients"]))
        for kind in kinds:
            metric = of.get(kind)
            if metric is None:
                line += [cell("–", None)] * 4
                continue
            line += value_cells(metric, strong=metric["share"] == 1)
            line += value_cells(metric, "gain", "gain")
        body.append(line)
    return table(head, body, marks=marks_of(firsts))
