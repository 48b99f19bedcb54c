"""A model file runs no code: what no fit has kept is refused."""

import json
import os
import zipfile

import numpy as np
import pytest
from lib.models import TRUSTED, ConstantModel, load, save_arrays, save_estimators
from lib.preprocess import Preprocessor
from skops import io
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

RNG = np.random.default_rng(0)
X, Y = RNG.random((80, 3)), RNG.integers(4, size=80)
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
        HistGradientBoostingClassifier(max_iter=3),
    ],
    ids=lambda model: f"{type(model).__name__}-{getattr(model, 'metric', '')}",
)
def test_what_a_fit_keeps_is_loaded(tmp_path, model):
    step = Preprocessor(["a", "b", "c"])
    save_estimators(tmp_path / "m.skops", [model.fit(X, Y)], [step])
    ((_, again),) = load(tmp_path / "m.skops")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "foreign", [json.JSONDecoder, FunctionTransformer(os.system)], ids=["class", "function"]
)
def test_foreign_types_are_refused(tmp_path, foreign):
    path = tmp_path / "m.skops"
    io.dump({"features": [], "preprocess": [], "folds": [foreign]}, path)
    with pytest.raises(ValueError, match="what no fit keeps: (json.decoder|posix|nt).*"):
        load(path)


def test_a_changed_type_is_refused(tmp_path):
    """A file of ours, in which a tree has become a function."""
    path, changed = tmp_path / "m.skops", tmp_path / "changed.skops"
    save_estimators(path, [RandomForestClassifier(2).fit(X, Y)], [Preprocessor(["a", "b", "c"])])
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
    save_estimators(path, [KNeighborsClassifier().fit(X, Y)], [Preprocessor(["a", "b", "c"])])
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
