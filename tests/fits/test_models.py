"""Tuning, class weights, preprocessing and kept models, by way of the scripts."""

import re
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from auscultation.data.parquet import write_parquet
from auscultation.fits.load import load
from auscultation.fits.models import save_arrays, stack
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.fits.tuning import choose
from auscultation.job.errors import FitFailed, InputError
from auscultation.metrics.classes import group_sums, metrics
from auscultation.splits.protocols.patient import patient
from fit_jobs import ESTIMATORS, NUMPY, SETTINGS, array, make_job, run, sides
from fit_lstsq import fit_lstsq

FEATURES = ["Range", "Var", "Fine_Av", "duration", "device", "sex"]
TUNE = {"metric": "accuracy", "folds": 3, "seed": 0}
NEIGHBOURS = [{"n_neighbors": k} for k in (1, 5, 25)]


def cycles(random, fold, n, patients, devices=("Meditron", "AKGC417L")):
    state = random.choice(4, n, p=[0.5, 0.25, 0.15, 0.1])
    start = random.uniform(0, 20, n)
    noise = random.normal(0, 1e-4, (3, n))
    table = {name: state * k * 1e-4 + noise[k] for k, name in enumerate(FEATURES[:3])}
    who = random.choice(patients, n)
    device = random.choice(devices, n)
    return pa.table(
        table
        | {
            "cycle": np.arange(n),
            "patient_ID": who,
            "state": state,
            "start": start,
            "end": start + random.uniform(0.5, 4, n),
            "sex": random.choice(["F", "M"], n),
            "device": device,
            "fold": np.full(n, fold),
        }
    )


@pytest.fixture
def job(tmp_path):
    """Two folds of patients; the first has trained on a device less than the second."""
    random = np.random.default_rng(8)
    some, others = np.arange(101, 121), np.arange(121, 127)
    folds = [
        (cycles(random, 0, 160, some, ["Meditron"]), cycles(random, 0, 50, others)),
        (cycles(random, 1, 160, some), cycles(random, 1, 50, others)),
    ]
    made = make_job(tmp_path, folds)
    made.params.features = FEATURES
    made.params.scale = "standard"
    return made


def rewrite(job, side, change):
    """Put other cycles on one side of every fold."""
    position = ("train", "test").index(side)
    job.folds = [
        tuple(change(table) if i == position else table for i, table in enumerate(both))
        for both in job.folds
    ]
    write_parquet((both[position] for both in job.folds), getattr(job.input, side))


def with_column(table, name, values):
    return table.set_column(table.column_names.index(name), name, pa.array(values))


class TestKept:
    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    @pytest.mark.parametrize("scale", ["none", "standard", "quantile", "log"])
    def test_loaded_models_predict_the_same(self, job, algorithm, scale):
        job.params.scale = scale
        _, parts, summary = run(job, algorithm, **SETTINGS.get(algorithm, {}))
        assert summary["inputs"] == FEATURES and summary["scale"] == scale
        assert summary["features"] == [*FEATURES[:4], "device=Meditron", "sex=F", "sex=M"]
        assert "features" not in summary["folds"][0]
        assert summary["folds"][1]["features"][4] == "device=AKGC417L"
        kept = load(job.output.model)
        assert len(kept) == 2
        for (step, model), both, fold in zip(kept, job.folds, range(2), strict=True):
            assert (step.features, step.scale) == (FEATURES, scale)
            for part, table in zip(("train", "test"), both, strict=True):
                got = model.predict(step.transform(columns_for(table, FEATURES)))
                assert np.array_equal(parts[fold, part]["prediction"].to_numpy(), got)

    def test_folds_of_other_lengths_are_filled_up(self):
        assert np.array_equal(stack([[1.0, 2.0], [3.0, 4.0]]), [[1, 2], [3, 4]])
        assert np.array_equal(stack([[1.0], [3.0, 4.0]]), [[1, np.nan], [3, 4]], equal_nan=True)


class TestPreprocessing:
    @pytest.mark.parametrize("algorithm", ["lstsq", "knn", "logistic_regression"])
    @pytest.mark.parametrize("scale", ["standard", "quantile", "log"])
    def test_test_rows_leave_the_model_unchanged(self, job, algorithm, scale):
        job.params.scale = scale
        run(job, algorithm)
        before = load(job.output.model)
        first = pq.read_table(job.output.predictions)
        rewrite(job, "test", lambda table: with_column(table, "Var", table["Var"].to_numpy() * 1e3))
        run(job, algorithm)
        for (step, model), (again, same) in zip(before, load(job.output.model), strict=True):
            assert step.fitted.keys() == again.fitted.keys()
            assert all(np.array_equal(step.fitted[k], again.fitted[k]) for k in step.fitted)
            X = step.transform(columns_for(job.folds[0][0], FEATURES))
            assert np.array_equal(model.predict(X), same.predict(X))
        second = pq.read_table(job.output.predictions)
        of = [table.filter(pa.compute.equal(table["part"], "train")) for table in (first, second)]
        assert of[0].equals(of[1]) and not first.equals(second)

    def test_is_scikit_learns_pipeline(self, job):
        job.params.features = FEATURES[:3]
        _, parts, _ = run(job, "logistic_regression")
        for _, X, y, seen, part in sides(job, parts):
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
            np.testing.assert_allclose(part["prediction"], model.predict(seen))
            np.testing.assert_allclose(part["p3"], model.predict_proba(seen)[:, 3], rtol=1e-9)

    def test_a_missing_column_is_named(self, job):
        rewrite(job, "train", lambda table: table.drop_columns(["end"]))
        with pytest.raises(SystemExit):
            run(job, "lstsq")
        assert "model 'mine', its features:" in job.log[0].read_text()
        assert "there is no column 'duration'" in job.log[0].read_text()


class TestClassWeight:
    WEIGHTS = {"0": 1, "1": 2.5, "2": 4, "3": 8}
    INTEGERS = {0: 1, 1: 2.5, 2: 4, 3: 8}

    @pytest.mark.parametrize("given", ["balanced", WEIGHTS])
    @pytest.mark.parametrize(
        ("algorithm", "theirs"),
        [
            ("svc", SVC),
            ("logistic_regression", LogisticRegression),
            ("random_forest", RandomForestClassifier),
            ("extra_trees", ExtraTreesClassifier),
            ("hist_gradient_boosting", HistGradientBoostingClassifier),
            (
                "linear_svc",
                lambda **s: make_pipeline(Nystroem(random_state=0), LinearSVC(**s)),
            ),
        ],
    )
    def test_is_scikit_learns(self, job, algorithm, theirs, given):
        job.params.features = FEATURES[:3]
        small = {} if algorithm == "linear_svc" else SETTINGS[algorithm]
        theirs = partial(theirs, **small | {"random_state": 0})
        _, parts, _ = run(job, algorithm, class_weight=given, **theirs.keywords)
        weights = given if given == "balanced" else self.INTEGERS
        for _, X, y, seen, part in sides(job, parts):
            scaler = StandardScaler().fit(X)
            model = theirs(class_weight=weights).fit(scaler.transform(X), y)
            want = model.predict(scaler.transform(seen))
            assert part["prediction"].to_pylist() == want.tolist()
            plain = theirs().fit(scaler.transform(X), y)
            if part["part"][0].as_py() == "test" and algorithm in ("svc", "logistic_regression"):
                assert (plain.predict(scaler.transform(seen)) != want).any()

    def test_weight_of_a_state_that_training_lacks(self, job):
        """Three states in training, and a weight for the fourth and one other."""
        job.params.features = FEATURES[:3]
        three = lambda t: with_column(t, "state", np.minimum(t["state"].to_numpy(), 2))  # noqa: E731
        rewrite(job, "train", three)
        _, parts, _ = run(job, "svc", class_weight={"2": 3, "3": 9}, random_state=0)
        for _, X, y, seen, part in sides(job, parts):
            model = make_pipeline(StandardScaler(), SVC(class_weight={2: 3})).fit(X, y)
            assert part["prediction"].to_pylist() == model.predict(seen).tolist()


class TestTune:
    def tuned(self, job, **settings):
        job.params.features = FEATURES[:3]
        job.params.tune = TUNE | {"candidates": NEIGHBOURS}
        return run(job, "knn", **settings)

    def test_scores_are_scikit_learns_on_folds_of_patients(self, job):
        _, parts, summary = self.tuned(job, weights="distance")
        assert summary["tune"] == TUNE | {"candidates": NEIGHBOURS}
        assert "n_neighbors" not in summary["settings"]
        assert summary["settings"]["weights"] == "distance"
        for fold, X, y, seen, part in sides(job, parts):
            train = job.folds[fold][0]
            who = train["patient_ID"].to_numpy()
            inner = patient({"patient_ID": who, "class": y}, folds=3, seed=0)
            scores = []
            for candidate in NEIGHBOURS:
                called = np.full(len(y), -1)
                for known, unknown in inner:
                    assert not set(who[known]) & set(who[unknown])
                    knn = KNeighborsClassifier(weights="distance", **candidate)
                    model = make_pipeline(StandardScaler(), knn).fit(X[known], y[known])
                    called[unknown] = model.predict(X[unknown])
                scores.append(np.mean(called == y))
            said = summary["folds"][fold]
            assert [c["settings"] for c in said["candidates"]] == NEIGHBOURS
            np.testing.assert_allclose([c["score"] for c in said["candidates"]], scores, rtol=1e-12)
            chosen = NEIGHBOURS[int(np.argmax(scores))]
            assert said["chosen"] == chosen
            knn = KNeighborsClassifier(weights="distance", **chosen)
            model = make_pipeline(StandardScaler(), knn).fit(X, y)
            assert part["prediction"].to_pylist() == model.predict(seen).tolist()

    def test_sees_no_test_row(self, job):
        table, _, summary = self.tuned(job)
        random = np.random.default_rng(0)
        rewrite(job, "test", lambda t: with_column(t, "state", random.permutation(t["state"])))
        again, _, said = self.tuned(job)
        assert said == summary
        assert again.drop_columns(["state"]).equals(table.drop_columns(["state"]))
        assert not again.equals(table)
        rewrite(job, "test", lambda t: with_column(t, "Var", -9 * t["Var"].to_numpy()))
        assert self.tuned(job)[2] == summary

    def choose(self, job, fit, metric="accuracy", candidates=NEIGHBOURS, folds=3):
        tune = {"metric": metric, "folds": folds, "seed": 0, "candidates": candidates}
        train = job.folds[0][0]
        steps = [Preprocessor(FEATURES[:3])] * len(candidates)
        return choose(train, train["state"].to_numpy(), fit, steps, tune)

    def constant(self, X, y, value):
        return type("Constant", (), {"predict": lambda self, X: np.full(len(X), value)})()

    @pytest.mark.parametrize(
        ("metric", "values", "best"),
        [
            ("accuracy", [1, 0, 0.2], 0),  # 0.2 is state 0 too: the first of equals
            ("mse", [0, 1, 3], 1),  # lower is better
            ("mae", [3, 0, 2], 0),
            ("r2", [3, 2, 0.9], 0.9),
            ("icbhi_score", [0.0, 0.1], 0.0),
        ],
    )
    def test_best_by_every_kind_of_metric(self, job, metric, values, best):
        given = self.choose(job, self.constant, metric, [{"value": v} for v in values])
        assert given["chosen"] == {"value": best}
        y = job.folds[0][0]["state"].to_numpy()
        scores = [c["score"] for c in given["candidates"]]
        expected = [metrics(group_sums(y, np.full(len(y), float(v)))[0])[metric] for v in values]
        np.testing.assert_allclose(scores, expected, rtol=1e-12)

    def test_metric_without_a_value(self, job):
        rewrite(job, "train", lambda t: with_column(t, "state", np.zeros(len(t), np.int64)))
        with pytest.raises(FitFailed, match=r"no candidate has a score \(sensitivity\)"):
            self.choose(job, self.constant, "sensitivity", [{"value": 0}])

    def test_a_candidate_that_diverges_is_not_chosen(self, job):
        given = self.choose(job, self.constant, "accuracy", [{"value": np.nan}, {"value": 3}])
        assert given["chosen"] == {"value": 3}
        assert given["candidates"][0]["score"] is None

    def test_what_cannot_be_tuned_is_said(self, job):

        def knn(X, y, n_neighbors):
            return KNeighborsClassifier(n_neighbors).fit(X, y)

        with pytest.raises(InputError, match="tuning with {'n_neighbors': 0}: .*n_neighbors"):
            self.choose(job, knn, candidates=[{"n_neighbors": 0}])

    def test_with_too_few_patients_it_says_how_many_would_do(self, job):
        """Fault 21: fewer patients than inner folds are counted, with the fewest that would do."""
        with pytest.raises(FitFailed, match="30 patients are the fewest that do, and it has 20"):
            self.choose(job, self.constant, folds=30)

    def test_a_candidate_that_the_cycles_are_too_few_for_is_not_chosen(self, job):
        """Fault 21: more neighbours than cycles of an inner fold is no score, with its reason."""

        def knn(X, y, n_neighbors):
            return KNeighborsClassifier(n_neighbors).fit(X, y)

        given = self.choose(job, knn, candidates=[{"n_neighbors": 999}, {"n_neighbors": 3}])
        assert given["chosen"] == {"n_neighbors": 3} and "failed" not in given["candidates"][1]
        first = given["candidates"][0]
        assert first["score"] is None
        assert re.match("inner fold 0: .*n_neighbors = 999, n_samples_fit", first["failed"])
        with pytest.raises(
            FitFailed, match=r"no candidate has a score \(accuracy\).*n_neighbors = 999"
        ):
            self.choose(job, knn, candidates=[{"n_neighbors": 999}])

    def test_tuned_number_of_iterations_is_kept(self, tmp_path):
        """Losses of other lengths can lie in one file."""
        models = [fit_lstsq(np.eye(3), np.arange(3)) for _ in range(2)]
        models[0].loss, models[1].loss = np.ones(3), np.ones(5)
        save_arrays(tmp_path / "m.npz", models, [Preprocessor(["a", "b", "c"])] * 2)
        kept = np.load(tmp_path / "m.npz", allow_pickle=False)
        assert kept["loss"].shape == (2, 5) and np.isnan(kept["loss"][0, 3:]).all()
        assert len(load(tmp_path / "m.npz")[0][1].theta) == 4


class TestThreads:
    @pytest.mark.parametrize(
        "algorithm", ["random_forest", "extra_trees", "hist_gradient_boosting"]
    )
    def test_their_number_changes_nothing(self, job, algorithm):
        settings = SETTINGS[algorithm] | {"max_features": 1 if algorithm[0] == "h" else 0.5}
        one = run(job, algorithm, **settings)
        kept = job.output.predictions.read_bytes()
        job.threads = 2
        two = run(job, algorithm, **settings)
        assert job.output.predictions.read_bytes() == kept
        assert one[2] == two[2]


def test_one_neighbour_knows_all_it_has_seen(job):
    """Every cycle is its own nearest neighbour where no other has its features."""
    job.params.features = FEATURES[:3]
    _, parts, _ = run(job, "knn", n_neighbors=1)
    for fold, (train, _) in enumerate(job.folds):
        assert len(np.unique(array(train), axis=0)) == len(train)
        assert parts[fold, "train"]["prediction"].to_pylist() == train["state"].to_pylist()
