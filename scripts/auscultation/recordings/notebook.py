"""The notebook's five statistics of each respiratory cycle, from the sound of its recording.

The sound, cut to 16 bits and resampled to 4000 Hz, is band-passed; each sample is replaced by the
mean of its block of 16 minus itself; and what is left is band-passed again. Of the samples of a cycle:
Var, the population's variance; Range, largest minus smallest; Coarse_Av and Fine_Av, sums over
windows of 4096 and 800 samples; Spectrum Av, the mean of Welch's power spectral density.
"""

import numpy as np

from auscultation.job.errors import InputError
from auscultation.recordings.bandpass import RATE, SHORTEST, band_pass

BLOCK = 16  # samples
LEVELS = 4  # of Haar's wavelet: 2^4 is a block
COARSE, FINE, PARTS = 4096, 800, 8
SEGMENT = 256  # samples of Welch's method
NAMES = ("Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av")


def cleaned(sound: np.ndarray, of: int = 0) -> np.ndarray:
    """Return the sound of which the statistics are, float64, shape (n,).

    `sound` are samples at 4000 Hz, cut to 16 bits: a recording, or a piece of it (`of`: of so many
    samples) that begins at a whole block. InputError for less than 1588 samples.
    """
    if len(sound) < SHORTEST:
        raise InputError(
            f"{len(sound)} samples at {RATE} Hz; the band-pass needs {SHORTEST} (0.4 s)"
        )
    filtered = band_pass(sound.astype(np.float32))
    return band_pass(smoothed(filtered, of) - filtered)


def smoothed(signal: np.ndarray, of: int = 0) -> np.ndarray:
    """Return what Haar's wavelet of four levels leaves of a signal above a threshold, shape (n,).

    The mean of each block of 16 (the last filled up with zeros), and the details above the minimax
    threshold, 0.3936 + 0.1829 log2(coefficients of all levels), less it times the level's noise.
    In a piece the coefficients are those of the recording, of `of` samples; the noise is its own.
    """
    n = len(signal)
    padded = np.pad(signal, (0, -n % BLOCK))
    made = np.repeat(padded.reshape(-1, BLOCK).mean(1), BLOCK)
    counts, every = _coefficients(n), _coefficients(max(n, of))
    threshold = 0.3936 + 0.1829 * np.log2(sum(every) + every[-1])
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


def _coefficients(n: int) -> list[int]:
    """Return the numbers of details by level, of n samples."""
    return [-(-n // (1 << level)) for level in range(1, LEVELS + 1)]


def statistics(
    sound: np.ndarray, starts: np.ndarray, ends: np.ndarray, first: int = 0
) -> np.ndarray:
    """Return the five statistics of each cycle.

    Parameters
    ----------
    sound
        From `cleaned`, shape (n,).
    starts, ends
        Of the cycles, s of the recording, shape (n_cycles,).
    first
        Which sample of the recording, at 4000 Hz, is the first.

    Returns
    -------
    np.ndarray
        float64, shape (n_cycles, 5), in the order of `NAMES`; Fine_Av is nan under 800 samples (0.2
        s), all are under 2.
    """
    times = np.arange(first, first + len(sound)) * (1 / RATE)
    begin, stop = np.searchsorted(times, starts, "left"), np.searchsorted(times, ends, "right")
    rows = [_of_cycle(sound[a:b]) for a, b in zip(begin, stop, strict=True)]
    return np.array(rows, np.float64).reshape(-1, len(NAMES))


def _of_cycle(cycle: np.ndarray) -> tuple[float, ...]:
    n = len(cycle)
    if n < 2:
        return (np.nan,) * len(NAMES)
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
