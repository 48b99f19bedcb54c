"""Breath, crackles, wheezes, hearts and stethoscopes: sounds at 4000 Hz, built from noise and tones.

Shapes and sizes follow what is published of lung sounds; nothing is cut from a recording.

- Breath: noise that falls by 6 to 15 dB per octave from a corner of 100 to 200 Hz, higher at the
  trachea; inspiration louder than expiration (Sovijarvi et al. 2000, Eur Respir Rev 10:586).
- Crackles: two cycles of a wave that slows down, y(t) = sin(4 pi t^a) (1 + cos(2 pi (sqrt(t) -
  1/2))) / 2 for t from 0 to 1 of the two-cycle duration, with a = ln(1/4) / ln(initial deflection
  width / two-cycle duration) (Kiyokawa et al. 2001, Chest 119:1886; the two measures: Murphy et al.
  1977, NEJM 296:968). Fine ones have 5 and 0.7 ms, coarse ones 10 and 1.5 ms (American Thoracic
  Society, in Sovijarvi et al. 2000): they begin at about 700 and 330 Hz.
- Wheezes: tones of 100 to 1000 Hz with partials, longer than 100 ms (Bohadana et al. 2014).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RATE = 4000  # Hz


class Phases(NamedTuple):
    """Inspirations and expirations of a recording, in seconds, each of shape (n_cycles,)."""

    inspiration: np.ndarray  # where each begins
    expiration: np.ndarray  # where each begins, and the inspiration ends
    pause: np.ndarray  # where the expiration ends


class Spectrum(NamedTuple):
    """Noise that is flat up to the corner and then falls."""

    corner: float  # Hz
    slope: float  # dB per octave


class Device(NamedTuple):
    """How a stethoscope or microphone hears."""

    lowest: float  # Hz, of a high-pass of second order
    highest: float  # Hz, of a low-pass of third order
    resonance: float  # Hz
    peak: float  # dB at the resonance
    gain: float  # dB of the full scale that a breath of 0 dB gets
    floor: float  # dB of the full scale, its own noise between 0 and 2000 Hz


def amplitude(decibels: float) -> float:
    """Return the factor of an amplitude that a level in dB stands for."""
    return 10 ** (decibels / 20)


def coloured(rng: np.random.Generator, n: int, spectrum: Spectrum) -> np.ndarray:
    """Return noise of root mean square 1 (expected) with a spectrum, shape (n,)."""
    hertz = np.fft.rfftfreq(n, 1 / RATE)
    gain = (1 + (hertz / spectrum.corner) ** (spectrum.slope / 3)) ** -0.5
    gain /= np.sqrt(np.mean(gain**2))
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * gain, n)


def envelope(n: int, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return half sines between begins and ends (s), flattened by the power 0.7; 0 elsewhere."""
    level = np.zeros(n)
    for begin, end in zip(begins, ends, strict=True):
        first, last = np.ceil(RATE * begin), min(np.ceil(RATE * end), n)
        time = (np.arange(first, last) / RATE - begin) / (end - begin)
        level[int(first) : int(last)] = np.sin(np.pi * np.clip(time, 0, 1)) ** 0.7
    return level


def breath(
    rng: np.random.Generator, n: int, phases: Phases, spectrum: Spectrum, expiration: float
) -> np.ndarray:
    """Return breath noise whose inspiration has root mean square 1 at its loudest, shape (n,).

    `expiration` is the level of the other phase in dB; it is duller by a quarter of the corner.
    """
    duller = spectrum._replace(corner=0.75 * spectrum.corner)
    inhaled = coloured(rng, n, spectrum) * envelope(n, phases.inspiration, phases.expiration)
    exhaled = coloured(rng, n, duller) * envelope(n, phases.expiration, phases.pause)
    return inhaled + amplitude(expiration) * exhaled + 0.03 * coloured(rng, n, spectrum)


def crackle(after: np.ndarray, coarse: bool) -> np.ndarray:
    """Return a crackle with a largest swing of about 1 at times (s) after its begin."""
    duration, deflection = (0.010, 0.0015) if coarse else (0.005, 0.0007)  # s
    time = np.clip(after / duration, 0, 1)
    power = np.log(0.25) / np.log(deflection / duration)
    window = 0.5 * (1 + np.cos(2 * np.pi * (np.sqrt(time) - 0.5)))
    return np.sin(4 * np.pi * time**power) * window


def heart_sound(after: np.ndarray) -> np.ndarray:
    """Return a beat of 45 Hz that swells and dies within 0.1 s, at times (s) after its begin."""
    time = np.clip(after / 0.1, 0, 1)
    return np.sin(2 * np.pi * 45 * after) * np.sin(np.pi * time) ** 2


def add_at(
    sound: np.ndarray,
    begin: float,
    duration: float,
    shape: Callable[[np.ndarray], np.ndarray],
    level: float,
) -> None:
    """Add `level` times `shape`(seconds after its begin) to the sound; what lies outside is cut."""
    first, last = int(np.ceil(RATE * begin)), int(np.ceil(RATE * (begin + duration)))
    first, last = max(first, 0), min(last, len(sound))
    sound[first:last] += level * shape(np.arange(first, last) / RATE - begin)


def hearts(rng: np.random.Generator, n: int, beats_per_minute: float, level: float) -> np.ndarray:
    """Return both heart sounds of every beat, the second 0.3 s after the first, shape (n,)."""
    sound = np.zeros(n)
    period = 60 / beats_per_minute
    for beat in np.arange(rng.uniform(0, period), n / RATE, period):
        begin = beat + rng.normal(0, 0.02)
        add_at(sound, begin, 0.1, heart_sound, level)
        add_at(sound, begin + 0.3, 0.1, heart_sound, 0.7 * level)
    return sound


def wheeze(rng: np.random.Generator, n: int, fundamental: float, drift: float) -> np.ndarray:
    """Return a tone of root mean square 1 in its middle, shape (n,).

    Its fundamental (Hz) moves by `drift` octaves in all and trembles by 1 %; two partials lie 8 to
    20 dB lower; the first and last 30 ms swell and fade.
    """
    time = np.arange(n) / RATE
    moves = drift * (np.arange(n) / n - 0.5)
    hertz = fundamental * 2**moves * (1 + 0.01 * np.sin(2 * np.pi * rng.uniform(2, 6) * time))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    tone = np.sin(phase)
    for partial in (2, 3):
        level = amplitude(rng.uniform(-20, -8)) * (partial * hertz < 1800)
        tone += level * np.sin(partial * phase + rng.uniform(0, 2 * np.pi))
    swell = np.clip(np.minimum(time, time[::-1]) / 0.03, 0, 1)
    return np.sqrt(2) * tone * np.sin(np.pi / 2 * swell) ** 2


def heard_by(device: Device, sound: np.ndarray) -> np.ndarray:
    """Return what a device makes of a sound, without its own noise: response and gain."""
    n = len(sound)
    s = 1j * np.fft.rfftfreq(n, 1 / RATE)
    high_pass = s**2 / (s**2 + 1.4 * device.lowest * s + device.lowest**2)
    low = device.highest
    low_pass = low**3 / ((s + low) * (s**2 + low * s + low**2))
    width = 0.4 * device.resonance * s
    centre = s**2 + device.resonance**2
    bell = (centre + amplitude(device.peak) * width) / (centre + width)
    response = high_pass * low_pass * bell * amplitude(device.gain)
    return np.fft.irfft(np.fft.rfft(sound) * response, n)


def faster(sound: np.ndarray, rate: int) -> np.ndarray:
    """Return the same sound at a higher rate, by zeros in its spectrum; n rate / 4000 is whole."""
    n = len(sound) * rate // RATE
    return np.fft.irfft(np.fft.rfft(sound), n) * (n / len(sound))
