"""Columns that follow from those of the cleaned table."""

from collections.abc import Mapping

import numpy as np

CATEGORIES = ("device", "location", "sex")  # features that are no numbers
# Columns of the table that a derived one follows from.
SOURCES = {"duration": ("start", "end"), "device": ("recording",), "location": ("recording",)}
# Parts of a recording's name: patient, index, location, mode, device. Counted from the end, as a
# patient's own name may have an underscore.
NAME_LENGTH = 5
NAME_PARTS = {"location": -3, "device": -1}


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
