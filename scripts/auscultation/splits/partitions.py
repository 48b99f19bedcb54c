"""Deal units of cycles to folds, so that the folds are alike in their classes."""

from collections.abc import Callable

import numpy as np

from auscultation.splits.folds import Cycles, Fold


def partitions(
    unit: np.ndarray,
    what: str,
    cycles: Cycles,
    folds: int,
    repeats: int,
    seed: int,
    deal: Callable[[np.ndarray, int, np.random.Generator], np.ndarray],
) -> list[Fold]:
    """Deal units of cycles to folds, anew for every repeat.

    Parameters
    ----------
    unit, what
        The unit of each cycle, from 0, shape (n,), and what units are.
    deal
        Gives the fold of each unit; called with their counts of cycles, shape (units, classes).

    Raises
    ------
    ValueError
        Where there are fewer units than folds.
    """
    n_units = unit.max() + 1
    if not 2 <= folds <= n_units:
        raise ValueError(f"folds: {folds} is not from 2 to {n_units}, the number of {what}")
    counts = np.zeros((n_units, cycles["class"].max() + 1))
    np.add.at(counts, (unit, cycles["class"]), 1)
    result = []
    for repeat in range(repeats):
        fold = deal(counts, folds, np.random.default_rng([seed, repeat]))[unit]
        result += [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
    return result


def deal_singles(counts: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return each unit of one cycle a fold: in random order, one class after another, in turn."""
    order = rng.permutation(len(counts))
    order = order[np.argsort(counts.argmax(1)[order], kind="stable")]
    fold = np.empty(len(counts), dtype=np.int64)
    fold[order] = np.arange(len(counts)) % folds
    return fold


def deal(counts: np.ndarray, folds: int, rng: np.random.Generator, tries: int = 3000) -> np.ndarray:
    """Return each unit a fold; counts of cycles have the shape (units, classes)."""
    fold = rng.permutation(np.arange(len(counts)) % folds)
    wanted = counts.sum(0) / folds
    scale = np.maximum(wanted, 1)
    got = np.zeros((folds, counts.shape[1]))
    np.add.at(got, fold, counts)
    for one, other in rng.integers(len(counts), size=(tries, 2)):
        a, b = fold[one], fold[other]
        if a == b:
            continue
        moved = counts[one] - counts[other]
        before = (((got[[a, b]] - wanted) / scale) ** 2).sum()
        after = (((got[[a, b]] + [-moved, moved] - wanted) / scale) ** 2).sum()
        if after < before:
            got[a] -= moved
            got[b] += moved
            fold[one], fold[other] = b, a
    return fold
