"""External validation: models on labelled cycles of elsewhere, beside their scores inside the workflow.

The cycles have no part in any fit, and models predict those that have their features: each model is
scored on its own ones, and compared with the best constant of the same.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict, cast

import numpy as np
import pyarrow as pa

from auscultation.data.derived import groups_by
from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.scores.answer import split_answer
from auscultation.scores.comparison import Ends, Fit, Row
from auscultation.scores.constant import constant
from auscultation.scores.differences import CONSTANT, Difference, compared, differences
from auscultation.scores.fit_scores import Calibration, Part, score_of, scores, sum_parts
from auscultation.scores.intervals import holm
from auscultation.scores.questions import SplitAnswer, enough, metric_of
from auscultation.scores.tables import schema_of
from auscultation.splits.folds import SplitSummary

# Beside the columns of the predictions' contract, unless the target has the name.
MODEL, DEVICE, OUTSIDE = "model", "device", "outside"
SOURCE = "external"  # in place of the protocol of a split


class External(TypedDict):
    """A metric of a model on the cycles of elsewhere, and inside the workflow; None if undefined."""

    model: str
    algorithm: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    constant: float | None  # the best constant of the same cycles
    from_constant: float | None
    from_constant_low: float | None
    from_constant_high: float | None
    p: float | None
    p_holm: float | None
    internal_split: str
    internal_value: float | None
    internal_low: float | None
    internal_high: float | None
    difference: float | None  # value minus that inside
    difference_low: float | None
    difference_high: float | None
    n_cycles: int
    n_patients: int
    n_without_prediction: int  # labelled cycles of which the model says nothing


EXTERNAL = schema_of(External)


class Validated(NamedTuple):
    """What the models do on labelled cycles of elsewhere."""

    rows: list[External]
    comparison: list[Row]  # of one split with the name of the table, its test part
    gaps: list[Difference]  # of each model from the best constant
    calibration: list[Calibration]
    answer: SplitAnswer | None  # None where no model predicts a labelled cycle


def part_of(predictions: pa.Table, algorithm: str) -> Part:
    """Return one model's predictions of labelled cycles summed up."""
    device = None
    if DEVICE in predictions.column_names:
        names = predictions[DEVICE].to_numpy(zero_copy_only=False)
        try:
            device = np.unique(groups_by({DEVICE: names}, DEVICE), return_inverse=True)[1]
        except ValueError:  # blank in some cycle: as where recordings do not name it
            device = None
    return sum_parts(predictions, algorithm, device, ("test",))["test"]


def validate(
    name: str,
    predicted: Iterable[tuple[Mapping, pa.Table]],
    internal: Iterable[Row],
    split: str,
    n_labelled: int,
    target: Target,
    known: Sequence[str] = (),
) -> Validated:
    """Return the scores of all models on labelled cycles, beside those inside the workflow.

    Parameters
    ----------
    name
        Of the scored table.
    predicted
        By model its `model` and `algorithm`, and its predictions of labelled cycles, with the columns
        of the predictions' contract and perhaps `device`.
    internal
        The comparison.
    split
        Of the comparison, whose scores on the test part are those inside.
    n_labelled
        Cycles with a label.
    target
        What is predicted.
    known
        Patients with labels whose id is also that of a training patient.
    """
    fits: list[Fit] = []
    parts: dict[str, Part] = {}
    for about, table in predicted:
        fits.append({"model": about["model"], "algorithm": about["algorithm"], "split": name})
        parts[about["model"]] = part_of(table, about["algorithm"])
    own = {
        (row["model"], row["metric"]): row
        for row in internal
        if (row["split"], row["part"]) == (split, "test")
    }
    gaps = gaps_of(fits, parts, target)
    by_model = {(gap["model"], gap["metric"]): gap for gap in gaps}
    made = Validated([], [], gaps, [], None)
    for fit in fits:
        part = parts[fit["model"]]
        best = constant(part, target).values
        for score in scores(part):
            key = fit["model"], score["metric"]
            row = cast(Row, {**fit, "part": "test", **score, **part.counts})
            made.comparison.append(row)
            beside = best.get(score["metric"]), by_model.get(key), own.get(key)
            made.rows.append(_row(row, *beside, split, n_labelled))
        of_curve = {"model": fit["model"], "split": name, "part": "test"}
        made.calibration.extend(cast(Calibration, {**of_curve, **b}) for b in part.calibration)
    if not made.comparison:
        return made
    largest = max(parts.values(), key=lambda part: part.n_cycles)
    summary = summary_of(len(largest.patients), known)
    answer = split_answer(name, summary, made.comparison, gaps, largest.sides, target)
    return made._replace(answer=answer)


def summary_of(n_patients: int, known: Sequence[str]) -> SplitSummary:
    """Return scored patients as a split, of whom training may know some."""
    fold = {"patients_on_both_sides": [*known], "test": {"patients": n_patients}}
    return cast(SplitSummary, {"protocol": SOURCE, "settings": {}, "folds": [fold]})


def gaps_of(fits: Sequence[Fit], parts: Mapping[str, Part], target: Target) -> list[Difference]:
    """Return the difference of each model from the best constant of the cycles that it predicts.

    P values are corrected for the number of models, as in the comparison, by metric.
    """
    rows: list[Difference] = []
    for fit in fits:
        model, algorithm = fit["model"], fit["algorithm"]
        if algorithm not in BASELINES:
            made = differences(
                fit["split"], {model: parts[model]}, {model: algorithm}, None, target
            )
            rows += [row for row in made if row["against_is"] == CONSTANT]
    for metric in compared(target):
        family = [row for row in rows if row["metric"] == metric]
        for row, p in zip(family, holm([row["p"] for row in family]), strict=True):
            row["p_holm"] = p
    return rows


def _row(
    row: Row,
    best: np.ndarray | None,
    gap: Difference | None,
    inside: Row | None,
    split: str,
    n_labelled: int,
) -> External:
    """Return a metric of a model beside what it is compared with."""
    gap_of: Mapping = gap or dict.fromkeys(("difference", "ci_low", "ci_high", "p", "p_holm"))
    before: Mapping = inside or dict.fromkeys(("value", "ci_low", "ci_high"))
    ends = before["ci_low"], before["ci_high"]
    change = apart(row["value"], (row["ci_low"], row["ci_high"]), before["value"], ends)
    return {
        "model": row["model"],
        "algorithm": row["algorithm"],
        "metric": row["metric"],
        "value": row["value"],
        "ci_low": row["ci_low"],
        "ci_high": row["ci_high"],
        "constant": None if best is None or math.isnan(best) else float(best),
        "from_constant": gap_of["difference"],
        "from_constant_low": gap_of["ci_low"],
        "from_constant_high": gap_of["ci_high"],
        "p": gap_of["p"],
        "p_holm": gap_of["p_holm"],
        "internal_split": split,
        "internal_value": before["value"],
        "internal_low": before["ci_low"],
        "internal_high": before["ci_high"],
        "difference": change[0],
        "difference_low": change[1],
        "difference_high": change[2],
        "n_cycles": row["n_cycles"],
        "n_patients": row["n_patients"],
        "n_without_prediction": n_labelled - row["n_cycles"],
    }


def apart(
    value: float | None, ends: Ends, other: float | None, other_ends: Ends
) -> tuple[float | None, float | None, float | None]:
    """Return the difference of two values of independent patients, and its 95 % interval.

    The interval follows from those of both: each end lies from the difference as far as the root of
    the sum of the squared distances of the ends that move it there (Zou and Donner 2008, Statistics in
    Medicine 27(10):1693-1702). Where both intervals are symmetric it is that of the sum of both squared
    standard errors; it needs no standard error, and stays skewed where these are.
    """
    if value is None or other is None:
        return None, None, None
    difference = value - other
    (low, high), (other_low, other_high) = ends, other_ends
    if low is None or high is None or other_low is None or other_high is None:
        return difference, None, None
    down = math.hypot(value - low, other_high - other)
    up = math.hypot(high - value, other - other_low)
    return difference, difference - down, difference + up


class Range(TypedDict):
    """An AUC of a model among the cycles inside, or outside, what training cycles have."""

    model: str
    algorithm: str
    where: str  # inside, outside
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_cycles: int
    n_patients: int


def by_range(about: Mapping, predictions: pa.Table, target: Target) -> Iterator[Range]:
    """Yield a model's AUC among the cycles that are in the range of training, and among the others.

    Only where there are both kinds of cycles, and enough patients for a verdict.
    """
    if OUTSIDE not in predictions.column_names:
        return
    outside = predictions[OUTSIDE].to_numpy(zero_copy_only=False)
    if outside.all() or not outside.any():
        return
    for where, mask in (("inside", ~outside), ("outside", outside)):
        part = part_of(predictions.filter(pa.array(mask)), about["algorithm"])
        metric = metric_of(part.scores.values, "information", target)
        if metric is None or enough(len(part.patients), part.sides):
            continue
        yield {
            "model": about["model"],
            "algorithm": about["algorithm"],
            "where": where,
            **score_of(part, metric),
            "n_cycles": part.n_cycles,
            "n_patients": len(part.patients),
        }
