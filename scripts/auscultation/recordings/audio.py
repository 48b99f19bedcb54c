"""Read the sound of a recording, and say what is wrong with it.

Checks: `file` (not readable, cut short, no samples), `finite` (NaN or infinity), `channel` (one of
several is silent) and `short` make a recording useless; `rate`, `lossy`, `channels`, `clipped` and
`silent` leave it in doubt.
"""

import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from auscultation.recordings.bandpass import SHORTEST
from auscultation.recordings.problems import Problem
from auscultation.recordings.resample import RATE

LOWEST = 3600  # Hz; below it the families give numbers that mean something else
LOWEST_OF_ALL = 1000  # Hz, for the notebook's statistics
BLOCK = 1 << 18  # frames read at a time
LOSSY = ("MP3", "OGG", "OPUS")
MOST_CLIPPED = 0.01  # share of the samples at the limit
LIMIT = 1 - 2.0**-15  # of samples from -1 to 1
USELESS = ("file", "finite", "channel", "short")
TOO_LONG = 0xFFFFFFFF  # what a program writes that does not know the length


class Sound(NamedTuple):
    """A recording: the mean of its channels, shape (n,), float64, its rate in Hz, and its problems.

    `samples` is empty where a problem makes it useless.
    """

    samples: np.ndarray
    rate: int
    problems: list[Problem]

    @property
    def useless(self) -> bool:
        """Return whether nothing can be computed of it."""
        return any(problem.check in USELESS for problem in self.problems)


def read_sound(path: str | os.PathLike, file: str | None = None) -> Sound:
    """Return the sound of a file that libsndfile reads; `file` is its name in problems."""
    name = str(path) if file is None else file
    if why := not_sound(path):
        return Sound(np.empty(0), 0, [Problem("file", name, "", why)])
    try:
        with soundfile.SoundFile(path) as opened:
            return _read(opened, name)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        why = f"not readable as sound: {getattr(error, 'error_string', error)}"
        return Sound(np.empty(0), 0, [Problem("file", name, "", why)])


def not_sound(path: str | os.PathLike) -> str:
    """Return why a file cannot be read before it is tried; nothing where it can be tried."""
    if Path(path).is_dir():
        return "a folder, not a sound"
    size = os.path.getsize(path)
    with open(path, "rb") as opened:
        head = opened.read(12)
    if not size:
        return "an empty file"
    if head[4:8] == b"ftyp":
        return "sound as .m4a or .mp4, which is not read; convert it to .wav or .flac"
    if head.lstrip()[:1] == b"<":
        return "a web page, not a sound; download the file itself"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return cut_short(path, size)
    return ""


def cut_short(path: str | os.PathLike, size: int) -> str:
    """Return that a .wav ends before its samples do, which libsndfile does not say."""
    with open(path, "rb") as file:
        at = 12
        while at + 8 <= size:
            file.seek(at)
            kind, length = struct.unpack("<4sI", file.read(8))
            there = size - at - 8
            if kind == b"data":
                if length in (0, TOO_LONG):
                    return "" if there else "no samples"
                missing = length - there
                if missing > 1:  # an odd one may lack the byte that fills it up
                    return f"cut short: {missing:,} of {length:,} bytes of sound are missing"
                return ""
            at += 8 + length + length % 2
    return "no samples: the file ends within its header"


def _read(opened: soundfile.SoundFile, name: str) -> Sound:
    rate, channels, problems = opened.samplerate, opened.channels, []

    def add(check: str, message: str, where: str = "") -> None:
        problems.append(Problem(check, name, where, message))

    if rate < LOWEST_OF_ALL:
        add("file", f"{rate} Hz; a recording needs {LOWEST_OF_ALL} Hz or more")
        return Sound(np.empty(0), rate, problems)
    if rate < LOWEST:
        add("rate", f"{rate} Hz: what is above {rate / 2:g} Hz is not heard, where crackles are")
    if opened.format in LOSSY or opened.subtype in ("MPEG_LAYER_III", "VORBIS", "OPUS"):
        add(
            "lossy",
            f"{opened.format} leaves out what it takes for unheard; better is .wav or .flac",
        )
    if channels > 1:
        add("channels", f"{channels} channels: their mean is taken")
    parts, loudest, clipped, first = [], np.zeros(channels), 0, 0
    for block in opened.blocks(BLOCK, dtype="float64", always_2d=True):
        wrong = np.argwhere(~np.isfinite(block))
        if len(wrong):
            at = first + int(wrong[0, 0])
            add("finite", "a sample that is no finite number", f"sample {at}, {at / rate:.3f} s")
            return Sound(np.empty(0), rate, problems)
        sizes = np.abs(block)
        loudest = np.maximum(loudest, sizes.max(0))
        clipped += int((sizes >= LIMIT).any(1).sum())
        parts.append(block.mean(1))
        first += len(block)
    if first * RATE < SHORTEST * rate:
        add("short" if first else "file", short_of(first, rate))
        return Sound(np.empty(0), rate, problems)
    if not loudest.any():
        add("silent", "silence: every sample is 0")
    elif not loudest.all():
        silent = ", ".join(str(n + 1) for n in np.flatnonzero(loudest == 0))
        add("channel", f"channel {silent} of {channels} is silent; keep the other one alone")
    if clipped > MOST_CLIPPED * first:
        add("clipped", f"{100 * clipped / first:.1f} % of the samples are at the limit: clipped")
    return Sound(np.concatenate(parts), rate, problems)


def short_of(n: int, rate: int) -> str:
    """Return that so many samples are too few."""
    if not n:
        return "no samples"
    return f"{n / rate:.3f} s; a recording needs {SHORTEST / RATE:.3f} s"
