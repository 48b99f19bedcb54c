"""Scores of probabilities and ratings: log loss, Brier score, areas under ROC curves, calibration.

As with the other metrics, what is kept are sums: over all cycles by fold, and of what each patient
adds to them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self, TypedDict

import numpy as np

from auscultation.metrics.pairs import (
    Ranked,
    begins,
    places,
    ranked_classes,
    short,
    ties,
    twice_won,
)

EPS = np.finfo(np.float64).eps  # as scikit-learn's log_loss
BINS = 10


def cycle_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the log loss, the Brier score and the squared error of the mean of each cycle.

    From true classes, from 0, shape (n,), and probabilities, shape (n, classes), whose rows add up
    to 1. Shape (n, 3): -log p(true class) in nats, with p clipped to [eps, 1 - eps]; the sum over
    classes of (p - 1 where true, else 0)^2, from 0 to 2; and (sum of k p(k) - y)^2.
    """
    own = np.arange(len(p)), y
    of_true = p[own]
    log = -np.log(np.clip(of_true, EPS, 1 - EPS))
    mean = p @ np.arange(p.shape[1])
    error = p.copy()
    error[own] = of_true - 1
    np.square(error, out=error)
    brier = sum(error.T)  # by class, as sums over a short axis take long
    return np.stack([log, brier, (mean - y) ** 2]).T  # each loss is next to itself in memory


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
) -> Paired:
    """Return counts of pairs of cycles, by fold and by patient.

    Where a fold has few patients, many pairs are of one patient's own cycles, which models order
    better than those of two patients.

    From how each cycle is rated for each class, and whether it is of that class, shape (n,
    classes); the indices, from 0, of its patient and fold, shape (n,); and, where only cycles of
    one group are to be paired, of its group, `within`. Only cycles of the same fold are paired,
    since each fold has a model of its own: pairs across folds put even a constant below an AUC of
    0.5 (Forman and Scholz 2010, ACM SIGKDD Explorations 12(1):49-57).
    """
    return areas_within(ranked_classes(ratings, positive), patient, fold, [within])[0]


def areas_within(
    by_class: Iterable[Ranked],
    patient: np.ndarray,
    fold: np.ndarray,
    withins: Sequence[np.ndarray | None],
) -> list[Paired]:
    """Return the counts of `areas` for each of `withins`, whose groups are parts of the first's.

    Cycles are given by their rating for each class, so that they are sorted once. Pairs of one
    patient's that are of the first and of another are counted once, too.
    """
    n_folds, n_patients = (int(index.max(initial=-1)) + 1 for index in (fold, patient))
    kinds = [Cells.of(patient, fold, within) for within in withins]
    of_first = [kinds[0].of_cycle[cells.cycle] for cells in kinds]
    counts: list[list[np.ndarray]] = [[] for _ in kinds]  # by kind and class
    for cycles in by_class:
        own = np.full(len(kinds[0].size), np.nan)
        for cells, of, of_kind in zip(kinds, of_first, counts, strict=True):
            known = np.where(cells.size == kinds[0].size[of], own[of], np.nan)
            of_kind.append(cells.pairs_of(cycles, known))
            own = counts[0][-1][2]
    paired = []
    for cells, of_kind in zip(kinds, counts, strict=True):
        of_fold, of_patient = (
            np.array([[np.bincount(index, row, n) for row in of] for of in of_kind]).swapaxes(0, 1)
            for index, n in ((cells.fold, n_folds), (cells.patient, n_patients))
        )
        every, every_of, one, one_of = of_fold[:2] / 2, of_patient[:2], of_fold[2:], of_patient[2:]
        paired.append(
            Paired(
                Areas(*every, *(every_of - one_of)),
                Areas(*(every - one), *(every_of - 2 * one_of)),
                Areas(*one, *one_of),
            )
        )
    return paired


class Cells(NamedTuple):
    """Which cycles are paired: those of one stratum, whatever their ratings.

    A cell has the cycles of one patient in one stratum; cells are sorted by stratum.
    """

    of_cycle: np.ndarray  # (n,), the cell of each
    cycle: np.ndarray  # (cells,), one of each
    size: np.ndarray  # (cells,), cycles
    stratum: np.ndarray  # (cells,), number
    fold: np.ndarray  # (cells,), index
    patient: np.ndarray  # (cells,), index

    @classmethod
    def of(cls, patient: np.ndarray, fold: np.ndarray, within: np.ndarray | None) -> Self:
        """Return the cells of cycles, from the arguments of `areas`."""
        n_folds, n_patients = (int(index.max(initial=-1)) + 1 for index in (fold, patient))
        keys = [patient, fold] if within is None else [patient, fold, within]
        # most cycles follow one of their cell, so that few are sorted
        first = np.flatnonzero(begins(*keys))
        group = 0 if within is None else within[first].astype(np.int64) * n_folds
        ids = (group + fold[first]) * n_patients + patient[first]
        cell, place, number = np.unique(ids, return_index=True, return_inverse=True)
        length = np.diff(first, append=len(patient))
        size = np.bincount(number, length, len(cell)).astype(np.int64)
        strata, stratum = np.unique(cell // n_patients, return_inverse=True)
        of_cycle = np.repeat(number.astype(short(len(patient))), length)
        of_fold = (strata % n_folds)[stratum]
        return cls(of_cycle, first[place], size, stratum, of_fold, cell % n_patients)

    def pairs_of(self, cycles: Ranked, own: np.ndarray) -> np.ndarray:
        """Return pairs by cell, shape (4, cells): won and all with its cycles, then among these.

        With its cycles, a pair of two of its own counts twice. `own` are those won among its cycles,
        nan where they are not known, shape (cells,).
        """
        order, rank, mine = cycles
        n, cell = len(self.size), self.of_cycle[order]
        positives = np.bincount(cell, mine, n).astype(np.int64)
        negatives = self.size - positives
        sides = (np.bincount(self.stratum, of)[self.stratum] for of in (negatives, positives))
        met = sum(of_cell * of for of_cell, of in zip((positives, negatives), sides, strict=True))
        levels = int(rank[-1]) + 1 if len(rank) else 0
        if 2 * n * levels <= len(rank):
            won, own = self._few(cell, rank, mine, levels)
        else:
            sought = np.isnan(own)
            own = np.where(sought, self._own(cell, rank, mine, positives, sought), own)
            won = self._won(cell, rank, mine)
        return np.stack([won, met, own, positives * negatives])

    @property
    def _first(self) -> np.ndarray:
        """Return the first cell of each stratum, shape (strata,)."""
        return np.flatnonzero(np.diff(self.stratum, prepend=-1))

    def _few(
        self, cell: np.ndarray, rank: np.ndarray, mine: np.ndarray, levels: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs won of few different ratings: all cycles of one are counted at once."""
        n = len(self.size)
        index = (cell.astype(np.int64) * levels + rank) * 2 + mine
        of_cells = np.bincount(index, minlength=2 * n * levels).reshape(n, levels, 2)
        of_strata = np.add.reduceat(of_cells, self._first)
        # negative and positive cycles rated lower, those that are rated equal counted half
        lower = np.cumsum(of_strata, 1) - of_strata / 2
        higher = of_strata.sum(1, keepdims=True) - lower
        met = np.stack([higher[..., 1], lower[..., 0]], -1)[self.stratum]
        own = of_cells[..., 1] * (np.cumsum(of_cells[..., 0], 1) - of_cells[..., 0] / 2)
        return (of_cells * met).sum((1, 2)), own.sum(1)

    def _won(self, cell: np.ndarray, rank: np.ndarray, mine: np.ndarray) -> np.ndarray:
        """Return the pairs won with the cycles of each cell, shape (cells,)."""
        first = (np.cumsum(self.size) - self.size)[self._first]
        if len(first) > 1:
            place = places(self.stratum[cell])
            cell, rank, mine = cell[place], rank[place], mine[place]
        return np.bincount(cell, twice_won(first, rank, mine), len(self.size)) / 2

    def _own(
        self,
        cell: np.ndarray,
        rank: np.ndarray,
        mine: np.ndarray,
        positives: np.ndarray,
        sought: np.ndarray,
    ) -> np.ndarray:
        """Return the pairs won among the cycles of each cell that is sought: its U (Mann, Whitney)."""
        n, size = len(self.size), np.where(sought, self.size, 0)
        if not sought.all():
            rows = np.flatnonzero(sought[cell])
            cell, rank, mine = cell[rows], rank[rows], mine[rows]
            positives = np.where(sought, positives, 0)
        start = np.cumsum(size) - size
        # one number a cycle: numbers are sorted sooner than places
        packed = np.sort(cell.astype(np.int64) << 32 | rank << 1 | mine)
        edges, tie = ties(start[sought], packed >> 1)
        tie = tie[packed & 1 == 1]  # of positive cycles
        twice = np.bincount(np.repeat(np.arange(n), positives), edges[tie] + edges[tie + 1], n)
        return twice / 2 - positives * (start + positives / 2)


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
