"""Shape of the spectrum, from short frames (64 ms every 16 ms; see `frames`).

With q = P / sum P, the share of each bin f in its frame's power from 100 to 1800 Hz, K bins:

- centroid c = sum f q, Hz; bandwidth sqrt(sum (f - c)^2 q), Hz;
- roll-off: the lowest f whose bins up to it have 85 % (50 %) of the power, Hz;
- flatness exp(mean ln q) / mean q, from 0 (a tone) to 1 (white); entropy -sum q ln q / ln K, the
  same range;
- slope: of the least-squares line of dB on log2 f, dB per octave;
- flux: half of sum |q - q of the frame before|, from 0 (no change) to 1.

Mean and population standard deviation are over the frames of a cycle. Sources: Peeters 2004, A
large set of audio features for sound description (CUIDADO), IRCAM: centroid, spread, roll-off,
flatness, slope, flux; Misra et al. 2004, Proc. ICASSP I-193: entropy.
"""

import numpy as np

from auscultation.recordings.frames import Analysis
from auscultation.recordings.segments import deviations, means, step_means

_BOTH = ("centroid", "bandwidth", "rolloff85", "flatness", "entropy")
NAMES = (
    *(f"spectrum_{name}_{part}" for name in _BOTH for part in ("mean", "sd")),
    "spectrum_rolloff50_mean",
    "spectrum_slope_mean",
    "spectrum_flux_mean",
)


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 13)."""
    power, hz, cycles, _ = analysis.short
    share = power / power.sum(axis=1, keepdims=True)
    log_share = np.log(share)
    centroid = share @ hz
    variance = share @ hz**2 - centroid**2
    cumulated = np.cumsum(share, axis=1)
    flatness = np.exp(log_share.mean(axis=1)) * len(hz)
    entropy = -np.einsum("fk,fk->f", share, log_share) / np.log(len(hz))
    octaves = np.log2(hz) - np.log2(hz).mean()
    slope = log_share @ (10 / np.log(10) * octaves / (octaves**2).sum())
    flux = np.abs(np.diff(share, axis=0, prepend=share[:1])).sum(axis=1) / 2
    both = np.column_stack(
        [
            centroid,
            np.sqrt(np.maximum(variance, 0)),
            _rolloff(cumulated, hz, 0.85),
            flatness,
            entropy,
        ]
    )
    pairs = np.stack([means(both, cycles), deviations(both, cycles)], axis=-1)
    others = np.column_stack([_rolloff(cumulated, hz, 0.5), slope])
    return np.column_stack(
        [pairs.reshape(-1, 2 * len(_BOTH)), means(others, cycles), step_means(flux, cycles)]
    )


def _rolloff(cumulated: np.ndarray, hz: np.ndarray, part: float) -> np.ndarray:
    """Return the lowest frequency, (n_frames,), up to which lies that part of the power."""
    below = (cumulated < part).sum(axis=1)
    return hz[np.minimum(below, len(hz) - 1)]
