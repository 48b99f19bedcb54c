"""Curves over thresholds: ROC, precision and recall, net benefit; and each without every patient.

Each fold has a model of its own, whose ratings are on a scale of their own. So a curve is drawn of
each fold, and the mean over the folds is taken at equal false positive rates, or recalls. All
counts are integers: where a curve is read between two thresholds is not left to rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

STEPS = 50  # between 0 and 1, on the x axis
THRESHOLDS = np.arange(1, STEPS) / STEPS  # of probabilities, for the net benefit
ROUNDING = 1e-9  # of a probability: 1 - 0.62 reaches 0.38
FEWEST = 512  # thresholds of a fold that are kept, however many patients it has
CELLS = 1 << 20  # of a matrix of patients and thresholds

# From the positive and the negative cycles rated at or above each threshold, int64, shape (rows,
# thresholds), the last of which has all: the weight of the fold, shape (rows,), and the weight
# times what is averaged over the folds, shape (rows, points).
Sums = tuple[np.ndarray, np.ndarray]
Statistic = Callable[[np.ndarray, np.ndarray], Sums]


class Curve(NamedTuple):
    """A curve at fixed places of the x axis, and the same without each patient."""

    x: np.ndarray  # (points,)
    y: np.ndarray  # (points,), nan where undefined
    without: np.ndarray  # (patients, points)


def roc(tp: np.ndarray, fp: np.ndarray) -> Sums:
    """Return the sensitivity at false positive rates 0, 1/50, .. 1, weighted by the fold's pairs.

    Between thresholds, and where positive and negative cycles are rated equal, the curve is
    straight, so that its area is the AUC; where it rises vertically, its upper end counts.
    """
    # above all ratings there is no cycle
    tp, fp = (np.pad(counts, ((0, 0), (1, 0))) for counts in (tp, fp))
    positives, negatives = tp[:, -1:], fp[:, -1:]
    sought = np.arange(STEPS + 1) * negatives
    place = _search(fp * STEPS, sought, "right") - 1
    after = np.minimum(place + 1, fp.shape[1] - 1)
    low, start = (np.take_along_axis(counts, place, 1) for counts in (tp, fp))
    high, end = (np.take_along_axis(counts, after, 1) for counts in (tp, fp))
    rise = (high - low) * (sought / STEPS - start)
    y = low + np.divide(rise, end - start, out=np.zeros(rise.shape), where=end > start)
    return (positives * negatives)[:, 0], y * negatives


def precision_recall(tp: np.ndarray, fp: np.ndarray) -> Sums:
    """Return the precision at recalls 1/50, .. 1, weighted by the fold's positive cycles.

    That of the highest threshold that reaches the recall: steps, as in the average precision.
    """
    positives = tp[:, -1:]
    place = _search(tp * STEPS, np.arange(1, STEPS + 1) * positives, "left")
    right, wrong = (np.take_along_axis(counts, place, 1) for counts in (tp, fp))
    return positives[:, 0], positives * _share(right, right + wrong)


def average_precision(tp: np.ndarray, fp: np.ndarray) -> Sums:
    """Return the average precision, one point, weighted by the fold's positive cycles.

    The sum of the precision at each threshold times the rise of the recall there (as in
    scikit-learn's `average_precision_score`).
    """
    rise = np.diff(tp, axis=1, prepend=0)
    return tp[:, -1], (rise * _share(tp, tp + fp)).sum(1, keepdims=True)


X: dict[Statistic, np.ndarray] = {  # of the points of each statistic that is a curve
    roc: np.arange(STEPS + 1) / STEPS,
    precision_recall: np.arange(1, STEPS + 1) / STEPS,
    average_precision: np.zeros(1),
}


def curves(
    statistics: Sequence[Statistic],
    rating: np.ndarray,
    positive: np.ndarray,
    patient: np.ndarray,
    fold: np.ndarray,
) -> list[Curve]:
    """Return the mean over the folds of each of these statistics, and the same without each patient.

    From the rating of each cycle, whether it is positive, and the indices, from 0, of its patient
    and fold, all of shape (n,). A fold that lacks a side has no weight. Where a fold has both many
    patients and many thresholds, the values without each patient are from about 500 quantiles of
    its ratings, so that time and memory grow with the cycles only.
    """
    n_patients = int(patient.max(initial=-1)) + 1
    whole: list[list] = [[0.0, 0.0] for _ in statistics]
    change = [[np.zeros(n_patients), np.zeros((n_patients, len(X[s])))] for s in statistics]
    order = np.argsort(fold, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(fold[order])) + 1) if len(order) else ():
        mine, (who, number) = positive[rows], np.unique(patient[rows], return_inverse=True)
        rank = np.unique(-rating[rows], return_inverse=True)[1]
        for sums, statistic in zip(whole, statistics, strict=True):
            weight, weighted = statistic(*_cumulative(rank, mine))
            sums[0] += weight[0]
            sums[1] += weighted[0]
        rank = _thinned(rank, max(FEWEST, CELLS // len(who)))
        tp, fp = _cumulative(rank, mine)
        base = [statistic(tp, fp) for statistic in statistics]
        for some, (own_tp, own_fp) in _by_patient(rank, mine, number, len(who)):
            for sums, statistic, before in zip(change, statistics, base, strict=True):
                for total, left, all_ in zip(
                    sums, statistic(tp - own_tp, fp - own_fp), before, strict=True
                ):
                    total[who[some]] += left - all_
    return [
        Curve(X[s], _mean(*sums), _mean(sums[0] + more[0][:, None], sums[1] + more[1]))
        for s, sums, more in zip(statistics, whole, change, strict=True)
    ]


def net_benefit(p: np.ndarray, positive: np.ndarray, patient: np.ndarray) -> Curve:
    """Return the net benefit of calling a cycle positive from each threshold of its probability.

    TP / n - FP / n * t / (1 - t) at t = 0.02, .. 0.98: what is gained per cycle, in true positives,
    where a false positive costs t / (1 - t) of what a true one gains (Vickers and Elkin 2006,
    Medical Decision Making 26(6):565-574). Arguments as in `curves`.
    """
    n_patients, bins = int(patient.max(initial=-1)) + 1, len(THRESHOLDS) + 1
    cell = patient * bins + np.searchsorted(THRESHOLDS, p + ROUNDING, "right")
    right, wrong = (
        np.bincount(cell[of], minlength=n_patients * bins).reshape(n_patients, bins)
        for of in (positive, ~positive)
    )
    right, wrong = (counts[:, :0:-1].cumsum(1)[:, ::-1] for counts in (right, wrong))
    by_patient = right - wrong * THRESHOLDS / (1 - THRESHOLDS)
    total, n = by_patient.sum(0), len(p)
    left = (n - np.bincount(patient, minlength=n_patients))[:, None]
    return Curve(THRESHOLDS, _mean(n, total), _mean(left, total - by_patient))


def _mean(weight, weighted) -> np.ndarray:
    """Return weighted sums over their weights; nan without weight."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, np.divide(weighted, weight), np.nan)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole; 0 of nothing."""
    return part / np.maximum(whole, 1)


def _search(counts: np.ndarray, sought: np.ndarray, side) -> np.ndarray:
    """Return `np.searchsorted` of each row of ascending counts, none above those sought last."""
    row = np.arange(len(counts))[:, None]
    stride = int(counts.max(initial=0)) + 1
    place = np.searchsorted((counts + row * stride).ravel(), sought + row * stride, side)
    return place - row * counts.shape[1]


def _cumulative(rank: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positive and the negative cycles down to each rank, shape (1, ranks)."""
    n = int(rank.max()) + 1
    tp, fp = (np.cumsum(np.bincount(rank[of], minlength=n)) for of in (positive, ~positive))
    return tp[None], fp[None]


def _by_patient(
    rank: np.ndarray, positive: np.ndarray, number: np.ndarray, n_patients: int
) -> Iterator[tuple[slice, tuple[np.ndarray, np.ndarray]]]:
    """Yield slices of a fold's patients, with the same counts of each patient."""
    n = int(rank.max()) + 1
    order = np.argsort(number, kind="stable")
    block = max(1, CELLS // n)
    for start in range(0, n_patients, block):
        stop = min(start + block, n_patients)
        low, high = np.searchsorted(number[order], (start, stop))
        rows = order[low:high]
        cell, mine = (number[rows] - start) * n + rank[rows], positive[rows]
        tp, fp = (
            np.bincount(cell[of], minlength=(stop - start) * n).reshape(-1, n).cumsum(1)
            for of in (mine, ~mine)
        )
        yield slice(start, stop), (tp, fp)


def _thinned(rank: np.ndarray, most: int) -> np.ndarray:
    """Return ranks of which neighbours are put together, at about equal numbers of cycles."""
    counts = np.bincount(rank)
    if len(counts) <= most:
        return rank
    before = np.cumsum(counts) - counts
    return np.unique(before * most // len(rank), return_inverse=True)[1][rank]
