"""Folds of recordings."""

import numpy as np

from auscultation.data.derived import groups_by
from auscultation.splits.folds import Cycles, Fold
from auscultation.splits.partitions import deal, partitions

UNIT = "recording"  # what is dealt to the folds whole


def recording(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep all cycles of a recording together, not those of a patient: as `patient` else.

    A recording's name starts with its patient, and no two recordings of a table have one name.

    Raises ValueError where there are fewer recordings than folds, or none are known.
    """
    _, unit = np.unique(groups_by(cycles, "recording"), return_inverse=True)
    return partitions(unit, "recordings", cycles, folds, repeats, seed, deal)
