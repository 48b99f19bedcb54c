"""The baseline that knows the device alone: its shares, groups it has not met, files."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from auscultation.data.target import Target
from auscultation.export.new_patients import say
from auscultation.fits.load import load
from auscultation.fits.preprocess import columns_for
from fit_by_device import fit_by_device
from fit_jobs import make_job, run, shares

DEVICES = ("AKGC417L", "Litt3200", "Meditron")


def cycles(seed, fold, devices, states=(0, 1, 2, 3), n=120):
    """Cycles of devices, of which each has a state of its own more often than the others."""
    random = np.random.default_rng(seed)
    device = random.choice(devices, n)
    own = np.array([DEVICES.index(name) % len(states) for name in device])
    state = np.where(random.random(n) < 0.4, np.array(states)[own], random.choice(states, n))
    who = random.integers(101, 110, n)
    return pa.table(
        {
            "cycle": np.arange(n),
            "patient_ID": who,
            "device": device,
            "age": random.choice([3.0, 40.0, 70.0], n),
            "state": state,
            "fold": np.full(n, fold),
        }
    )


@pytest.fixture
def job(tmp_path):
    """Two folds: the first lacks a device in training, the second a state."""
    folds = [
        (cycles(1, 0, DEVICES[:2]), cycles(2, 0, DEVICES)),
        (cycles(3, 1, DEVICES, states=(0, 1, 2)), cycles(4, 1, DEVICES)),
    ]
    made = make_job(tmp_path, folds)
    made.params.features = ["device"]
    return made


def expected_shares(train, columns):
    """Shares of the states by group, and of all, as pandas counts them."""
    frame = train.to_pandas()
    counted = frame.groupby(columns)["state"].value_counts(normalize=True).unstack(fill_value=0)
    whole = frame["state"].value_counts(normalize=True)
    full = range(4)
    return counted.reindex(columns=full, fill_value=0), whole.reindex(full, fill_value=0)


@pytest.mark.parametrize("columns", [["device"], ["age"], ["device", "age"]])
def test_shares_are_those_of_the_group_in_training_else_of_all(job, columns):
    job.params.features = columns
    _, parts, summary = run(job, "by_device")
    assert summary["inputs"] == columns
    met = set()
    for fold, both in enumerate(job.folds):
        known, whole = expected_shares(both[0], columns)
        for part, table in zip(("train", "test"), both, strict=True):
            frame = table.to_pandas()
            groups = pd.MultiIndex.from_frame(frame[columns])
            known.index = pd.MultiIndex.from_frame(known.index.to_frame())
            wanted = known.reindex(groups)
            met |= set(wanted[0].isna())
            wanted = wanted.fillna(whole).to_numpy()
            np.testing.assert_allclose(shares(parts[fold, part]), wanted, rtol=1e-12)
            called = parts[fold, part]["prediction"].to_numpy()
            np.testing.assert_array_equal(called, wanted.argmax(axis=1))
    assert met == ({False, True} if "device" in columns else {False})


def test_what_is_kept_predicts_the_same_when_it_is_loaded(job):
    _, parts, _ = run(job, "by_device")
    for fold, ((step, model), both) in enumerate(
        zip(load(job.output.model), job.folds, strict=False)
    ):
        for part, table in zip(("train", "test"), both, strict=True):
            X = step.transform(columns_for(table, ["device"]))
            wanted = parts[fold, part]
            np.testing.assert_array_equal(model.predict(X), wanted["prediction"].to_numpy())
            seen = model.classes_.tolist()
            np.testing.assert_array_equal(model.predict_proba(X), shares(wanted)[:, seen])
    assert seen == [0, 1, 2]


def test_of_several_most_frequent_classes_the_lowest_is_called():
    model = fit_by_device(np.array([[0.0]] * 4 + [[1.0]] * 3), np.array([3, 1, 1, 3, 2, 2, 0]))
    assert model.predict(np.array([[0.0], [1.0], [9.0]])).tolist() == [1, 2, 1]


def test_zeros_of_both_signs_are_one_group():
    model = fit_by_device(np.array([[0.0], [-0.0], [1.0], [1.0]]), np.array([0, 1, 2, 2]))
    assert model.predict_proba(np.array([[-0.0], [0.0]])).tolist() == [[0.5, 0.5, 0]] * 2


def test_a_table_without_devices_is_refused(job):
    without = [tuple(t.drop_columns(["device"]) for t in both) for both in job.folds]
    job = make_job(job.input.train.parent, without)
    job.params.features = ["device"]
    with pytest.raises(SystemExit):
        run(job, "by_device")
    log = Path(job.log[0]).read_text(encoding="utf-8")
    assert re.search("model 'mine', its features:\n.*no column 'device'", log)


def test_new_cycles_of_a_device_never_heard_get_the_shares_of_all(job):
    run(job, "by_device")
    step, model = load(job.output.model)[0]
    _, whole = expected_shares(job.folds[0][0], ["device"])
    new = {"device": np.array(["Meditron", None], dtype=object)}
    said = say(model, step, new, Target())
    np.testing.assert_allclose(said.shares[0], whole, rtol=1e-12)
    assert said.called[0] == whole.argmax()
    assert np.isnan(said.called[1]) and np.isnan(said.shares[1]).all()
