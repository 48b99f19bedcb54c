"""The protocols: named ways to divide cycles into train and test.

A protocol is a function of the cleaned columns and its own settings, which gives folds. To add one,
write it here and name it in the config: its keyword arguments, with their annotations and defaults,
are the settings that the config may give it.
"""

from collections.abc import Callable, Mapping

import numpy as np

Fold = tuple[np.ndarray, np.ndarray]
Cycles = Mapping[str, np.ndarray]

PROTOCOLS: dict[str, Callable[..., list[Fold]]] = {}


def protocol(function: Callable[..., list[Fold]]) -> Callable[..., list[Fold]]:
    """List a function among the protocols, by its name."""
    PROTOCOLS[function.__name__] = function
    return function


@protocol
def half(cycles: Cycles, *, seed: int = 0) -> list[Fold]:
    """Shuffle; the first half trains, the second half tests (the notebook's way for kNN).

    The order is that of scikit-learn's `shuffle(..., random_state=seed)`.
    """
    n = len(cycles["cycle"])
    order = np.random.RandomState(seed).permutation(n)
    return [(order[: n // 2], order[n // 2 :])]


@protocol
def holdout(cycles: Cycles, *, seed: int = 0, test_size: float = 0.25) -> list[Fold]:
    """Hold out a share of the cycles, by scikit-learn's `train_test_split` (shuffled)."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(cycles["cycle"]))
    train, test = train_test_split(rows, test_size=test_size, random_state=seed)
    return [(train, test)]


@protocol
def final(cycles: Cycles) -> list[Fold]:
    """Train and test on every cycle: the notebook's way for least squares and gradient descent.

    The scores say how well a model fits what it has seen, nothing more.
    """
    rows = np.arange(len(cycles["cycle"]))
    return [(rows, rows)]
