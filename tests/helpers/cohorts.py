"""Cycles of patients with predictions, and what their scores are when counted the long way."""

import numpy as np
import pyarrow as pa
from sklearn import metrics as scikit_learn

from auscultation.data.target import STATES, Target
from auscultation.scores.fit_scores import sum_parts

SHARES = (0.5, 0.25, 0.15, 0.1)


def area(score, positive, *groups, apart=None):
    """Share of the pairs of a positive and a negative cycle, of the same groups, rated rightly.

    Of cycles of different ones of `apart` alone, where that is given.
    """
    met = positive[:, None] & ~positive[None, :]
    for group in groups:
        met &= group[:, None] == group[None, :]
    if apart is not None:
        met &= apart[:, None] != apart[None, :]
    won = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    return won[met].mean() if met.any() else np.nan


def mean_area(p, true, *groups, apart=None):
    """The same, averaged over the classes that have pairs."""
    areas = [area(p[:, k], true == k, *groups, apart=apart) for k in range(p.shape[1])]
    known = [value for value in areas if not np.isnan(value)]
    return np.mean(known) if known else np.nan


def class_scores(true, prediction):
    """Metrics of the class, by scikit-learn; sensitivity and specificity by their definition."""
    called = np.clip(np.rint(prediction), 0, 3).astype(int)
    normal = true == 0
    se, sp = (called == true)[~normal].mean(), (called == 0)[normal].mean()
    return {
        "mse": scikit_learn.mean_squared_error(true, prediction),
        "rmse": scikit_learn.root_mean_squared_error(true, prediction),
        "mae": scikit_learn.mean_absolute_error(true, prediction),
        "r2": scikit_learn.r2_score(true, prediction),
        "accuracy": scikit_learn.accuracy_score(true, called),
        "balanced_accuracy": scikit_learn.recall_score(
            true, called, labels=np.unique(true), average="macro"
        ),
        "macro_f1": scikit_learn.f1_score(true, called, average="macro"),
        "sensitivity": se,
        "specificity": sp,
        "icbhi_score": (se + sp) / 2,
    }


def losses(true, p):
    """Scores of probabilities that are means over the cycles."""
    codes = list(range(p.shape[1]))
    return {
        "log_loss": scikit_learn.log_loss(true, p, labels=codes),
        "brier_score": scikit_learn.brier_score_loss(true, p, labels=codes, scale_by_half=False),
        "mse_expected": scikit_learn.mean_squared_error(true, p @ codes),
    }


def rows_of_part(patient, true, prediction, fold=None, part="test", p=None, target=None):
    """A table of predictions of one part; in one fold unless given."""
    target, n = target or Target("state", STATES), len(true)
    columns = {
        "cycle": np.arange(n),
        "patient_ID": patient,
        "fold": np.zeros(n, int) if fold is None else fold,
        "part": [part] * n,
        target.name: true,
        "prediction": np.asarray(prediction, dtype=float),
    }
    k = len(target.classes)
    p = [pa.nulls(n, pa.float64())] * k if p is None else list(p.T)
    made = pa.table(columns | {f"p{s}": p[s] for s in range(k)})
    return made.replace_schema_metadata(target.to_metadata())


def part_of(patient, true, prediction, algorithm="", device=None, **more):
    """The test part of such a table; the training part is its first cycle."""
    one = {name: values[:1] for name, values in more.items() if name == "p" and values is not None}
    one["target"] = more.get("target")
    train = rows_of_part(patient[:1], true[:1], prediction[:1], part="train", **one)
    test = rows_of_part(patient, true, prediction, **more)
    device = None if device is None else np.concatenate([device[:1], device])
    return sum_parts(pa.concat_tables([train, test]), algorithm, device)["test"]


def cohort(seed=0, n_patients=30, skills=(0.3, 0.4, 0.5)):
    """Patient, state and fold of cycles, and what models of some skills call them."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients) + 101, rng.integers(5, 30, n_patients))
    true = rng.choice(4, len(patient), p=SHARES)
    called = [
        np.where(rng.random(len(true)) < skill, true, rng.integers(0, 4, len(true)))
        for skill in skills
    ]
    return patient, true, patient % 5, called


def probabilities(true, seed=0, skill=0.3, decimals=None):
    """Probabilities of four states that know something of them; rounded ones have many ties."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), len(true)) + skill * np.eye(4)[true] * rng.random((len(true), 1))
    p /= p.sum(1, keepdims=True)
    if decimals is not None:
        p[:, 1:] = np.floor(p[:, 1:] * 10**decimals) / 10**decimals
        p[:, 0] = 1 - p[:, 1:].sum(1)
    return p


def only(rows, **wanted):
    """The one row of several that has these values."""
    (row,) = (row for row in rows if wanted.items() <= row.items())
    return row
