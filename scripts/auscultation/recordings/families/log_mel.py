"""Forty log-mel bands, each relative to the cycle's mean level, from short frames.

With E[m], m = 1..40, as in `mfcc` but of 40 triangles from 100 to 1800 Hz, L[m] = 10 log10 E[m]
less the mean of 10 log10 E over the frames and bands of the cycle, dB. Of each band over the
frames (64 ms every 16 ms): mean, population standard deviation, mean |L - L of the frame before|,
and 95 % less 50 % quantile (interpolated linearly).
"""

import numpy as np

from auscultation.recordings.families.mfcc import mel_triangles
from auscultation.recordings.frames import Analysis, decibels
from auscultation.recordings.segments import deviations, means, quantiles, step_means

N_BANDS = 40
NAMES = tuple(
    f"log_mel_{band}_{part}"
    for part in ("mean", "sd", "flux", "peak")
    for band in range(1, N_BANDS + 1)
)


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 160)."""
    power, hz, cycles, _ = analysis.short
    settings = analysis.settings
    triangles = mel_triangles(hz, N_BANDS, settings.low, settings.high)
    levels = decibels(power @ triangles.T)
    steps = np.abs(np.diff(levels, axis=0, prepend=levels[:1]))
    mean = means(levels, cycles)
    median, high = quantiles(levels, cycles, (0.5, 0.95))
    return np.column_stack(
        [
            mean - mean.mean(axis=1, keepdims=True),
            deviations(levels, cycles),
            step_means(steps, cycles),
            high - median,
        ]
    )
