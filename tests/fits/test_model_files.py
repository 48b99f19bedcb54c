"""A model file runs no code: what no fit has kept is refused."""

import json
import os
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import VALID_METRICS, KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer
from skops import io

from auscultation.data.target import Target
from auscultation.fits.estimators import fit_estimator
from auscultation.fits.load import load
from auscultation.fits.models import ConstantModel, LinearModel, save_arrays
from auscultation.fits.persist import keep
from auscultation.fits.pipeline import TRUSTED, Transformers, save_pipelines
from auscultation.fits.preprocess import Preprocessor
from auscultation.fits.run import run_fit
from auscultation.job.errors import InputError
from fit_lstsq import fit_lstsq

RNG = np.random.default_rng(0)
X, Y = RNG.random((80, 3)), RNG.integers(4, size=80)
STEP = Transformers(["a", "b", "c"]).fit(dict(zip("abc", X.T, strict=True)))
METRICS = ["euclidean", "manhattan", "chebyshev", "minkowski", "canberra", "braycurtis"]


class Runs:
    """What a pickle can do: leave a file behind when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize(
    "model",
    [
        *(KNeighborsClassifier(metric=metric, p=3) for metric in METRICS),
        KNeighborsClassifier(algorithm="ball_tree", metric="hamming"),
        RandomForestClassifier(n_estimators=3),
        ExtraTreesClassifier(n_estimators=3),
        LinearDiscriminantAnalysis(),
        HistGradientBoostingClassifier(max_iter=3),
    ],
    ids=lambda model: f"{type(model).__name__}-{getattr(model, 'metric', '')}",
)
def test_what_a_fit_keeps_is_loaded(tmp_path, model):
    save_pipelines(tmp_path / "m.skops", [model.fit(X, Y)], [STEP])
    ((_, again),) = load(tmp_path / "m.skops")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "foreign", [json.JSONDecoder, FunctionTransformer(os.system)], ids=["class", "function"]
)
def test_foreign_types_are_refused(tmp_path, foreign):
    path = tmp_path / "m.skops"
    io.dump([foreign], path)
    with pytest.raises(ValueError, match="what no fit keeps: (json.decoder|posix|nt).*"):
        load(path)


@pytest.mark.parametrize("kept", [{"folds": []}, [KNeighborsClassifier().fit(X, Y)]], ids=str)
def test_what_is_no_list_of_pipelines_is_refused(tmp_path, kept):
    """Such as a file of an earlier version."""
    io.dump(kept, tmp_path / "m.skops")
    with pytest.raises(ValueError, match="not a model that a fit has kept: no list"):
        load(tmp_path / "m.skops")


def test_a_changed_type_is_refused(tmp_path):
    """A file of ours, in which a tree has become a function."""
    path, changed = tmp_path / "m.skops", tmp_path / "changed.skops"
    save_pipelines(path, [RandomForestClassifier(2).fit(X, Y)], [STEP])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "schema.json":
                assert b'"sklearn.tree._tree"' in text
                text = text.replace(b'"sklearn.tree._tree"', b'"shutil"')
                text = text.replace(b'"Tree"', b'"rmtree"')
            new.writestr(name, text)
    with pytest.raises(ValueError, match="what no fit keeps: shutil.rmtree"):
        load(changed)


def test_distances_with_a_function_are_not_trusted():
    function = type(DistanceMetric.get_metric("pyfunc", func=max)).__name__
    assert not any(name.endswith(function) for name in TRUSTED)


@pytest.mark.parametrize("damage", ["truncated", "not a zip", "another zip"])
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = tmp_path / "m.skops"
    save_pipelines(path, [KNeighborsClassifier().fit(X, Y)], [STEP])
    if damage == "another zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("readme", "hello")
    else:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if damage == "truncated" else b"hello")
    with pytest.raises(ValueError, match="m.skops: not a model that a fit has kept"):
        load(path)


def test_pickled_arrays_are_refused(tmp_path):
    path, made = tmp_path / "m.npz", tmp_path / "made"
    save_arrays(path, [ConstantModel(1.0)], [Preprocessor(["a"])])
    arrays = dict(np.load(path))
    np.savez(path, **(arrays | {"value": np.array([Runs(str(made))], dtype=object)}))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load(path)
    assert not made.exists()


class Wrapped(KNeighborsClassifier):
    """An estimator of a user's own, whose type no model file may hold."""


EARLY = {"early_stopping": True, "max_iter": 3}
DISTANCES = ["dice", "haversine", "jaccard", "rogerstanimoto", "russellrao", "sokalmichener"]
DISTANCES += ["sokalsneath", "braycurtis", "canberra", "chebyshev", "cityblock", "correlation"]
DISTANCES += ["cosine", "euclidean", "hamming", "manhattan", "nan_euclidean", "sqeuclidean", "yule"]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        *(({"metric": name}, KNeighborsClassifier) for name in DISTANCES),
        ({"metric": "minkowski", "p": 1.5}, KNeighborsClassifier),
        ({"metric": "seuclidean", "metric_params": {"V": [1, 2]}}, KNeighborsClassifier),
        ({"metric": "mahalanobis", "metric_params": {"V": [[2, 0], [0, 1]]}}, KNeighborsClassifier),
        *(
            (EARLY | {"scoring": scoring}, HistGradientBoostingClassifier)
            for scoring in (None, "loss", "accuracy", "f1_macro", "roc_auc_ovr")
        ),
    ],
    ids=str,
)
def test_what_every_setting_makes_can_be_loaded(tmp_path, settings, kind):
    """Fault 11: whatever distance or early stopping the config asks for, its model loads."""
    fitted, path = kind(**settings).fit(X[:, :2], Y), tmp_path / "m.skops"
    step = Transformers(["a", "b"]).fit({"a": X[:, 0], "b": X[:, 1]})
    some = pa.table({"a": X[:5, 0], "b": X[:5, 1]})
    keep(path, save_pipelines, load, [fitted], [step], [some], Target("state"))
    ((_, again),) = load(path)
    np.testing.assert_array_equal(again.predict_proba(X[:, :2]), fitted.predict_proba(X[:, :2]))


def test_every_distance_of_the_library_is_trusted():
    """Fault 11: all distances but the one that calls a function are trusted, and no other name."""
    ours = {name for name in TRUSTED if "_dist_metrics" in name}
    named = {str(kind) for kind in VALID_METRICS["ball_tree"]} - {"pyfunc"}
    given = {"seuclidean": {"V": [1]}, "mahalanobis": {"V": [[1]]}, "minkowski": {"p": 3}}
    made = {type(DistanceMetric.get_metric(n, **given.get(n, {}))) for n in named}
    assert ours == {f"{kind.__module__}.{kind.__name__}" for kind in made}


def test_a_model_that_would_not_load_is_refused_when_it_is_saved(job):
    """Fault 11: an estimator of no trusted type is refused by name, and neither it nor a summary is kept."""
    job.output.model = job.output.model.with_suffix(".skops")
    said = f"^model 'mine': Wrapped cannot be kept so that it loads again: .*{__name__}.Wrapped"
    with pytest.raises(InputError, match=said):
        fit_estimator(job, Wrapped)
    assert not job.output.model.exists() and not job.output.summary.exists()
    assert not list(job.output.model.parent.glob(".model*"))


def test_a_model_that_loads_as_another_is_refused(job):
    """Fault 11: what is loaded has to predict what was fitted."""

    def forgets(path, models, steps):
        save_arrays(path, [LinearModel(model.theta + 1) for model in models], steps)

    with pytest.raises(InputError, match="LinearModel predicts something else when it is loaded"):
        run_fit(job, fit_lstsq, forgets, {})
    assert not job.output.model.exists()
