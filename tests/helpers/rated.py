"""The test part of a fit, drawn at random, to examine."""

import numpy as np

from auscultation.data.target import Target
from auscultation.scores.tested import Tested

DIAGNOSES = Target(
    "Diagnosis",
    ("Healthy", "COPD", "URTI"),
    (("Healthy",), ("COPD",), ("URTI",)),
)


def rated(
    n=400, patients=20, folds=4, repeats=1, target=None, probable=True, decimals=None, seed=0
):
    """Return random predictions that know something; each patient is in one fold of a repeat."""
    target = target or Target()
    rng = np.random.default_rng(seed)
    classes = len(target.classes)
    patient = rng.integers(0, patients, n)
    sick = rng.normal(0, 0.8, patients)[patient]
    true = np.where(rng.random(n) < 1 / (1 + np.exp(-sick)), rng.integers(1, classes, n), 0)
    parts = []
    for repeat in range(repeats):
        fold = rng.permutation(patients)[patient] % folds + repeat * folds
        raw = rng.normal(0, 1, (n, classes)) + 1.2 * np.eye(classes)[true]
        p = np.exp(raw) / np.exp(raw).sum(1, keepdims=True)
        if decimals is not None:
            p = np.round(p, decimals)
        parts.append((fold, p))
    fold = np.concatenate([fold for fold, _ in parts])
    p = np.concatenate([p for _, p in parts])
    ids, patient = np.unique(np.tile(patient, repeats), return_inverse=True)
    fit = {
        "model": "m",
        "algorithm": "random_forest" if probable else "svr",
        "split": "patient",
    }
    prediction = p @ np.arange(classes) if not probable else p.argmax(1).astype(float)
    cycle, true = np.tile(np.arange(n), repeats), np.tile(true, repeats)
    names = np.array([f"p{i:03d}" for i in ids])
    rows = (cycle, patient, fold, true, prediction, p if probable else None)
    return Tested(fit, target, names, *rows)


def without(tested, patient):
    """Return the same without a patient, whose number stays."""
    rows = tested.patient != patient
    return tested._replace(
        **{
            name: getattr(tested, name)[rows]
            for name in ("cycle", "patient", "fold", "true", "prediction", "p")
            if getattr(tested, name) is not None
        }
    )
