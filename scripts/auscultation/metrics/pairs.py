"""Pairs of a positive and a negative cycle, as the area under the ROC curve counts them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

DIGIT = 16  # bits; numpy sorts integers of so many in linear time


class Ranked(NamedTuple):
    """Cycles from the lowest rating up, each of shape (n,)."""

    order: np.ndarray  # the cycles
    rank: np.ndarray  # of their ratings, from 0; equal ratings have one
    positive: np.ndarray  # whether they are


def ranked(rating: np.ndarray, positive: np.ndarray) -> Ranked:
    """Return cycles from the lowest rating up; each argument is of shape (n,)."""
    rating = np.ascontiguousarray(rating)
    rises = (rating[1:] >= rating[:-1]).all()  # as where all are equal
    order = np.arange(len(rating)) if rises else np.argsort(rating)
    rising = rating[order]
    rank = np.zeros(len(order), short(len(order)))
    np.cumsum(rising[1:] != rising[:-1], out=rank[1:])
    return Ranked(order, rank, positive[order])


def ranked_classes(ratings: np.ndarray, positive: np.ndarray) -> Iterator[Ranked]:
    """Yield cycles from the lowest rating for each class up; each argument is of shape (n, classes)."""
    yield from map(ranked, ratings.T, positive.T)


def begins(*keys: np.ndarray) -> np.ndarray:
    """Return whether each cycle differs from the one before in any key, of shape (n,) each."""
    return np.append(True, np.any([key[1:] != key[:-1] for key in keys], 0))[: len(keys[0])]


def short(n: int) -> type[np.signedinteger]:
    """Return the integers that hold numbers up to 2 n in the least memory to go through."""
    return np.int32 if n < 2**30 else np.int64


def places(index: np.ndarray) -> np.ndarray:
    """Return the places, shape (n,), of an index from 0 up; where it is equal they stay in order."""
    place = np.argsort(index.astype(np.uint16), kind="stable")
    for shift in range(DIGIT, int(index.max(initial=0)).bit_length(), DIGIT):
        digit = (index >> shift).astype(np.uint16)
        place = place[np.argsort(digit[place], kind="stable")]
    return place


def ties(first: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where those that are rated equal begin and end, shape (ties + 1,), and the tie of each.

    Cycles come by stratum, each of which begins at `first`, shape (strata,), and from its lowest
    rating up, with their `rank`, shape (n,).
    """
    new = begins(rank)
    new[first] = True
    kind = short(len(rank))
    return np.append(np.flatnonzero(new), len(rank)).astype(kind), np.cumsum(new, dtype=kind) - 1


def twice_won(first: np.ndarray, rank: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return twice the pairs of each cycle that are rated in the right order, shape (n,).

    Both cycles of a pair are of one stratum, and equal ratings count half. The arguments are as of
    `ties`, and whether cycles are `positive`, shape (n,).
    """
    edges, tie = ties(first, rank)
    above = np.append(edges[:1] * 0, np.cumsum(positive, dtype=edges.dtype))[edges]  # positive ones
    ends = np.append(np.searchsorted(edges, first), len(edges) - 1)  # of strata, among the edges
    below = (edges - above)[ends[:-1]]
    middle = above[1:] + above[:-1]
    twice = np.empty((len(middle), 2), edges.dtype)  # of a negative and of a positive cycle
    twice[:, 0] = np.repeat(2 * above[ends[1:]], np.diff(ends)) - middle
    twice[:, 1] = edges[1:] + edges[:-1] - middle - np.repeat(2 * below, np.diff(ends))
    return twice.ravel()[2 * tie + positive]


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
    order, rank, mine = ranked(score, positive)
    place = places(stratum[order])
    order, rank, mine = order[place], rank[place], mine[place]
    new = begins(stratum[order])
    won, met = np.empty((2, len(score)))
    won[order] = twice_won(np.flatnonzero(new), rank, mine) / 2
    number = np.cumsum(new) - 1
    negatives, positives = (np.bincount(number, side) for side in (~mine, mine))
    met[order] = np.where(mine, negatives[number], positives[number])
    return won, met
