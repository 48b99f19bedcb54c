"""Patients that are drawn at random: who they are, what they sound like, and with what they are heard.

Every value of a patient is drawn apart from how often the patient crackles or wheezes.
"""

from dataclasses import dataclass

import numpy as np

from auscultation.recordings.synthesis import Device, Spectrum

DIAGNOSES = {  # patients of ICBHI 2017
    "COPD": 64,
    "Healthy": 26,
    "URTI": 14,
    "Bronchiectasis": 7,
    "Pneumonia": 6,
    "Bronchiolitis": 6,
    "LRTI": 2,
    "Asthma": 1,
}
# Single or multichannel, share of the patients, and how they hear.
DEVICES = {
    "AKGC417L": ("mc", 0.4, Device(60, 1900, 900, 3, -22, -61)),
    "LittC2SE": ("mc", 0.2, Device(40, 1100, 220, 6, -33, -71)),
    "Litt3200": ("sc", 0.15, Device(50, 900, 450, 5, -26, -67)),
    "Meditron": ("sc", 0.25, Device(30, 1600, 150, 3, -35, -75)),
}


@dataclass(frozen=True)
class Patient:
    """Who somebody is, and what they sound like."""

    name: str
    diagnosis: str
    age: float  # years
    sex: str
    bmi: float  # kg/m2, of adults
    weight: float  # kg, of children
    height: float  # cm, of children
    device: str
    level: float  # dB, of the breath
    spectrum: Spectrum  # of the breath
    expiration: float  # dB, beside the inspiration
    cycle: float  # s, how long a cycle takes
    share: float  # of the cycle that the inspiration takes
    beats: float  # per minute
    heart: float  # dB, beside the breath
    rubs: float  # per second, how often the stethoscope moves
    pitch: float  # Hz, about which wheezes lie
    coarse: float  # share of coarse crackles


def draw_patients(rng: np.random.Generator, n: int) -> list[Patient]:
    """Return patients, the first called 101; each device has its share of them."""
    bounds = np.cumsum([share for _, share, _ in DEVICES.values()])[:-1]
    devices = np.searchsorted(bounds, (rng.permutation(n) + 0.5) / n)
    weights = np.array(list(DIAGNOSES.values())) / sum(DIAGNOSES.values())
    patients = []
    for place in range(n):
        diagnosis = str(rng.choice(list(DIAGNOSES), p=weights))
        adult = diagnosis == "COPD" or rng.random() < 0.3
        age = round(float(rng.normal(68, 9) if adult else rng.uniform(1, 16)))
        patients.append(
            Patient(
                name=str(101 + place),
                diagnosis=diagnosis,
                age=age,
                sex="M" if rng.random() < 0.63 else "F",
                bmi=round(rng.uniform(18, 36), 1) if adult else np.nan,
                weight=np.nan if adult else round((7.5 + 2.6 * age) * rng.uniform(0.85, 1.2), 1),
                height=np.nan if adult else round((69 + 6.5 * age) * rng.uniform(0.93, 1.07)),
                device=list(DEVICES)[devices[place]],
                level=rng.normal(0, 5),
                spectrum=Spectrum(rng.uniform(100, 200), rng.uniform(9, 15)),
                expiration=rng.normal(-5, 2),
                cycle=float(np.exp(rng.normal(np.log(1.95), 0.15))),
                share=rng.uniform(0.35, 0.45),
                beats=rng.uniform(60, 100),
                heart=rng.normal(-6, 4),
                rubs=rng.exponential(0.08),
                pitch=float(np.exp(rng.uniform(np.log(150), np.log(700)))),
                coarse=rng.uniform(0, 1),
            )
        )
    return patients
