"""Temporary."""

from typing import NamedTuple
import numpy as np
from auscultation.recordings.audio import read_sound
from auscultation.recordings.notebook import statistics
from auscultation.recordings.resample import RATE, to_4000

NAMES = ("Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av")


class Piece(NamedTuple):
    rows: np.ndarray
    samples: np.ndarray
    spans: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    five: np.ndarray


def hear(path, file, starts, ends, exact, families, problems):
    sound = read_sound(path, file)
    problems += sound.problems
    if sound.useless:
        return
    length = len(sound.samples) / sound.rate
    starts = np.nan_to_num(starts, nan=0.0)
    ends = np.nan_to_num(ends, nan=length)
    five = statistics(sound.samples, sound.rate, starts, ends, exact)
    signal = to_4000(sound.samples, sound.rate).astype(np.float32)
    spans = np.round(np.column_stack([starts, ends]) * RATE).astype(np.int64)
    yield Piece(
        np.arange(len(starts)),
        signal,
        spans,
        starts,
        ends,
        np.column_stack([five[n] for n in NAMES]),
    )
