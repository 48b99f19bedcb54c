"""Predictions of a made-up fit: patients with recordings, cycles with states, ratings that know a little."""

import numpy as np
import pyarrow as pa

from auscultation.data.target import CLASSES, Target


def random_predictions(
    seed=0,
    patients=24,
    folds=4,
    repeats=1,
    target=Target(),
    skill=1.0,
    probabilities=True,
    per_patient=False,
    part="test",
):
    """A table as a fit writes it, and the number of each row's recording.

    A patient has 3 to 15 cycles in one to three recordings, and is in one fold of each repeat.
    `skill` is what the true class adds to its rating; `per_patient`: all cycles have one class.
    """
    rng = np.random.default_rng(seed)
    k = len(target.classes)
    n = rng.integers(3, 16, patients)
    patient = np.repeat(np.arange(patients), n)
    taste = rng.dirichlet(np.full(k, 0.7), patients)
    own = np.array([rng.choice(k, p=taste[i]) for i in range(patients)])
    true = np.array([own[i] if per_patient else rng.choice(k, p=taste[i]) for i in patient])
    recording = patient * 3 + rng.integers(0, 3, len(patient))
    tables, numbers = [], []
    for repeat in range(repeats):
        fold = rng.permutation(patients)[patient] % folds + repeat * folds
        logits = rng.normal(size=(len(true), k)) + skill * np.eye(k)[true]
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        columns = {
            "cycle": np.arange(len(true)),
            "patient_ID": 100 + patient,
            "fold": fold,
            "part": pa.array([part] * len(true)),
            target.name: true,
            "prediction": p.argmax(1).astype(float),
        }
        for code in range(k):
            columns[f"p{code}"] = p[:, code] if probabilities else pa.nulls(len(true), pa.float64())
        tables.append(pa.table(columns))
        numbers.append(recording)
    table = pa.concat_tables(tables).replace_schema_metadata(target.to_metadata())
    return table, np.concatenate(numbers)


ABNORMAL = Target("abnormal", CLASSES["abnormal"])
DIAGNOSIS = Target("Diagnosis", ("Healthy", "COPD", "URTI"), (("Healthy",), ("COPD",), ("URTI",)))
