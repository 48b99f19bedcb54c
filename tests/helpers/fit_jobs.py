"""Jobs of the fitting scripts on tiny splits, and what every fit must have written."""

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, SVR, LinearSVC

from auscultation.data.parquet import write_parquet
from auscultation.fits.load import load

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ["Range", "Var", "Fine_Av"]
ESTIMATORS = {
    "linear_regression": LinearRegression,
    "knn": KNeighborsClassifier,
    "svr": SVR,
    "svc": SVC,
    "logistic_regression": LogisticRegression,
    "random_forest": RandomForestClassifier,
    "extra_trees": ExtraTreesClassifier,
    "lda": LinearDiscriminantAnalysis,
    "hist_gradient_boosting": HistGradientBoostingClassifier,
    "linear_svc": LinearSVC,
}
# Settings to run with: a seed where the algorithm draws, small numbers for tiny splits.
SETTINGS = {name: {} for name in ESTIMATORS} | {
    "random_forest": {"random_state": 0, "n_estimators": 8},
    "extra_trees": {"random_state": 0, "n_estimators": 8},
    "hist_gradient_boosting": {"random_state": 0, "max_iter": 5},
    "linear_svc": {"random_state": 0, "n_components": 20},
}
NUMPY = ["mean", "most_frequent", "stratified", "by_device", "lstsq"]
PROBABILITIES = {"knn", "logistic_regression", "random_forest", "hist_gradient_boosting"}
PROBABILITIES |= {"extra_trees", "lda"}
PROBABILITIES |= {"most_frequent", "stratified", "by_device"}


def side(random, fold, n, states):
    """Cycles of one side of a fold; the features say something about the state."""
    state = random.choice(states, n)
    table = {name: state * k + random.normal(0, 1, n) for k, name in enumerate(FEATURES)}
    table |= {"cycle": random.permutation(1000)[:n], "patient_ID": random.integers(101, 110, n)}
    return pa.table(table | {"state": state, "fold": np.full(n, fold)})


def two_folds(folder):
    """A job of a fitting rule on two folds; state 3 is missing from training, not from testing."""
    random = np.random.default_rng(11)
    folds = [
        (side(random, fold, 40, [0, 0, 1, 2]), side(random, fold, 15, [0, 1, 2, 3]))
        for fold in range(2)
    ]
    return make_job(folder, folds)


def make_job(folder, folds):
    paths = {name: folder / f"{name}.parquet" for name in ("train", "test", "predictions")}
    paths["summary"] = folder / "fit.json"
    write_parquet((train for train, _ in folds), paths["train"])
    write_parquet((test for _, test in folds), paths["test"])
    return SimpleNamespace(
        folds=folds,
        input=SimpleNamespace(train=paths["train"], test=paths["test"]),
        output=SimpleNamespace(
            model=folder / "model.npz", predictions=paths["predictions"], summary=paths["summary"]
        ),
        log=[folder / "fit.log"],
        threads=1,
        params=SimpleNamespace(
            settings={},
            features=FEATURES,
            scale="none",
            missing="median",
            tune={},
            timeout=None,
            kernel={"max_rows": 1000, "above": "error"},
        ),
        wildcards=SimpleNamespace(model="mine", split="half"),
    )


def run(job, algorithm, **settings):
    """Run the script as a job does; give the predictions, by fold and part, and the summary.

    The summary is without what the fit measured of itself, which is never the same twice.
    """
    job.params.settings = settings
    if algorithm in ESTIMATORS:
        job.output.model = job.output.model.with_suffix(".skops")
    runpy.run_path(str(ROOT / "scripts" / f"fit_{algorithm}.py"), {"snakemake": job})
    table, parts = pq.read_table(job.output.predictions), {}
    for fold, part in sorted(
        set(zip(table["fold"].to_pylist(), table["part"].to_pylist(), strict=False))
    ):
        chosen = (pc.field("fold") == fold) & (pc.field("part") == part)
        parts[fold, part] = table.filter(chosen)
    summary = json.loads(job.output.summary.read_text(encoding="utf-8"))
    assert summary.pop("measured")["peak_memory_mb"] > 0
    return table, parts, summary


def array(table):
    return np.column_stack([table[name].to_numpy() for name in FEATURES])


def sides(job, parts):
    """Fold, features and states of training, then each side's features and its predictions."""
    for fold, (train, test) in enumerate(job.folds):
        fitted = array(train), train["state"].to_numpy()
        for part, cycles in (("train", train), ("test", test)):
            yield fold, *fitted, array(cycles), parts[fold, part]


def shares(part):
    return np.column_stack([part[f"p{state}"].to_numpy() for state in range(4)])


def keeps_contract(job, table, has_probabilities):
    names = "cycle patient_ID fold part state prediction p0 p1 p2 p3"
    assert table.column_names == names.split()
    types = dict.fromkeys(table.column_names, pa.float64()) | {"part": pa.string()}
    types |= dict.fromkeys(("cycle", "patient_ID", "fold", "state"), pa.int64())
    assert {field.name: field.type for field in table.schema} == types
    keys = ("cycle", "patient_ID", "state")
    expected = [
        (*(row[name] for name in keys), fold, part)
        for fold, both in enumerate(job.folds)
        for part, cycles in zip(("train", "test"), both, strict=True)
        for row in cycles.to_pylist()
    ]
    given = (table[name].to_pylist() for name in (*keys, "fold", "part"))
    assert list(zip(*given, strict=True)) == expected
    assert {(3, fold, "test") for fold in (0, 1)} <= {row[2:] for row in expected}
    assert np.isfinite(table["prediction"].to_numpy()).all()
    nulls = {table[f"p{state}"].null_count for state in range(4)}
    assert nulls == {0 if has_probabilities else table.num_rows}
    if has_probabilities:
        np.testing.assert_allclose(shares(table).sum(1), 1, rtol=1e-12)
        assert not table["p3"].to_numpy().any()  # never seen in training


def without_result(job, message):
    """Hold that a job has said why there is no result, and that nothing can take it for one."""
    summary = json.loads(job.output.summary.read_text(encoding="utf-8"))
    assert re.match(message, summary["failed"]), summary["failed"]
    assert summary["folds"] == [] and summary["inputs"] == FEATURES
    table = pq.read_table(job.output.predictions)
    assert table.num_rows == 0 and table.column_names[-1] == "p3"
    with pytest.raises(ValueError, match="its fit has no result"):
        load(job.output.model)


def three_folds(folder):
    random = np.random.default_rng(5)
    states = [0, 0, 1, 2]
    return make_job(
        folder,
        [(side(random, f, 40, states), side(random, f, 15, states)) for f in range(3)],
    )


def products(job):
    """Bytes of all that a fit promises to be the same, with the model only where it is arrays."""
    summary = json.loads(job.output.summary.read_text(encoding="utf-8"))
    del summary["measured"]  # seconds and megabytes
    paths = [job.output.predictions, job.output.model]
    return [summary, *(path.read_bytes() for path in paths if path.suffix != ".skops")]


def compare_threads(folder, algorithm):
    """Hold that a fit gives the same with 1, 2 and 7 threads."""
    made = []
    for threads in (1, 2, 7):
        (folder / str(threads)).mkdir()
        job = three_folds(folder / str(threads))
        job.threads, job.params.settings = threads, SETTINGS.get(algorithm, {})
        if algorithm not in NUMPY:
            job.output.model = job.output.model.with_suffix(".skops")
        runpy.run_path(str(ROOT / "scripts" / f"fit_{algorithm}.py"), {"snakemake": job})
        assert job.output.model.exists()
        made.append(products(job))
    assert made[0] == made[1] == made[2]
