"""Learning curves: the comparison's values at all patients, and simulated truths."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from auscultation.data.target import CLASSES, Target
from auscultation.fits.estimators import fit_estimator
from auscultation.scores.fit_scores import scores, sum_parts
from auscultation.scores.intervals import of_difference
from auscultation.scores.learning import learning_rows
from auscultation.splits.protocols.patient import patient
from fit_jobs import make_job

ABNORMAL = Target("abnormal", CLASSES["abnormal"])
AUC = "auc_abnormal_between_patients"
SHARES = [0.25, 0.5]
FIT = {"model": "mine", "algorithm": "lda", "split": "patient"}


def learnt(folder, strength, n_features=60, n_patients=240, seed=0):
    """Predictions and learning curve of a discriminant analysis on cycles of patients.

    Each class is at a distance of `strength` in every feature; patients differ from each other too.
    """
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(101, 101 + n_patients), 4)
    y = random.integers(0, 2, len(who))
    own = random.normal(size=(n_patients, n_features))[who - 101]
    X = own + random.normal(size=(len(who), n_features)) + strength * y[:, None]
    names = [f"mfcc_{k}_mean" for k in range(n_features)]
    columns = {"cycle": np.arange(len(who)), "patient_ID": who, "abnormal": y}
    table = pa.table(columns | dict(zip(names, X.T, strict=True)))
    table = table.replace_schema_metadata(ABNORMAL.to_metadata())
    folds = []
    for fold, parts in enumerate(patient({"patient_ID": who, "class": y}, folds=3)):
        sides = (table.take(rows) for rows in parts)
        folds.append(
            tuple(
                side.append_column("fold", pa.array(np.full(side.num_rows, fold))) for side in sides
            )
        )
    job = make_job(folder, folds)
    job.params.features = names
    fit_estimator(job, LinearDiscriminantAnalysis)
    predictions = pq.read_table(job.output.predictions)
    job.input.summary = job.output.summary
    job.output = SimpleNamespace(predictions=folder / "learning.parquet")
    job.params.refit = {"kind": "learning", "shares": SHARES, "seed": 0}
    fit_estimator(job, LinearDiscriminantAnalysis)
    learning = pq.read_table(job.output.predictions)
    assert json.loads(learning.schema.metadata[b"failed"]) == []
    return predictions, learning


@pytest.fixture(scope="module")
def signal(tmp_path_factory):
    return learnt(tmp_path_factory.mktemp("signal"), 0.2)


def by_share(rows, metric):
    return {row["share"]: row for row in rows if row["metric"] == metric}


def test_all_patients_score_what_the_comparison_says(signal):
    rows = learning_rows(*signal, FIT)
    compared = {row["metric"]: row for row in scores(sum_parts(signal[0], "lda")["test"])}
    assert {row["metric"] for row in rows} == {"balanced_accuracy", AUC}
    for row in rows:
        if row["share"] == 1:
            assert compared[row["metric"]].items() <= row.items()
            assert row["n_patients"] == 160 and row["n_folds"] == 3
            assert row["gain"] is row["gain_low"] is row["gain_high"] is None


def test_a_share_is_scored_as_a_fit_and_its_gain_is_paired_by_patients(signal):
    predictions, learning = signal
    half = learning.filter(pa.array(learning["share"].to_numpy() == 0.5))
    part, whole = (sum_parts(table, "lda", names=["test"])["test"] for table in (half, predictions))
    row = by_share(learning_rows(*signal, FIT), AUC)[0.5]
    assert {row["metric"]: row for row in scores(part)}[AUC].items() <= row.items()
    assert row["n_patients"] == 80
    without = whole.scores.without[AUC] - part.scores.without[AUC]
    gain = float(whole.scores.values[AUC] - part.scores.values[AUC])
    error = of_difference(gain, without, min(whole.sides))
    given = (row["gain"], row["gain_low"], row["gain_high"])
    assert given == pytest.approx((gain, error.ci_low, error.ci_high))


def test_the_curve_of_a_truth_of_many_features_rises(signal):
    """A discriminant analysis of 60 features needs more than 80 patients to estimate a covariance."""
    of = by_share(learning_rows(*signal, FIT), AUC)
    assert [of[share]["value"] for share in (*SHARES, 1)] == sorted(
        row["value"] for row in of.values()
    )
    assert of[0.25]["gain_low"] > 0 and of[0.5]["gain"] > 0


def test_the_curve_of_noise_does_not_rise(tmp_path):
    """One interval in forty lies above zero by chance."""
    rising = 0
    for seed in range(4):
        (tmp_path / str(seed)).mkdir()
        curve = learnt(tmp_path / str(seed), 0.0, n_patients=120, seed=seed)
        rising += by_share(learning_rows(*curve, FIT), AUC)[0.5]["gain_low"] > 0
    assert rising <= 1


def test_a_share_without_some_fold_is_left_out(signal):
    predictions, learning = signal
    drop = (learning["share"].to_numpy() == 0.25) & (learning["fold"].to_numpy() == 2)
    rows = learning_rows(predictions, learning.filter(pa.array(~drop)), FIT)
    assert {row["share"] for row in rows} == {0.5, 1}
    rows = learning_rows(predictions, learning.slice(0, 0), FIT)
    assert {row["share"] for row in rows} == {1}
    assert learning_rows(predictions.slice(0, 0), learning.slice(0, 0), FIT) == []
