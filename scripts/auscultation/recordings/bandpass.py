"""The notebook's band-pass, 87.5 to 1012.5 Hz at 4000 Hz, forwards and backwards, without delay."""

from functools import lru_cache

import numpy as np

TAPS = 529
EDGES = (87.5, 1012.5)  # Hz
RATE = 4000  # Hz
REACH = TAPS - 1  # samples on each side that an output looks at
SHORTEST = 3 * TAPS + 1  # samples that a recording needs
SIZE = 1 << 14  # of a Fourier transform: samples filtered at a time, and what they look at


def low_pass(edge: float) -> np.ndarray:
    """Return a windowed sinc with an edge in Hz: Hamming's window (.54, .46), sum 1, shape (529,)."""
    middle = (TAPS - 1) / 2
    taps = np.sinc(2 * edge / RATE * (np.arange(TAPS) - middle))
    taps *= 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(TAPS) / (TAPS - 1))
    return taps / taps.sum()


def response() -> np.ndarray:
    """Return the response of the band-pass and the same backwards, shape (1057,)."""
    band = low_pass(EDGES[1]) - low_pass(EDGES[0])
    return np.convolve(band, band[::-1])


@lru_cache(maxsize=1)
def _spectrum() -> np.ndarray:
    return np.fft.rfft(response(), SIZE)


def continued(signal: np.ndarray) -> np.ndarray:
    """Return a signal continued at both ends by its point reflection, in its own precision."""
    return np.pad(signal, REACH, mode="reflect", reflect_type="odd")


def band_pass(signal: np.ndarray) -> np.ndarray:
    """Return a filtered recording, float64, shape (n,); n is at least 1588 (0.4 s)."""
    whole, n = continued(signal), len(signal)
    step = SIZE - 2 * REACH
    made = np.empty(n)
    for start in range(0, n, step):
        some = whole[start : start + SIZE].astype(np.float64)
        filtered = np.fft.irfft(np.fft.rfft(some, SIZE) * _spectrum(), SIZE)
        stop = min(start + step, n)
        made[start:stop] = filtered[2 * REACH : 2 * REACH + stop - start]
    return made
