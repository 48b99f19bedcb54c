"""The cycles of a recording as sound at 4000 Hz, in pieces, with the notebook's five statistics.

A recording is one piece, or, above 10 minutes or 16 million samples, several: cycles that follow
each other, with 1 s or more on either side, which is more than what the filters look at. A piece
begins at a whole block of 16 samples at 4000 Hz, so that it gives what the whole would.

Checks, beside those of `audio`: `end` (a cycle cut where the recording ends), `past` (beyond it),
`order` (no samples), `long` (more than is kept at once) and `fine` (too short for Fine_Av). A cycle
that is past, out of order or long is in no piece.
"""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import soundfile

from auscultation.recordings.audio import (
    LOWEST,
    LOWEST_OF_ALL,
    Sound,
    most_samples,
    read_part,
    read_sound,
)
from auscultation.recordings.notebook import BLOCK, FINE, NAMES, cleaned, statistics
from auscultation.recordings.problems import Problem
from auscultation.recordings.resample import RATE, heard, to_4000, unit_of

SLACK = 0.1  # s that a cycle may lie beyond the recording
PIECE = 300  # s that the cycles of a piece span, of a recording in several
MARGIN = 1  # s beside them; the filters look at 0.3 s


class Piece(NamedTuple):
    """A part of a recording that whole cycles lie in, at 4000 Hz.

    `rows` (n_cycles,), int64: which cycles; `samples` (n,), float32, all bits kept; `spans`
    (n_cycles, 2), int64: begin and end in `samples`; `starts`, `ends` (n_cycles,): s of the
    recording; `five` (n_cycles, 5), float64: the statistics in the order of `notebook.NAMES`.
    """

    rows: np.ndarray
    samples: np.ndarray
    spans: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    five: np.ndarray


class _Cycles(NamedTuple):
    """Some of the cycles: which, and their times in s, each of shape (n_cycles,)."""

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def take(self, which: np.ndarray) -> "_Cycles":
        """Return some of them, by a mask or positions."""
        return _Cycles(*(values[which] for values in self))


def hear(
    path: str | os.PathLike,
    file: str,
    starts: Sequence[float | None] | np.ndarray,
    ends: Sequence[float | None] | np.ndarray,
    exact: bool,
    families: bool,
    problems: list[Problem],
) -> Iterator[Piece]:
    """Yield the pieces of a recording; none where it is useless.

    Parameters
    ----------
    path, file
        The sound, and its name in problems.
    starts, ends
        Of the cycles, s, shape (n_cycles,); None or nan: of the recording.
    exact
        The statistics to the notebook's last digits.
    families
        Whether the families will be computed, which needs 3600 Hz.
    problems
        What is wrong is appended.
    """
    sound = read_sound(path, file, LOWEST if families else LOWEST_OF_ALL, whole=False)
    problems += sound.problems
    if sound.useless:
        return
    cycles = _Cycles(np.arange(len(starts)), np.array(starts, float), np.array(ends, float))
    cycles = _usable(cycles, sound.length, sound.rate, file, problems)
    for part, first, some in _parts(path, sound, cycles):
        piece = _piece(part, first, sound, some, exact)
        for at in np.flatnonzero(np.isnan(piece.five[:, NAMES.index("Fine_Av")])):
            where = _where(piece.starts[at], piece.ends[at])
            message = f"less than {FINE} samples at {RATE} Hz: Fine_Av is blank"
            problems.append(Problem("fine", file, where, message))
        yield piece


def _usable(cycles: _Cycles, n: int, rate: int, file: str, problems: list[Problem]) -> _Cycles:
    """Return the cycles that can be used of a recording of n samples, their times filled and cut."""
    length, longest = n / rate, most_samples(rate) / rate
    starts = np.where(np.isnan(cycles.starts), 0, cycles.starts)
    ends = np.where(np.isnan(cycles.ends), length, cycles.ends)
    cut = np.clip(starts, 0, None), np.minimum(ends, length)
    # both are samples i / 4000 with start <= i / 4000 <= end
    counts = np.floor(cut[1] * RATE) - np.ceil(cut[0] * RATE) + 1
    keep = np.ones(len(starts), bool)
    beyond = f"the recording, from 0 to {length:g} s"
    for row, (start, end, count) in enumerate(zip(starts, ends, counts, strict=True)):
        where, check = _where(start, end), ""
        if start >= end:
            check, message = "order", "it ends where it starts, or before; correct its annotation"
        elif start < -SLACK or end > length + SLACK or cut[0][row] >= cut[1][row]:
            check, message = "past", f"it is not within {beyond}; correct its annotation"
        elif count < 2:
            check = "order"
            message = f"it has less than 2 samples at {RATE} Hz; correct its annotation"
        elif cut[1][row] - cut[0][row] > longest:
            check = "long"
            message = (
                f"it has {(end - start) / 60:.1f} min, more than {longest / 60:.1f} min at {rate} Hz; "
                "annotate shorter cycles, or cut the recording into shorter ones"
            )
        if check:
            keep[row] = False
            problems.append(Problem(check, file, where, message))
            continue
        if start < 0 or end > length:
            problems.append(Problem("end", file, where, f"it was cut to what lies within {beyond}"))
    return _Cycles(cycles.rows, *cut).take(keep)


def _where(start: float, end: float) -> str:
    """Return how a cycle is called in problems."""
    return f"cycle from {start:g} to {end:g} s"


def _parts(
    path: str | os.PathLike, sound: Sound, cycles: _Cycles
) -> Iterator[tuple[np.ndarray, int, _Cycles]]:
    """Yield parts of a recording: samples, which of all is their first, and the cycles in them."""
    if len(sound.samples) and len(cycles.rows):
        yield sound.samples, 0, cycles
    if len(sound.samples) or not len(cycles.rows):
        return
    with soundfile.SoundFile(path) as opened:
        for some in _groups(cycles, min(PIECE, most_samples(sound.rate) / sound.rate)):
            first, last = _bounds(some, sound.rate, sound.length)
            yield read_part(opened, first, last), first, some


def _groups(cycles: _Cycles, most: float) -> Iterator[_Cycles]:
    """Yield cycles that follow each other and span at most so many seconds, or one that is longer."""
    order = np.argsort(cycles.starts, kind="stable")
    some: list[int] = []
    for at in order.tolist():
        if some and max(cycles.ends[at], cycles.ends[some].max()) - cycles.starts[some[0]] > most:
            yield cycles.take(np.array(some))
            some = []
        some.append(at)
    if some:
        yield cycles.take(np.array(some))


def _bounds(cycles: _Cycles, rate: int, length: int) -> tuple[int, int]:
    """Return the first sample of a piece and the one behind it, of a recording of `length`."""
    unit = unit_of(rate, BLOCK)
    first = max(int((cycles.starts.min() - MARGIN) * rate), 0) // unit * unit
    last = min(int(np.ceil((cycles.ends.max() + MARGIN) * rate)), length)
    return first, last


def _piece(part: np.ndarray, first: int, whole: Sound, cycles: _Cycles, exact: bool) -> Piece:
    """Return the piece of some cycles from the samples they lie in, which are overwritten.

    `first` is which sample of the whole recording is the first of these.
    """
    cut, rate = heard(part), whole.rate
    notebooks = to_4000(cut, rate, exact, first)
    if exact:
        samples = to_4000(part, rate, first=first)
    else:  # the bits that were cut, which are none of 16 bits in one channel, are added again
        rest = np.subtract(part, cut, out=part)
        samples = notebooks
        if rest.any():
            samples = notebooks + to_4000(rest, rate, first=first, kind=np.float32)
    del cut
    begin = first * RATE // rate
    sound = cleaned(notebooks, int(np.ceil(whole.length * (RATE / rate))))
    five = statistics(sound, cycles.starts, cycles.ends, begin)
    spans = np.rint(np.column_stack([cycles.starts, cycles.ends]) * RATE).astype(np.int64) - begin
    spans = spans.clip(0, len(samples))
    return Piece(cycles.rows, samples.astype(np.float32), spans, cycles.starts, cycles.ends, five)
