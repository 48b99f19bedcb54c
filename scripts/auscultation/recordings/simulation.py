"""Recordings of lungs that look like those of ICBHI 2017: simulated .wav files with annotations.

Nobody is described by them: every value is drawn at random. Patients differ in how loud, dull and
fast they breathe, how their wheezes and crackles sound, and how many of their cycles have them; all
of these are drawn apart from each other, so that nothing about a patient, a device or a location
gives a label. The shares of the states are those of Rocha et al. (2019),
https://doi.org/10.1088/1361-6579/ab03ea.
"""

import os
import wave
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from auscultation.job.errors import InputError
from auscultation.recordings.simulated_patients import DEVICES, Patient, draw_patients
from auscultation.recordings.synthesis import (
    RATE,
    Phases,
    Spectrum,
    add_at,
    amplitude,
    breath,
    crackle,
    faster,
    heard_by,
    hearts,
    wheeze,
)

PATIENTS, FEWEST = 40, 8
SHARES = np.array((3642, 1864, 886, 506)) / 6898  # cycles: normal, crackles, wheezes, both
FAST_RATE, FAST = 44100, 30  # Hz, of each 30th recording
# What a place costs in dB; only at the trachea (Tc) breath is loud and bright.
LOCATIONS = {"Al": 0, "Ar": 0, "Ll": -4, "Lr": -4, "Pl": -2, "Pr": -2, "Tc": 5}
SPREAD = (1.2, 0.5, 0.8)  # of how readily a patient, a recording and a cycle crackle or wheeze
# Mean and standard deviation over cycles of the levels in dB, beside the breath at its loudest: low
# enough for models of good features to miss a part of them.
WHEEZE, CRACKLE = (-19.0, 7.0), (-1.0, 6.0)


@dataclass(frozen=True)
class Recording:
    """A recording before it sounds: its times and labels, and what its noise is drawn from."""

    patient: Patient
    location: str
    rate: int  # Hz
    duration: float  # s
    phases: Phases
    ends: np.ndarray  # s, of the cycles, which begin as the inspirations do
    crackles: np.ndarray  # 0 or 1, shape (n_cycles,)
    wheezes: np.ndarray
    seed: tuple[int, int]

    @property
    def name(self) -> str:
        """Return its name in the form of ICBHI."""
        mode = DEVICES[self.patient.device][0]
        return f"{self.patient.name}_1b1_{self.location}_{mode}_{self.patient.device}"


def draw_times(
    rng: np.random.Generator, patient: Patient, duration: float
) -> tuple[Phases, np.ndarray]:
    """Return the phases and the ends of the cycles of a recording, in whole milliseconds."""
    lengths = patient.cycle * np.exp(rng.normal(0, 0.1, int(duration / patient.cycle * 1.5) + 3))
    bounds = np.round(rng.uniform(0, 0.5) + np.cumsum(np.r_[0, lengths]), 3)
    bounds = bounds[bounds <= duration]
    begin, length = bounds[:-1], np.diff(bounds)
    share = patient.share * rng.uniform(0.9, 1.1, len(length))
    last = rng.uniform(0.85, 0.97, len(length))
    return Phases(begin, begin + share * length, begin + last * length), bounds[1:]


def draw_labels(
    rng: np.random.Generator, patient: np.ndarray, recording: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which cycles have crackles and wheezes (0 or 1): those that score highest.

    `patient` and `recording` are their positions by cycle, shape (n_cycles,).
    """
    n = len(patient)
    score = np.zeros((2, n))
    for spread, group in zip(SPREAD, (patient, recording, np.arange(n)), strict=True):
        score += rng.normal(0, spread, (2, group[-1] + 1))[:, group]
    only_crackles, only_wheezes, both = np.maximum(np.rint(SHARES[1:] * n), 1).astype(int)
    crackles, wheezes = np.zeros((2, n), dtype=int)
    crackling, without = np.split(np.argsort(-score[0], kind="stable"), [only_crackles + both])
    crackles[crackling] = 1
    for group, count in ((crackling, both), (without, only_wheezes)):
        wheezes[group[np.argsort(-score[1, group], kind="stable")[:count]]] = 1
    return crackles, wheezes


def draw_recordings(seed: int, n_patients: int = PATIENTS) -> list[Recording]:
    """Return the recordings by patient and location: 2 to 4 of each patient, of 19 to 21 s.

    Raises InputError with fewer than 8 patients.
    """
    if n_patients < FEWEST:
        raise InputError(f"simulated recordings need at least {FEWEST} patients, not {n_patients}")
    rng = np.random.default_rng(seed)
    patients = draw_patients(rng, n_patients)
    counts = 2 + rng.permutation(n_patients) % 3
    plans = [
        (patient, location, int(rng.integers(190, 211)) / 10)
        for patient, count in zip(patients, counts, strict=True)
        for location in sorted(rng.permutation(list(LOCATIONS))[:count].tolist())
    ]
    times = [draw_times(rng, patient, duration) for patient, _, duration in plans]
    n_cycles = [len(ends) for _, ends in times]
    fast = set(rng.permutation(len(plans))[: max(len(plans) // FAST, 1)].tolist())
    recording = np.repeat(np.arange(len(plans)), n_cycles)
    of_patient = np.repeat(np.arange(n_patients), counts)[recording]
    labels = zip(*draw_labels(rng, of_patient, recording), strict=True)
    recordings = []
    for place, ((patient, location, duration), (phases, ends)) in enumerate(
        zip(plans, times, strict=True)
    ):
        crackles, wheezes = np.array([next(labels) for _ in ends]).reshape(-1, 2).T
        rate = FAST_RATE if place in fast else RATE
        recordings.append(
            Recording(
                patient, location, rate, duration, phases, ends, crackles, wheezes, (seed, place)
            )
        )
    return recordings


def breath_of(recording: Recording) -> np.ndarray:
    """Return what a chest sounds like without crackles and wheezes; no label changes it."""
    rng = np.random.default_rng([*recording.seed, 0])
    patient, n = recording.patient, round(RATE * recording.duration)
    spectrum, expiration = patient.spectrum, patient.expiration
    if recording.location == "Tc":
        spectrum, expiration = Spectrum(3 * spectrum.corner, spectrum.slope), expiration + 4
    sound = breath(rng, n, recording.phases, spectrum, expiration)
    sound += hearts(rng, n, patient.beats, amplitude(patient.heart + 3))
    for begin in rng.uniform(0, recording.duration, rng.poisson(patient.rubs * recording.duration)):
        rub = rng.standard_normal(int(RATE * rng.uniform(0.003, 0.03)))
        rub *= np.hanning(len(rub)) * amplitude(rng.normal(3, 4))
        first = round(RATE * begin)
        sound[first : first + len(rub)] += rub[: n - first]
    return sound


def added_sounds(recording: Recording) -> np.ndarray:
    """Return the crackles and wheezes of the cycles that are labelled so."""
    rng = np.random.default_rng([*recording.seed, 1])
    sound = np.zeros(round(RATE * recording.duration))
    cycles = zip(*recording.phases, recording.crackles, recording.wheezes, strict=True)
    for inspiration, expiration, pause, crackles, wheezes in cycles:
        if crackles:
            add_crackles(rng, sound, (inspiration, expiration, pause), recording.patient)
        if wheezes:
            add_wheeze(rng, sound, (inspiration, expiration, pause), recording.patient)
    return sound


def add_crackles(
    rng: np.random.Generator, sound: np.ndarray, cycle: tuple[float, float, float], who: Patient
) -> None:
    """Add 3 or more crackles: fine ones late, coarse ones early in inspiration, some after it."""
    inspiration, expiration, pause = cycle
    level = amplitude(rng.normal(*CRACKLE))
    for _ in range(3 + rng.poisson(3)):
        coarse = rng.random() < who.coarse
        place = rng.beta(2, 3) if coarse else rng.beta(4, 2)
        begin = inspiration + 0.95 * place * (expiration - inspiration)
        if coarse and rng.random() < 0.3:
            begin = expiration + 0.9 * rng.random() * (pause - expiration)
        each = level * amplitude(rng.normal(0, 3)) * rng.choice((-1, 1))
        add_at(sound, begin, 0.02, partial(crackle, coarse=coarse), each)


def add_wheeze(
    rng: np.random.Generator, sound: np.ndarray, cycle: tuple[float, float, float], who: Patient
) -> None:
    """Add a wheeze of 100 ms or longer to the expiration, in each fourth cycle to the inspiration."""
    inspiration, expiration, pause = cycle
    begin, end = (expiration, pause) if rng.random() < 0.75 else (inspiration, expiration)
    length = min(max(0.1, rng.uniform(0.3, 0.9) * (end - begin)), end - begin)
    begin += rng.random() * (end - begin - length)
    pitch = float(np.clip(who.pitch * 2 ** rng.normal(0, 0.25), 100, 1000))
    tone = wheeze(rng, round(RATE * length), pitch, rng.normal(0, 0.2))
    first = round(RATE * begin)
    sound[first : first + len(tone)] += amplitude(rng.normal(*WHEEZE)) * tone[: len(sound) - first]


def samples_of(recording: Recording, sounds: bool = True) -> np.ndarray:
    """Return a recording as 16-bit samples, shape (rate * duration,).

    Without `sounds` the labels of its cycles change nothing.
    """
    sound = breath_of(recording)
    if sounds:
        sound += added_sounds(recording)
    device = DEVICES[recording.patient.device][2]
    sound *= amplitude(recording.patient.level + LOCATIONS[recording.location])
    sound = heard_by(device, sound)
    if recording.rate != RATE:
        sound = faster(sound, recording.rate)
    rng = np.random.default_rng([*recording.seed, 2])
    noise = rng.standard_normal(len(sound)) * amplitude(device.floor)
    sound += noise * np.sqrt(recording.rate / RATE)
    return np.clip(np.rint(32768 * sound), -32768, 32767).astype("<i2")


def annotations_of(recording: Recording) -> str:
    """Return the annotations in the form of ICBHI: start, end, crackles, wheezes."""
    columns = (recording.phases.inspiration, recording.ends, recording.crackles, recording.wheezes)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return "".join(f"{start}\t{end}\t{c}\t{w}\n" for start, end, c, w in rows)


def write_recordings(
    folder: str | os.PathLike, seed: int, patients: int = PATIENTS, sounds: bool = True
) -> None:
    """Write a folder of .wav files, a .txt beside each, demographics.txt and diagnosis.txt.

    Parameters
    ----------
    folder : path
        Made where it is missing.
    seed : int
        Same seed, same bytes.
    patients : int
        8 or more; 40 have 120 recordings, about 1,200 cycles and 26 MB.
    sounds : bool
        Whether labels are heard: without them nothing can be found.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recordings = draw_recordings(seed, patients)
    for recording in recordings:
        with wave.open(str(folder / f"{recording.name}.wav"), "wb") as file:
            file.setparams((1, 2, recording.rate, 0, "NONE", "not compressed"))
            file.writeframes(samples_of(recording, sounds).tobytes())
        _write(folder / f"{recording.name}.txt", annotations_of(recording))
    people = list(dict.fromkeys(recording.patient for recording in recordings))
    rows = ((p.name, p.age, p.sex, p.bmi, p.weight, p.height) for p in people)
    cells = (["NA" if value != value else str(value) for value in row] for row in rows)
    _write(folder / "demographics.txt", "".join("\t".join(row) + "\n" for row in cells))
    _write(folder / "diagnosis.txt", "".join(f"{p.name}\t{p.diagnosis}\n" for p in people))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
