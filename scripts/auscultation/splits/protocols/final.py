"""Every cycle trains and every cycle tests."""

import numpy as np

from auscultation.splits.folds import Cycles, Fold


def final(cycles: Cycles) -> list[Fold]:
    """Train and test on every cycle: the notebook's way for least squares and gradient descent.

    The scores say how well a model fits what it has seen, nothing more.
    """
    rows = np.arange(len(cycles["cycle"]))
    return [(rows, rows)]
