"""Tones that last: wheezes, rhonchi; from long frames (128 ms every 32 ms), 100 to 1200 Hz.

P is averaged over each frame and its two neighbours in the cycle. The whitened spectrum is
W = 10 log10 (P / running median of P over 21 bins, mirrored at the ends), dB.

- peak: max W of a frame, dB: mean, 90 % quantile. A bin is tonal, t = 1, from W = 10 dB on, not,
  t = 0, up to 8 dB, and in part between them, so that no feature jumps where a level changes a bit.
- share: mean over the frames of max t. A run is of tonal bins in frames that follow each other, at
  most 2 bins (16 Hz) from one to the next. Its frames up to frame i and bin k are f[i, k] = t[i, k]
  (1 + max of f[i - 1, k - 2 .. k + 2]), those from there on, b, likewise backwards; its length is
  l = f + b - t. run_longest: max f times 32 ms, s; run_share: mean over the frames of the max of t
  where l is 4 (128 ms) or more, none up to 3; run_hz: mean frequency of the bins with the weights
  t l^2, Hz, less where these sum up to less than 1, 0 without a run.
- crest: 10 log10 (max P / mean P), dB: mean, sd.
- echo: with V = W limited to -20..20 dB, less its mean over the bins, the largest of
  sum V[k] V[k + l] / sum V^2 for lags l of 8 to 40 bins (63 to 313 Hz): harmonics; 0 where V is
  even; mean, sd.
- cycle_peak: max W of the cycle's mean spectrum, dB; bins: sum of t over the
  bins: mean.

Mean, sd (population) and quantile (linear) are over the frames of a cycle. Sources: a wheeze as a
peak over its surroundings that lasts: Taplidou and Hadjileontiadis 2007, Comput Biol Med 37:1073;
tones of 100 ms or more: Sovijarvi et al. 2000, Eur Respir Rev 10:597.
"""

import numpy as np

from auscultation.recordings.frames import RATE, Analysis, Spectra, band, decibels
from auscultation.recordings.segments import Segments, deviations, means, quantiles, segments

MEDIAN_BINS = 21
TONAL_DB = (8.0, 10.0)  # not tonal, tonal
LARGEST_MOVE = 2  # bins
LONG_RUN = 4  # frames
LAGS = (8, 40)  # bins
LIMIT_DB = 20.0
_ROWS_AT_ONCE = 64

NAMES = (
    "tonal_peak_mean",
    "tonal_peak_90",
    "tonal_share",
    "tonal_run_longest",
    "tonal_run_share",
    "tonal_run_hz",
    "tonal_crest_mean",
    "tonal_crest_sd",
    "tonal_echo_mean",
    "tonal_echo_sd",
    "tonal_cycle_peak",
    "tonal_bins",
)


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 12)."""
    spectra = analysis.long
    bins = band(spectra.hz, analysis.settings.low, analysis.settings.tonal_high)
    hz, cycles = spectra.hz[bins], spectra.cycles
    power = _averaged(spectra, bins)
    white = whitened(power)
    peak = white.max(axis=1)
    crest = decibels(power.max(axis=1) / power.mean(axis=1))
    echo = _echo(white)
    low, high = TONAL_DB
    tonal = np.clip((white - low) / (high - low), 0, 1)
    longest, run_share, run_hz = _runs(tonal, hz, cycles)
    whole = whitened(means(spectra.power[:, bins], cycles)).max(axis=1)
    return np.column_stack(
        [
            means(peak, cycles),
            quantiles(peak, cycles, (0.9,))[0],
            means(tonal.max(axis=1), cycles),
            longest * (spectra.hop / RATE),
            run_share,
            run_hz,
            means(crest, cycles),
            deviations(crest, cycles),
            means(echo, cycles),
            deviations(echo, cycles),
            whole,
            means(tonal.sum(axis=1), cycles),
        ]
    )


def _averaged(spectra: Spectra, bins: slice) -> np.ndarray:
    """Return power averaged over each frame and its neighbours in the cycle, (n_frames, n_bins)."""
    power, cycles = spectra.power[:, bins], spectra.cycles
    first = np.zeros(len(power), dtype=bool)
    first[cycles.starts] = True
    inner = ~first[1:, None]
    total, number = power.copy(), np.ones((len(power), 1))
    total[1:] += power[:-1] * inner
    total[:-1] += power[1:] * inner
    number[1:] += inner
    number[:-1] += inner
    return total / number


def whitened(power: np.ndarray) -> np.ndarray:
    """Return power over its running median along the bins, dB, (rows, n_bins)."""
    side = min(MEDIAN_BINS // 2, power.shape[1])
    median = np.empty_like(power)
    for first in range(0, len(power), _ROWS_AT_ONCE):
        rows = power[first : first + _ROWS_AT_ONCE]
        mirrored = np.concatenate([rows[:, :side][:, ::-1], rows, rows[:, ::-1][:, :side]], axis=1)
        view = np.lib.stride_tricks.sliding_window_view(mirrored, 2 * side + 1, axis=1)
        median[first : first + _ROWS_AT_ONCE] = np.partition(view, side, axis=-1)[..., side]
    return decibels(power / median)


def _echo(white: np.ndarray) -> np.ndarray:
    """Return the largest normalised autocorrelation of each whitened spectrum, (n_frames,)."""
    limited = np.clip(white, -LIMIT_DB, LIMIT_DB)
    limited -= limited.mean(axis=1, keepdims=True)
    size = limited.shape[1] + LAGS[1]
    size += size % 2
    transform = np.fft.rfft(limited, size)
    squares = transform.real**2 + transform.imag**2
    weights = np.full(squares.shape[1], 2 / size)
    weights[[0, -1]] = 1 / size
    angles = 2 * np.pi / size * np.outer(np.arange(len(weights)), np.arange(LAGS[0], LAGS[1] + 1))
    largest = (squares @ (weights[:, None] * np.cos(angles))).max(axis=1)
    energy = (limited**2).sum(axis=1)
    even = energy < 1e-9  # rounding
    return np.where(even, 0, largest / np.where(even, 1, energy))


def _runs(
    tonal: np.ndarray, hz: np.ndarray, cycles: Segments
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the runs of each cycle: longest (frames), share of frames, Hz; each (n_cycles,).

    From how tonal each bin is, (n_frames, n_bins).
    """
    n = len(tonal)
    both_ways = segments(np.concatenate([cycles.counts, cycles.counts[::-1]]))
    lengths = _lengths(np.concatenate([tonal, tonal[::-1]]), both_ways)
    before, behind = lengths[:n], lengths[n:][::-1]
    longest = np.maximum.reduceat(before.max(axis=1), cycles.starts)
    length = before + behind - tonal
    share = means((tonal * np.clip(length - (LONG_RUN - 1), 0, 1)).max(axis=1), cycles)
    weights = np.add.reduceat(tonal * length**2, cycles.starts)
    return longest, share, weights @ hz / np.maximum(weights.sum(axis=1), 1)


def _lengths(tonal: np.ndarray, parts: Segments) -> np.ndarray:
    """Return the length of the runs up to each frame and bin, (n_frames, n_bins), all parts at once."""
    lengths = tonal.copy()
    order = np.argsort(-parts.counts)
    rows, counts = parts.starts[order], parts.counts[order]
    for step in range(1, max(counts, default=0)):
        rows = rows[: np.searchsorted(-counts, -step)] + 1
        lengths[rows] *= 1 + _largest_near(lengths[rows - 1])
    return lengths


def _largest_near(lengths: np.ndarray) -> np.ndarray:
    """Return the largest of each bin and those beside it that a run may move to, (rows, n_bins)."""
    n_bins = lengths.shape[1]
    padded = np.zeros((len(lengths), n_bins + 2 * LARGEST_MOVE))
    padded[:, LARGEST_MOVE:-LARGEST_MOVE] = lengths
    largest = lengths
    for shift in range(2 * LARGEST_MOVE + 1):
        if shift != LARGEST_MOVE:
            largest = np.maximum(largest, padded[:, shift : shift + n_bins])
    return largest
