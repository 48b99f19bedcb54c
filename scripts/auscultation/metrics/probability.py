"""Scores of probabilities and ratings: log loss, Brier score, areas under ROC curves, calibration.

As with the other metrics, what is kept are sums: over all cycles by fold, and of what each patient
adds to them.
"""

from typing import NamedTuple, TypedDict

import numpy as np

from auscultation.metrics.pairs import Ties, in_order, ties

EPS = np.finfo(np.float64).eps  # as scikit-learn's log_loss
BINS = 10


def cycle_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the log loss, the Brier score and the squared error of the mean of each cycle.

    From true classes, from 0, shape (n,), and probabilities, shape (n, classes), whose rows add up
    to 1. Shape (n, 3): -log p(true class) in nats, with p clipped to [eps, 1 - eps]; the sum over
    classes of (p - 1 where true, else 0)^2, from 0 to 2; and (sum of k p(k) - y)^2.
    """
    true = np.eye(p.shape[1])[y]
    log = -np.log(np.clip(p[np.arange(len(p)), y], EPS, 1 - EPS))
    mean = p @ np.arange(p.shape[1])
    return np.column_stack([log, ((p - true) ** 2).sum(1), (mean - y) ** 2])


class Areas(NamedTuple):
    """Counts of pairs of a cycle of a class and one of another: all that an AUC needs."""

    wins: np.ndarray  # (classes, folds), pairs in which the cycle of the class is rated above
    pairs: np.ndarray  # (classes, folds)
    wins_of: np.ndarray  # (classes, patients), of the pairs with a cycle of the patient
    pairs_of: np.ndarray  # (classes, patients)

    def value(self) -> float:
        """Return the mean area over the classes that have pairs; nan where none has."""
        return float(mean_area(self.wins.sum(1), self.pairs.sum(1)))

    def by_fold(self) -> np.ndarray:
        """Return the same of each fold, shape (folds,)."""
        return mean_area(self.wins, self.pairs)

    def without(self) -> np.ndarray:
        """Return the same without each patient, shape (patients,)."""
        wins, met = (sums.sum(1, keepdims=True) for sums in (self.wins, self.pairs))
        return mean_area(wins - self.wins_of, met - self.pairs_of)

    def first(self) -> "Areas":
        """Return those of the first class alone."""
        return Areas(*(sums[:1] for sums in self))


def mean_area(wins: np.ndarray, met: np.ndarray) -> np.ndarray:
    """Return the mean of wins / pairs over the classes (first axis) that have pairs; nan without."""
    has_pairs = met > 0
    areas = np.divide(wins, met, out=np.zeros(wins.shape), where=has_pairs)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the nan that is meant
        return areas.sum(0) / has_pairs.sum(0)


class Paired(NamedTuple):
    """Areas of three kinds of pairs."""

    every: Areas  # any two cycles
    of_two: Areas  # cycles of two patients
    of_one: Areas  # cycles of one patient


def areas(
    ratings: np.ndarray,
    positive: np.ndarray,
    patient: np.ndarray,
    fold: np.ndarray,
    within: np.ndarray | None = None,
    order: np.ndarray | None = None,
) -> Paired:
    """Return counts of pairs of cycles, by fold and by patient.

    Where a fold has few patients, many pairs are of one patient's own cycles, which models order
    better than those of two patients.

    From how each cycle is rated for each class, and whether it is of that class, shape (n,
    classes); the indices, from 0, of its patient and fold, shape (n,); and, where only cycles of
    one group are to be paired, of its group, `within`. `order` are the cycles by each rating, where
    they are sorted already, shape (n, classes). Only cycles of the same fold are paired,
    since each fold has a model of its own: pairs across folds put even a constant below an AUC of
    0.5 (Forman and Scholz 2010, ACM SIGKDD Explorations 12(1):49-57).
    """
    n_folds, n_patients = (int(index.max(initial=-1)) + 1 for index in (fold, patient))
    if not n_folds:
        nothing = Areas(*np.zeros((4, ratings.shape[1], 0)))
        return Paired(nothing, nothing, nothing)
    order = np.argsort(ratings, axis=0) if order is None else order
    stratum = fold if within is None else within * n_folds + fold
    own = stratum * n_patients + patient
    if own.max() < 2**31:  # half as much memory to go through, again and again
        stratum, own = stratum.astype(np.int32), own.astype(np.int32)
    counts = []
    for column in zip(ratings.T, positive.T, order.T, strict=True):
        rating, mine, by_rating = map(np.ascontiguousarray, column)  # read in any order below
        by_stratum = in_order(by_rating, stratum)
        every = ties(rating, mine, stratum, by_stratum)
        of_one = ties(rating, mine, own, in_order(by_stratum, patient))
        negatives, positives = np.zeros((2, int(stratum.max()) + 1))
        cycle = of_one.cycle
        negatives[stratum[every.cycle]] = every.negatives
        positives[stratum[every.cycle]] = every.positives
        # with a cycle of the patient, on either side
        met = of_one.positives * negatives[stratum[cycle]]
        met += of_one.negatives * positives[stratum[cycle]]
        counts.append(
            (
                _won_and_met(every, fold, n_folds),
                np.stack(
                    [
                        np.bincount(patient[every.order], every.won_of_cycles(), n_patients),
                        np.bincount(patient[cycle], met, n_patients),
                    ]
                ),
                _won_and_met(of_one, fold, n_folds),
                _won_and_met(of_one, patient, n_patients),
            )
        )
    every_, every_of, own_, own_of = (np.stack(sums, 1) for sums in zip(*counts, strict=True))
    # a pair of one patient's cycles is counted twice among the pairs with a cycle of the patient
    return Paired(
        Areas(*every_, *(every_of - own_of)),
        Areas(*(every_ - own_), *(every_of - 2 * own_of)),
        Areas(*own_, *own_of),
    )


def _won_and_met(equal: Ties, index: np.ndarray, n: int) -> np.ndarray:
    """Return the pairs won and all pairs by an index (of n) of the strata's cycles, shape (2, n)."""
    sums = equal.won_of_strata(), equal.positives * equal.negatives
    return np.stack([np.bincount(index[equal.cycle], row, n) for row in sums])


class Bin(TypedDict):
    """A bin of the calibration curve."""

    bin: int  # from 1
    mean_predicted: float
    observed: float  # share of cycles not of class 0
    n_cycles: int


def calibration_curve(y: np.ndarray, p: np.ndarray) -> list[Bin]:
    """Return the predicted probability of an abnormal cycle, 1 - p0, and the observed share, in bins.

    `y` and `p` are as in `cycle_losses`. Bins hold about the same number of cycles each (quantiles
    of the prediction); one without cycles, where predictions are equal, is left out.
    """
    predicted, abnormal = 1 - p[:, 0], y != 0
    edges = np.percentile(predicted, np.linspace(0, 1, BINS + 1)[1:-1] * 100)
    number = np.searchsorted(edges, predicted)
    return [
        {
            "bin": int(k) + 1,
            "mean_predicted": float(predicted[number == k].mean()),
            "observed": float(abnormal[number == k].mean()),
            "n_cycles": int((number == k).sum()),
        }
        for k in np.unique(number)
    ]
