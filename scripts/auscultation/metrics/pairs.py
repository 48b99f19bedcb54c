"""Pairs of a positive and a negative cycle, as the area under the ROC curve counts them."""

from typing import NamedTuple

import numpy as np

DIGIT = 16  # bits; numpy sorts integers of so many in linear time


class Ties(NamedTuple):
    """Cycles of one stratum that are rated equal: by stratum, and from the lowest rating up.

    The first of two rows is of the negative cycles, the second of the positive ones.
    """

    order: np.ndarray  # (n,), the cycles, those of one tie next to each other
    positive: np.ndarray  # (n,), whether they are, in this order
    length: np.ndarray  # (ties,)
    first: np.ndarray  # (strata,), the first tie of each
    count: np.ndarray  # (2, ties)
    won: np.ndarray  # (2, ties), pairs of one such cycle that are rated in the right order
    met: np.ndarray  # (2, ties), pairs of one such cycle

    @property
    def cycle(self) -> np.ndarray:
        """Return one cycle of each stratum, shape (strata,)."""
        return self.order[(np.cumsum(self.length) - self.length)[self.first]]

    def of_strata(self, counts: np.ndarray) -> np.ndarray:
        """Return the sums over each stratum of counts of the ties, shape (..., ties)."""
        return np.add.reduceat(counts, self.first, axis=-1)

    def of_cycles(self, counts: np.ndarray) -> np.ndarray:
        """Return what each cycle has, in the order of the ties, of counts, shape (2, ties)."""
        negative, positive = (np.repeat(row, self.length) for row in counts)
        return np.where(self.positive, positive, negative)


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
    start = np.flatnonzero(new)
    length = np.diff(start, append=len(order))
    right = np.add.reduceat(positive, start, dtype=np.int64)
    count = np.stack([length - right, right]).astype(np.float64)
    first = np.flatnonzero(other[start])
    spread = np.diff(first, append=len(start))
    before = np.cumsum(count, axis=1) - count
    below = before - np.repeat(before[:, first], spread, axis=1)
    met = np.repeat(np.add.reduceat(count, first, axis=1), spread, axis=1)[::-1]
    won = np.stack([met[0] - below[1] - count[1] / 2, below[0] + count[0] / 2])
    return Ties(order, positive, length, first, count, won, met)


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
        won[equal.order], met[equal.order] = map(equal.of_cycles, (equal.won, equal.met))
    return won, met
