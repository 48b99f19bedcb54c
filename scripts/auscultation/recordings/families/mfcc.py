"""Mel-frequency cepstral coefficients 1 to 12, from short frames (64 ms every 16 ms).

24 triangles of height 1 between 26 points that are equally far apart in mel = 2595 log10(1 + f /
700), f from 100 to 1800 Hz; E[m] = sum over bins of triangle m times P. With M = 24,

    c[n] = sqrt(2 / M) sum over m = 0..M-1 of ln E[m] cos(pi n (m + 1/2) / M),

the orthonormal DCT-II. c[0], the level, is left out, so that the gain does not matter; without
unit. Mean and population standard deviation are over the frames of a cycle. Sources: Davis and
Mermelstein 1980, IEEE Trans ASSP 28:357; the mel of the HTK book, 3.4, section 5.4.
"""

import numpy as np

from auscultation.job.errors import InputError
from auscultation.recordings.frames import Analysis
from auscultation.recordings.segments import deviations, means

N_COEFFICIENTS = 12
NAMES = tuple(
    f"mfcc_{number}_{part}" for part in ("mean", "sd") for number in range(1, N_COEFFICIENTS + 1)
)


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 24)."""
    power, hz, cycles, _ = analysis.short
    settings = analysis.settings
    triangles = mel_triangles(hz, settings.mel_bands, settings.low, settings.high)
    cepstra = np.log(power @ triangles.T) @ cosines(settings.mel_bands).T
    return np.column_stack([means(cepstra, cycles), deviations(cepstra, cycles)])


def mel_triangles(hz: np.ndarray, n_bands: int, low: float, high: float) -> np.ndarray:
    """Return the weights of the mel bands, (n_bands, n_bins), at frequencies from low to high.

    Raises InputError where a band lies between two bins.
    """
    first, last = 2595 * np.log10(1 + np.array([low, high]) / 700)
    points = 700 * (10 ** (np.linspace(first, last, n_bands + 2) / 2595) - 1)
    left, top, right = points[:-2, None], points[1:-1, None], points[2:, None]
    triangles = np.maximum(0, np.minimum((hz - left) / (top - left), (right - hz) / (right - top)))
    if empty := int((triangles.max(axis=1) == 0).sum()):
        raise InputError(
            f"frames: {empty} of {n_bands} mel bands have no frequency of the spectrum, whose step is "
            f"{hz[1] - hz[0]:g} Hz; take fewer mel_bands or a longer frame"
        )
    return triangles


def cosines(n_bands: int) -> np.ndarray:
    """Return the rows 1 to 12 of the orthonormal DCT-II, (12, n_bands)."""
    number = np.arange(1, N_COEFFICIENTS + 1)[:, None]
    places = (np.arange(n_bands) + 0.5) / n_bands
    return np.sqrt(2 / n_bands) * np.cos(np.pi * number * places)
