"""What the page says of verdicts on recordings and on patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.report.score_tables import ends_head, marks_of, model_cell, p_cell, value_cells
from auscultation.report.tables import Table, cell, table
from auscultation.scores.questions import ALPHA, enough
from auscultation.scores.units import METRICS, UnitScore

NAMES = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
    "sensitivity": "Se",
    "specificity": "Sp",
    "accuracy": "accuracy",
}


@dataclass(frozen=True)
class UnitVerdict:
    """What can be said of one kind of unit under one split."""

    unit: Literal["recording", "patient"]
    split: str
    n_units: int
    n_positive: int  # not of the first class
    n_mixed: int  # with cycles of several classes
    rule: str  # of the best model
    too_few: str | None  # why there is no verdict
    n_models: int
    better: list[str]  # models whose AUC is above 0.5, the best first
    auc: UnitScore | None  # the highest of the models'
    accuracy: UnitScore | None  # balanced, of the same model
    table: Table

    @property
    def is_unit_of_target(self) -> bool:
        """Return whether it is patients who have the class, and not their cycles."""
        return self.unit == "patient" and not self.n_mixed


def unit_verdicts(rows: Sequence[UnitScore], split: str, target: Target) -> list[UnitVerdict]:
    """Return what can be said of recordings and of patients under a split, those that there are."""
    verdicts = []
    for unit in ("recording", "patient"):
        own = [row for row in rows if (row["split"], row["unit"]) == (split, unit)]
        if own:
            verdicts.append(_verdict(own, target))
    return verdicts


def _verdict(rows: Sequence[UnitScore], target: Target) -> UnitVerdict:
    """Return what can be said, from the rows of one kind of unit under one split."""
    areas = [row for row in rows if row["metric"] == "auc" and row["value"] is not None]
    areas = [row for row in areas if row["algorithm"] not in BASELINES]
    areas.sort(key=lambda row: (-(row["value"] or 0), row["model"]))
    first, best = rows[0], next(iter(areas), None)
    of_best = {row["metric"]: row for row in rows if best and row["model"] == best["model"]}
    # one patient may have recordings of both kinds: the fewest of a kind are counted as patients
    sides = first["n_positive"], first["n_units"] - first["n_positive"]
    better = [r for r in areas if (r["value"] or 0) > 0.5 and (r["p_holm"] or 1) < ALPHA]
    return UnitVerdict(
        unit="patient" if first["unit"] == "patient" else "recording",
        split=first["split"],
        n_units=first["n_units"],
        n_positive=first["n_positive"],
        n_mixed=first["n_mixed"],
        rule=(best or first)["rule"],
        too_few=enough(first["n_patients"], sides),
        n_models=len(areas),
        better=[row["model"] for row in better],
        auc=best,
        accuracy=of_best.get("balanced_accuracy"),
        table=_table(rows, target),
    )


def _table(rows: Sequence[UnitScore], target: Target) -> Table:
    """Return a row a model, the highest AUC first."""
    by_model: dict[str, dict[str, UnitScore]] = {}
    for row in rows:
        by_model.setdefault(row["model"], {})[row["metric"]] = row
    shown = [metric for metric in METRICS if any(metric in of for of in by_model.values())]
    ranked = sorted(by_model, key=lambda model: (-(by_model[model]["auc"]["value"] or 0), model))
    head: list[str | tuple[str, str]] = ["model", "rule"]
    for metric in shown:
        head += [(NAMES[metric], metric), ends_head(metric)]
    head.append(("p of the AUC (Holm)", "p_holm"))
    body = []
    for model in ranked:
        of = by_model[model]
        line = [model_cell(of["auc"]), cell(of["auc"]["rule"])]
        for metric in shown:
            line += value_cells(of[metric], strong=metric == "auc")
        body.append([*line, p_cell(of["auc"]["p_holm"])])
    firsts = [by_model[model]["auc"] for model in ranked]
    return table(head, body, texts=(0, 1), marks=marks_of(firsts))
