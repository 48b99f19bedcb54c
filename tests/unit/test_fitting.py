"""Every algorithm's script on tiny splits: predictions, model file, summary, refusals."""

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
from fit_lstsq import fit_lstsq
from fit_stratified import fit_stratified
from lib.fitting import fit_estimator
from lib.job import InputError
from lib.models import load
from lib.table import write_parquet
from skops import io
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, SVR, LinearSVC

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ["Range", "Var", "Fine_Av"]
ESTIMATORS = {
    "linear_regression": LinearRegression,
    "knn": KNeighborsClassifier,
    "svr": SVR,
    "svc": SVC,
    "logistic_regression": LogisticRegression,
    "random_forest": RandomForestClassifier,
    "hist_gradient_boosting": HistGradientBoostingClassifier,
    "linear_svc": LinearSVC,
}
# Settings to run with: a seed where the algorithm draws, small numbers for tiny splits.
SETTINGS = {name: {} for name in ESTIMATORS} | {
    "random_forest": {"random_state": 0, "n_estimators": 8},
    "hist_gradient_boosting": {"random_state": 0, "max_iter": 5},
    "linear_svc": {"random_state": 0, "n_components": 20},
}
PROBABILITIES = {"knn", "logistic_regression", "random_forest", "hist_gradient_boosting"}
PROBABILITIES |= {"most_frequent", "stratified"}
NUMPY = ["mean", "most_frequent", "stratified", "lstsq"]
TREE = ["sklearn.metrics._dist_metrics.EuclideanDistance64", "sklearn.neighbors._kd_tree.KDTree"]
TRUSTED = dict.fromkeys(ESTIMATORS, []) | {
    "knn": TREE,
    "random_forest": ["sklearn.tree._tree.Tree"],
    "hist_gradient_boosting": ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
}


def estimator(algorithm):
    """Make scikit-learn's own, with the settings to run with."""
    if algorithm == "linear_svc":
        return make_pipeline(Nystroem(n_components=20, random_state=0), LinearSVC(random_state=0))
    return ESTIMATORS[algorithm](**SETTINGS[algorithm])


def side(random, fold, n, states):
    """Cycles of one side of a fold; the features say something about the state."""
    state = random.choice(states, n)
    table = {name: state * k + random.normal(0, 1, n) for k, name in enumerate(FEATURES)}
    table |= {"cycle": random.permutation(1000)[:n], "patient_ID": random.integers(101, 110, n)}
    return pa.table(table | {"state": state, "fold": np.full(n, fold)})


@pytest.fixture
def job(tmp_path):
    """A job of a fitting rule on two folds; state 3 is missing from training, not from testing."""
    random = np.random.default_rng(11)
    folds = [
        (side(random, fold, 40, [0, 0, 1, 2]), side(random, fold, 15, [0, 1, 2, 3]))
        for fold in range(2)
    ]
    return make_job(tmp_path, folds)


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
            tune={},
            timeout=None,
            kernel={"max_rows": 1000, "above": "error"},
        ),
        wildcards=SimpleNamespace(model="mine", split="half"),
    )


def run(job, algorithm, **settings):
    """Run the script as a job does; give the predictions, by fold and part, and the summary."""
    job.params.settings = settings
    if algorithm in ESTIMATORS:
        job.output.model = job.output.model.with_suffix(".skops")
    runpy.run_path(str(ROOT / "scripts" / f"fit_{algorithm}.py"), {"snakemake": job})
    table, parts = pq.read_table(job.output.predictions), {}
    for fold, part in sorted(set(zip(table["fold"].to_pylist(), table["part"].to_pylist()))):
        chosen = (pc.field("fold") == fold) & (pc.field("part") == part)
        parts[fold, part] = table.filter(chosen)
    return table, parts, json.loads(job.output.summary.read_text(encoding="utf-8"))


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


class TestEveryAlgorithm:
    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    def test_predictions_keep_the_contract(self, job, algorithm):
        table, _, summary = run(job, algorithm, **SETTINGS.get(algorithm, {}))
        keeps_contract(job, table, algorithm in PROBABILITIES)
        assert summary["features"] == summary["inputs"] == FEATURES
        assert summary["scale"] == "none" and "tune" not in summary
        assert [fold["fold"] for fold in summary["folds"]] == [0, 1]
        assert [fold["warnings"] for fold in summary["folds"]] == [[], []]
        assert not any("converged" in fold for fold in summary["folds"]) and "failed" not in summary

    @pytest.mark.parametrize("algorithm", ESTIMATORS)
    def test_estimators_are_scikit_learns_own_and_load_again(self, job, algorithm):
        _, parts, summary = run(job, algorithm, **SETTINGS[algorithm])
        known = ESTIMATORS[algorithm]().get_params().keys()
        assert known <= summary["settings"].keys()
        assert sorted(io.get_untrusted_types(file=job.output.model)) == TRUSTED[algorithm]
        saved = io.load(job.output.model, trusted=TRUSTED[algorithm])
        assert saved["features"] == FEATURES and len(saved["folds"]) == 2
        for fold, X, y, seen, part in sides(job, parts):
            model = estimator(algorithm).fit(X, y)
            np.testing.assert_allclose(part["prediction"], model.predict(seen), rtol=1e-12)
            again = saved["folds"][fold].predict(seen)
            np.testing.assert_array_equal(part["prediction"].to_numpy(), again)
            if algorithm in PROBABILITIES:
                expected = model.predict_proba(seen)
                np.testing.assert_allclose(shares(part)[:, :3], expected, atol=1e-12)

    @pytest.mark.parametrize("algorithm", NUMPY)
    def test_coefficients_load_again(self, job, algorithm):
        _, parts, _ = run(job, algorithm)
        saved = dict(np.load(job.output.model, allow_pickle=False))
        assert saved["features"].tolist() == FEATURES
        for fold, _, _, seen, part in sides(job, parts):
            if algorithm == "stratified":
                got = load(job.output.model)[fold][1].predict(seen)
            elif algorithm == "lstsq":
                theta = saved["theta"][fold]
                got = theta[0] + seen @ theta[1:]
            else:
                got = np.full(len(seen), saved["value"][fold])
            np.testing.assert_allclose(part["prediction"].to_numpy(), got, rtol=1e-14)
            if algorithm in ("most_frequent", "stratified"):
                np.testing.assert_array_equal(
                    shares(part)[0][:3], saved["shares"][fold]
                )  # no 3 in training


class TestNumpyModels:
    def test_mean_is_the_dummy_regressor(self, job):
        for _, X, y, seen, part in sides(job, run(job, "mean")[1]):
            expected = DummyRegressor().fit(X, y).predict(seen)
            np.testing.assert_allclose(part["prediction"].to_numpy(), expected, rtol=1e-14)

    def test_most_frequent_is_the_dummy_classifier(self, job):
        for _, X, y, seen, part in sides(job, run(job, "most_frequent")[1]):
            dummy = DummyClassifier(strategy="prior").fit(X, y)
            assert part["prediction"].to_pylist() == dummy.predict(seen).tolist()
            np.testing.assert_allclose(shares(part)[:, :3], dummy.predict_proba(seen), rtol=1e-14)

    def test_stratified_has_the_shares_of_the_dummy_classifier(self, job):
        _, parts, summary = run(job, "stratified", seed=4)
        assert summary["settings"] == {"seed": 4}
        for _, X, y, seen, part in sides(job, parts):
            dummy = DummyClassifier(strategy="stratified", random_state=0).fit(X, y)
            np.testing.assert_allclose(shares(part)[0, :3], dummy.class_prior_, rtol=1e-14)
            model = fit_stratified(X, y, seed=4)
            assert part["prediction"].to_pylist() == model.predict(seen).tolist()
            drawn = model.predict(np.zeros(100_000))
            got = np.bincount(drawn, minlength=4) / len(drawn)
            np.testing.assert_allclose(got[:3], dummy.class_prior_, atol=0.006)
            assert (drawn != fit_stratified(X, y, seed=5).predict(drawn)).any()

    def test_lstsq_is_linear_regression(self, job):
        _, parts, summary = run(job, "lstsq")
        for fold, X, y, seen, part in sides(job, parts):
            model = LinearRegression().fit(X, y)
            np.testing.assert_allclose(part["prediction"], model.predict(seen), rtol=1e-10)
            (theta,) = summary["folds"][fold]["theta"]
            np.testing.assert_allclose(theta, [model.intercept_, *model.coef_], rtol=1e-10)
        assert summary["settings"] == {"rcond": None}

    def test_lstsq_minds_features_of_all_sizes(self):
        random = np.random.default_rng(3)
        X = random.normal(size=(200, 3)) * [1, 1e-4, 1e-9]
        theta = np.array([0.5, 2.0, -3e4, 4e8])
        model = fit_lstsq(X, theta[0] + X @ theta[1:])
        np.testing.assert_allclose(model.theta, theta, rtol=1e-9)
        assert abs(fit_lstsq(X, X[:, 2] * 4e8, rcond=1e-6).theta[3]) < 1


class TestSettings:
    def test_reach_the_library(self, job):
        _, parts, summary = run(job, "knn", n_neighbors=1, weights="distance")
        assert {"n_neighbors": 1, "weights": "distance"}.items() <= summary["settings"].items()
        for _, X, y, seen, part in sides(job, parts):
            nearest = y[((seen[:, None] - X[None]) ** 2).sum(2).argmin(1)]
            assert part["prediction"].to_pylist() == nearest.tolist()

    def test_warnings_are_kept_for_each_fold(self, job):
        _, _, summary = run(job, "logistic_regression", max_iter=1)
        for fold in summary["folds"]:
            (said,) = fold["warnings"]
            assert "failed to converge" in said
            assert fold["iterations"] == [1] and fold["converged"] is False

    @pytest.mark.parametrize(
        ("estimator", "settings", "message"),
        [
            (KNeighborsClassifier, {"n_neighbours": 3}, "'n_neighbours'"),
            (KNeighborsClassifier, {"n_neighbors": -3}, "'n_neighbors'.*-3"),
            (KNeighborsClassifier, {"metric": "crow"}, "'metric'.*'crow'"),
            (LogisticRegression, {"solver": "liblinear"}, "liblinear"),
            (SVR, {"C": 0}, "'C' parameter of SVR"),
            (LogisticRegression, {"dual": True}, "dual=False"),
            (HistGradientBoostingClassifier, {"scoring": "crow", "early_stopping": True}, "crow"),
            (KNeighborsClassifier, {"metric": "seuclidean", "metric_params": {"w": [1]}}, "'w'"),
        ],
    )
    def test_refused_with_the_models_name(self, job, estimator, settings, message):
        job.params.settings = settings
        with pytest.raises(InputError, match=f"(?s)^model 'mine'.*{message}"):
            fit_estimator(job, estimator)
        assert not any(path.exists() for path in vars(job.output).values())
