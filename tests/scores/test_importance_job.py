"""The job that permutes the features of a fit: on fits as the workflow makes and keeps them."""

import json
import runpy
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import importance
from auscultation.data.derived import derive
from auscultation.fits.load import load
from auscultation.fits.preprocess import columns_for
from auscultation.job.errors import InputError
from auscultation.scores.comparison import Fit
from auscultation.scores.importance import values_of
from auscultation.scores.permutation import donor_rows, permuted
from auscultation.scores.tested import read_tested
from cohorts import only
from fit_jobs import ROOT, make_job

FIT: Fit = {"model": "mine", "algorithm": "knn", "split": "half"}
WANTED = {"groups": "correlated", "limit": 0.7, "repeats": 3, "seed": 0}
FEATURES = ["Range", "clinic", "duration", "twice"]


def side(rng, fold, n, first):
    """Cycles of one side of a fold: with a category, gaps, a derived column and a copy of a feature."""
    state = rng.choice(4, n)
    size = state + rng.normal(size=n)
    start = rng.random(n)
    clinic = np.array(["north", "south", "east"], dtype=object)[rng.integers(0, 3, n)]
    clinic[rng.random(n) < 0.1] = None
    columns = {
        "Range": size,
        "twice": np.where(rng.random(n) < 0.2, np.nan, 2 * size),
        "clinic": pa.array(clinic, pa.string()),
        "start": start,
        "end": start + rng.random(n) + state,
        "cycle": first + np.arange(n),
        "patient_ID": rng.integers(101, 109, n),
        "state": state,
        "fold": np.full(n, fold),
    }
    return pa.table(columns)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A fit of two folds as its job keeps it, and a job that permutes its features."""
    folder, rng = tmp_path_factory.mktemp("fitted"), np.random.default_rng(0)
    job = make_job(folder, [(side(rng, k, 60, 0), side(rng, k, 40, 100 * (k + 1))) for k in (0, 1)])
    job.params.features, job.params.missing = FEATURES, "indicator"
    job.output.model = folder / "model.skops"
    runpy.run_path(str(ROOT / "scripts" / "fit_knn.py"), {"snakemake": job})
    pq.write_table(
        pa.concat_tables(test.drop(["fold"]) for _, test in job.folds), folder / "c.parquet"
    )
    return folder, job


def permuting(fitted, out, fit=FIT, **changes):
    folder, job = fitted
    names = {
        "model": job.output.model,
        "summary": job.output.summary,
        "predictions": job.output.predictions,
        "test": job.input.test,
        "cycles": folder / "c.parquet",
    }
    output = SimpleNamespace(rows=out / "rows.parquet", without=out / "without.parquet")
    params = {"fit": fit, "importance": WANTED, "sets": {}, "families": []} | changes
    made = SimpleNamespace(input=SimpleNamespace(**names), output=output)
    made.params = SimpleNamespace(**params)
    return made


def run(made):
    importance.main(made)
    return [pq.read_table(path) for path in (made.output.rows, made.output.without)]


def test_the_value_is_that_of_the_predictions(fitted, tmp_path):
    rows, without = (table.to_pylist() for table in run(permuting(fitted, tmp_path)))
    tested = read_tested(fitted[1].output.predictions, FIT)
    assert {row["group"]: row["features"] for row in rows} == {
        "Range + twice": "Range; twice",
        "clinic": "clinic",
        "duration": "duration",
    }
    for metric, value in values_of(tested).items():
        assert {r["value"] for r in rows if r["metric"] == metric} == {value.value}
    score = only(rows, group="Range + twice", metric="icbhi_score")
    assert score["loss"] > 0.05 and FIT.items() <= score.items() and score["n_repeats"] == 3
    assert len(without) == len(rows) * len(tested.ids)


def test_permuting_the_matrix_is_permuting_the_columns(fitted):
    """A category's 0/1 columns, those for gaps, and what is derived go with their feature."""
    folder, job = fitted
    tested = read_tested(job.output.predictions, FIT)
    folds = importance.held_out(job.output.model, job.input.test, tested)
    assert folds[0].features.count("clinic") > 3 and folds[0].features.count("twice") == 2
    for (step, model), fold, (_, test) in zip(
        load(job.output.model), folds, job.folds, strict=True
    ):
        columns = columns_for(test, FEATURES)
        plain = {name: derive(columns, name) for name in FEATURES}
        patient = np.unique(test["patient_ID"].to_numpy(), return_inverse=True)[1]
        rows = donor_rows(patient, 0 * patient, 1, 0)[0]
        for group in (["clinic"], ["duration", "twice"]):
            own = np.flatnonzero(np.isin(fold.features, group))
            changed = plain | {name: plain[name][rows] for name in group}
            X = permuted(fold.X, own, rows)
            np.testing.assert_array_equal(X, step.transform(changed))
            np.testing.assert_array_equal(fold.predict(X)[1], model.predict_proba(X)[:, :4])


def test_groups_can_be_sets_or_families(fitted, tmp_path):
    sets = {"time": ["duration"], "size": ["Range", "twice"]}
    made = permuting(fitted, tmp_path, importance=WANTED | {"groups": "sets"}, sets=sets)
    rows, _ = run(made)
    assert {*rows["group"].to_pylist()} == {"size", "clinic", "time"}
    made = permuting(fitted, tmp_path, importance=WANTED | {"groups": "families"})
    rows, _ = run(made)
    assert {*rows["group"].to_pylist()} == {*FEATURES}


def test_a_fit_without_a_result_has_no_rows(fitted, tmp_path):
    made = permuting(fitted, tmp_path)
    rows, without = run(made)
    made.input.predictions, made.input.model = tmp_path / "none.parquet", tmp_path / "none"
    pq.write_table(pq.read_table(fitted[1].output.predictions).slice(0, 0), made.input.predictions)
    made.input.model.touch()
    made.input.summary = tmp_path / "fit.json"
    made.input.summary.write_text(json.dumps({"failed": "why", "inputs": FEATURES, "folds": []}))
    for table, filled in zip(run(made), (rows, without), strict=True):
        assert table.num_rows == 0 and table.schema == filled.schema


def test_another_test_part_is_an_error(fitted, tmp_path):
    made = permuting(fitted, tmp_path)
    table = pq.read_table(made.input.predictions)
    place = table.schema.get_field_index("cycle")
    moved = table.set_column(place, "cycle", pa.compute.add(table["cycle"], 1))
    made.input.predictions = tmp_path / "moved.parquet"
    pq.write_table(moved, made.input.predictions)
    with pytest.raises(InputError, match="fold 0 has other cycles"):
        run(made)


def test_features_are_those_of_all_folds():
    summary = {"inputs": ["a"], "folds": [{}, {"inputs": ["b", "a"]}]}
    assert importance.features_of(summary) == ["a", "b"]
