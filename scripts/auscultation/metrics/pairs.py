"""Pairs of a positive and a negative cycle, as the area under the ROC curve counts them."""

from typing import NamedTuple

import numpy as np

DIGIT = 16  # bits; numpy sorts integers of so many in linear time


class Ties(NamedTuple):
    """Cycles of one stratum that are rated equal: by stratum, and from the lowest rating up."""

    order: np.ndarray  # (n,), the cycles, those of one tie next to each other
    positive: np.ndarray  # (n,), whether they are, in this order
    start: np.ndarray  # (ties,), place of the first cycle
    first: np.ndarray  # (strata,), the first tie of each
    right: np.ndarray  # (ties,), positive cycles
    won: np.ndarray  # (ties,), pairs of such a cycle, if positive, rated in the right order
    lost: np.ndarray  # (ties,), where it is negative: those that are rated in the right order
    negatives: np.ndarray  # (strata,), cycles
    positives: np.ndarray  # (strata,)

    @property
    def cycle(self) -> np.ndarray:
        """Return one cycle of each stratum, shape (strata,)."""
        return self.order[self.start[self.first]]

    def won_of_strata(self) -> np.ndarray:
        """Return the pairs of each stratum that are rated in the right order, shape (strata,)."""
        return np.add.reduceat(self.right * self.won, self.first)

    def won_of_cycles(self) -> np.ndarray:
        """Return the pairs of each cycle that are so rated, in the order of the ties, shape (n,)."""
        length = np.diff(self.start, append=len(self.order))
        won, lost = (np.repeat(of, length) for of in (self.won, self.lost))
        return np.where(self.positive, won, lost)

    def met_of_cycles(self) -> np.ndarray:
        """Return all pairs of each cycle, in the order of the ties, shape (n,)."""
        length = np.diff(self.start[self.first], append=len(self.order))
        negatives, positives = (np.repeat(of, length) for of in (self.negatives, self.positives))
        return np.where(self.positive, negatives, positives)


def in_order(order: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return cycles, shape (n,), by an index of each, from 0; of equal index they stay in order."""
    for shift in range(0, max(int(index.max()).bit_length(), 1), DIGIT):
        digit = (index >> shift).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def ties(score: np.ndarray, positive: np.ndarray, stratum: np.ndarray, order: np.ndarray) -> Ties:
    """Return the cycles that are rated equal; `order` are those of a stratum by their rating.

    Other arguments as of `pairs`; there is at least one cycle.
    """
    score, positive, stratum = score[order], positive[order], stratum[order]
    other = np.append(True, stratum[1:] != stratum[:-1])
    new = other.copy()
    new[1:] |= score[1:] != score[:-1]
    edges = np.append(np.flatnonzero(new), len(order))
    start = edges[:-1]
    first = np.flatnonzero(other[start])
    # positive and negative cycles before each tie, and each stratum, counted from the first of all
    above = np.append(0, np.cumsum(positive))[edges]
    below = edges - above
    ends = np.append(first, len(start))
    size = np.diff(ends)
    won = (below[:-1] + below[1:]) / 2 - np.repeat(below[first], size)
    lost = np.repeat(above[ends[1:]], size) - (above[:-1] + above[1:]) / 2
    counts = np.diff(below[ends]), np.diff(above[ends])
    return Ties(order, positive, start, first, np.diff(above), won, lost, *counts)


def pairs(
    score: np.ndarray, positive: np.ndarray, stratum: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each cycle, its pairs rated in the right order, and the number of its pairs.

    From rating, whether positive, and stratum (an integer from 0) of each cycle, shape (n,). Both
    cycles of a pair are of one stratum. Of shape (n,), float64: how many of its pairs have the
    positive cycle rated above the negative one (equal ratings count half), and how many pairs there
    are. Over the positive cycles (or the negative ones), sum(won) is the Mann-Whitney U, and
    sum(won) / sum(met) the area under the ROC curve.
    """
    won, met = np.empty((2, len(score)))
    if len(score):
        equal = ties(score, positive, stratum, in_order(np.argsort(score), stratum))
        won[equal.order], met[equal.order] = equal.won_of_cycles(), equal.met_of_cycles()
    return won, met
