"""Respiratory cycles that look like a table made from ICBHI 2017.

Nobody is described by them: every value is drawn at random. Only totals and means are facts, of the
respiratory sound database of Rocha et al. (2019), https://doi.org/10.1088/1361-6579/ab03ea: how
many patients, recordings and cycles there are, with which diagnoses, stethoscopes and sounds, and
how many values are missing. What a patient and a recording sound like weighs far more than the
state of the cycle, so models that remember patients do better on a random split than they should.
"""

import numpy as np
from numpy.typing import ArrayLike

from auscultation.job.errors import InputError

PATIENTS, RECORDINGS, CYCLES = 126, 920, 6898
STATES = (3642, 1864, 886, 506)  # cycles: normal, crackles, wheezes, both
SHORTEST_PATIENT, SHORTEST_RECORDING = 4, 2  # cycles
# Patients with the same values missing: their cycles, what is known of them, their diagnoses.
GROUPS = (
    (6004, "age sex IMC", {"COPD": 62, "Bronchiectasis": 7, "Pneumonia": 5, "Asthma": 1}),
    (
        726,
        "age sex weight height",
        {"Healthy": 24, "URTI": 11, "Bronchiolitis": 5, "Pneumonia": 1, "LRTI": 1},
    ),
    (23, "age sex weight", {"Bronchiolitis": 1, "URTI": 1}),
    (84, "age sex", {"Healthy": 2, "URTI": 2, "COPD": 1, "LRTI": 1}),
    (61, "", {"COPD": 1}),
)
# How many cycles a patient has beside the others, and how readily they crackle and wheeze.
DIAGNOSES = {
    "COPD": (4.0, -0.4, -1.1),
    "Healthy": (0.7, -2.8, -3.3),
    "URTI": (1.0, -2.1, -2.7),
    "Bronchiectasis": (0.7, -1.1, -0.4),
    "Pneumonia": (2.2, -2.0, -2.0),
    "Bronchiolitis": (1.5, -1.6, -0.2),
    "LRTI": (0.9, -2.4, -2.7),
    "Asthma": (0.3, -2.4, 0.6),
}
# Single or multichannel, cycles, mean of log Var; COPD patients fill them up in this order.
DEVICES = {
    "AKGC417L": ("mc", 4346, -7.4),
    "LittC2SE": ("mc", 594, -10.7),
    "Litt3200": ("sc", 502, -8.0),
    "Meditron": ("sc", 1456, -10.2),
}
LOCATIONS = ("Al", "Ar", "Ll", "Lr", "Pl", "Pr", "Tc")
# Standard deviations of the effects of the patient, the recording and the cycle.
SPREAD = {
    "sounds": (1.2, 0.75, 0.4),
    "loudness": (1.7, 0.8, 0.3),
    "crest": (0.36, 0.1, 0.1),
    "coarse": (0.7, 0.4, 0.5),
    "fine": (0.75, 0.3, 0.3),
}
VAR_FLOOR, VAR_LIMIT, RANGE_LIMIT = 9e-8, 0.1, 4.5  # noise and full scale of the recorders


def apportion(total: int, weights: ArrayLike, minimum: ArrayLike = 0) -> np.ndarray:
    """Return whole parts of a whole number, as near to the weights as the minimum allows.

    Parameters
    ----------
    total : int
        What the parts add up to.
    weights : array_like of float, shape (n,)
        Positive, of any sum.
    minimum : int or array_like of int, shape (n,)
        Smallest parts allowed.

    Raises
    ------
    ValueError
        If the smallest parts are more than the total.
    """
    weights = np.asarray(weights, dtype=float)
    minimum = np.broadcast_to(minimum, weights.shape)
    if minimum.sum() > total:
        raise ValueError(f"{total} cannot be divided into parts of at least {minimum.tolist()}")
    share = total * weights / weights.sum()
    parts = np.maximum(np.floor(share).astype(int), minimum)
    while parts.sum() < total:
        parts[np.argmin(parts - share)] += 1
    while parts.sum() > total:
        parts[np.argmax(np.where(parts > minimum, parts - share, -np.inf))] -= 1
    return parts


def draw_patients(rng: np.random.Generator, n_patients: int) -> dict[str, np.ndarray]:
    """Return who the patients are, and how many cycles each has (n_cycles).

    Age is in years, IMC in kg/m2, weight in kg, height in cm; NaN or None where missing.
    """
    n_cycles = round(CYCLES * n_patients / PATIENTS)
    sizes = apportion(n_patients, [sum(group[2].values()) for group in GROUPS], 1)
    totals = apportion(n_cycles, [group[0] for group in GROUPS], SHORTEST_PATIENT * sizes)
    names = ("Diagnosis", "age", "sex", "IMC", "weight", "height", "n_cycles")
    drawn: dict[str, list] = {name: [] for name in names}
    for size, total, (_, known, diagnoses) in zip(sizes, totals, GROUPS, strict=False):
        diagnosis = np.repeat(list(diagnoses), apportion(size, list(diagnoses.values())))
        adult = np.clip(np.rint(rng.normal(68, 9, size)), 19, 93)
        child = np.clip(np.round(rng.exponential(5, size), 2), 0.25, 16)
        child = np.where(child < 3, child, np.rint(child))  # the youngest are counted in months
        age = np.where((diagnosis == "COPD") | ("IMC" in known), adult, child)
        values = {
            "age": age,
            "sex": np.where(rng.random(size) < 0.63, "M", "F"),
            "IMC": np.clip(np.round(rng.normal(27, 5.5, size), 1), 16.5, 53.5),
            "weight": np.round((7.5 + 2.6 * age) * rng.uniform(0.85, 1.2, size), 1),
            "height": np.rint((69 + 6.5 * age) * rng.uniform(0.93, 1.07, size)),
        }
        for key, value in values.items():
            missing = [None if key == "sex" else np.nan] * size
            drawn[key].extend(value.tolist() if key in known.split() else missing)
        drawn["Diagnosis"].extend(diagnosis.tolist())
        weights = [DIAGNOSES[name][0] for name in diagnosis] * rng.lognormal(0, 0.85, size)
        drawn["n_cycles"].extend(apportion(total, weights, SHORTEST_PATIENT))
    order = rng.permutation(n_patients)
    columns = {key: np.array(value)[order] for key, value in drawn.items()}
    return {"patient_ID": 101 + np.arange(n_patients)} | columns


def draw_recordings(
    rng: np.random.Generator, patients: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the recordings that the cycles of the patients are divided into.

    Returns
    -------
    dict of str to ndarray, shape (n_recordings,)
        patient (position), n_cycles, device, adq_format; in the order of the patients.
    """
    total = round(RECORDINGS * len(patients["n_cycles"]) / PATIENTS)
    noise = rng.lognormal(0, 0.2, len(patients["n_cycles"]))
    counts = apportion(total, patients["n_cycles"] * noise, 1)
    lengths: list[int] = []
    places: list[str] = []
    for cycles, count in zip(patients["n_cycles"], counts, strict=False):
        lengths.extend(apportion(cycles, rng.lognormal(0, 0.4, count), SHORTEST_RECORDING))
        for visit, first in enumerate(range(0, count, len(LOCATIONS))):
            letter = "p" if rng.random() < 0.3 else "b"
            here = sorted(rng.permutation(LOCATIONS)[: count - first])
            places.extend(f"{visit // 3 + 1}{letter}{visit % 3 + 1}_{place}" for place in here)
    patient, n_cycles = np.repeat(np.arange(len(counts)), counts), np.array(lengths)

    diagnosis = patients["Diagnosis"][patient]
    names, shares = np.array(list(DEVICES)), [cycles for _, cycles, _ in DEVICES.values()]
    device = np.where(np.isin(diagnosis, ("Pneumonia", "Asthma")), "LittC2SE", "Meditron")
    # COPD patients, those with most cycles first, take what the others leave of each device.
    copd = np.flatnonzero(diagnosis == "COPD")
    others = diagnosis != "COPD"
    taken = [n_cycles[others & (device == name)].sum() for name in names]
    bounds = np.cumsum(np.maximum(apportion(n_cycles.sum(), shares) - taken, 0))[:-1]
    rank = -patients["n_cycles"] * rng.lognormal(0, 0.4, len(counts))
    queue = copd[np.argsort(rank[patient[copd]], kind="stable")]
    middle = np.cumsum(n_cycles[queue]) - n_cycles[queue] / 2
    device[queue] = names[np.searchsorted(bounds, middle)]
    formats = [
        f"{place}_{DEVICES[name][0]}_{name}" for place, name in zip(places, device, strict=False)
    ]
    return {
        "patient": patient,
        "n_cycles": n_cycles,
        "device": device,
        "adq_format": np.array(formats),
    }


def effects(
    rng: np.random.Generator, patient: np.ndarray, recording: np.ndarray, name: str
) -> np.ndarray:
    """Return the sum of normal effects of patient, recording and cycle, shape (n_cycles,).

    `patient` and `recording` are their positions by cycle, same shape.
    """
    spread = SPREAD[name]
    of_patient = rng.normal(0, spread[0], patient[-1] + 1)[patient]
    of_recording = rng.normal(0, spread[1], recording[-1] + 1)[recording]
    return of_patient + of_recording + rng.normal(0, spread[2], len(patient))


def draw_times(rng: np.random.Generator, n_cycles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return start and end of every cycle, in seconds, without gaps within a recording."""
    pace = np.log(2500) - 0.3 * np.log(n_cycles / 7.5) + rng.normal(0, 0.2, len(n_cycles))
    lengths = np.exp(np.repeat(pace, n_cycles) + rng.normal(0, 0.35, n_cycles.sum()))
    lengths = np.maximum(np.rint(lengths).astype(int), 200)  # whole milliseconds
    end = np.cumsum(lengths)
    before = (end - lengths)[np.cumsum(n_cycles) - n_cycles]
    silence = np.rint(rng.exponential(700, len(n_cycles))).astype(int)
    end += np.repeat(silence - before, n_cycles)
    return (end - lengths) / 1000, end / 1000


def draw_sounds(
    rng: np.random.Generator, diagnosis: np.ndarray, patient: np.ndarray, recording: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which cycles have crackles and wheezes (0 or 1): those that score highest have them."""
    _, only_crackles, only_wheezes, both = apportion(len(patient), STATES, 1)
    lean = np.array([DIAGNOSES[name][1:] for name in diagnosis])
    crackle = lean[:, 0] + effects(rng, patient, recording, "sounds")
    wheeze = lean[:, 1] + effects(rng, patient, recording, "sounds")
    crackles, wheezes = np.zeros((2, len(patient)), dtype=int)
    order = np.argsort(-crackle, kind="stable")
    with_crackles, without = np.split(order, [only_crackles + both])
    crackles[with_crackles] = 1
    wheezes[with_crackles[np.argsort(-wheeze[with_crackles], kind="stable")[:both]]] = 1
    wheezes[without[np.argsort(-wheeze[without], kind="stable")[:only_wheezes]]] = 1
    return crackles, wheezes


def draw_statistics(
    rng: np.random.Generator,
    patient: np.ndarray,
    recording: np.ndarray,
    loudness: np.ndarray,
    crackles: np.ndarray,
    wheezes: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the five statistics of each cycle, in units of the recorders' full scale.

    Var is log-normal between the noise and the full scale of the recorder, Range and the two signed
    averages grow with its root, and Spectrum Av is all but proportional to it.
    """
    louder = loudness + 0.2 * (crackles | wheezes)
    raw = np.exp(louder + effects(rng, patient, recording, "loudness"))
    var = VAR_FLOOR + raw / (1 + raw / VAR_LIMIT)
    root = np.sqrt(var)
    crest = root * np.exp(2.85 + effects(rng, patient, recording, "crest") + 0.1 * crackles)
    coarse = root * np.exp(0.1 + effects(rng, patient, recording, "coarse"))
    fine = root * np.exp(-1.05 + effects(rng, patient, recording, "fine") + 0.2 * crackles)
    # The averages of a cycle share some of their sign.
    first, second = rng.normal(0, 1, (2, len(patient)))
    # Quiet cycles stray further: linear models need five columns that differ.
    stray = 0.04 * (var / 1e-3) ** -0.1 * rng.normal(0, 1, len(patient))
    values = {
        "Var": var,
        "Range": crest / (1 + crest / RANGE_LIMIT),
        "Coarse_Av": coarse * first,
        "Fine_Av": fine * (0.35 * first + np.sqrt(1 - 0.35**2) * second),
        "Spectrum Av": 5e-4 * var * np.exp(stray),
    }
    # The last digits of exp differ between processors; 8 significant ones do not.
    return {key: np.array([float(f"{x:.8g}") for x in value]) for key, value in values.items()}


def simulate_cycles(seed: int, n_patients: int = PATIENTS) -> dict[str, np.ndarray]:
    """Return the simulated table.

    Parameters
    ----------
    seed : int
        Same seed, same table.
    n_patients : int
        With 126, the counts are those of ICBHI 2017: 6,898 cycles in 920 recordings, 3642 / 1864 /
        886 / 506 of state 0 to 3; 61 (of one patient) without age and sex, 894 without IMC, 6149
        without weight, 6172 without height. With others they are scaled in proportion and rounded;
        each state and each pattern of missing values occurs all the same.

    Returns
    -------
    dict of str to ndarray, shape (n_cycles,)
        The 18 columns in order; NaN (numbers) or None (sex) where a value is missing.

    Raises
    ------
    InputError
        With fewer than 8 patients.
    """
    if n_patients < 8:
        raise InputError(f"a simulated workbook needs at least 8 patients, not {n_patients}")
    rng = np.random.default_rng(seed)
    patients = draw_patients(rng, n_patients)
    recordings = draw_recordings(rng, patients)
    n_cycles = recordings["n_cycles"]
    recording = np.repeat(np.arange(len(n_cycles)), n_cycles)
    patient = recordings["patient"][recording]
    columns = {key: value[patient] for key, value in patients.items() if key != "n_cycles"}
    columns["adq_format"] = recordings["adq_format"][recording]
    columns["start"], columns["end"] = draw_times(rng, n_cycles)
    crackles, wheezes = draw_sounds(rng, columns["Diagnosis"], patient, recording)
    columns |= {"crackles": crackles, "wheezes": wheezes, "state": crackles + 2 * wheezes}
    loudness = np.array([DEVICES[name][2] for name in recordings["device"]])[recording]
    return columns | draw_statistics(rng, patient, recording, loudness, crackles, wheezes)
