"""Columns that follow from those of the cleaned table."""

from collections.abc import Mapping

import numpy as np
from lib.keys import fold

CATEGORIES = ("device", "location", "sex")  # features that are no numbers
# Columns of the table that a derived one follows from.
SOURCES = {"duration": ("start", "end"), "device": ("recording",), "location": ("recording",)}
# Parts of a recording's name: patient, index, location, mode, device. Counted from the end, as a
# patient's own name may have an underscore.
NAME_LENGTH = 5
NAME_PARTS = {"location": -3, "device": -1}


def missing(values: np.ndarray) -> np.ndarray:
    """Say which values are None or nan, shape (n,)."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.array([value is None or value != value for value in values.tolist()], dtype=bool)


def groups_by(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Give a column by which cycles are grouped, derived or not; texts that look the same are one.

    Raises
    ------
    ValueError
        Where there is no such column, or a cell of it is blank.
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
    found, position = np.unique(values, return_inverse=True)
    return np.array([fold(v) if isinstance(v, str) else v for v in found], object)[position]


def derive(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Give a column of the table, or one that follows from it: device, location or duration (s).

    Raises
    ------
    ValueError
        Where there is no such column.
    """
    if column in cycles:
        return np.asarray(cycles[column])
    if column == "duration":
        return np.asarray(cycles["end"]) - np.asarray(cycles["start"])
    if column not in NAME_PARTS:
        known = ", ".join([*NAME_PARTS, "duration", *cycles])
        raise ValueError(f"there is no column {column!r}; there are: {known}")
    names = [str(name).split("_") for name in cycles["recording"]]
    short = next((n for n in names if len(n) < NAME_LENGTH), None)
    if short:
        raise ValueError(f"recording {'_'.join(short)!r} does not name its {column}")
    return np.array([name[NAME_PARTS[column]] for name in names])
