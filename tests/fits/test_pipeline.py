"""Pipelines as skops loads them without this project, and features imputed inside the fold."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target
from auscultation.export.new_patients import flags, known_features, say
from auscultation.fits.load import load
from auscultation.fits.pipeline import Transformers
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.fits.tuning import choose
from auscultation.job.errors import FitFailed
from fit_jobs import ESTIMATORS, SETTINGS, make_job, run

SCALES = ["none", "standard", "quantile", "log"]
FEATURES = ["Var", "sex", "age", "Range"]


def cycles(seed, n, fold=0, blank=0.2):
    """Cycles whose numbers are as small as the real ones; age and sex are blank in some."""
    random = np.random.default_rng(seed)
    state = random.choice(4, n)
    age = random.choice([3.0, 5.0, 60.0, 71.0], n)
    sex = random.choice(["F", "M"], n).astype(object)
    age[random.random(n) < blank] = np.nan
    sex[random.random(n) < blank] = None
    return pa.table(
        {
            "cycle": np.arange(n),
            "patient_ID": random.integers(101, 121, n),
            "state": state,
            "Var": random.gamma(1, 1e-4, n) * (1 + state),
            "Range": random.normal(0, 1e-2, n),
            "age": pa.array(age, from_pandas=True),
            "sex": pa.array(sex, from_pandas=True),
            "fold": np.full(n, fold),
        }
    )


def job_of(folder, blank=0.2, features=FEATURES):
    folds = [(cycles(f, 150, f, blank), cycles(f + 10, 60, f, blank)) for f in range(2)]
    made = make_job(folder, folds)
    made.params.features = features
    return made


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("missing", [None, "median", "most_frequent", "indicator", "keep"])
def test_transformers_are_the_arrays_preprocessing(scale, missing):
    """What .npz models use and what .skops models use makes the same numbers of the same cycles."""
    features, gaps = ["Range", *FEATURES[:-1], "rate"], 0.3 if missing else 0
    for seed in range(2):
        train, test = (
            columns_for(cycles(seed + k, 301, 0, gaps), features[:-1])
            | {"rate": np.arange(301.0) + k}
            for k in (0, 50)
        )
        test["rate"][:9] = np.nan if missing else 0  # blank in test cycles alone
        blank = ["age", "sex", "rate"] if missing else []
        settings = features, scale, blank, missing or "median"
        ours, theirs = (kind(*settings).fit(train) for kind in (Preprocessor, Transformers))
        assert ours.names == theirs.names and ours.imputed == theirs.imputed
        assert ("age missing" in ours.names) == (missing == "indicator")
        assert ("sex missing" in ours.names) == (missing in ("indicator", "keep"))
        for columns in (train, test):
            X = theirs.transform(columns)
            assert X.dtype == np.float64 and X.flags.c_contiguous
            assert np.isnan(X).any() == (missing == "keep")
            np.testing.assert_allclose(X, ours.transform(columns), rtol=1e-12, atol=1e-13)
            plain = theirs.plain().transform(columns)
            np.testing.assert_array_equal(plain, ours.plain().transform(columns))
        for name, values in ours.fitted.items():
            if values.dtype.kind == "f":
                np.testing.assert_allclose(theirs.fitted[name], values, rtol=1e-12, atol=1e-18)


def test_many_features_are_prepared_as_each_alone():
    """Runs of numbers: neither what is beside a number, nor a gap in it, changes a digit."""
    random = np.random.default_rng(4)
    names = [f"f{k}" for k in range(40)]
    columns = {name: random.normal(1, 10.0 ** (k % 9), 500) for k, name in enumerate(names)}
    columns["f7"][random.random(500) < 0.2] = np.nan
    columns["f11"] = random.choice(["a", "b"], 500).astype(object)
    for scale in SCALES:
        step = Transformers(names, scale, ["f7"]).fit(columns)
        assert [len(branch.places) for branch in step.branches] == [11, 1, 28]
        alone = [
            Transformers([n], scale, {"f7"} & {n}).fit(columns).transform(columns) for n in names
        ]
        np.testing.assert_array_equal(step.transform(columns), np.hstack(alone))


ALONE = """
import json, sys, warnings
import numpy as np, pandas as pd
from skops import io
warnings.simplefilter("error")
sys.modules["auscultation"] = None
for path, features, answers, tables in json.load(sys.stdin):
    pipelines = io.load(path, trusted=io.get_untrusted_types(file=path))
    assert type(pipelines) is list, path
    assert {type(p).__module__ for p in pipelines} == {"sklearn.pipeline"}, path
    predicted = []
    for fold, table in tables:
        frame = pd.read_parquet(table)  # with other columns, and in another order
        frame = frame[frame["fold"] == fold]
        pipeline = pipelines[fold]
        predicted.append(pipeline.predict(frame))
        array = frame[features].astype(object) if "sex" in features else frame[features]
        assert np.array_equal(pipeline.predict(array.to_numpy()), predicted[-1]), path
        if hasattr(pipeline, "predict_proba"):
            predicted[-1] = np.column_stack([predicted[-1], pipeline.predict_proba(frame)])
    np.savez(answers, *predicted)
"""


@pytest.mark.parametrize(
    ("scale", "missing", "features"),
    [
        ("none", "median", ["Range", "Var"]),
        ("none", "keep", FEATURES),
        ("standard", "indicator", FEATURES),
        ("quantile", "most_frequent", FEATURES),
        ("log", "median", FEATURES),
    ],
)
def test_skops_alone_predicts_what_the_workflow_predicted(tmp_path, scale, missing, features):
    asked, parts = [], {}
    few = ["hist_gradient_boosting", *["logistic_regression"] * (missing != "keep")]
    for algorithm in ESTIMATORS if scale == "standard" else few:  # features are the same for all
        folder = tmp_path / algorithm
        folder.mkdir()
        job = job_of(folder, features=features)
        job.params.scale, job.params.missing = scale, missing
        _, parts[algorithm], summary = run(job, algorithm, **SETTINGS[algorithm])
        tables = [(fold, str(vars(job.input)[part])) for fold, part in parts[algorithm]]
        answers = str(folder / "answers.npz")
        asked.append((str(job.output.model), summary["inputs"], answers, tables))
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    for algorithm, tables in parts.items():
        with np.load(tmp_path / algorithm / "answers.npz") as file:
            answers = [file[name] for name in file.files]
        for predicted, part in zip(answers, tables.values(), strict=True):
            predicted = predicted.reshape(len(predicted), -1)
            assert part["prediction"].to_pylist() == predicted[:, 0].tolist()
            for k in range(predicted.shape[1] - 1):
                assert part[f"p{k}"].to_pylist() == predicted[:, 1 + k].tolist()


def theirs(missing, estimator):
    """Make scikit-learn's pipeline of a frame whose blank cells are nan."""
    strategy = "most_frequent" if missing == "most_frequent" else "median"
    number = make_pipeline(SimpleImputer(strategy=strategy), StandardScaler())
    own = {"strategy": "constant", "fill_value": ""}
    text = make_pipeline(
        SimpleImputer(**own if missing == "indicator" else {"strategy": "most_frequent"}),
        OneHotEncoder(sparse_output=False),
    )
    parts = [(number, ["Var"]), (text, ["sex"]), (number, ["age"]), (number, ["Range"])]
    parts += [(MissingIndicator(), ["age"])] * (missing == "indicator")
    return make_pipeline(make_column_transformer(*parts), estimator)


class TestImputedInTheFold:
    @pytest.mark.parametrize("missing", ["median", "most_frequent", "indicator"])
    def test_by_the_training_part_alone(self, tmp_path, missing):
        job = job_of(tmp_path)
        job.params.scale, job.params.missing = "standard", missing
        _, parts, summary = run(job, "logistic_regression")
        assert summary["missing"] == missing and list(summary["folds"][0]["imputed"]) == [
            "sex",
            "age",
        ]
        for fold, tables in enumerate(job.folds):
            train, test = (t.to_pandas().replace({None: np.nan}) for t in tables)
            model = theirs(missing, LogisticRegression()).fit(train, train["state"])
            for part, frame in (("train", train), ("test", test)):
                shares = np.column_stack([parts[fold, part][f"p{k}"] for k in range(4)])
                np.testing.assert_allclose(shares, model.predict_proba(frame), rtol=1e-9)

    def test_kept_is_what_the_library_makes_of_nan(self, tmp_path):
        job = job_of(tmp_path, features=["Var", "age"])
        job.params.missing = "keep"
        _, parts, _ = run(job, "hist_gradient_boosting", **SETTINGS["hist_gradient_boosting"])
        for fold, (train, test) in enumerate(job.folds):
            X, Z = (table.select(["Var", "age"]).to_pandas().to_numpy() for table in (train, test))
            model = HistGradientBoostingClassifier(**SETTINGS["hist_gradient_boosting"])
            expected = model.fit(X, train["state"].to_numpy()).predict_proba(Z)
            shares = np.column_stack([parts[fold, "test"][f"p{k}"] for k in range(4)])
            np.testing.assert_array_equal(shares, expected)
        with pytest.raises(SystemExit):
            run(job, "lstsq")
        log = Path(job.log[0]).read_text(encoding="utf-8")
        assert "model 'mine', fold 0: `missing: keep` leaves values missing" in log

    @pytest.mark.parametrize("algorithm", ["lstsq", "by_device", "knn", "most_frequent"])
    def test_test_cycles_have_no_say_and_the_file_loads_again(self, tmp_path, algorithm):
        job = job_of(tmp_path, blank=0.0)
        job.params.missing = "most_frequent"
        train = job.folds[0][0]
        oldest = [71.0] * 60
        test = [
            side.set_column(side.column_names.index("age"), "age", pa.array([*oldest[:59], None]))
            for _, side in job.folds
        ]
        write_parquet(iter(test), job.input.test)
        _, parts, summary = run(job, algorithm)
        assert "failed" not in summary
        step, model = load(job.output.model)[0]
        counts = dict(zip(*np.unique(train["age"], return_counts=True), strict=True))
        (value,) = step.imputed["age"]
        assert value == max(sorted(counts), key=counts.get) and list(step.imputed) == ["age"]
        X = step.transform(columns_for(test[0], FEATURES))
        column = step.names.index("age")
        assert X[-1, column] == value and set(X[:-1, column]) == {71.0}
        np.testing.assert_array_equal(parts[0, "test"]["prediction"].to_numpy(), model.predict(X))

    def test_in_each_inner_fold_of_tuning(self):
        """What is imputed in an inner fold is what its own training part says."""
        train, learnt = cycles(4, 120), []

        class Noted(Preprocessor):
            def fit(self, columns):
                super().fit(columns)
                learnt.append((len(columns["age"]), dict(self.imputed)))
                return self

        tune = {"metric": "accuracy", "folds": 3, "seed": 0, "candidates": [{"n_neighbors": 3}]}
        y = train["state"].to_numpy()
        step = Noted(FEATURES, "none", ["age", "sex"])
        choose(train, y, lambda X, y, **s: KNeighborsClassifier(**s).fit(X, y), [step], tune)
        assert len(learnt) == 3 and all(n < 120 for n, _ in learnt) and not step.fitted
        assert all(set(imputed) == {"age", "sex"} for _, imputed in learnt)

    @pytest.mark.parametrize("kind", [Preprocessor, Transformers])
    def test_a_training_part_without_any_value(self, kind):
        columns = columns_for(cycles(1, 20), ["age"]) | {"age": np.full(20, np.nan)}
        with pytest.raises(FitFailed, match="'age' has no value in the training part"):
            kind(["age"], "none", ["age"]).fit(columns)

    def test_a_new_patient_without_one_is_called_something_and_flagged(self):
        """What a model was fitted to impute may be missing in a new workbook, and nothing else."""
        train = cycles(2, 100)
        columns = columns_for(train, FEATURES)
        step = Transformers(FEATURES, "standard", ["age", "sex"]).fit(columns)
        model = KNeighborsClassifier().fit(step.transform(columns), train["state"].to_numpy())
        new = {name: values[:3].copy() for name, values in columns.items()}
        new["age"][:], new["sex"][:] = [np.nan, 5, 5], ["F", None, "F"]
        new["Var"][2] = np.nan
        predicted = say(model, step, new, Target())
        assert np.isnan(predicted.called).tolist() == [False, False, True]
        missing = flags(new, known_features(train, FEATURES))
        assert [text for text in missing if "no" in text] == missing
        assert missing[0].endswith("no age") and missing[1].endswith("no sex")


class TestChosenFeatures:
    """Candidates of tune that differ in features, scale and what becomes of missing values."""

    CANDIDATES = (
        {"features": ["noise*"], "scale": "log"},
        {"features": ["*", "!noise*", "!age"], "scale": "standard", "missing": "indicator"},
    )

    def job(self, folder):
        """Folds in which another feature says what the state is."""
        random = np.random.default_rng(8)
        folds = []
        for fold, telling in enumerate(("first", "noise_1")):
            sides = []
            for n in (200, 60):
                state = random.integers(0, 2, n)
                numbers = {name: random.normal(0, 1, n) for name in ("noise_1", "first")}
                numbers[telling] += 9 * state
                keys = {"cycle": np.arange(n), "patient_ID": random.integers(0, 12, n)}
                keys |= {"state": state, "fold": np.full(n, fold), "age": np.full(n, 1e9)}
                place = random.choice(["a", "b", None], n)
                sides.append(pa.table(keys | {"place": place} | numbers))
            folds.append(tuple(sides))
        return make_job(folder, folds)

    @pytest.mark.parametrize("algorithm", ["knn", "lstsq"])
    def test_each_fold_may_choose_others_and_its_model_is_kept_with_them(self, tmp_path, algorithm):
        job = self.job(tmp_path)
        job.params.features = ["age"]
        candidates = list(self.CANDIDATES)
        job.params.tune = {"metric": "auc", "folds": 3, "seed": 0, "candidates": candidates}
        _, parts, summary = run(job, algorithm)
        first, second = summary["folds"]
        assert [fold["chosen"] for fold in (second, first)] == candidates
        assert summary["inputs"] == ["place", "first"] and summary["missing"] == "indicator"
        assert summary["features"] == ["place missing", "place=a", "place=b", "first"]
        assert not {"inputs", "features", "scale", "missing"} & first.keys()
        assert second["inputs"] == second["features"] == ["noise_1"]
        assert (second["scale"], second["missing"]) == ("log", "median")
        kept = load(job.output.model)
        for fold, ((step, model), (_, test)) in enumerate(zip(kept, job.folds, strict=True)):
            X = step.transform(columns_for(test, step.features))
            predicted = parts[fold, "test"]["prediction"].to_numpy()
            np.testing.assert_array_equal(model.predict(X), predicted)
