"""Short events: crackles; from the recording x[i], band-passed from 100 to 1800 Hz (`filters`).

Over the samples i of a cycle, with m2 and m4 the second and fourth central moment:

- kurtosis_*: ln (m4 / m2^2), of x (raw), of x[i+1] - x[i] (diff), of Teager's energy
  x[i]^2 - x[i-1] x[i+1] (teager), and of x in the octaves from 100, 200, 400 and 800 Hz. Noise of a
  normal distribution has ln 3 in x.
- crest: 20 log10 (max |x| / root of the mean square), dB.
- Hjorth's mobility M = sqrt(var dx / var x), of one step, and complexity M(dx) / M(x).
- bursts: energy of 5 ms every 2.5 ms over its running median of 41 (0.1 s, mirrored at the ends of
  the recording), dB: 95 % and 99 % quantile (linear), maximum; share: mean of b, 0 up to 5 dB, 1 from
  7 dB on, in part between them; onsets: sum of the rises of b, per second. A cycle has the pieces
  that begin in it; 1e-9 of the recording's mean energy is added.
- Katz's dimension D = ln n / (ln n + ln (d / L)) of each 64 ms, every 32 ms: the curve through the
  n + 1 points (i, x[i] / standard deviation of the cycle) has the length L, and d is the largest
  distance of a point from the first: mean, maximum. A straight line has 1.

What is silent, or too short, has 0 (Katz: 1). Sources: Kaiser 1990, Proc. ICASSP 381 (Teager);
Hjorth 1970, Electroencephalogr Clin Neurophysiol 29:306; Katz 1988, Comput Biol Med 18:145;
crackles by their dimension: Hadjileontiadis and Rekanos 2003, IEEE Signal Process Lett 10:311.
"""

import numpy as np

from auscultation.recordings.families.filters import OCTAVES, banks
from auscultation.recordings.frames import RATE, SILENCE, Analysis, Settings, cut, decibels
from auscultation.recordings.segments import means, quantiles, segments, span_reduced

BURST_HOP = 10  # samples; a piece is two of them
MEDIAN_PIECES = 41
BURST_DB = (5.0, 7.0)  # no burst, a burst

_KINDS = ("raw", "diff", "teager", *(f"octave_{low:g}" for low in OCTAVES[:-1]))
NAMES = (
    *(f"transient_kurtosis_{kind}" for kind in _KINDS),
    "transient_crest",
    "transient_mobility",
    "transient_complexity",
    "transient_burst_95",
    "transient_burst_99",
    "transient_burst_max",
    "transient_burst_onsets",
    "transient_burst_share",
    "transient_katz_mean",
    "transient_katz_max",
)


def of_analysis(analysis: Analysis) -> np.ndarray:
    """Return the family's features, (n_cycles, 17)."""
    settings, cycles = analysis.settings, analysis.cycles
    if not len(cycles):
        return np.empty((0, len(NAMES)))
    edges = [(settings.low, settings.high), *zip(OCTAVES[:-1], OCTAVES[1:], strict=True)]
    bands = banks(analysis.signal, edges)
    wide = bands[0]
    begin, end = cycles.T
    step = np.diff(wide)
    teager = np.zeros_like(wide)
    teager[1:-1] = wide[1:-1] ** 2 - wide[:-2] * wide[2:]
    variance, raw = moments(wide, begin, end)
    octaves = [moments(octave, begin, end)[1] for octave in bands[1:]]
    step_variance, diff = moments(step, begin, end - 1)
    second_variance, _ = moments(np.diff(step), begin, end - 2)
    _, energy = moments(teager, begin + 1, end - 1, SILENCE**2)
    mobility = _root_ratio(step_variance, variance)
    complexity = _root_ratio(_root_ratio(second_variance, step_variance), mobility, power=1)
    return np.column_stack(
        [
            raw,
            diff,
            energy,
            *octaves,
            _crest(wide, begin, end),
            mobility,
            complexity,
            _bursts(wide, cycles, settings.floor),
            _katz(wide, cycles, np.sqrt(variance), settings),
        ]
    )


def moments(
    values: np.ndarray, begin: np.ndarray, end: np.ndarray, silence: float = SILENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Return variance and ln kurtosis of values[begin:end], (n,), of each span; 0 where silent.

    By sums of powers: the means of what comes here are not large beside the deviations.
    """
    number = np.maximum(end - begin, 1)
    squares = values * values
    mean, second, third, fourth = (
        span_reduced(np.add, power, begin, end) / number
        for power in (values, squares, squares * values, squares * squares)
    )
    variance = second - mean**2
    silent = variance < silence
    variance = np.where(silent, 0, variance)
    central = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4
    kurtosis = np.where(silent, 1, central) / np.where(silent, 1, variance) ** 2
    return variance, np.log(np.maximum(kurtosis, 1))


def _root_ratio(upper: np.ndarray, lower: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Return (upper / lower)^power, 0 where lower is 0."""
    return np.where(lower > 0, upper / np.where(lower > 0, lower, 1), 0) ** power


def _crest(wide: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return largest sample over root of the mean square, dB, (n_cycles,)."""
    largest = span_reduced(np.maximum, np.abs(wide), begin, end) ** 2
    mean = span_reduced(np.add, wide**2, begin, end) / np.maximum(end - begin, 1)
    silent = mean < SILENCE
    return decibels(np.where(silent, 1, largest) / np.where(silent, 1, mean))


def burst_levels(wide: np.ndarray, floor: float) -> np.ndarray:
    """Return energy of 5 ms every 2.5 ms over its running median, dB, (ceil(n / 10),)."""
    padded = np.concatenate([wide, np.zeros(-len(wide) % BURST_HOP)])
    blocks = (padded.reshape(-1, BURST_HOP) ** 2).sum(axis=1)
    energy = blocks + np.append(blocks[1:], blocks[-1])
    level = energy.mean()
    energy += floor * level if level >= SILENCE else 1
    side = MEDIAN_PIECES // 2
    view = np.lib.stride_tricks.sliding_window_view(
        np.pad(energy, side, mode="symmetric"), MEDIAN_PIECES
    )
    return decibels(energy / np.partition(view, side, axis=-1)[:, side])


def _bursts(wide: np.ndarray, cycles: np.ndarray, floor: float) -> np.ndarray:
    """Return 95 %, 99 % and largest burst, onsets per second and share, (n_cycles, 5)."""
    level = burst_levels(wide, floor)
    low, high = BURST_DB
    loud = np.clip((level - low) / (high - low), 0, 1)
    onset = np.maximum(np.diff(loud, prepend=0), 0)
    pieces = np.minimum(-(-cycles // BURST_HOP), len(level))
    pieces[:, 0] = np.minimum(pieces[:, 0], len(level) - 1)
    pieces[:, 1] = np.maximum(pieces[:, 1], pieces[:, 0] + 1)  # a cycle has at least one
    parts = segments(pieces[:, 1] - pieces[:, 0])
    rows = np.arange(parts.counts.sum()) + parts.spread(pieces[:, 0] - parts.starts)
    seconds = parts.counts * (BURST_HOP / RATE)
    return np.column_stack(
        [
            *quantiles(level[rows], parts, (0.95, 0.99, 1.0)),
            means(onset[rows], parts) * parts.counts / seconds,
            means(loud[rows], parts),
        ]
    )


def _katz(
    wide: np.ndarray, cycles: np.ndarray, deviation: np.ndarray, settings: Settings
) -> np.ndarray:
    """Return mean and largest Katz dimension of the frames of each cycle, (n_cycles, 2)."""
    frames, parts = cut(wide, cycles, settings.frame, settings.frame // 2)
    unit = parts.spread(np.where(deviation > 0, deviation, np.inf))[:, None]
    dimension = np.empty(len(frames.starts))
    for rows, samples in frames.blocks():
        dimension[rows] = katz_dimension(samples / unit[rows])
    return np.column_stack([means(dimension, parts), np.maximum.reduceat(dimension, parts.starts)])


def katz_dimension(curves: np.ndarray) -> np.ndarray:
    """Return Katz's dimension of curves of samples 1 apart, (n_curves, n + 1) to (n_curves,)."""
    n_steps = curves.shape[1] - 1
    length = np.sqrt(1 + np.diff(curves, axis=1) ** 2).sum(axis=1)
    away = (curves[:, 1:] - curves[:, :1]) ** 2 + np.arange(1, n_steps + 1) ** 2
    reach = np.sqrt(away.max(axis=1))
    return np.log(n_steps) / (np.log(n_steps) + np.log(reach / length))
