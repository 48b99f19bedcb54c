"""An operating point: the rating from which on a cycle is called abnormal, and its scores.

In each fold the threshold is chosen on the predictions of the inner folds of the training part, and then
applied to the test part: it is the largest rating at which the wanted sensitivity is reached there, or
the smallest at which the wanted specificity is. The models of the inner folds are fitted on fewer
patients than that of the fold, so that a sensitivity reached there need not be reached on new patients:
what is reached is what the rows say.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import group_sums, metrics, ratio
from auscultation.scores.comparison import Fit
from auscultation.scores.intervals import of_share
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Side, Tested

ROUNDING = 1e-9  # of a number of cycles
SHARES = (
    *("sensitivity", "specificity", "balanced_accuracy"),
    *("positive_predictive_value", "negative_predictive_value"),
)


class Operating(Fit):
    """One row: a metric of the calls of one fit at its operating point.

    The interval of `threshold`, `inner_sensitivity` and `inner_specificity`, which are means over the
    folds, is from the lowest fold's to the highest.
    """

    goal: str  # such as `sensitivity 0.9`
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_cycles: int
    n_patients: int


OPERATING = schema_of(Operating)


class Point(NamedTuple):
    """What was chosen on the inner folds of one fold, and the shares that are reached there."""

    threshold: float  # a cycle rated so, or higher, is called abnormal
    sensitivity: float
    specificity: float


def inner_of(inner: pa.Table, fit: Fit, fold: int) -> Tested | None:
    """Return the predictions of the inner folds of one fold; None where there are none.

    `fold` is its number, from 0, as in `Tested.fold` of the test part.
    """
    own = inner.filter(pa.array(inner["fold"].to_numpy() == fold))
    return Tested.of(own, fit, "inner") if own.num_rows else None


def choose(side: Side, goal: Mapping[str, float]) -> Point | None:
    """Return the point that reaches a sensitivity or a specificity, and gives up least of the other.

    `side` has the ratings of inner folds. None where all cycles are on one side.
    """
    ((name, wanted),) = goal.items()
    rating, positive = side.rating, side.positive
    if positive.all() or not positive.any():
        return None
    own = np.sort(rating[positive if name == "sensitivity" else ~positive])
    n = max(1, math.ceil(wanted * len(own) - ROUNDING))  # cycles to be on the right side
    if name == "sensitivity":
        threshold = own[len(own) - n]
    else:
        higher = rating[rating > own[n - 1]]
        threshold = higher.min() if len(higher) else np.nextafter(own[n - 1], np.inf)
    called = rating >= threshold
    return Point(
        float(threshold), float(called[positive].mean()), float((~called[~positive]).mean())
    )


def operating_scores(
    tested: Tested, inner: pa.Table | None, goal: Mapping[str, float]
) -> list[Operating]:
    """Return the scores of a fit at its operating point.

    `inner` are the predictions of its inner folds, `goal` is the sensitivity or the specificity to
    reach. There are none where the target has no abnormal side, where the model rates no cycles but
    gives each a class, or where some fold has no inner predictions of both sides.
    """
    rated = tested.p is not None or tested.fit["algorithm"] in REGRESSORS
    if inner is None or not inner.num_rows or not tested.target.ordered or not rated:
        return []
    side = tested.sides()[0]
    called, points = np.zeros(len(tested.true), bool), []
    for fold in np.unique(tested.fold).tolist():
        own = inner_of(inner, tested.fit, fold)
        point = choose(own.sides()[0], goal) if own else None
        if point is None:
            return []
        keep = tested.fold == fold
        called[keep] = side.rating[keep] >= point.threshold
        points.append(point)
    ((name, wanted),) = goal.items()
    rows: list[Operating] = []

    def add(metric: str, value: float, low: float | None, high: float | None) -> None:
        row: Operating = {
            **tested.fit,
            "goal": f"{name} {wanted:g}",
            "metric": metric,
            "value": None if math.isnan(value) else value,
            "ci_low": low,
            "ci_high": high,
            "n_cycles": len(np.unique(tested.cycle)),
            "n_patients": len(tested.ids),
        }
        rows.append(row)

    fewest = side.fewest(tested.patient)
    for metric, by_patient in _values(tested, side, called).items():
        value, without = float(by_patient[0]), by_patient[1:]
        error = of_share(value, without, fewest)
        add(metric, value, error.ci_low, error.ci_high)
    for metric, values in zip(Point._fields, np.array(points).T, strict=True):
        prefix = "" if metric == "threshold" else "inner_"
        add(prefix + metric, float(values.mean()), float(values.min()), float(values.max()))
    return rows


def _values(tested: Tested, side: Side, called: np.ndarray) -> dict[str, np.ndarray]:
    """Return each metric of all patients, then without each, shape (1 + patients,).

    `called` says which cycles are called abnormal, shape (n,).
    """
    patient, p, n = tested.patient, tested.p, len(tested.ids)
    sums = _left_out(group_sums(side.positive.astype(int), called, patient, n, n_classes=2))
    values = metrics(sums)
    negative, missed, false, right = np.moveaxis(sums[:, [0, 2, 1, 3]], -1, 0)
    values["positive_predictive_value"] = ratio(right, right + false)
    values["negative_predictive_value"] = ratio(negative, negative + missed)
    shares = {name: values[name] for name in SHARES}
    if tested.target.name == "state":
        # the most probable abnormal class, or that nearest to a number
        abnormal = np.maximum(tested.called, 1) if p is None else 1 + p[:, 1:].argmax(1)
        classes = np.where(called, abnormal, 0)
        sums = _left_out(group_sums(tested.true, classes, patient, n))
        shares["icbhi_score"] = metrics(sums)["icbhi_score"]
    return shares


def _left_out(sums: np.ndarray) -> np.ndarray:
    """Return the sums of all patients, then those without each, from the sums of each."""
    total = sums.sum(0)
    return np.concatenate([total[None], total - sums])
