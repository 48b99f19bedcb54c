"""What a protocol takes and returns, and the summary of a split."""

from collections.abc import Mapping
from typing import TypedDict

import numpy as np

# Rows that train and rows that test, each shape (n,), int64.
Fold = tuple[np.ndarray, np.ndarray]
# The cleaned columns, each shape (n,), and `class`, what is to be predicted.
Cycles = Mapping[str, np.ndarray]


class SideCounts(TypedDict):
    """What one side (train or test) of a fold holds."""

    patients: int
    recordings: int | None  # where the table has none
    cycles: int
    classes: dict[str, int]  # cycles by the name of the class


class FoldSummary(TypedDict):
    """What one fold holds."""

    fold: int
    train: SideCounts
    test: SideCounts
    patients_on_both_sides: list[str | int]


class SplitSummary(TypedDict):
    """The content of `split.json`."""

    protocol: str
    settings: dict[str, object]
    folds: list[FoldSummary]
