"""What the page says of the operating point: a table, and the model to begin with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auscultation.fits.algorithms import BASELINES
from auscultation.report.score_tables import ends_head, marks_of, model_cell, value_cells
from auscultation.report.tables import Table, cell, table
from auscultation.scores.operating import Operating

NAMES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy": "balanced accuracy",
    "positive_predictive_value": "positive predictive value",
    "negative_predictive_value": "negative predictive value",
    "icbhi_score": "ICBHI score",
}
CHOSEN = {
    "threshold": "threshold",
    "inner_sensitivity": "inner Se",
    "inner_specificity": "inner Sp",
}


@dataclass(frozen=True)
class OperatingPoint:
    """What can be said of the operating points under one split."""

    split: str
    wanted: str  # sensitivity or specificity
    level: str  # how much of it
    given_up: str  # the other of the two
    best: dict[str, Operating] | None  # by metric, of the model with the highest balanced accuracy
    n_models: int
    table: Table


def operating_point(rows: Iterable[Operating], split: str) -> OperatingPoint | None:
    """Return what can be said of the operating points under a split; None where it has none."""
    by_model: dict[str, dict[str, Operating]] = {}
    for row in rows:
        if row["split"] == split:
            by_model.setdefault(row["model"], {})[row["metric"]] = row
    if not by_model:
        return None
    ranked = sorted(by_model.values(), key=_rank)
    models = [of for of in ranked if of["sensitivity"]["algorithm"] not in BASELINES]
    wanted, level = ranked[0]["sensitivity"]["goal"].split()
    return OperatingPoint(
        split=split,
        wanted=wanted,
        level=level,
        given_up="specificity" if wanted == "sensitivity" else "sensitivity",
        best=models[0] if models else None,
        n_models=len(models),
        table=_table(ranked),
    )


def _rank(of: dict[str, Operating]) -> tuple[float, str]:
    """Return what a model is sorted by: balanced accuracy, then its name."""
    row = of["balanced_accuracy"]
    return -(row["value"] or 0), row["model"]


def _table(ranked: Sequence[dict[str, Operating]]) -> Table:
    """Return a row a model, as ranked."""
    names = {name: text for name, text in NAMES.items() if name in ranked[0]}
    head: list[str | tuple[str, str]] = ["model"]
    for name, text in names.items():
        head += [(text, name), ends_head(name)]
    for name, text in CHOSEN.items():
        head += [(text, name), ("folds", f"{name}_lowest|{name}_highest")]
    body = []
    for of in ranked:
        line = [model_cell(of["sensitivity"])]
        for name in (*names, *CHOSEN):
            row = of.get(name)
            if row is None:
                line += [cell("–", None)] * 2
                continue
            line += value_cells(row, muted=name in CHOSEN)
        body.append(line)
    return table(head, body, marks=marks_of([of["sensitivity"] for of in ranked]))
