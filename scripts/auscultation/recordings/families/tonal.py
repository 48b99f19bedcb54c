"""Tones that last: wheezes, rhonchi; from long frames (128 ms every 32 ms), 100 to 1200 Hz.

P is averaged over each frame and its two neighbours in the cycle. The whitened spectrum is
W = 10 log10 (P / running median of P over 21 bins, mirrored at the ends), dB.

- peak: max W of a frame, dB: mean, 90 % quantile. A frame is tonal where it is 9 dB or more.
- share: of tonal frames. A run is of tonal frames that follow each other, where the peak moves by
  at most 2 bins (16 Hz) from one to the next; run_longest: its number of frames times 32 ms, s;
  run_share: share of the cycle's frames that are in runs of 4 (128 ms) or more; run_hz: mean
  frequency of the peak in the longest run, the first of equals, Hz; 0 without a run.
- crest: 10 log10 (max P / mean P), dB: mean, sd.
- echo: with V = W limited to -20..20 dB, less its mean over the bins, the largest of
  sum V[k] V[k + l] / sum V^2 for lags l of 8 to 40 bins (63 to 313 Hz): harmonics; 0 where V is
  even; mean, sd.
- cycle_peak: max W of the cycle's mean spectrum, dB; bins: mean number of bins of 9 dB or more.

Mean, sd (population) and quantile (linear) are over the frames of a cycle. Sources: a wheeze as a
peak over its surroundings that lasts: Taplidou and Hadjileontiadis 2007, Comput Biol Med 37:1073;
tones of 100 ms or more: Sovijarvi et al. 2000, Eur Respir Rev 10:597.
"""

from typing import NamedTuple

import numpy as np

from auscultation.recordings.frames import (
    DEFAULTS,
    RATE,
    Analysis,
    Settings,
    Spectra,
    band,
    decibels,
)
from auscultation.recordings.segments import Segments, deviations, means, quantiles

MEDIAN_BINS = 21
TONAL_DB = 9.0
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


def features(signal: np.ndarray, cycles: np.ndarray, settings: Settings = DEFAULTS) -> np.ndarray:
    """Return the family's features, (n_cycles, 12), of a recording at 4000 Hz and its cycles."""
    return of_analysis(Analysis(signal, cycles, settings))


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 12)."""
    spectra = analysis.long
    bins = band(spectra.hz, analysis.settings.low, analysis.settings.tonal_high)
    hz, cycles = spectra.hz[bins], spectra.cycles
    power = _averaged(spectra, bins)
    white = whitened(power)
    peak = white.max(axis=1)
    place = white.argmax(axis=1)
    crest = decibels(power.max(axis=1) / power.mean(axis=1))
    echo = _echo(white)
    runs = _runs(peak >= TONAL_DB, place, hz, cycles)
    whole = whitened(means(spectra.power[:, bins], cycles)).max(axis=1)
    return np.column_stack(
        [
            means(peak, cycles),
            quantiles(peak, cycles, (0.9,))[0],
            means((peak >= TONAL_DB).astype(np.float64), cycles),
            runs.longest * (spectra.hop / RATE),
            runs.share,
            runs.hz,
            means(crest, cycles),
            deviations(crest, cycles),
            means(echo, cycles),
            deviations(echo, cycles),
            whole,
            means((white >= TONAL_DB).sum(axis=1).astype(np.float64), cycles),
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


class _Runs(NamedTuple):
    """Runs of tonal frames, of each cycle: longest (frames), share of frames, Hz; (n_cycles,)."""

    longest: np.ndarray
    share: np.ndarray
    hz: np.ndarray


def _runs(tonal: np.ndarray, place: np.ndarray, hz: np.ndarray, cycles: Segments) -> _Runs:
    """Return the runs of tonal frames, from the peak's bin in each frame, (n_frames,)."""
    n_cycles = len(cycles.starts)
    follows = np.zeros(len(tonal), dtype=bool)
    follows[1:] = tonal[:-1] & (np.abs(np.diff(place)) <= LARGEST_MOVE)
    follows[cycles.starts] = False
    starts = tonal & ~follows
    run = np.cumsum(starts)[tonal] - 1
    n_runs = int(starts.sum())
    length = np.bincount(run, minlength=n_runs)
    mean_hz = np.bincount(run, weights=hz[place[tonal]], minlength=n_runs) / length
    cycle = cycles.spread(np.arange(n_cycles))[starts]
    order = np.lexsort((-length, cycle))  # stable: the first of equals comes first
    which, at = np.unique(cycle[order], return_index=True)
    longest, frequency = np.zeros(n_cycles), np.zeros(n_cycles)
    longest[which], frequency[which] = length[order[at]], mean_hz[order[at]]
    in_long = np.bincount(cycle, weights=length * (length >= LONG_RUN), minlength=n_cycles)
    return _Runs(longest, in_long / cycles.counts, frequency)
