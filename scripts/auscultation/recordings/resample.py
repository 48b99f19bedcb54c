"""Sound at 4000 Hz by band-limited interpolation, as the notebook's statistics were made from.

A windowed sinc with 64 zero crossings, read from a table of 512 entries between two of them with
linear interpolation (Smith and Gossett 1984, A flexible sampling-rate conversion method, ICASSP). The
window is Kaiser's with beta 14.769656459379492, the cut-off 0.9475937167399596 of the lower rate's
half. To lower rates the table is read in steps of int(512 r), r = 4000 / rate, and scaled by r.
"""

from fractions import Fraction
from functools import lru_cache

import numpy as np

RATE = 4000  # Hz
CROSSINGS, ENTRIES = 64, 512
BETA, CUTOFF = 14.769656459379492, 0.9475937167399596
LARGEST = 4_000_000  # weights of all phases together, in memory


@lru_cache(maxsize=4)
def table(scale: float) -> np.ndarray:
    """Return the right half of the windowed sinc, shape (32769,), times `scale`."""
    n = CROSSINGS * ENTRIES
    half = CUTOFF * np.sinc(CUTOFF * np.linspace(0, CROSSINGS, n + 1))
    return half * np.kaiser(2 * n + 1, BETA)[n:] * scale


def heard(samples: np.ndarray) -> np.ndarray:
    """Return samples, -1 to 1, cut (not rounded) to 16 bits, float32, as the notebook's reader gave them."""
    return (np.clip(np.floor(32768 * samples), -32768, 32767) / 32768).astype(np.float32)


def to_4000(samples: np.ndarray, rate: int, exact: bool = False) -> np.ndarray:
    """Return sound at 4000 Hz.

    Parameters
    ----------
    samples
        Shape (n,).
    rate
        Of the samples, Hz; at 4000 they are returned as they are.
    exact
        To the last digit: tap after tap, each sum rounded to float32. Else in float64 sums, with one
        set of weights for each fraction of a sample.

    Returns
    -------
    np.ndarray
        Shape (ceil(n 4000 / rate),); float32 if exact, float64 else.
    """
    if rate == RATE:
        return samples
    made = _exact(samples, rate) if exact else _fast(samples, rate)
    ratio = RATE / rate
    return np.pad(made, (0, int(np.ceil(len(samples) * ratio)) - len(made)))


def _weights(fraction: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of x[n], x[n - 1], .. and of x[n + 1], x[n + 2], .. at n + fraction."""
    values = table(scale if scale < 1 else 1.0)
    deltas = np.append(np.diff(values), 0)
    step, wings = int(scale * ENTRIES), []
    for position in (scale * fraction * ENTRIES, scale * (1 - fraction) * ENTRIES):
        offset = int(position)
        at = offset + step * np.arange((len(values) - offset) // step)
        wings.append(values[at] + (position - offset) * deltas[at])
    return wings[0], wings[1]


def _fast(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the samples at 4000 Hz: phase by phase of the ratio, each a product of matrices."""
    ratio = Fraction(RATE, rate)
    step, phases = ratio.denominator, ratio.numerator  # input samples for so many outputs
    scale, n_out = min(1.0, RATE / rate), int(len(samples) * (RATE / rate))
    reach = CROSSINGS * ENTRIES // int(scale * ENTRIES) + 2
    blocks = -(-(2 * reach + step) // step)  # of `step` input samples, around a group of outputs
    groups = -(-n_out // phases)
    padded = np.zeros((groups + blocks) * step)
    padded[reach : reach + len(samples)] = samples[: len(padded) - reach]
    rows = padded.reshape(-1, step)
    many = max(1, LARGEST // (blocks * step))
    made = np.empty((groups, phases))
    for first in range(0, phases, many):
        some = range(first, min(first + many, phases))
        weights = np.zeros((blocks * step, len(some)))
        for column, phase in enumerate(some):
            n, rest = divmod(phase * step, phases)
            left, right = _weights(rest / phases, scale)
            at = reach + n
            weights[at - len(left) + 1 : at + 1, column] = left[::-1]
            weights[at + 1 : at + 1 + len(right), column] = right
        sums = np.zeros((groups, len(some)))
        for block in range(blocks):
            own = weights[block * step : (block + 1) * step]
            sums += rows[block : block + groups] @ own
        made[:, first : first + len(some)] = sums
    return made.ravel()[:n_out]


def _exact(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the samples at 4000 Hz, each sum in the notebook's order and rounding."""
    ratio = RATE / rate
    scale, n_out = min(1.0, ratio), int(len(samples) * ratio)
    values = table(scale if ratio < 1 else 1.0)
    deltas = np.append(np.diff(values), 0)
    step = int(scale * ENTRIES)
    times = np.concatenate([[0.0], np.cumsum(np.full(max(n_out - 1, 0), 1 / ratio))])[:n_out]
    n = times.astype(np.int64)
    fractions = scale * (times - n)
    reach = len(values) // step + 2
    padded = np.pad(samples.astype(np.float32), reach)
    made = np.zeros(n_out, dtype=np.float32)
    for position, direction, start in (
        (fractions * ENTRIES, -1, n),
        ((scale - fractions) * ENTRIES, 1, n + 1),
    ):
        offset = position.astype(np.int64)
        rest = position - offset
        taps = (len(values) - offset) // step
        for tap in range(int(taps.max(initial=0))):
            at = np.minimum(offset + tap * step, len(values) - 1)
            weight = np.where(tap < taps, values[at] + rest * deltas[at], 0.0)
            made = (made + weight * padded[start + direction * tap + reach]).astype(np.float32)
    return made
