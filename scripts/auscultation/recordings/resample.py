"""Sound at 4000 Hz by band-limited interpolation, as the notebook's statistics were made from.

A windowed sinc with 64 zero crossings, read from a table of 512 entries between two of them with
linear interpolation (Smith and Gossett 1984, A flexible sampling-rate conversion method, ICASSP). The
window is Kaiser's with beta 14.769656459379492, the cut-off 0.9475937167399596 of the lower rate's
half. To lower rates the table is read in steps of int(512 r), r = 4000 / rate, and scaled by r.
"""

from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import NamedTuple

import numpy as np

RATE = 4000  # Hz
CROSSINGS, ENTRIES = 64, 512
BETA, CUTOFF = 14.769656459379492, 0.9475937167399596
MOST_PHASES = 500  # distinct fractions of a sample with a set of weights each
BLOCK = 1 << 17  # samples at a time, which keeps memory small
CHUNK = 1 << 14  # samples at 4000 Hz at a time


class Kernel(NamedTuple):
    """The right half of the windowed sinc, shape (32769,), its differences, and how both are read.

    `scale` is the lower rate by the rate of the samples, at most 1; `step` the entries from one
    sample to the next; `reach` the samples on either side that an output looks at, at most.
    """

    values: np.ndarray
    differences: np.ndarray
    scale: float
    step: int
    reach: int


@lru_cache(maxsize=4)
def kernel_of(rate: int) -> Kernel:
    """Return the kernel for samples of a rate in Hz."""
    n, scale = CROSSINGS * ENTRIES, min(1.0, RATE / rate)
    half = CUTOFF * np.sinc(CUTOFF * np.linspace(0, CROSSINGS, n + 1))
    values = half * np.kaiser(2 * n + 1, BETA)[n:] * scale
    step = int(scale * ENTRIES)
    return Kernel(values, np.append(np.diff(values), 0), scale, step, n // step + 2)


def heard(samples: np.ndarray) -> np.ndarray:
    """Return samples, -1 to 1, cut (not rounded) to 16 bits, float32, as the notebook's reader gave them."""
    made = np.empty(len(samples), np.float32)
    for first in range(0, len(samples), BLOCK):
        some = np.floor(32768.0 * samples[first : first + BLOCK])
        made[first : first + BLOCK] = np.clip(some, -32768, 32767, out=some) / 32768
    return made


def to_4000(
    samples: np.ndarray,
    rate: int,
    exact: bool = False,
    first: int = 0,
    kind: type[np.floating] = np.float64,
) -> np.ndarray:
    """Return sound at 4000 Hz.

    Parameters
    ----------
    samples
        Shape (n,): a recording, or a piece of it; beyond them all is taken for 0.
    rate
        Of the samples, Hz; at 4000 they are returned as they are.
    exact
        To the last digit: tap after tap, each sum rounded to float32. Else in sums of `kind`, with
        one set of weights for each fraction of a sample.
    first
        Which sample of the recording is the piece's first, a multiple of `unit_of(rate)`.
    kind
        float64, or float32, which takes half as long.

    Returns
    -------
    np.ndarray
        Shape (ceil(n 4000 / rate),); float32 if exact, else `kind`.
    """
    if rate == RATE:
        return samples
    before, length = first * RATE // rate, (first + len(samples)) * (RATE / rate)
    made = np.zeros(int(np.ceil(length)) - before, np.float32 if exact else kind)
    times = _times(before, int(length) - before, 1 / (RATE / rate)) - first
    if exact or RATE // gcd(rate, RATE) > MOST_PHASES:
        _tap_by_tap(samples, times, kernel_of(rate), made)
    else:
        _phase_by_phase(samples, times, rate, made[: len(times)])
    return made


def unit_of(rate: int, block: int = 1) -> int:
    """Return the fewest samples that are a whole number of blocks of samples at 4000 Hz."""
    return block * rate // gcd(block * rate, RATE)


def _times(first: int, n: int, step: float) -> np.ndarray:
    """Return times of outputs, in samples, from an output's number on, shape (n,).

    A running sum over the recording: a whole number may come out just below itself.
    """
    time = -step
    for begin in range(0, first, BLOCK):
        some = np.full(min(BLOCK, first - begin), step)
        some[0] += time
        time = np.cumsum(some)[-1]
    times = np.full(n, step)
    times[:1] += time
    return np.cumsum(times, out=times)


def _piece(
    samples: np.ndarray, first: int, length: int, kind: type[np.floating] = np.float64
) -> np.ndarray:
    """Return samples from a number on, which may be negative; 0 outside the recording."""
    made = np.zeros(length, kind)
    inside = samples[max(first, 0) : max(first + length, 0)]
    begin = max(-first, 0)
    made[begin : begin + len(inside)] = inside
    return made


def _wing(kernel: Kernel, position: float) -> np.ndarray:
    """Return the weights of the samples to one side, the first at a position in the table."""
    offset = int(position)
    at = offset + kernel.step * np.arange((len(kernel.values) - offset) // kernel.step)
    return kernel.values[at] + (position - offset) * kernel.differences[at]


def _phase_by_phase(samples: np.ndarray, times: np.ndarray, rate: int, made: np.ndarray) -> None:
    """Write the samples at 4000 Hz by groups of outputs, each a product of matrices."""
    kernel, ratio = kernel_of(rate), Fraction(rate, RATE)
    size, phases = ratio.numerator, ratio.denominator  # of a group, at the two rates
    reach = kernel.reach
    blocks = -(-(2 * reach + size) // size)  # of `size` samples, around a group
    kind = made.dtype.type
    weights = np.zeros((blocks * size, phases + 1), kind)
    # the last sample and the fraction after it of each output of a group, exactly timed; then those
    # of the group's first output where the running sum is just below a whole number
    places = [(phase * size // phases, float(phase * ratio % 1)) for phase in range(phases)]
    for column, (n, fraction) in enumerate([*places, (-1, 1.0)]):
        position = kernel.scale * fraction * ENTRIES
        left, right = _wing(kernel, position), _wing(kernel, kernel.scale * ENTRIES - position)
        at = reach + n
        weights[at - len(left) + 1 : at + 1, column] = left[::-1]
        weights[at + 1 : at + 1 + len(right), column] = right
    groups = -(-len(times) // phases)
    late = times[::phases] < size * np.arange(groups)
    many = max(1, BLOCK // size)
    for first in range(0, groups, many):
        some = min(many, groups - first)
        rows = _piece(samples, first * size - reach, (some + blocks) * size, kind)
        rows = rows.reshape(-1, size)
        sums = np.zeros((some, phases + 1), kind)
        for block in range(blocks):
            sums += rows[block : block + some] @ weights[block * size : (block + 1) * size]
        sums[:, 0] = np.where(late[first : first + some], sums[:, -1], sums[:, 0])
        part = made[first * phases : (first + some) * phases]
        part[:] = sums[:, :-1].ravel()[: len(part)]


def _tap_by_tap(samples: np.ndarray, times: np.ndarray, kernel: Kernel, made: np.ndarray) -> None:
    """Write the samples at 4000 Hz, each sum in the notebook's order, rounded to the type of `made`."""
    for first in range(0, len(times), CHUNK):
        some = times[first : first + CHUNK]
        n = some.astype(np.intp)
        fractions = kernel.scale * (some - n)
        begin = int(n[0]) - kernel.reach
        piece = _piece(samples, begin, int(n[-1]) - begin + kernel.reach + 2)
        n -= begin
        sums = made[first : first + len(some)]
        _add_wing(sums, piece, n, -1, fractions * ENTRIES, kernel)
        _add_wing(sums, piece, n + 1, 1, (kernel.scale - fractions) * ENTRIES, kernel)


def _add_wing(
    sums: np.ndarray,
    piece: np.ndarray,
    at: np.ndarray,
    direction: int,
    position: np.ndarray,
    kernel: Kernel,
) -> None:
    """Add the samples at `at` and beyond on one side to the sums, a tap of all outputs at a time."""
    entry = position.astype(np.intp)
    rest = position - entry
    taps = (len(kernel.values) - entry) // kernel.step
    fewest = int(taps.min())
    weights, others = np.empty(len(sums)), np.empty(len(sums))
    at = at.copy()
    for tap in range(int(taps.max())):
        np.take(kernel.values, entry, out=weights, mode="clip")
        np.take(kernel.differences, entry, out=others, mode="clip")
        others *= rest
        weights += others
        if tap >= fewest:
            weights[taps <= tap] = 0
        np.take(piece, at, out=others, mode="clip")
        weights *= others
        weights += sums
        sums[:] = weights
        entry += kernel.step
        at += direction
