"""Folds of patients."""

import numpy as np

from auscultation.splits.folds import Cycles, Fold
from auscultation.splits.partitions import deal, partitions

UNIT = "patient"  # what is dealt to the folds whole


def patient(cycles: Cycles, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Keep all cycles of a patient together: k folds of patients, in `repeats` partitions.

    `deal` stratifies about as well as the patients allow, and still gives a new partition for every
    repeat, which scikit-learn's StratifiedGroupKFold does not: it deals the patients in the order
    of their counts, so that its shuffling changes little.
    Raises ValueError where there are fewer patients than folds.
    """
    _, unit = np.unique(cycles["patient_ID"], return_inverse=True)
    return partitions(unit, "patients", cycles, folds, repeats, seed, deal)
