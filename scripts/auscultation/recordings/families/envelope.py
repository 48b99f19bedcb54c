"""How the level moves through a cycle, from short frames (64 ms every 16 ms).

With e = 10 log10 sum P, the level of each frame from 100 to 1800 Hz: 95 % less 5 % quantile, dB
(interpolated linearly); population standard deviation, dB; mean |e - e of the frame before|, dB.
Centre of energy: sum u p / sum p, where p = sum P of the frame and u = (number of the frame from 0
+ 1/2) / number of frames: 0 is the cycle's begin, 1 its end. An even level has 0, 0, 0 and 1/2.
"""

import numpy as np

from auscultation.recordings.frames import Analysis, decibels
from auscultation.recordings.segments import deviations, means, quantiles, step_means

NAMES = ("envelope_range", "envelope_sd", "envelope_step", "envelope_centre")


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 4)."""
    power, _, cycles, _ = analysis.short
    energy = power.sum(axis=1)
    level = decibels(energy)
    steps = np.abs(np.diff(level, prepend=level[:1]))
    low, high = quantiles(level, cycles, (0.05, 0.95))
    place = np.arange(len(energy)) - cycles.spread(cycles.starts) + 0.5
    centre = means(place * energy, cycles) / means(energy, cycles) / cycles.counts
    return np.column_stack(
        [high - low, deviations(level, cycles), step_means(steps, cycles), centre]
    )
