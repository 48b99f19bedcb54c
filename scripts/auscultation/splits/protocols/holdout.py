"""A share of the cycles tests, the rest trains."""

import math

import numpy as np

from auscultation.splits.folds import Cycles, Fold


def holdout(cycles: Cycles, *, seed: int = 0, test_size: float = 0.25) -> list[Fold]:
    """Shuffle; the first `test_size` of the cycles, rounded up, tests, the rest trains.

    The order is that of scikit-learn's `train_test_split(..., random_state=seed)`, which takes two
    seconds to import.

    Raises ValueError where `test_size` is not between 0 and 1.
    """
    if not 0 < test_size < 1:
        raise ValueError(f"test_size is a share of the cycles, between 0 and 1, not {test_size}")
    n = len(cycles["cycle"])
    order = np.random.RandomState(seed).permutation(n)
    tests = math.ceil(test_size * n)
    return [(order[tests:], order[:tests])]
