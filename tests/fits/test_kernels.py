"""Kernel machines on more cycles than they may be fitted on: refused, on some patients, approximated."""

import json

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.svm import SVC, SVR

from auscultation.fits.kernels import approximate, fit_kernel_machine, some_patients
from auscultation.fits.load import load
from auscultation.fits.persist import FEW
from auscultation.job.errors import InputError
from fit_jobs import FEATURES, array, make_job
from fit_svc import linear_machine as classifier
from fit_svr import linear_machine as regressor

KINDS = [(SVC, classifier), (SVR, regressor)]


def fit(job, estimator, machine, most, above):
    job.output.model = job.output.model.with_suffix(".skops")
    job.params.kernel = {"max_rows": most, "above": above}
    fit_kernel_machine(job, estimator, machine)
    folds = json.loads(job.output.summary.read_text())["folds"]
    return load(job.output.model), pq.read_table(job.output.predictions), folds


def test_patients_are_drawn_whole_as_many_as_fit():
    patient = np.array([5, 1, 5, 2, 2, 2, 1, 9])
    for most in range(1, 9):
        rows = some_patients(patient, most)
        assert len(rows) <= most and (np.diff(rows) > 0).all()
        drawn, left = set(patient[rows]), set(patient) - set(patient[rows])
        assert len(rows) == np.isin(patient, list(drawn)).sum()
        assert all(np.sum(patient == one) > most - len(rows) for one in left)
    assert {tuple(some_patients(patient, 3, seed)) for seed in range(9)} != {(0, 2)}


@pytest.mark.parametrize(("estimator", "machine"), KINDS)
def test_as_many_as_there_may_be_are_the_librarys_own(job, estimator, machine):
    models, table, folds = fit(job, estimator, machine, 40, "error")
    assert not any("approximated" in fold for fold in folds)
    train, test = job.folds[1]
    X, seen = (np.column_stack([part[name] for name in FEATURES]) for part in (train, test))
    own = estimator().fit(X, train["state"].to_numpy())
    np.testing.assert_allclose(models[1][1].predict(seen), own.predict(seen), rtol=1e-12)


@pytest.mark.parametrize(("estimator", "machine"), KINDS)
def test_more_is_an_error_that_says_what_to_do(job, estimator, machine):
    said = (
        r"'mine'.* 40 training cycles are more than max_kernel_rows \(39\).*subsample or nystroem"
    )
    with pytest.raises(InputError, match=said):
        fit(job, estimator, machine, 39, "error")
    assert not job.output.predictions.exists()


@pytest.mark.parametrize(("estimator", "machine"), KINDS)
def test_a_part_of_the_patients(job, estimator, machine):
    models, table, folds = fit(job, estimator, machine, 30, "subsample")
    assert table.num_rows == 2 * (40 + 15)  # all are predicted
    for (train, test), (_, model), fold in zip(job.folds, models, folds, strict=True):
        rows = some_patients(train["patient_ID"].to_numpy(), 30)
        X, seen = (np.column_stack([part[name] for name in FEATURES]) for part in (train, test))
        own = estimator().fit(X[rows], train["state"].to_numpy()[rows])
        np.testing.assert_allclose(model.predict(seen), own.predict(seen), rtol=1e-12)
        assert f"fitted on {len(rows)} of 40 training cycles" in fold["approximated"]


@pytest.mark.parametrize(("estimator", "machine"), KINDS)
def test_an_approximated_kernel_says_almost_the_same(estimator, machine):
    random = np.random.default_rng(2)
    y = random.choice([0, 1], 3000)
    X = random.normal(size=(3000, 3)) + 1.5 * y[:, None]
    X, seen, y, true = X[:2000], X[2000:], y[:2000], y[2000:]
    for settings in ({}, {"C": 0.5, "gamma": 0.3}, {"kernel": "linear"}, {"gamma": "auto"}):
        own = estimator(**settings).fit(X, y).predict(seen)
        got = approximate(machine, X, y, **settings).predict(seen)
        right = [np.mean(np.rint(np.clip(one, 0, 1)) == true) for one in (own, got)]
        assert right[1] == pytest.approx(right[0], abs=0.02) and right[0] > 0.85


def test_the_report_says_so(job):
    models, _, folds = fit(job, *KINDS[0], 10, "nystroem")
    assert [name for name, _ in models[0][1].steps] == ["features", "machine"]
    assert "Nystroem features of 40 of 40 cycles, with a linear machine" in folds[0]["approximated"]


@pytest.mark.parametrize(("estimator", "machine"), KINDS)
@pytest.mark.parametrize("other", [False, True])
def test_cycles_that_train_and_test_are_predicted_once(
    job,
    tmp_path,
    monkeypatch,
    estimator,
    machine,
    other,
):
    train, test = job.folds[0]
    made = make_job(tmp_path, [(train, test if other else train)])
    asked, predict = [], estimator.predict
    monkeypatch.setattr(estimator, "predict", lambda *of: asked.append(len(of[1])) or predict(*of))
    _, table, _ = fit(made, estimator, machine, 40, "error")
    # what is loaded again says the same of a few cycles
    assert [n for n in asked if n > FEW] == [train.num_rows, test.num_rows][: 1 + other]
    expected = estimator().fit(array(train), train["state"].to_numpy())
    for part, cycles in zip(("train", "test"), made.folds[0], strict=True):
        rows = table.filter(pc.field("part") == part)
        assert rows["cycle"].to_pylist() == cycles["cycle"].to_pylist()
        np.testing.assert_array_equal(
            rows["prediction"].to_numpy(), predict(expected, array(cycles))
        )
