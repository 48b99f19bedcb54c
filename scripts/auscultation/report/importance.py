"""What the page says of the features that models rely on, and of those that recognise patients."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow.parquet as pq

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.report.figures import figure
from auscultation.report.score_tables import ends_head, marks_of, model_cell, p_cell, value_cells
from auscultation.report.tables import Table, cell, figure_cell, table
from auscultation.scores.importance import Importance
from auscultation.scores.questions import ALPHA, Answer, SplitAnswer, asked
from auscultation.scores.recognising import Recognising
from auscultation.scores.reliance import ranked_models, rows_of_model
from auscultation.scores.wording import metric_name

MOST_GROUPS = 12  # of a model in the table; the file has all
MOST_MODELS = 3  # whose recognising groups a sentence names


@dataclass(frozen=True)
class Reliance:
    """What can be said of one split."""

    split: str
    known: str | None  # the split of known patients that it is compared with
    too_few: str | None  # why there is no verdict
    best: Importance  # the greatest loss of the model with the highest AUC
    relied_on: list[Importance]  # its groups whose loss is shown to be above 0
    recognising: dict[str, list[Recognising]]  # by model, those shown to recognise patients
    notes: list[str]  # on folds that test on one patient
    table: Table
    is_cut: bool  # whether models have more groups than the table


def reliance(
    rows: Sequence[Importance],
    compared: Sequence[Recognising],
    splits: Iterable[SplitAnswer],
    target: Target,
) -> Reliance | None:
    """Return what can be said of the first of some splits that has losses; None where none has.

    `splits` are the most credible first.
    """
    baselines = {row["model"] for row in rows if row["algorithm"] in BASELINES}
    for about in splits:
        models = ranked_models(rows, about["split"], target)
        looking = [model for model in models if model not in baselines] or models
        if looking:
            return _of_split(rows, compared, about, models, looking[0], target)
    return None


def _of_split(
    rows: Sequence[Importance],
    compared: Sequence[Recognising],
    about: SplitAnswer,
    models: list[str],
    best: str,
    target: Target,
) -> Reliance:
    split = about["split"]
    areas = asked("information", target)
    gains = [row for row in compared if row["other_split"] == split and row["metric"] in areas]
    known = next((row["split"] for row in gains), None)
    gains = [row for row in gains if row["split"] == known]
    of_best = rows_of_model(rows, best, split, target)
    shown = [rows_of_model(rows, model, split, target) for model in models]
    recognised: dict[str, list[Recognising]] = {}
    for row in sorted(gains, key=lambda row: -row["difference"]):
        if _is_above(row["ci_low"], row["p_holm"]) and row["algorithm"] not in BASELINES:
            recognised.setdefault(row["model"], []).append(row)
    return Reliance(
        split=split,
        known=known,
        too_few=None if about["enough"] else about["why"],
        best=of_best[0],
        relied_on=[row for row in of_best if _is_above(row["ci_low"], row["p_holm"])],
        recognising=dict([*recognised.items()][:MOST_MODELS]),
        notes=list(dict.fromkeys(own[0]["note"] for own in shown if own[0]["note"])),
        table=_table(shown, gains, known, target),
        is_cut=any(len(own) > MOST_GROUPS for own in shown),
    )


def _is_above(low: float | None, p: float | None) -> bool:
    """Return whether a value is shown to be above 0, whatever the number of groups."""
    return low is not None and p is not None and low > 0 and p < ALPHA


def _table(
    shown: Sequence[Sequence[Importance]],
    gains: Sequence[Recognising],
    known: str | None,
    target: Target,
) -> Table:
    """Return a row a model and group, of the models in their order the greatest losses first."""
    head: list[str | tuple[str, str]] = ["model", ("features", "group|features")]
    head += ["metric", ("as it is", "value"), "loss", ends_head("loss"), ("p (Holm)", "p_holm")]
    if known:
        head += [(f"loss under {known}", "known_loss"), ("difference", "difference")]
        head += [ends_head("difference"), ("p (Holm)", "difference_p_holm")]
    unknown = dict.fromkeys(("loss", "difference", "ci_low", "ci_high", "p_holm"))
    by_group = {(row["model"], row["metric"], row["group"]): row for row in gains}
    body, drawn = [], []
    for row in (row for own in shown for row in own[:MOST_GROUPS]):
        line = [model_cell(row), cell(row["group"], (row["group"], row["features"]))]
        line += [cell(metric_name(row["metric"], target), row["metric"])]
        line += [figure_cell(row["value"]), *value_cells(row, "loss", strong=True)]
        line += [p_cell(row["p_holm"])]
        if known:
            gain: Mapping = by_group.get((row["model"], row["metric"], row["group"]), unknown)
            line += [figure_cell(gain["loss"]), *value_cells(gain, "difference")]
            line += [p_cell(gain["p_holm"])]
        body.append(line)
        drawn.append(row)
    return table(head, body, texts=(0, 1, 2), marks=marks_of(drawn))


def importance_context(inputs, answer: Answer, config: Mapping, target: Target) -> dict:
    """Return what the section of the importance shows; nothing where it was not asked for."""
    if not inputs.importance:
        return {"reliance": None, "importance_figures": []}
    rows, compared = (
        cast("list", pq.read_table(path).to_pylist())
        for path in (inputs.importance, inputs.recognising)
    )
    return {
        "reliance": reliance(rows, compared, answer["splits"], target),
        "importance_figures": [figure(path) for path in inputs.relied_on],
        "not_permuted": next((row["note"] for row in rows if row["note"]), ""),
        "permuted_together": grouped_by(config["importance"]),
        "most_groups": MOST_GROUPS,
    }


def grouped_by(importance: Mapping) -> str:
    """Return what is permuted together, in words; `importance` is the config's."""
    if importance["groups"] == "sets":
        return "the features of a set of the config"
    if importance["groups"] == "families":
        return "the features of a family"
    if importance["limit"] >= 1:
        return "features with the same ranks"
    return f"features whose rank correlation is {importance['limit']:g} or more on average"
