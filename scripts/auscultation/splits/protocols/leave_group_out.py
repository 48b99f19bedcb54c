"""Test on each group of a column, train on the others."""

import numpy as np

from auscultation.data.derived import groups_by
from auscultation.splits.folds import Cycles, Fold


def leave_group_out(cycles: Cycles, *, column: str) -> list[Fold]:
    """Train on all but one group, test on it, for each group of a column.

    `column` is a column of the cleaned table, or `device` or `location`, which are parts of the
    recording's name.

    Raises ValueError where there is no such column, it is blank in some cycles, or has one value
    only.
    """
    values = groups_by(cycles, column)
    groups = np.unique(values)
    if len(groups) < 2:
        raise ValueError(f"column {column!r} has one value only: {groups[0]}")
    return [(np.flatnonzero(values != g), np.flatnonzero(values == g)) for g in groups]
