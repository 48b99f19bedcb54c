"""The protocols: named ways to divide cycles into train and test.

A protocol is a function of the cleaned columns (and `class`, what is to be predicted) and its own
settings, which gives folds. To add one,
write it here and name it in the config: its keyword arguments, with their annotations and defaults,
are the settings that the config may give it.
"""

import difflib
import math
import os
from collections.abc import Callable, Mapping

import numpy as np
from lib.columns import derive

Fold = tuple[np.ndarray, np.ndarray]
Cycles = Mapping[str, np.ndarray]

PROTOCOLS: dict[str, Callable[..., list[Fold]]] = {}


def protocol(function: Callable[..., list[Fold]]) -> Callable[..., list[Fold]]:
    """List a function among the protocols, by its name."""
    PROTOCOLS[function.__name__] = function
    return function


@protocol
def half(cycles: Cycles, *, seed: int = 0) -> list[Fold]:
    """Shuffle; the first half trains, the second half tests (the notebook's way for kNN).

    The order is that of scikit-learn's `shuffle(..., random_state=seed)`.
    """
    n = len(cycles["cycle"])
    order = np.random.RandomState(seed).permutation(n)
    return [(order[: n // 2], order[n // 2 :])]


@protocol
def holdout(cycles: Cycles, *, seed: int = 0, test_size: float = 0.25) -> list[Fold]:
    """Shuffle; the first `test_size` of the cycles, rounded up, tests, the rest trains.

    The order is that of scikit-learn's `train_test_split(..., random_state=seed)`, which takes two
    seconds to import.

    Raises
    ------
    ValueError
        Where `test_size` is not between 0 and 1.
    """
    if not 0 < test_size < 1:
        raise ValueError(f"test_size is a share of the cycles, between 0 and 1, not {test_size}")
    n = len(cycles["cycle"])
    order = np.random.RandomState(seed).permutation(n)
    tests = math.ceil(test_size * n)
    return [(order[tests:], order[:tests])]


@protocol
def final(cycles: Cycles) -> list[Fold]:
    """Train and test on every cycle: the notebook's way for least squares and gradient descent.

    The scores say how well a model fits what it has seen, nothing more.
    """
    rows = np.arange(len(cycles["cycle"]))
    return [(rows, rows)]


@protocol
def patient(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep all cycles of a patient together: k folds of patients, in `repeats` partitions.

    Patients are dealt to the folds at random, in equal numbers; then pairs of patients change
    places wherever that brings the folds nearer to each other in their cycles of each class. That
    stratifies about as well as the patients allow, and still gives a new partition for every
    repeat, which scikit-learn's StratifiedGroupKFold does not: it deals the patients in the order
    of their counts, so that its shuffling changes little.

    Raises
    ------
    ValueError
        Where there are fewer patients than folds.
    """
    _, group = np.unique(cycles["patient_ID"], return_inverse=True)
    n_patients = group.max() + 1
    if not 2 <= folds <= n_patients:
        raise ValueError(f"folds: {folds} is not from 2 to {n_patients}, the number of patients")
    counts = np.zeros((n_patients, cycles["class"].max() + 1))
    np.add.at(counts, (group, cycles["class"]), 1)
    result = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        fold = _deal(counts, folds, rng)[group]
        result += [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
    return result


def _deal(
    counts: np.ndarray, folds: int, rng: np.random.Generator, tries: int = 3000
) -> np.ndarray:
    """Give each patient a fold; counts of cycles have the shape (patients, classes)."""
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


@protocol
def published(cycles: Cycles, *, list: str, aliases: dict = {}) -> list[Fold]:  # noqa: B006
    """Train and test by a published list of recordings, such as the ICBHI challenge's.

    Parameters
    ----------
    list
        Text file of two columns, the recording's name and train or test, by white space or commas.
    aliases
        Names in the list that the workbook spells otherwise: {name in the list: in the workbook}.

    Raises
    ------
    ValueError
        Where a recording is on one side only of list and workbook, with the nearest names.
    """
    sides = read_list(list)
    recordings = set(cycles["recording"].tolist())
    unknown = sorted(set(aliases) - set(sides))
    if unknown:
        raise ValueError(f"aliases: the list has no {', '.join(unknown)}")
    joined = [aliases.get(name, name) for name in sides]
    twice = sorted({name for name in joined if joined.count(name) > 1} if aliases else ())
    if twice:
        raise ValueError(f"aliases: several names in the list would be {', '.join(twice)}")
    sides = dict(zip(joined, sides.values(), strict=True))
    lacking, extra = set(sides) - recordings, recordings - set(sides)
    problems = _unmatched(lacking, (extra, recordings), "in the list but not in the workbook")
    problems += _unmatched(extra, (lacking, set(sides)), "in the workbook but not in the list")
    if problems:
        raise ValueError(
            "; ".join(problems)
            + ". Join names under `aliases: {name in the list: in the workbook}`"
        )
    side = np.array([sides[name] for name in cycles["recording"].tolist()])
    return [(np.flatnonzero(side == "train"), np.flatnonzero(side == "test"))]


def read_list(path: str) -> dict[str, str]:
    """Read a list of recordings: train or test by name.

    Raises
    ------
    ValueError
        Naming the line that has no name and side, or repeats a name; where there is no such file.
    """
    if not os.path.isfile(path):
        raise ValueError(f"list: no such file: {path}")
    sides = {}
    with open(path, encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            words = line.replace(",", " ").split()
            if not words:
                continue
            if len(words) != 2 or words[1].lower() not in ("train", "test"):
                raise ValueError(
                    f"{path}, line {number}: not a recording and train or test: {line!r}"
                )
            if words[0] in sides:
                raise ValueError(f"{path}, line {number}: {words[0]} stands twice")
            sides[words[0]] = words[1].lower()
    return sides


def _unmatched(names: set[str], others: tuple[set[str], set[str]], where: str) -> list[str]:
    """Say which names match none, with the nearest of the others: of the unmatched, else of all."""
    said, shown = [], 5
    for name in sorted(names)[:shown]:
        found = (difflib.get_close_matches(name, sorted(group), n=2) for group in others)
        near = ", ".join(next(filter(None, found), []))
        said.append(f"{name} is {where}" + (f" (nearest: {near})" if near else ""))
    more = len(names) - shown
    return said + ([f"and {more} more {where}"] if more > 0 else [])


@protocol
def leave_group_out(cycles: Cycles, *, column: str) -> list[Fold]:
    """Train on all but one group, test on it, for each group of a column.

    `column` is a column of the cleaned table, or `device` or `location`, which are parts of the
    recording's name.

    Raises
    ------
    ValueError
        Where there is no such column, or it has one value only.
    """
    values = derive(cycles, column)
    groups = np.unique(values)
    if len(groups) < 2:
        raise ValueError(f"column {column!r} has one value only: {groups[0]}")
    return [(np.flatnonzero(values != g), np.flatnonzero(values == g)) for g in groups]
