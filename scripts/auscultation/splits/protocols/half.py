"""Half of the cycles trains, the other half tests."""

import numpy as np

from auscultation.splits.folds import Cycles, Fold


def half(cycles: Cycles, *, seed: int = 0) -> list[Fold]:
    """Shuffle; the first half trains, the second half tests (the notebook's way for kNN).

    The order is that of scikit-learn's `shuffle(..., random_state=seed)`.
    """
    n = len(cycles["cycle"])
    order = np.random.RandomState(seed).permutation(n)
    return [(order[: n // 2], order[n // 2 :])]
