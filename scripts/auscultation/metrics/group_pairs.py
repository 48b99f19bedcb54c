"""Areas under ROC curves inside groups of cycles, and among all cycles of the other groups."""

from typing import NamedTuple

import numpy as np

from auscultation.metrics.probability import mean_area


class GroupAreas(NamedTuple):
    """Counts of pairs of a cycle of a class and one of another, both of one side of a group."""

    wins: np.ndarray  # (classes, groups), pairs in which the cycle of the class is rated above
    pairs: np.ndarray  # (classes, groups)
    wins_of: np.ndarray  # (classes, patients, groups), of the pairs with a cycle of the patient
    pairs_of: np.ndarray  # (classes, patients, groups)

    def value(self) -> np.ndarray:
        """Return the mean area over the classes that have pairs, shape (groups,); nan without."""
        return mean_area(self.wins, self.pairs)

    def without(self) -> np.ndarray:
        """Return the same without each patient, shape (patients, groups)."""
        return mean_area(self.wins[:, None] - self.wins_of, self.pairs[:, None] - self.pairs_of)

    def of_classes(self, shared: np.ndarray) -> "GroupAreas":
        """Return those of some classes of each group alone, `shared`, bool, (classes, groups)."""
        cells = shared[:, None]
        totals = (sums * shared for sums in (self.wins, self.pairs))
        return GroupAreas(*totals, *(sums * cells for sums in (self.wins_of, self.pairs_of)))


class Ranked(NamedTuple):
    """Cycles in the places of their ratings, and those of one class."""

    positive: np.ndarray  # (n,), bool
    place: np.ndarray  # (n,), by stratum, then by rating; equal ratings share a place
    first: np.ndarray  # (n,), the first place of the cycle's stratum
    end: np.ndarray  # (n,), the place behind its last

    @classmethod
    def of(cls, rank: np.ndarray, positive: np.ndarray, stratum: np.ndarray) -> "Ranked":
        """Return the places of cycles whose ratings have these ranks (whole numbers from 0)."""
        n_ranks = int(rank.max()) + 1
        codes, place = np.unique(stratum * n_ranks + rank, return_inverse=True)
        starts = np.flatnonzero(np.diff(codes // n_ranks, prepend=-1))
        number = np.searchsorted(starts, place, side="right") - 1
        return cls(positive, place, starts[number], np.append(starts[1:], len(codes))[number])

    def pairs(self, group: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs of each cycle with those of each group: won, and all.

        As `auscultation.metrics.pairs.pairs`, each of shape (n, groups). A cycle whose group is not
        known, -1, is in no pair.
        """
        won, met = np.empty((2, len(group), n_groups))
        n_places = int(self.place.max()) + 1
        for side in (True, False):
            mine, others = self.positive == side, (self.positive != side) & (group >= 0)
            cell = self.place[others] * n_groups + group[others]
            counts = np.bincount(cell, minlength=n_places * n_groups).reshape(-1, n_groups)
            before = np.zeros((n_places + 1, n_groups))
            np.cumsum(counts, axis=0, out=before[1:])
            start, total = before[self.first[mine]], before[self.end[mine]]
            at = self.place[mine]
            below = (before[at] + before[at + 1]) / 2 - start  # equal ratings count half
            met[mine] = total - start
            won[mine] = below if side else met[mine] - below
        for pairs in (won, met):
            pairs[group < 0] = 0
        return won, met


def group_areas(
    ratings: np.ndarray,
    positive: np.ndarray,
    patient: np.ndarray,
    fold: np.ndarray,
    groups: list[np.ndarray],
) -> list[tuple[GroupAreas, GroupAreas]]:
    """Return, for several ways to group cycles, the areas inside each group and outside of it.

    Pairs are of two patients and of one fold, as `of_two` of `auscultation.metrics.probability.areas`.
    Both cycles of a pair are of the group, or neither is.

    From how each cycle is rated for each class, and whether it is of that class, shape (n, classes);
    the indices, from 0, of its patient and fold, shape (n,); and of its group in each way to group,
    -1 where it is not known.
    """
    n_patients = int(patient.max()) + 1
    own = fold * n_patients + patient
    by_class = []
    for rating, mine in zip(ratings.T, positive.T, strict=True):
        _, rank = np.unique(rating, return_inverse=True)
        ranked = [Ranked.of(rank, mine, stratum) for stratum in (fold, own)]
        by_class.append([_sides(ranked, patient, n_patients, group) for group in groups])
    by_way = []
    for sides in zip(*by_class, strict=True):
        inside, outside = (
            GroupAreas(*(np.stack(sums) for sums in zip(*side, strict=True)))
            for side in zip(*sides, strict=True)
        )
        by_way.append((inside, outside))
    return by_way


def _sides(
    ranked: list[Ranked], patient: np.ndarray, n_patients: int, group: np.ndarray
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return wins, pairs, and both by patient, inside and outside of each group, of one class."""
    n_groups = int(group.max()) + 1
    mine = ranked[0].positive
    rows = np.flatnonzero(group >= 0)
    own = group[rows]
    totals: list[list[np.ndarray]] = [[], []]
    by_patient: list[list[np.ndarray]] = [[], []]
    every, of_one = (each.pairs(group, n_groups) for each in ranked)
    for counts in (total - own_pairs for total, own_pairs in zip(every, of_one, strict=True)):
        inside = np.zeros_like(counts)
        inside[rows, own] = counts[rows, own]
        # of a cycle outside: its pairs with all groups but this one
        outside = counts.sum(1, keepdims=True) - counts
        outside[rows, own] = 0
        for side, pairs in enumerate((inside, outside)):
            totals[side].append(pairs[mine].sum(0))
            by_patient[side].append(_sums(patient, pairs, n_patients))
    return (*totals[0], *by_patient[0]), (*totals[1], *by_patient[1])


def _sums(index: np.ndarray, rows: np.ndarray, n: int) -> np.ndarray:
    """Return the sums of rows by an index, shape (n, columns)."""
    return np.stack([np.bincount(index, column, n) for column in rows.T], axis=1)
