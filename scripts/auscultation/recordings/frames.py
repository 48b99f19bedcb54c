"""Frames and spectra of the cycles of a recording, computed once and shared by the families.

A cycle [begin, end) of N samples has the frames [begin + h j, begin + h j + L) that end in it,
j = 0, 1, ..., (N - L) // h; a cycle shorter than L is padded with zeros to one frame. With the
periodic Hann window w[i] = (1 - cos(2 pi i / L)) / 2, the power of frame x in bin k, at
4000 k / L Hz, is

    P[k] = |sum over i of w[i] x[i] exp(-2 pi sqrt(-1) i k / L)|^2,

kept for the bins from 100 to 1800 Hz. To it is added 1e-9 of its mean over the frames and bins of
the cycle, or, in a silent cycle, 1 in place of it. All families take these sums, logarithms or
ratios of them, so that no cycle leaves anything that is not finite.

The recording is scaled first by a power of 2, so that its largest sample lies in [0.5, 1): exact,
and no square of a huge or tiny sample is lost. Its mean is subtracted. Power below 1e-26 of full
scale is the rounding of the sums, and counts as silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from auscultation.recordings.segments import Segments, means, segments

RATE = 4000  # Hz
SILENCE = 1e-26  # power, of full scale
_FRAMES_AT_ONCE = 256  # stays in the processor's cache


@dataclass(frozen=True)
class Settings:
    """What the families may be told: lengths in samples at 4000 Hz, frequencies in Hz."""

    low: float = 100
    high: float = 1800
    frame: int = 256
    hop: int = 64
    long_frame: int = 512
    long_hop: int = 128
    tonal_high: float = 1200
    mel_bands: int = 24
    floor: float = 1e-9


DEFAULTS = Settings()


class Spectra(NamedTuple):
    """Power of the frames of all cycles, one cycle after another.

    `power` (n_frames, n_bins), floor added; `hz` (n_bins,); `cycles`: which frames are a cycle's;
    `hop` from frame to frame, in samples.
    """

    power: np.ndarray
    hz: np.ndarray
    cycles: Segments
    hop: int


@dataclass(frozen=True)
class Analysis:
    """A recording at 4000 Hz with its cycles, and what the families have in common.

    `recording` (n,), float64; `spans` (n_cycles, 2), begin and end of each cycle in samples; what
    lies outside the recording is cut off.
    """

    recording: np.ndarray
    spans: np.ndarray
    settings: Settings = DEFAULTS

    @cached_property
    def signal(self) -> np.ndarray:
        """Return the recording, (n,), scaled by a power of 2 to at most 1, less its mean."""
        signal = np.asarray(self.recording, dtype=np.float64)
        if not signal.size:
            return np.zeros(1)
        signal = np.ldexp(signal, -np.frexp(np.abs(signal).max())[1])
        return signal - signal.mean()

    @cached_property
    def cycles(self) -> np.ndarray:
        """Return begin and end of each cycle, (n_cycles, 2), int64, inside the recording."""
        spans = np.asarray(self.spans, dtype=np.int64).reshape(-1, 2)
        spans = np.clip(spans, 0, len(self.recording))
        spans[:, 1] = np.maximum(spans[:, 0], spans[:, 1])
        return spans

    @cached_property
    def short(self) -> Spectra:
        """Return the spectra of short frames: 64 ms every 16 ms."""
        return self._spectra(self.settings.frame, self.settings.hop)

    @cached_property
    def long(self) -> Spectra:
        """Return the spectra of long frames: 128 ms every 32 ms."""
        return self._spectra(self.settings.long_frame, self.settings.long_hop)

    def _spectra(self, frame: int, hop: int) -> Spectra:
        """Return the spectra of frames of that length, that far apart, in samples."""
        hz = np.arange(frame // 2 + 1) * (RATE / frame)
        bins = band(hz, self.settings.low, self.settings.high)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
        frames, parts = cut(self.signal, self.cycles, frame, hop)
        power = np.empty((len(frames.starts), bins.stop - bins.start))
        for rows, samples in frames.blocks():
            transform = np.fft.rfft(samples * window)[:, bins]
            np.add(transform.real**2, transform.imag**2, out=power[rows])
        if len(self.cycles):
            level = means(power, parts).mean(axis=1)
            silent = level < SILENCE * (window**2).sum()
            power += parts.spread(np.where(silent, 1, self.settings.floor * level))[:, None]
        return Spectra(power, hz[bins], parts, hop)


class Frames(NamedTuple):
    """Frames of a signal, (n,), by the sample each starts with, and their length."""

    signal: np.ndarray
    starts: np.ndarray
    length: int

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield a few frames at a time: their slice, and their samples, (frames, length)."""
        view = np.lib.stride_tricks.sliding_window_view(self.signal, self.length)
        for first in range(0, len(self.starts), _FRAMES_AT_ONCE):
            rows = slice(first, min(first + _FRAMES_AT_ONCE, len(self.starts)))
            yield rows, view[self.starts[rows]]


def cut(signal: np.ndarray, cycles: np.ndarray, length: int, hop: int) -> tuple[Frames, Segments]:
    """Return the frames of all cycles, (n_cycles, 2), and which of them are a cycle's."""
    begin, size = cycles[:, 0].copy(), cycles[:, 1] - cycles[:, 0]
    pieces = [signal, np.zeros(length)]
    behind = len(signal) + length
    for cycle in np.flatnonzero(size < length):  # padded, behind the recording
        piece = np.zeros(length)
        piece[: size[cycle]] = signal[begin[cycle] : begin[cycle] + size[cycle]]
        begin[cycle] = behind
        behind += length
        pieces.append(piece)
    parts = segments(1 + np.maximum(size - length, 0) // hop)
    place = np.arange(parts.counts.sum()) - parts.spread(parts.starts)
    return Frames(np.concatenate(pieces), parts.spread(begin) + hop * place, length), parts


def band(hz: np.ndarray, low: float, high: float) -> slice:
    """Return which of the ascending frequencies lie from low to high, both included."""
    return slice(int(np.searchsorted(hz, low)), int(np.searchsorted(hz, high, side="right")))


def decibels(power: np.ndarray) -> np.ndarray:
    """Return 10 log10 of power."""
    return 10 * np.log10(power)
