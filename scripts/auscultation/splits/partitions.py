"""Partitions of units of cycles into folds with similar counts of each class."""

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
    """Return folds of units of cycles, a new partition for every repeat.

    `unit` is that of each cycle, from 0, shape (n,), `what` the word for units; `deal` returns the
    fold of each unit from their counts of cycles, shape (units, classes).

    Raises ValueError where there are fewer units than folds.
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
    """Return the fold of each unit of one cycle: in random order, class by class, in turn."""
    order = rng.permutation(len(counts))
    order = order[np.argsort(counts.argmax(1)[order], kind="stable")]
    fold = np.empty(len(counts), dtype=np.int64)
    fold[order] = np.arange(len(counts)) % folds
    return fold


def deal(counts: np.ndarray, folds: int, rng: np.random.Generator, tries: int = 3000) -> np.ndarray:
    """Return the fold of each unit; counts of cycles have the shape (units, classes).

    Units are dealt at random, in equal numbers; then pairs of units change places wherever that
    brings the folds nearer to each other in their cycles of each class.
    """
    fold = rng.permutation(np.arange(len(counts)) % folds)
    wanted = counts.sum(0) / folds
    scale = np.maximum(wanted, 1)
    in_fold = np.zeros((folds, counts.shape[1]))
    np.add.at(in_fold, fold, counts)
    for unit, other in rng.integers(len(counts), size=(tries, 2)):
        a, b = fold[unit], fold[other]
        if a == b:
            continue
        moved = counts[unit] - counts[other]
        before = (((in_fold[[a, b]] - wanted) / scale) ** 2).sum()
        after = (((in_fold[[a, b]] + [-moved, moved] - wanted) / scale) ** 2).sum()
        if after < before:
            in_fold[a] -= moved
            in_fold[b] += moved
            fold[unit], fold[other] = b, a
    return fold
