"""Curves of one fit, as rows: ROC, precision and recall, net benefit, with bands over patients."""

from collections.abc import Iterable
from typing import TypedDict

import numpy as np

from auscultation.metrics.curves import Curve, curves, net_benefit, precision_recall, roc
from auscultation.scores.intervals import LEVEL
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Side, Tested


class CurvePoint(TypedDict):
    """A point of a curve with its 95 % interval."""

    model: str  # empty where all cycles are called positive
    split: str
    curve: str  # roc, precision_recall, net_benefit; precision_of_all, net_benefit_of_all
    positive: str  # what is told from all others
    x: float
    y: float
    ci_low: float | None
    ci_high: float | None


CURVES = schema_of(CurvePoint)


def curve_points(tested: Tested) -> list[CurvePoint]:
    """Return the points of every curve of one fit, for each of its sides.

    A side that no cycle, or every cycle, is of has none.
    """
    points: list[CurvePoint] = []
    for side in tested.sides():
        few = side.fewest(tested.patient)
        drawn = curves(
            (roc, precision_recall), side.rating, side.positive, tested.patient, tested.fold
        )
        for name, curve in zip(("roc", "precision_recall"), drawn, strict=True):
            band = share_band(curve, few)
            band[:, curve.x == 0] = np.nan  # one cycle decides: the highest rated negative one
            points += _rows(tested, name, side, curve, band)
        if side.share is not None and few:
            benefit = net_benefit(side.share, side.positive, tested.patient)
            points += _rows(tested, "net_benefit", side, benefit, number_band(benefit, few))
    return points


def points_of_all(tested: Tested) -> list[CurvePoint]:
    """Return the points of calling every cycle positive: the same for all fits of a split.

    Its precision is the share of positive cycles, its net benefit what is to be exceeded; that of
    calling none positive is 0.
    """
    # with probabilities, whatever they are, there is every side
    p = np.eye(len(tested.target.classes))[tested.true]
    of_all = tested._replace(p=p, fit={**tested.fit, "model": ""})
    points: list[CurvePoint] = []
    for side in of_all.sides():
        few, always = side.fewest(tested.patient), np.ones(len(tested.true))
        if not few:
            continue
        (precision,) = curves(
            (precision_recall,), always, side.positive, tested.patient, tested.fold
        )
        ends = Curve(*(values[..., [0, -1]] for values in precision))._replace(x=np.arange(2.0))
        benefit = net_benefit(always, side.positive, tested.patient)
        points += _rows(of_all, "precision_of_all", side, ends, share_band(ends, few))
        points += _rows(of_all, "net_benefit_of_all", side, benefit, number_band(benefit, few))
    return points


def once(points: Iterable[CurvePoint]) -> list[CurvePoint]:
    """Return the points of all fits without those that `points_of_all` repeats."""
    kept, seen = [], set()
    for point in points:
        key = point["model"], point["split"], point["curve"], point["positive"], point["x"]
        if point["model"] or key not in seen:
            kept.append(point)
        seen.add(key)
    return kept


def _rows(
    tested: Tested, name: str, side: Side, curve: Curve, band: np.ndarray
) -> list[CurvePoint]:
    """Return a curve as rows; none where it is undefined."""
    fit = tested.fit
    return [
        {
            "model": fit["model"],
            "split": fit["split"],
            "curve": name,
            "positive": side.name,
            "x": x,
            "y": y,
            "ci_low": None if low != low else low,
            "ci_high": None if high != high else high,
        }
        for x, y, low, high in zip(
            *(values.tolist() for values in (curve.x, curve.y, *band)), strict=True
        )
        if y == y
    ]


def share_band(curve: Curve, side: int) -> np.ndarray:
    """Return the ends of the 95 % intervals of shares, shape (2, points), nan without interval.

    Each as `auscultation.scores.intervals.of_share`; a share of 0 or 1 has none.
    """
    reach, y = _reach(curve, side), np.where((curve.y > 0) & (curve.y < 1), curve.y, np.nan)
    logit, by = np.log(y / (1 - y)), reach / (y * (1 - y))
    return np.stack([(1 + np.tanh((logit + shift) / 2)) / 2 for shift in (-by, by)])


def number_band(curve: Curve, side: int) -> np.ndarray:
    """Return the ends of the 95 % intervals of numbers, shape (2, points), nan without interval.

    Each as `auscultation.scores.intervals.of_number`.
    """
    reach = _reach(curve, side)
    return np.stack([curve.y - reach, curve.y + reach])


def _reach(curve: Curve, side: int) -> np.ndarray:
    """Return t times the standard error of each point, as `auscultation.scores.intervals.spread`."""
    from scipy.special import stdtrit  # scipy.stats has the same and takes 0.8 s to import

    n = len(curve.without)
    if side < 2:
        return np.full(curve.y.shape, np.nan)
    squares = (curve.without - curve.without.mean(0)) ** 2
    total, fourth = squares.sum(0), (squares**2).sum(0)
    se = np.sqrt((n - 1) / n * total)
    ratio = np.divide(total**2, fourth, out=np.full(total.shape, np.inf), where=fourth > 0)
    df = np.maximum(1, np.minimum(side - 1, 3 * ratio - 2))
    return stdtrit(df, 1 - (1 - LEVEL) / 2) * se
