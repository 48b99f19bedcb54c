"""Workbooks whose truth is known, since it is what they are made from, and their answer.

A cycle's features are five numbers, drawn from the standard normal distribution but for what a truth
adds to them. Those that the workbook's columns hold as no number below 0 are taken as exp.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pyarrow as pa
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import compare
from auscultation.data.name_pattern import ICBHI
from auscultation.data.parquet import write_parquet
from auscultation.data.recordings import with_recording
from auscultation.data.target import make_target, target_of, wanted
from auscultation.fits.predict import as_table, predict, true_classes
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.splits.registry import protocol
from fit_by_device import fit_by_device
from fit_lstsq import fit_lstsq
from fit_most_frequent import fit_most_frequent
from split import side_of, summarise

PATIENTS, EACH = 60, 25
DEVICES = ("AKGC417L", "LittC2SE", "Litt3200", "Meditron")
PLACES = ("Al", "Ar", "Pl", "Pr")
FEATURES = ["Coarse_Av", "Fine_Av", "Var", "Range", "Spectrum Av"]
SIGNED = 2  # of the features, those that may be below 0
SOUNDS = (0.55, 0.28, 0.17)  # of abnormal cycles: crackles, wheezes, both


def cohort(
    rng: np.random.Generator,
    patients: int = PATIENTS,
    each: int = EACH,
    shares: np.ndarray | None = None,
    sounds: tuple[float, float, float] = SOUNDS,
) -> dict[str, np.ndarray]:
    """Draw cycles of patients who differ in their shares of abnormal ones; a device a patient.

    Parameters
    ----------
    rng
        Where the draws come from.
    patients, each
        How many patients, and cycles of each.
    shares
        Of abnormal cycles, by patient; drawn where not given, from almost none to almost all.
    sounds
        Of the abnormal cycles, shares of crackles, wheezes and both.

    Returns
    -------
    dict
        patient and device as positions, state, and z, the features, shape (n, 5).
    """
    shares = rng.beta(0.9, 1.0, patients) if shares is None else shares
    patient = np.repeat(np.arange(patients), each)
    n = len(patient)
    abnormal = rng.random(n) < shares[patient]
    state = np.where(abnormal, rng.choice([1, 2, 3], n, p=sounds), 0)
    z = rng.normal(size=(n, len(FEATURES)))
    return {"patient": patient, "device": patient % len(DEVICES), "state": state, "z": z}


def table_of(drawn: dict[str, np.ndarray], group: np.ndarray | None = None) -> pa.Table:
    """Return the workbook of cycles: four recordings a patient; `sex` is the group of each patient."""
    patient, state, z = (drawn[name] for name in ("patient", "state", "z"))
    first = np.flatnonzero(np.diff(patient, prepend=-1))
    place = np.arange(len(patient)) - first[patient]
    place = place * len(PLACES) // np.bincount(patient)[patient]
    start = 3.0 * np.arange(len(patient))  # no two cycles overlap
    sex = np.array(["F", "M"])[(patient % 3 == 0) * 1 if group is None else group[patient]]
    columns = {
        "patient_ID": 101 + patient,
        "Diagnosis": np.array(["COPD", "Healthy", "URTI"])[patient % 3],
        "age": 30.0 + patient % 50,
        "sex": sex,
        "adq_format": [
            f"1b1_{PLACES[p]}_sc_{DEVICES[d]}" for p, d in zip(place, drawn["device"], strict=True)
        ],
        "start": start,
        "end": start + 2.5,
        "crackles": (state % 2 == 1) * 1,
        "wheezes": (state >= 2) * 1,
        "state": state,
    }
    values = np.column_stack([z[:, :SIGNED], np.exp(z[:, SIGNED:])])
    return pa.table(columns | dict(zip(FEATURES, values.T, strict=True)))


def moderate(seed: int = 0) -> pa.Table:
    """One feature is shifted by crackles, another by wheezes, in every patient alike."""
    drawn = cohort(np.random.default_rng(seed))
    drawn["z"][:, 0] += 1.6 * (drawn["state"] % 2 == 1)
    drawn["z"][:, 1] += 1.6 * (drawn["state"] >= 2)
    return table_of(drawn)


def weak(seed: int = 0) -> pa.Table:
    """What is not normal is shifted by so much that its AUC is 0.66, and no sound more than another.

    The abnormal sounds are equally frequent and look alike, so that to name one of them is right one
    time in three: no line between the classes has an ICBHI score above 0.502.
    """
    drawn = cohort(np.random.default_rng(seed), sounds=(1 / 3, 1 / 3, 1 / 3))
    drawn["z"][:, 0] += 0.583 * (drawn["state"] > 0)  # sqrt(2) times the normal quantile of 0.66
    return table_of(drawn)


def patients_alone(seed: int = 0) -> pa.Table:
    """Features are the patient's own, all but the same in each cycle, and unrelated to the share."""
    rng = np.random.default_rng(seed)
    drawn = cohort(rng)
    own = rng.normal(size=(PATIENTS, len(FEATURES)))[drawn["patient"]]
    return table_of(drawn | {"z": own + 0.01 * drawn["z"]})


def devices_alone(seed: int = 0) -> pa.Table:
    """Features tell the device, which goes with the share of abnormal cycles, and nothing else."""
    rng = np.random.default_rng(seed)
    share = np.array([0.15, 0.35, 0.6, 0.85])[np.arange(PATIENTS) % len(DEVICES)]
    drawn = cohort(rng, shares=np.clip(share + rng.normal(0, 0.08, PATIENTS), 0.02, 0.98))
    drawn["z"][:, 0] += 8 * drawn["device"]
    return table_of(drawn)


def nothing(seed: int = 0) -> pa.Table:
    """Features are noise."""
    return table_of(cohort(np.random.default_rng(seed)))


def mostly_crackles(seed: int = 0) -> pa.Table:
    """Features are noise, and crackles are more frequent than all else together."""
    rng = np.random.default_rng(seed)
    shares = rng.beta(4, 1.2, PATIENTS)
    return table_of(cohort(rng, shares=shares, sounds=(0.84, 0.09, 0.07)))


def by_sex(seed: int = 0) -> pa.Table:
    """What is not normal is shifted up in three patients of four, the women, and down in the men."""
    drawn = cohort(np.random.default_rng(seed))
    men = np.arange(PATIENTS) % 4 == 0
    sign = np.where(men, -1, 1)[drawn["patient"]]
    drawn["z"][:, 0] += 1.6 * sign * (drawn["state"] > 0)
    return table_of(drawn, men * 1)


def few(seed: int = 0) -> pa.Table:
    """Ten patients, of whom three have abnormal cycles; features tell these without a doubt."""
    shares = np.where(np.arange(10) < 3, 0.6, 0.0)
    drawn = cohort(np.random.default_rng(seed), patients=10, shares=shares)
    drawn["z"][:, 0] += 9 * (drawn["state"] > 0)
    return table_of(drawn)


def of_cycles(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return 40 patients with 12 cycles each, of whom some have many with the label and some few."""
    patient = np.repeat(np.arange(40), 12)
    sick = rng.random(len(patient)) < rng.beta(1, 1, 40)[patient]
    return {"patient_ID": patient, "label": np.array(["no", "yes"])[sick * 1], "sick": sick}


def marker(seed: int) -> pa.Table:
    """Return patient, label and one feature, which the label shifts in every patient alike."""
    rng = np.random.default_rng(seed)
    columns = of_cycles(rng)
    return pa.table(columns | {"f1": columns.pop("sick") * 1.5 + rng.normal(size=480)})


def fingerprint(seed: int) -> pa.Table:
    """Return patient, label and one feature, which is the patient's own and says nothing of the label."""
    rng = np.random.default_rng(seed)
    columns = of_cycles(rng)
    columns.pop("sick")
    own = rng.normal(size=40)[columns["patient_ID"]]
    return pa.table(columns | {"f1": own + 1e-3 * rng.normal(size=480)})


# What a protocol deals out whole, of those between which a leakage is measured.
UNITS = {"shuffled": "cycle", "recording": "recording", "patient": "patient"}
FITS = {
    "most_frequent": fit_most_frequent,
    "by_device": fit_by_device,
    "lstsq": fit_lstsq,
    "knn": lambda X, y, **s: KNeighborsClassifier(**s).fit(X, y),
    "logistic_regression": lambda X, y, **s: LogisticRegression(**s).fit(X, y),
    "random_forest": lambda X, y, **s: RandomForestClassifier(**s).fit(X, y),
}


def answer_of(folder: Path, book: pa.Table, config: dict) -> dict:
    """Return what `compare` answers of a workbook, without a workflow: all in this process.

    Parameters
    ----------
    folder
        For the files that `compare` reads and writes.
    book
        The workbook.
    config
        `features`, `splits`, `models` and `target`, as in config.yaml; no sweeps.
    """
    cycles = book.append_column("cycle", pa.array(np.arange(len(book))))
    cycles = with_recording(cycles, ICBHI)
    write_parquet(cycles, folder / "cycles.parquet")
    columns = {name: cycles[name].to_numpy(zero_copy_only=False) for name in cycles.column_names}
    label = columns[wanted(config.get("target", "state")).column]
    target = make_target(config.get("target", "state"), label)
    columns["class"] = target.encode(label)
    cycles = cycles.replace_schema_metadata(target.to_metadata())
    fits, predictions, summaries, splits, protocols = [], [], [], [], {}
    for split, settings in sorted(config["splits"].items()):
        settings = dict(settings)
        protocols[split] = settings.pop("protocol", split)
        folds = protocol(protocols[split])(columns, **settings)
        tables = [*zip(side_of(cycles, folds, 0), side_of(cycles, folds, 1), strict=True)]
        about = {"protocol": protocols[split], "folds": summarise(columns, folds, target)}
        splits.append(folder / f"{split}.json")
        splits[-1].write_text(json.dumps(about), encoding="utf-8")
        for model, entry in sorted(config["models"].items()):
            fits.append(
                {"model": model, "algorithm": entry.get("algorithm", model), "split": split}
            )
            predictions.append(folder / f"{model}.{split}.parquet")
            write_parquet(predicted(tables, config, fits[-1]), predictions[-1])
            summaries.append(folder / f"{model}.{split}.json")
            summaries[-1].write_text("{}", encoding="utf-8")
    apart = {split: UNITS[protocol] for split, protocol in protocols.items() if protocol in UNITS}
    given = {"predictions": predictions, "summaries": summaries, "splits": splits}
    params = {"fits": fits, "lost": [], "protocols": protocols, "apart": apart}
    names = ("differences", "leakage", "calibration", "confusion", "errors", "hardest")
    outputs = [*names, *(f"{name}_csv" for name in names), "parquet", "csv", "xlsx"]
    outputs += ["answer", "first_cycles", "costs"]
    job = SimpleNamespace(
        input=SimpleNamespace(cycles=folder / "cycles.parquet", **given),
        output=SimpleNamespace(**{name: folder / f"out.{name}" for name in outputs}),
        params=SimpleNamespace(**params),
        threads=1,
    )
    with mock.patch.object(compare, "write_comparison"):  # a spreadsheet that nobody reads here
        compare.main(job)
    return json.loads(job.output.answer.read_text(encoding="utf-8"))


def predicted(tables: list[tuple[pa.Table, pa.Table]], config: dict, fit: dict) -> pa.Table:
    """Fit a model to each fold of a split, and give its predictions of both parts."""
    entry = {k: v for k, v in config["models"][fit["model"]].items() if k != "algorithm"}
    own = ["device"] if fit["algorithm"] == "by_device" else config["features"]
    features, scale = entry.pop("features", own), entry.pop("scale", "none")
    parts = []
    for sides in tables:
        columns = [columns_for(side, features) for side in sides]
        step = Preprocessor(features, scale).fit(columns[0])
        X = [step.transform(side) for side in columns]
        target = target_of(sides[0].schema.metadata)
        model = FITS[fit["algorithm"]](X[0], true_classes(sides[0], target), **entry)
        for part, side, x in zip(("train", "test"), sides, X, strict=True):
            raw, p = predict(model, x, len(target.classes))
            parts.append(as_table(side, part, target, raw, p))
    return pa.concat_tables(parts)
