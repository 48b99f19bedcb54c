"""Share of seven bands in a cycle's power, dB, from short frames (64 ms every 16 ms).

10 log10 (sum of P over the frames and the bins of the band / sum of P over the frames and all bins
from 100 to 1800 Hz). Bands: 100-200-300-400-600-800-1200-1800 Hz, a bin at an edge in the upper
band. They are narrow where lung sounds have their power (Gross et al. 2000, Am J Respir Crit Care
Med 162:905).
"""

import numpy as np

from auscultation.recordings.frames import Analysis, decibels
from auscultation.recordings.segments import means

EDGES = (100, 200, 300, 400, 600, 800, 1200, 1800)
NAMES = tuple(f"bands_{low}_{high}" for low, high in zip(EDGES[:-1], EDGES[1:], strict=True))


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 7)."""
    power, hz, cycles, _ = analysis.short
    spectrum = means(power, cycles)
    sums = np.add.reduceat(spectrum, np.searchsorted(hz, EDGES[:-1]), axis=1)
    return decibels(sums / spectrum.sum(axis=1, keepdims=True))
