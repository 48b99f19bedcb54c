"""Pairs of a positive and a negative cycle, as the area under the ROC curve counts them."""

import numpy as np


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
    if not len(score):
        return np.zeros(0), np.zeros(0)
    _, rank = np.unique(score, return_inverse=True)
    n_ranks = int(rank.max()) + 1
    codes, place = np.unique(stratum * n_ranks + rank, return_inverse=True)
    first = np.flatnonzero(np.diff(codes // n_ranks, prepend=-1))  # of each stratum
    length = np.diff(first, append=len(codes))
    won, met = np.empty((2, len(score)))
    for side in (True, False):
        others = np.bincount(place, weights=positive != side, minlength=len(codes))
        before = np.concatenate([[0.0], np.cumsum(others)])
        total = np.repeat(before[first + length] - before[first], length)
        below = before[:-1] - np.repeat(before[first], length) + others / 2
        mine = positive == side
        won[mine] = (below if side else total - below)[place[mine]]
        met[mine] = total[place[mine]]
    return won, met
