"""Folds of single cycles."""

import numpy as np

from auscultation.splits.folds import Cycles, Fold
from auscultation.splits.partitions import deal_singles, partitions

UNIT = "cycle"  # what is dealt to the folds whole


def shuffled(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep nothing together: k folds of single cycles, in `repeats` partitions.

    No two folds differ by more than one cycle, in all or of a class.

    Raises ValueError where there are fewer cycles than folds.
    """
    unit = np.arange(len(cycles["cycle"]))
    return partitions(unit, "cycles", cycles, folds, repeats, seed, deal_singles)
