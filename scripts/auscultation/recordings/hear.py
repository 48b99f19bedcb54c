"""The cycles of a recording as sound at 4000 Hz, in pieces, with the notebook's five statistics.

Checks, beside those of `audio`: `end` (a cycle cut at the recording's end), `past` (one beyond it),
`order` (one without samples), `fine` (one too short for Fine_Av).
"""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from auscultation.recordings.audio import read_sound
from auscultation.recordings.notebook import NAMES, statistics
from auscultation.recordings.problems import Problem
from auscultation.recordings.resample import RATE, to_4000

SLACK = 0.1  # s that a cycle may lie beyond the recording


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
    sound = read_sound(path, file)
    problems += sound.problems
    if sound.useless:
        return
    starts, ends = np.array(starts, np.float64), np.array(ends, np.float64)
    length = len(sound.samples) / sound.rate
    starts[np.isnan(starts)], ends[np.isnan(ends)] = 0, length
    ends = np.minimum(ends, length)
    rows = np.flatnonzero(starts < ends)
    starts, ends = starts[rows], ends[rows]
    made = statistics(sound.samples, sound.rate, starts, ends, exact)
    samples = to_4000(sound.samples, sound.rate).astype(np.float32)
    spans = np.rint(np.column_stack([starts, ends]) * RATE).astype(np.int64)
    five = np.column_stack([made[name] for name in NAMES])
    yield Piece(rows, samples, spans.clip(0, len(samples)), starts, ends, five)
