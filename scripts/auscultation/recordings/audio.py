"""Read the sound of a recording, and say what is wrong with it.

Checks: `file` (not readable, cut short, no samples), `finite` (NaN or infinity), `channel` (one of
several is silent), `short` and `rate` make a recording useless; `slow`, `lossy`, `channels`, `clipped`
and `silent` leave it in doubt.
"""

import os
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import soundfile

from auscultation.recordings.bandpass import SHORTEST
from auscultation.recordings.container import cut_short
from auscultation.recordings.problems import Problem
from auscultation.recordings.resample import RATE

LOWEST = 3600  # Hz; below it the families give numbers that mean something else
LOWEST_OF_ALL = 1000  # Hz, for the notebook's statistics
LONGEST = 600  # s kept at once, and at most so many samples: a job's memory stays below 500 MB
MOST_SAMPLES = 16_000_000  # 6 min at 44.1 kHz
BLOCK = 1 << 16  # frames read at a time
LOSSY = ("MP3", "OGG", "OPUS")
LOSSY_CODES = ("MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III", "VORBIS", "OPUS")
MOST_CLIPPED = 0.01  # share of the samples at the limit
# the largest value of codes with few values, where not that of 16 bits
LIMITS = {"PCM_U8": 127 / 128, "PCM_S8": 127 / 128, "ULAW": 32124 / 32768, "ALAW": 32256 / 32768}
LIMIT = 1 - 2.0**-15
USELESS = ("file", "finite", "channel", "short", "rate")
HEADS = {  # how files begin that are often taken for sound
    b"<": "a web page, not a sound; download the file itself",
    b"version https://git-lfs": "a pointer of Git LFS, not a sound; fetch it with `git lfs pull`",
}


class Sound(NamedTuple):
    """A recording: the mean of its channels, shape (n,), float64, its rate in Hz, and its problems.

    `samples` is empty where a problem makes it useless, or where it is longer than was to be kept;
    `length` is n in either case but the first.
    """

    samples: np.ndarray
    rate: int
    length: int
    problems: list[Problem]

    @property
    def useless(self) -> bool:
        """Return whether nothing can be computed of it."""
        return any(problem.check in USELESS for problem in self.problems)


class _Levels:
    """The highest and lowest sample of each channel so far, and how many frames are at the limit."""

    def __init__(self, channels: int, limit: float) -> None:
        self.limit, self.clipped, self.cancelled = limit, 0, True
        self.high, self.low = np.full(channels, -np.inf), np.full(channels, np.inf)

    def add(self, block: np.ndarray, mean: np.ndarray) -> bool:
        """Return whether all of a block, shape (channels, n), is finite, and take it in."""
        high, low = block.max(1), block.min(1)
        if not (np.isfinite(high) & np.isfinite(low)).all():
            return False
        self.high, self.low = np.maximum(self.high, high), np.minimum(self.low, low)
        self.cancelled = self.cancelled and not mean.any()
        if max(high.max(), -low.min()) >= self.limit:
            self.clipped += int((np.abs(block) >= self.limit).any(0).sum())
        return True


def read_sound(
    path: str | os.PathLike,
    file: str | None = None,
    lowest: int = LOWEST_OF_ALL,
    whole: bool = True,
) -> Sound:
    """Return the sound of a file that libsndfile reads.

    Parameters
    ----------
    path, file
        The sound, and its name in problems.
    lowest
        Hz below which it is useless.
    whole
        Whether to keep the samples of a recording longer than `most_samples`.
    """
    name = os.fspath(path) if file is None else file
    if why := not_sound(path):
        return _nothing("file", name, why)
    try:
        with soundfile.SoundFile(path) as opened:
            if unfit := _unfit(opened, lowest):
                return _nothing(unfit[0], name, unfit[1])
            keep = whole or opened.frames <= most_samples(opened.samplerate)
            return _read(opened, name, keep)
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        why = str(getattr(error, "error_string", error)).rstrip(".")
        advice = "if it plays elsewhere, convert it to .wav or .flac, else copy it again"
        return _nothing("file", name, f"damaged, cut short, or no sound ({why}); {advice}")


def most_samples(rate: int) -> int:
    """Return how many samples of a rate in Hz are kept at once."""
    return min(LONGEST * rate, MOST_SAMPLES)


def read_part(opened: soundfile.SoundFile, first: int, last: int) -> np.ndarray:
    """Return the mean of the channels of the samples [first, last) of a sound, float64."""
    opened.seek(first)
    samples = np.empty(last - first)
    for begin in range(0, len(samples), BLOCK):
        _read_block(opened, samples[begin : begin + BLOCK])
    return samples


def _read_block(opened: soundfile.SoundFile, mean: np.ndarray) -> np.ndarray:
    """Return the next samples, shape (channels, n), and write the mean of the channels to `mean`."""
    if opened.channels == 1:
        return opened.read(out=mean)[None]
    block = opened.read(len(mean), dtype="float64", always_2d=True).T
    block.mean(0, out=mean[: block.shape[1]])
    return block


def not_sound(path: str | os.PathLike) -> str:
    """Return why a file cannot be read before it is tried; nothing where it can be tried."""
    if os.path.isdir(path):
        return "a folder, not a sound"
    try:
        with open(path, "rb") as opened:
            head = opened.read(64)
    except FileNotFoundError:
        return "no such file"
    if not head:
        return "an empty file"
    if head[4:8] == b"ftyp":
        return "sound as .m4a or .mp4, which is not read; convert it to .wav or .flac"
    for begin, why in HEADS.items():
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(begin):
            return why
    if missing := cut_short(path):
        return f"cut short: {missing}; copy or download it again"
    return ""


def _nothing(check: str, name: str, message: str, where: str = "") -> Sound:
    """Return a recording of which nothing can be used, with its problem."""
    return Sound(np.empty(0), 0, 0, [Problem(check, name, where, message)])


def _read(opened: soundfile.SoundFile, name: str, keep: bool) -> Sound:
    """Return the sound of an opened file, read block by block; without its samples if not to keep."""
    rate, channels, n, first = opened.samplerate, opened.channels, opened.frames, 0
    samples = np.empty(n if keep else min(n, BLOCK))
    levels = _Levels(channels, LIMITS.get(opened.subtype, LIMIT))
    while first < n:
        part = samples[first : first + BLOCK] if keep else samples[: n - first]
        block = _read_block(opened, part)
        if block.shape[1] == 0:
            break
        if not levels.add(block, part[: block.shape[1]]):
            at, channel = (int(index) for index in np.argwhere(~np.isfinite(block.T))[0])
            at += first
            where = f"sample {at}, {at / rate:.3f} s" + f", channel {channel + 1}" * (channels > 1)
            message = "a sample that is no finite number (NaN or infinity); export the sound again"
            return _nothing("finite", name, message, where)
        first += block.shape[1]
    if first < n:
        return _nothing("file", name, f"damaged: {n - first:,} of {n:,} samples cannot be read")
    checks = chain(_doubts(opened), _faults(n, levels))
    problems = [Problem(check, name, "", message) for check, message in checks]
    return Sound(samples if keep else np.empty(0), rate, n, problems)


def _unfit(opened: soundfile.SoundFile, lowest: int) -> tuple[str, str] | None:
    """Return which check a sound fails before its samples are read, and how; None where none."""
    rate, n = opened.samplerate, opened.frames
    if n == 0:
        return "file", "no samples"
    if rate < lowest:
        whose = "the families of features need" if lowest > LOWEST_OF_ALL else "a recording needs"
        return "rate", f"{rate} Hz; {whose} {lowest} Hz or more"
    if n * RATE <= (SHORTEST - 1) * rate:
        return "short", f"{n / rate:.3f} s; a recording needs {SHORTEST / RATE:.3f} s"
    return None


def _doubts(opened: soundfile.SoundFile) -> Iterator[tuple[str, str]]:
    """Yield check and message of what a file's format leaves in doubt."""
    rate = opened.samplerate
    if rate < LOWEST:
        yield "slow", f"{rate} Hz: what is above {rate / 2:g} Hz is not heard, where crackles are"
    if opened.format in LOSSY or opened.subtype in LOSSY_CODES:
        kind = f"{opened.format} leaves out what it takes for unheard"
        yield "lossy", f"{kind}; better use the .wav or .flac it was made from"
    if opened.channels > 1:
        yield "channels", f"{opened.channels} channels: their mean is taken"


def _faults(n: int, levels: _Levels) -> Iterator[tuple[str, str]]:
    """Yield check and message of what is wrong with the levels of n samples."""
    still, channels = levels.high == levels.low, len(levels.high)
    if still.all():
        yield "silent", "silence: every sample has the same value"
    elif still.any():
        silent = ", ".join(str(channel + 1) for channel in np.flatnonzero(still))
        yield "channel", f"channel {silent} of {channels} is silent; keep what sounds alone"
    elif channels > 1 and levels.cancelled:
        yield "channel", "the channels cancel each other out (one is upside down); keep one alone"
    share = levels.clipped / n
    if share > MOST_CLIPPED:
        yield "clipped", f"{100 * share:.1f} % of the samples are at the limit: recorded too loud"
