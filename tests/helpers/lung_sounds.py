"""Sounds at 4000 Hz whose features are known, and their features by name."""

import numpy as np

from auscultation.recordings.families.registry import FAMILIES, column_names, features

RATE = 4000
ALL = tuple(FAMILIES)


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """White noise with a normal distribution."""
    return level * np.random.default_rng(seed).normal(size=int(seconds * RATE))


def tone(hz: float, seconds: float) -> np.ndarray:
    """A sine of amplitude 1/2."""
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def whole(signal: np.ndarray, families=ALL) -> dict[str, float]:
    """The features of a recording that is one cycle."""
    table = features(signal, np.array([[0, len(signal)]]), families)
    return dict(zip(column_names(families), table[0].tolist(), strict=True))


def breathing(seconds: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """Noise that swells, with a tone and clicks, and its cycles, which overlap and have gaps."""
    time = np.arange(int(seconds * RATE)) / RATE
    signal = noise(seconds, seed=3) * (1.2 + np.sin(2 * np.pi * time / 2)) + 0.2 * tone(
        340, seconds
    )
    signal[5000::3700] += 1
    spans = [[100, 7003], [7003, 12000], [11000, 19001], [20000, len(signal)], [13, 150]]
    return signal, np.array(spans)
