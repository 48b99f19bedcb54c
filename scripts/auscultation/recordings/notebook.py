"""The notebook's five statistics of each respiratory cycle, from the sound of its recording.

The sound, cut to 16 bits and resampled to 4000 Hz, is band-passed; each sample is replaced by the
mean of its block of 16 minus itself; and what is left is band-passed again. Of the samples of a cycle:
Var, the population's variance; Range, largest minus smallest; Coarse_Av and Fine_Av, sums over
windows of 4096 and 800 samples; Spectrum Av, the mean of Welch's power spectral density.
"""

import numpy as np

from auscultation.job.errors import InputError
from auscultation.recordings.bandpass import RATE, SHORTEST, band_pass
from auscultation.recordings.resample import heard, to_4000

BLOCK = 16  # samples
LEVELS = 4  # of Haar's wavelet: 2^4 is a block
COARSE, FINE, PARTS = 4096, 800, 8
SEGMENT = 256  # samples of Welch's method
NAMES = ("Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av")


def cleaned(samples: np.ndarray, rate: int, exact: bool = False) -> np.ndarray:
    """Return the sound of which the statistics are, at 4000 Hz, float64.

    InputError for a recording of less than 1588 samples at 4000 Hz.
    """
    sound = to_4000(heard(samples), rate, exact).astype(np.float32)
    if len(sound) < SHORTEST:
        raise InputError(
            f"{len(sound)} samples at {RATE} Hz; the band-pass needs {SHORTEST} (0.4 s)"
        )
    filtered = band_pass(sound)
    return band_pass(smoothed(filtered) - filtered)


def smoothed(signal: np.ndarray) -> np.ndarray:
    """Return what Haar's wavelet of four levels leaves of a signal above a threshold, shape (n,).

    The mean of each block of 16 (the last filled up with zeros), and the details above the minimax
    threshold, 0.3936 + 0.1829 log2(coefficients of all levels), less it times the level's noise.
    """
    n = len(signal)
    padded = np.pad(signal, (0, -n % BLOCK))
    made = np.repeat(padded.reshape(-1, BLOCK).mean(1), BLOCK)
    counts = [-(-n // (1 << level)) for level in range(1, LEVELS + 1)]
    threshold = 0.3936 + 0.1829 * np.log2(sum(counts) + counts[-1])
    loudest = np.abs(signal).max()
    for level, count in enumerate(counts, 1):
        width = 1 << level
        if np.sqrt(width) * loudest < threshold:  # no detail is larger
            continue
        halves = padded.reshape(-1, 2, width // 2).sum(2)
        details = (halves[:count, 0] - halves[:count, 1]) / np.sqrt(width)
        large = np.flatnonzero(np.abs(details) >= threshold)
        if len(large):
            noise = np.median(np.abs(details)) / 0.6745
            sizes = np.abs(details[large]) - threshold * noise
            step = np.sign(details[large]) * sizes / np.sqrt(width)
            parts = made.reshape(-1, 2, width // 2)
            parts[large, 0] += step[:, None]
            parts[large, 1] -= step[:, None]
    return made[:n]


def statistics(
    samples: np.ndarray, rate: int, starts: np.ndarray, ends: np.ndarray, exact: bool = False
) -> dict[str, np.ndarray]:
    """Return the five statistics of each cycle.

    Parameters
    ----------
    samples, rate
        The whole recording, shape (n,), -1 to 1, and its rate in Hz.
    starts, ends
        Of the cycles, s, shape (cycles,).
    exact
        To the last digits of the notebook's own (resampling then takes 40 times as long); else to 3e-5 or better.

    Returns
    -------
    dict
        By name, float64, shape (cycles,); Fine_Av is nan under 800 samples (0.2 s).

    Raises
    ------
    InputError
        Where the recording is too short, or a cycle has no sample of it.
    """
    sound = cleaned(samples, rate, exact)
    times = np.arange(len(sound)) * (1 / RATE)
    first, last = np.searchsorted(times, starts, "left"), np.searchsorted(times, ends, "right")
    for number in np.flatnonzero(first >= last)[:1]:
        raise InputError(
            f"the cycle from {starts[number]:g} to {ends[number]:g} s is not within the recording, "
            f"which ends at {len(sound) / RATE:g} s; correct its annotation"
        )
    rows = [_of_cycle(sound[a:b]) for a, b in zip(first, last, strict=True)]
    return dict(zip(NAMES, np.array(rows).reshape(-1, len(NAMES)).T, strict=True))


def _of_cycle(cycle: np.ndarray) -> tuple[float, float, float, float, float]:
    n = len(cycle)
    whole = n // COARSE
    coarse = cycle[: whole * COARSE].sum() / whole if whole else cycle.sum()
    fine = np.nan
    if n >= FINE:
        fine = cycle[:FINE].sum() / PARTS if n > FINE else -np.inf
        if n % FINE == 0:
            fine = max(fine, cycle[-FINE:].sum() / PARTS)
    return cycle.var(), np.ptp(cycle), coarse, fine, density(cycle).mean()


def density(cycle: np.ndarray) -> np.ndarray:
    """Return Welch's one-sided power spectral density: Hann's window, half overlap, mean removed."""
    size = min(SEGMENT, len(cycle))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    step = size - size // 2
    parts = np.lib.stride_tricks.sliding_window_view(cycle, size)[::step]
    parts = (parts - parts.mean(1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(parts)) ** 2 / (RATE * (window**2).sum())
    power[:, 1 : -1 if size % 2 == 0 else None] *= 2
    return power.mean(0)
