"""The protocols: named ways to divide cycles into train and test.

A protocol is a function of the cleaned columns (and `class`, what is to be predicted) and its own
settings, which gives folds. To add one,
write it here and name it in the config: its keyword arguments, with their annotations and defaults,
are the settings that the config may give it; one whose default is None is left out unless it does.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
from lib.columns import groups_by
from lib.lists import join, number_of, read_list, side_of

Fold = tuple[np.ndarray, np.ndarray]
Cycles = Mapping[str, np.ndarray]

PROTOCOLS: dict[str, Callable[..., list[Fold]]] = {}
LISTED = {"patient": "patient_ID", "recording": "recording"}  # the columns that a list can name


def protocol(function: Callable[..., list[Fold]]) -> Callable[..., list[Fold]]:
    """List a function among the protocols, by its name."""
    PROTOCOLS[function.__name__] = function
    return function


def patients_apart(protocol: str, settings: Mapping) -> bool:
    """Say whether a protocol with these settings deals out whole patients, each tested once."""
    return protocol == "patient" or (protocol == "listed_folds" and settings["by"] == "patient")


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
    _, unit = np.unique(cycles["patient_ID"], return_inverse=True)
    return _partitions(unit, "patients", cycles, folds, repeats, seed, _deal)


@protocol
def recording(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep all cycles of a recording together, not those of a patient: as `patient` else.

    A recording's name starts with its patient, and no two recordings of a table have one name.

    Raises
    ------
    ValueError
        Where there are fewer recordings than folds.
    """
    _, unit = np.unique(cycles["recording"], return_inverse=True)
    return _partitions(unit, "recordings", cycles, folds, repeats, seed, _deal)


@protocol
def shuffled(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep nothing together: k folds of single cycles, in `repeats` partitions.

    No two folds differ by more than one cycle, in all or of a class.

    Raises
    ------
    ValueError
        Where there are fewer cycles than folds.
    """
    unit = np.arange(len(cycles["cycle"]))
    return _partitions(unit, "cycles", cycles, folds, repeats, seed, _deal_singles)


def _partitions(
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


def _deal_singles(counts: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Give each unit of one cycle a fold: in random order, one class after another, in turn."""
    order = rng.permutation(len(counts))
    order = order[np.argsort(counts.argmax(1)[order], kind="stable")]
    fold = np.empty(len(counts), dtype=np.int64)
    fold[order] = np.arange(len(counts)) % folds
    return fold


def _deal(
    counts: np.ndarray, folds: int, rng: np.random.Generator, tries: int = 3000
) -> np.ndarray:
    """Give each unit a fold; counts of cycles have the shape (units, classes)."""
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
def published(
    cycles: Cycles,
    *,
    list: str,
    aliases: dict = {},  # noqa: B006
    ignore: list | None = None,
) -> list[Fold]:
    """Train and test by a published list of recordings, such as the ICBHI challenge's.

    Parameters
    ----------
    list
        Text file of two columns, the recording's name and train or test; see `lib.lists`.
    aliases
        Names in the list that the workbook spells otherwise: {name in the list: in the workbook}.
    ignore
        Names in the list that are left out.

    Raises
    ------
    ValueError
        Where a recording is on one side only of list and workbook, with the nearest names.
    """
    sides = read_list(list, "a recording and train or test", side_of)
    side = np.array(join(sides, cycles["recording"].tolist(), aliases, ignore))
    return [(np.flatnonzero(side == "train"), np.flatnonzero(side == "test"))]


@protocol
def listed_folds(
    cycles: Cycles,
    *,
    list: str,
    by: str = "patient",
    aliases: dict | None = None,
    ignore: list | None = None,
) -> list[Fold]:
    """Test on each fold of a published list of patients (or recordings), train on the others.

    Parameters
    ----------
    list
        Text file of two columns, the patient's name and the number of its fold; see `lib.lists`.
    by
        What the list names: `patient` or `recording`.
    aliases, ignore
        As for `published`.

    Raises
    ------
    ValueError
        Where a name is on one side only of list and workbook, with the nearest names; where there is
        one fold only.
    """
    listed = read_list(list, f"a {by} and the number of its fold", number_of)
    known = {what: set(map(str, cycles[column].tolist())) for what, column in LISTED.items()}
    other = "patient" if by == "recording" else "recording"
    if known[other] & listed.keys() and not known[by] & listed.keys():
        raise ValueError(f"{list} names {other}s, not {by}s: write `by: {other}` beside it")
    fold = np.array(join(listed, cycles[LISTED[by]].tolist(), aliases, ignore, by))
    numbers = np.unique(fold)
    if len(numbers) < 2:
        raise ValueError(f"{list}: all are in fold {numbers[0]}; there must be two folds or more")
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in numbers]


@protocol
def leave_group_out(cycles: Cycles, *, column: str) -> list[Fold]:
    """Train on all but one group, test on it, for each group of a column.

    `column` is a column of the cleaned table, or `device` or `location`, which are parts of the
    recording's name.

    Raises
    ------
    ValueError
        Where there is no such column, it is blank in some cycles, or has one value only.
    """
    values = groups_by(cycles, column)
    groups = np.unique(values)
    if len(groups) < 2:
        raise ValueError(f"column {column!r} has one value only: {groups[0]}")
    return [(np.flatnonzero(values != g), np.flatnonzero(values == g)) for g in groups]
