"""Columns derived from those of the cleaned table."""

from collections.abc import Mapping

import numpy as np

from auscultation.data.text import fold

CATEGORIES = ("device", "location", "sex")  # features that are not numbers
OPTIONAL = ("Diagnosis", "age", "sex", "IMC", "weight", "height")  # that a workbook need not have
# The columns of the table that a derived one is computed from.
NAMED = ("patient_ID", "recording")
SOURCES = {"duration": ("start", "end"), "device": NAMED, "location": NAMED}
# Parts of a recording's name behind the patient: index, location, mode, device. From the end.
NAME_LENGTH = 4
NAME_PARTS = {"location": -3, "device": -1}


def missing(values: np.ndarray) -> np.ndarray:
    """Return which values are None or nan, bool, shape (n,)."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.array([value is None or value != value for value in values.tolist()], dtype=bool)


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
    names, position = np.unique(values, return_inverse=True)
    return np.array([fold(v) if isinstance(v, str) else v for v in names], object)[position]


class NotNamed(ValueError):
    """Raised where recordings do not name their device or location."""


def derive(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Return a column of the table, or one derived from it: device, location or duration (s).

    Raises ValueError where there is no such column, NotNamed where a recording does not name its
    device or location.
    """
    if column in cycles:
        return np.asarray(cycles[column])
    if column == "duration":
        return np.asarray(cycles["end"]) - np.asarray(cycles["start"])
    if column not in NAME_PARTS:
        known = ", ".join([*NAME_PARTS, "duration", *cycles])
        raise ValueError(f"there is no column {column!r}; there are: {known}")
    labels = named(cycles, column)
    unnamed = [name for name, part in zip(cycles["recording"], labels, strict=True) if part is None]
    if unnamed:
        raise NotNamed(
            f"recording {str(unnamed[0])!r} does not name its {column}; {len(unnamed):,} of "
            f"{len(labels):,} cycles are of such. Names are patient_index_location_mode_device: "
            f"name it in every recording, or do without {column!r}"
        )
    return labels.astype(str)


def named(cycles: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Return the device or location in each recording's name, None where it has none, shape (n,).

    The patient at the front is removed first: a patient's own name may contain underscores.
    """
    labels = np.full(len(cycles["recording"]), None, dtype=object)
    for row, (patient, name) in enumerate(zip(*(cycles[n] for n in NAMED), strict=True)):
        parts = str(name).removeprefix(f"{patient}_").split("_")
        if len(parts) >= NAME_LENGTH:
            labels[row] = parts[NAME_PARTS[column]].strip() or None
    return labels
