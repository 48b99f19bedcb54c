"""ONNX files predict what scikit-learn and the project's own models predict, or are not made."""

import itertools
import json
import re
from functools import partial

import numpy as np
import onnxruntime
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, SVR

from auscultation.export.onnx_agreement import agreement, cycles_held
from auscultation.export.onnx_graph import Graph, NotExported, finished, scaled
from auscultation.export.onnx_models import add_model
from auscultation.fits.kernels import approximate
from auscultation.fits.models import ConstantModel, LinearModel, MultiLayerPerceptron, RandomModel
from auscultation.fits.preprocess import Preprocessor
from auscultation.metrics.classes import to_class
from fit_by_device import fit_by_device
from fit_linear_svc import linear_svc

CLASSES = 4


def perceptron(X, y):
    """Two hidden layers of weights that were drawn, not fitted."""
    random, classes = np.random.default_rng(1), np.unique(y)
    widths = [X.shape[1], 7, 5, len(classes)]
    weights = [random.normal(0, 1, pair) for pair in itertools.pairwise(widths)]
    biases = [random.normal(0, 0.1, width) for width in widths[1:]]
    return MultiLayerPerceptron(weights, biases, classes)


MODELS = {
    "constant": lambda X, y: ConstantModel(1.4),
    "most_frequent": lambda X, y: ConstantModel(2, np.array([0.1, 0.2, 0.4, 0.3])),
    "lstsq": lambda X, y: LinearModel(np.arange(1.0, 2 + X.shape[1]) / 7),
    "linear_regression": LinearRegression().fit,
    "logistic_regression": LogisticRegression().fit,
    "knn": KNeighborsClassifier(3).fit,
    "svc": SVC(class_weight="balanced").fit,
    "svr": SVR().fit,
    "svr_poly": SVR(kernel="poly", coef0=0.5, degree=2).fit,
    "svr_sigmoid": SVR(kernel="sigmoid", gamma=0.1).fit,
    "svr_linear": SVR(kernel="linear").fit,
    "linear_svc": linear_svc(n_components=20).fit,
    "svr_large": partial(approximate, lambda *_: SGDRegressor(random_state=0)),
    "svc_large": partial(approximate, lambda *_: SGDClassifier(random_state=0)),
    "linear_svc_poly": linear_svc(kernel="poly", n_components=20).fit,
    "random_forest": RandomForestClassifier(8, random_state=0).fit,
    "extra_trees": ExtraTreesClassifier(8, random_state=0).fit,
    "lda": LinearDiscriminantAnalysis().fit,
    "mlp": perceptron,
    "hist_gradient_boosting": HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=3).fit,
}


def cycles(n=90, seed=1):
    """Columns of features as small as the real ones, with a category."""
    random = np.random.default_rng(seed)
    devices = np.array(["Meditron", "AKGC417L", "Litt3200"])[random.integers(0, 3, n)]
    numbers = {"Var": random.gamma(1, 1e-4, n), "Fine_Av": random.normal(0, 1e-5, n)}
    return numbers | {"age": random.uniform(1, 90, n), "device": devices}


def classes(columns, n_classes=CLASSES):
    """Classes that follow from the features, not quite."""
    ranks = np.argsort(np.argsort(columns["Var"] * (1 + (columns["age"] > 40))))
    y = ranks * n_classes // len(ranks)
    y[::9] = (y[::9] + 1) % n_classes
    return y


def exported(model, step, n_classes=CLASSES, **about):
    graph = Graph()
    said = add_model(graph, model, scaled(graph, step))
    made = finished(graph, said, len(step.names), n_classes, about)
    return made.SerializeToString(deterministic=True)


def as_given(step, columns):
    """The matrix that the file takes: unscaled, categories in columns."""
    return step.plain().transform(columns)


@pytest.mark.parametrize(
    ("name", "scale"),
    [*((name, "standard") for name in MODELS), ("lstsq", "none"), ("lstsq", "log"), ("svr", "log")],
)
def test_predicts_what_the_model_predicts(name, scale):
    columns, new = cycles(), cycles(40, seed=2)
    step = Preprocessor(list(columns), scale).fit(columns)
    model = MODELS[name](step.transform(columns), classes(columns))
    file = exported(model, step)
    session = onnxruntime.InferenceSession(file)
    names = [output.name for output in session.get_outputs()]
    said = dict(zip(names, session.run(None, {"features": as_given(step, new)}), strict=True))
    X = step.transform(new)
    raw = model.predict(X)
    assert said["class"].dtype == np.int64
    np.testing.assert_array_equal(said["class"], to_class(raw, CLASSES))
    assert len(set(to_class(raw, CLASSES).tolist())) > 1 or name in ("constant", "most_frequent")
    if "number" in said:
        np.testing.assert_allclose(said["number"], raw, rtol=1e-9, atol=1e-9)
    assert ("probabilities" in said) == hasattr(model, "predict_proba")
    if "probabilities" in said:
        np.testing.assert_allclose(said["probabilities"], model.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("missing", ["median", "indicator", "keep"])
@pytest.mark.parametrize("scale", ["none", "standard", "log"])
@pytest.mark.parametrize("name", ["logistic_regression", "hist_gradient_boosting"])
def test_missing_values_are_told_as_the_model_is_told_of_them(name, scale, missing):
    """In columns of their own where there are such; as nan where they are kept."""
    if missing == "keep" and name == "logistic_regression":
        return
    columns, new = cycles(), cycles(60, seed=2)
    y = classes(columns)
    for own in (columns, new):
        own["age"][::3], own["device"] = np.nan, own["device"].astype(object)
        own["device"][1::7] = None
    step = Preprocessor(list(columns), scale, ["age", "device"], missing).fit(columns)
    model = MODELS[name](step.transform(columns), y)
    assert ("age missing" in step.names) == (missing == "indicator")
    given = as_given(step, new)
    assert np.isnan(given).any() == (missing == "keep")
    same = agreement(exported(model, step), model, given, step.transform(new), CLASSES)
    assert same.holds and same.cycles == 60


@pytest.mark.parametrize(
    ("features", "scale"),
    [(["device"], "none"), (["device", "age"], "standard"), (["age"], "none")],
)
def test_groups_are_those_whose_features_are_equal(features, scale):
    columns = cycles() | {"age": np.repeat([-1.5, 0.0, 70.1], 30)}
    step = Preprocessor(features, scale).fit(columns)
    model = fit_by_device(step.transform(columns), classes(columns))
    new = cycles(40, seed=2) | {"age": np.tile([-1.5, -0.0, 70.1, 70.2], 10)}
    new["device"] = np.where(np.arange(40) < 8, "LittC2SE", new["device"])  # never heard
    X = step.transform(new)
    same = agreement(exported(model, step), model, as_given(step, new), X, CLASSES)
    assert same.holds and same.cycles == 40 and same.share == 0


@pytest.mark.parametrize(
    "name", ["logistic_regression", "lda", "mlp", "linear_svc", "hist_gradient_boosting"]
)
def test_two_classes_of_which_the_first_is_not_there(name):
    columns = cycles()
    step = Preprocessor(["Var", "age"], "standard").fit(columns)
    X, y = step.transform(columns), classes(columns, 2) + 1
    model = MODELS[name](X, y)
    same = agreement(exported(model, step, 3), model, as_given(step, columns), X, 3)
    assert same.holds and same.cycles == 90
    assert set(model.predict(X).tolist()) == {1, 2}


@pytest.mark.parametrize("name", ["random_forest", "extra_trees", "hist_gradient_boosting"])
def test_trees_look_as_closely_as_the_estimators_do(name):
    # a forest rounds to float32, so that this is not beyond its threshold; boosting does not
    columns = {"age": np.repeat([0.0, 1.0], 30)}
    step = Preprocessor(["age"]).fit(columns)
    model = MODELS[name](step.transform(columns), np.repeat([0, 1], 30))
    X = np.array([[0.5 - 1e-12], [0.5], [0.5 + 1e-12]])
    assert model.predict(X)[2] == (name == "hist_gradient_boosting")
    assert agreement(exported(model, step, 2), model, X, X, 2).holds


def test_what_it_says_of_itself_and_the_same_bytes():
    columns = cycles()
    step = Preprocessor(["Var"], "none").fit(columns)
    model = MODELS["random_forest"](step.transform(columns), classes(columns))
    about = {"columns": step.names, "classes": ["normal", "crackles"], "workbook_sha256": "ab"}
    file = exported(model, step, **about)
    assert file == exported(model, step, **about)
    said = onnxruntime.InferenceSession(file).get_modelmeta().custom_metadata_map
    assert json.loads(said["columns"]) == ["Var"] and said["workbook_sha256"] == "ab"
    assert "not a medical device" in said["use"]


def test_no_name_is_an_address_in_memory():
    columns = cycles()
    step = Preprocessor(["Var", "age"], "standard").fit(columns)
    X = step.transform(columns)
    model = KNeighborsClassifier(3, metric="manhattan").fit(X, classes(columns))
    file = exported(model, step)
    assert re.search(rb"norm_\d+_Abs", file) and not re.search(rb"_\d{9,}_", file)
    assert agreement(file, model, as_given(step, columns), X, CLASSES).holds


def test_a_file_of_another_model_does_not_agree():
    columns = cycles()
    step = Preprocessor(["Var", "age"], "standard").fit(columns)
    X, y = step.transform(columns), classes(columns)
    given = as_given(step, columns)
    for fit, other in (
        (KNeighborsClassifier(3).fit, KNeighborsClassifier(4).fit),
        (SVR().fit, SVR(epsilon=0.11).fit),
        (LogisticRegression().fit, LogisticRegression(C=1.001).fit),
    ):
        one, two = fit(X, y), other(X, y)
        assert agreement(exported(one, step), one, given, X, CLASSES).holds
        same = agreement(exported(one, step), two, given, X, CLASSES)
        assert not same.holds and max(same.other_class, same.number, same.share) > 0


def test_why_there_is_no_file():
    columns = cycles()
    plain = Preprocessor(["Var", "age"], "none").fit(columns)
    X, y = plain.transform(columns), classes(columns)
    ranks = Preprocessor(["Var"], "quantile").fit(columns)
    with pytest.raises(NotExported, match="quantile"):
        exported(LinearModel(np.ones(2)), ranks)
    with pytest.raises(NotExported, match="random"):
        exported(RandomModel(np.array([0.5, 0.5]), 0), plain)
    with pytest.raises(NotExported, match="laplacian"):
        exported(linear_svc(kernel="laplacian", n_components=5).fit(X, y), plain)
    with pytest.raises(NotExported, match="skl2onnx"):
        exported(KNeighborsClassifier(3, metric="canberra").fit(X, y), plain)
    with pytest.raises(NotExported, match="object"):
        exported(object(), plain)


def test_models_that_hold_cycles():
    columns = cycles()
    step = Preprocessor(["Var", "age"], "standard").fit(columns)
    X, y = step.transform(columns), classes(columns)
    machine = SVC().fit(X, y)
    assert cycles_held(KNeighborsClassifier().fit(X, y)) == 90
    assert cycles_held(machine) == len(machine.support_)
    assert cycles_held(linear_svc(n_components=20).fit(X, y)) == 20
    assert cycles_held(LogisticRegression().fit(X, y)) == 0
