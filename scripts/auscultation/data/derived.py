"""Columns that follow from those of the cleaned table, and groups by a column."""

from collections.abc import Mapping

import numpy as np

from auscultation.data.text import fold

CATEGORIES = ("device", "location", "sex")  # features that are categories, whatever they hold
SOURCES = {"duration": ("start", "end")}  # what a column follows from


def missing(values: np.ndarray) -> np.ndarray:
    """Return which values are None or nan, bool, shape (n,)."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind in "biu":
        return np.zeros(len(values), dtype=bool)
    return np.array([value is None or value != value for value in values.tolist()], dtype=bool)


def numbered(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different ids, sorted, and the number of each one's, shape (n,).

    As `np.unique`, which takes longer where equal ids follow each other, as those of a patient do.
    """
    if not len(ids):
        return ids, np.zeros(0, np.int64)
    first = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    different, number = np.unique(ids[first], return_inverse=True)
    return different, np.repeat(number, np.diff(first, append=len(ids)))


def groups_by(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Return a column by which cycles are grouped, derived or not; texts that look alike are one group.

    Raises ValueError where there is no such column, or a cell of it is blank.
    """
    values = derive(cycles, column)
    blank = np.flatnonzero(missing(values))
    if len(blank):
        raise ValueError(
            f"column {column!r} is blank in {len(blank):,} of {len(values):,} cycles, the first of "
            f"them cycle {blank[0]} (from 0); fill these cells, or leave the cycles out"
        )
    if values.dtype.kind != "O":
        return values
    names, position = numbered(values)
    return np.array([fold(v) if isinstance(v, str) else v for v in names], object)[position]


def derive(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Return a column of the table, or one that follows from others: the duration of a cycle (s).

    Raises ValueError where there is no such column.
    """
    if column in cycles:
        return np.asarray(cycles[column])
    if {*SOURCES.get(column, [column])} <= {*cycles}:
        return np.asarray(cycles["end"]) - np.asarray(cycles["start"])
    known = ", ".join([*SOURCES, *cycles])
    raise ValueError(f"there is no column {column!r}; there are: {known}")
