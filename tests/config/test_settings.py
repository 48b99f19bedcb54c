"""Every setting of every algorithm: what the config takes, the library takes, and the other way.

Values are drawn from the schema: of the wrong type, beyond its limits, at its limits.
"""

import copy
import itertools
import warnings
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import get_scorer_names
from sklearn.neighbors import VALID_METRICS, KNeighborsClassifier
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from auscultation.config.combinations import DEFAULTS, OF_TWO_CLASSES, Beside, refused
from auscultation.config.resolve import ConfigError, resolve
from auscultation.fits import algorithms
from auscultation.fits.pipeline import Transformers, load_pipelines, save_pipelines
from fit_hist_gradient_boosting import hist_gradient_boosting
from fit_linear_svc import linear_svc
from fit_lstsq import fit_lstsq
from fit_stratified import fit_stratified

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
ALGORITHMS = {name: row.settings for name, row in algorithms.ALGORITHMS.items()}
SETTINGS = [(name, key) for name, known in sorted(ALGORITHMS.items()) for key in sorted(known)]
MADE = {
    "linear_regression": LinearRegression,
    "knn": KNeighborsClassifier,
    "svr": SVR,
    "svc": SVC,
    "logistic_regression": LogisticRegression,
    "linear_svc": linear_svc,
    "random_forest": RandomForestClassifier,
    "hist_gradient_boosting": hist_gradient_boosting,
}
FEATURES = ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]
# So that a fit is quick; the most that there may be is a user's own choice.
QUICK = {
    "random_forest": {"n_estimators": 3},
    "hist_gradient_boosting": {"max_iter": 2, "early_stopping": True},
}
AMOUNTS = {"n_estimators", "max_iter", "iterations", "max_samples", "intercept_scaling", "n_jobs"}
OF_CYCLES = {"n_neighbors", "validation_fraction"}  # limited by the cycles there are
EXAMPLES = {"metric_params": [None], "class_weight": [None, "balanced", {"0": 2, "1": 1}]}


def deref(part):
    return SCHEMA["$defs"][part["$ref"].rsplit("/", 1)[1]] | part if "$ref" in part else part


def choices(part):
    """The schemas of which a value has to meet one."""
    part = deref(part)
    return [c for one in part["anyOf"] for c in choices(one)] if "anyOf" in part else [part]


def kinds(part):
    kind = part.get("type", [])
    return [kind] if isinstance(kind, str) else kind


def takes(part, value):
    """Return whether a schema without references takes a number, by arithmetic alone."""
    if "enum" in part:
        return value in part["enum"]
    if not {"integer", "number"} & set(kinds(part)):
        return False
    whole = float(value).is_integer() if np.isfinite(value) else False
    return (
        np.isfinite(value)
        and ("number" in kinds(part) or whole)
        and value >= part.get("minimum", -np.inf)
        and value <= part.get("maximum", np.inf)
        and value > part.get("exclusiveMinimum", -np.inf)
        and value < part.get("exclusiveMaximum", np.inf)
    )


def numbers(parts):
    """Numbers at the limits of schemas, and beyond them."""
    found = {-1e30, -1, 0, 0.5, 1, 2, 1e30, float("inf"), float("-inf")}
    for part in parts:
        limits = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        for limit in (part[key] for key in limits if key in part):
            found |= {limit, limit - 1, limit + 1, limit - 1e-6, limit + 1e-6}
    return sorted(found)


def wrong_values(part):
    parts = choices(part)
    values = [v for v in numbers(parts) if not any(takes(one, v) for one in parts)]
    known = [value for one in parts for value in one.get("enum", [])]
    allowed = {kind for one in parts for kind in kinds(one)}
    values += [float("nan"), "unknown", "5", "", {"unknown": 1}, [[1]]]
    values += [] if "null" in allowed or None in known else [None]
    return values + ([] if "boolean" in allowed or True in known else [True])


def right_values(key, part):
    if key in EXAMPLES:
        return EXAMPLES[key]
    parts = choices(part)
    values = [value for one in parts for value in one.get("enum", [])]
    for one in parts:
        values += [None] if "null" in kinds(one) else []
        values += [True, False] if "boolean" in kinds(one) else []
    large = 1e6 if key not in AMOUNTS else 20
    fit = [v for v in numbers(parts) if any(takes(one, v) for one in parts) and v not in values]
    return values + [v for v in fit if abs(v) <= large or (v > 0 and key not in AMOUNTS | {"C"})]


def config(algorithm, target="state", **settings):
    models = {"mine": {"algorithm": algorithm, **settings}, "knn": {}}
    return {"splits": {"half": {}}, "models": models, "target": target}


def problems(given):
    try:
        resolve(given, SCHEMA)
    except ConfigError as error:
        return error.problems
    return []


@pytest.mark.parametrize(("algorithm", "key"), SETTINGS)
def test_wrong_values_are_named_by_the_config(algorithm, key):
    """Fault 12: a wrong value of any setting is named before anything starts."""
    values = wrong_values(ALGORITHMS[algorithm][key])
    assert len(values) > 5
    for value in values:
        said = problems(config(algorithm, **{key: value}))
        assert said, (key, value)
        assert all(line.startswith(f"models.mine.{key}") for line in said), said


def table(classes, n=40):
    """Features from 0 that say something of the class."""
    random = np.random.default_rng(5)
    y = np.arange(n) % classes
    return random.uniform(0, 1, (n, len(FEATURES))) + 0.3 * y[:, None], y


def fit(algorithm, settings, classes):
    """Fit as a job does, and predict."""
    X, y = table(classes)
    settings = copy.deepcopy(settings)  # a kNN adds to its metric_params
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = {int(name): w for name, w in weights.items()}
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        model = MADE[algorithm](**settings).fit(X, y)
        model.predict(X)
        if hasattr(model, "predict_proba"):
            model.predict_proba(X)
    return model


@pytest.mark.parametrize(("algorithm", "key"), [s for s in SETTINGS if s[0] in MADE])
def test_values_that_the_config_takes_can_be_fitted(algorithm, key):
    """Fault 12: what the config takes at the limits of a setting, the library takes."""
    fitted = 0
    for value in right_values(key, ALGORITHMS[algorithm][key]):
        if key in OF_CYCLES and value and not (value in range(1, 31) or 0.2 < value < 0.8):
            continue
        for target, classes in (("state", 4), ("crackles", 2)):
            given = config(algorithm, target, **QUICK.get(algorithm, {}) | {key: value})
            try:
                settings = resolve(given, SCHEMA)["models"]["mine"]["settings"]
            except ConfigError as error:
                # only what does not go together, and then the library does not take it either
                assert all(f"mine.{key}: " in line for line in error.problems), error
                settings = QUICK.get(algorithm, {}) | {key: value}
                assert library_refuses(algorithm, settings, classes), (key, value, error)
                continue
            fit(algorithm, settings, classes)
            fitted += 1
    assert fitted >= 1


def library_refuses(algorithm, settings, classes):
    try:
        fit(algorithm, settings, classes)
    except (TypeError, ValueError, ZeroDivisionError):
        return True
    return False


COMBINED = {
    "logistic_regression": {
        "solver": ["lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"],
        "l1_ratio": [None, 0, 0.5, 1],
        "dual": [False, True],
        "C": [1, float("inf")],
    },
    "linear_svc": {
        "loss": ["hinge", "squared_hinge"],
        "penalty": ["l1", "l2"],
        "dual": ["auto", True, False],
        "multi_class": ["ovr", "crammer_singer"],
    },
    "random_forest": {
        "bootstrap": [True, False],
        "oob_score": [True, False],
        "max_samples": [None, 0.5, 10],
        "class_weight": [None, {"0": 0}, {"0": 0, "1": 0}, dict.fromkeys("0123", 0)],
        "n_estimators": [3],
    },
    "hist_gradient_boosting": {
        "early_stopping": [True, False],
        "validation_fraction": [None, 0.5, 2, 4],
        "scoring": ["loss", "roc_auc", "f1", "f1_macro", None],
        "max_iter": [1],
    },
    "svc": {
        "break_ties": [True, False],
        "decision_function_shape": ["ovo", "ovr"],
        "class_weight": [None, {"0": 2}, {"0": 0}],
    },
    "knn": {
        "metric": ["minkowski", "p", "euclidean", "seuclidean", "cosine"],
        "metric_params": [None, {}, {"w": [1, 0, 2, 3, 1]}, {"V": [1, 2, 3, 4, 5]}, {"w": [1, 2]}],
        "p": [0.5, 1, 3, float("inf")],
    },
}


@pytest.mark.parametrize("algorithm", sorted(COMBINED))
@pytest.mark.parametrize(("target", "classes"), [("state", 4), ("crackles", 2)])
def test_what_does_not_go_together(algorithm, target, classes):
    """Fault 12: of settings that must go together, the config refuses just what the library does."""
    lists = COMBINED[algorithm]
    beside = Beside(FEATURES, "none", classes)
    for chosen in itertools.product(*lists.values()):
        settings = dict(zip(lists, chosen, strict=True))
        weights = settings.get("class_weight")
        if weights and max(map(int, weights)) >= classes:
            continue
        said = refused(algorithm, settings, beside)
        assert bool(said) == library_refuses(algorithm, settings, classes), (settings, said)
        given = config(algorithm, target, **settings)
        assert problems(given) == [f"models.mine.{line}" for line in said]


def test_what_sweeps_and_candidates_combine():
    """Fault 12: each model of a sweep, and each candidate of tuning, is held to the same."""
    lists = {"loss": ["hinge", "squared_hinge"], "dual": [False, True]}
    said = ["models.mine.dual: with `loss: hinge` it is true or auto"]
    assert problems(config("linear_svc", **lists)) == said
    assert problems(config("linear_svc", **lists, tune=True)) == said
    assert problems(config("linear_svc", **lists | {"loss": "squared_hinge"}, tune=True)) == []


def test_features_beside_settings():
    weights = {"metric_params": {"w": [1, 2]}}
    assert problems(config("knn", features=["Var", "Range"], **weights)) == []
    (said,) = problems(config("knn", features=["Var", "device"], **weights))
    assert said.startswith("models.mine.metric_params.w: not with device, ")
    chi2 = {"kernel": "chi2", "scale": "standard"}
    (said,) = problems(config("linear_svc", **chi2))
    assert said.startswith("models.mine.kernel: chi2 needs features from 0")
    assert problems(config("linear_svc", **chi2 | {"scale": "quantile"})) == []


def test_the_rules_know_the_libraries_defaults():
    for algorithm, known in DEFAULTS.items():
        made = MADE[algorithm]()
        parts = [part for _, part in getattr(made, "steps", [("", made)])]
        whole = {key: value for part in parts for key, value in part.get_params().items()}
        assert {key: whole[key] for key in known} == known, algorithm


def test_metrics_are_those_that_fit_and_can_be_loaded_again(tmp_path):
    """Fault 12: the config knows the metrics that a kNN has for numbers, and that score can load."""
    X, y = table(4)
    step = Transformers(FEATURES).fit(dict(zip(FEATURES, X.T, strict=True)))
    usable = {"seuclidean"}  # with the variances that it needs
    for metric in sorted(set(itertools.chain(*VALID_METRICS.values()))):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = KNeighborsClassifier(metric=metric).fit(X, y)
                model.predict(X)
            save_pipelines(tmp_path / "model.skops", [model], [step])
            load_pipelines(tmp_path / "model.skops")
        except (TypeError, ValueError):
            continue
        usable.add(metric)
    usable.discard("precomputed")  # a matrix of distances is no table of features
    assert set(ALGORITHMS["knn"]["metric"]["enum"]) == usable


def test_scorings_are_scikit_learns():
    """Fault 12: the config knows the names of scorings, and which of them are of two classes."""
    known = {name for name in ALGORITHMS["hist_gradient_boosting"]["scoring"]["enum"] if name}
    assert known - {"loss"} <= set(get_scorer_names())
    for name in sorted(known):
        made = {"scoring": name, "early_stopping": True, "max_iter": 1}
        fit("hist_gradient_boosting", made, 2)
        refuses = library_refuses("hist_gradient_boosting", made, 4)
        assert refuses == (name in OF_TWO_CLASSES), name


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_every_seed_that_the_config_takes_can_be_drawn_with(seed):
    """Fault 12: one limit for all seeds, which numpy and scikit-learn take."""
    X, y = table(4)
    fit_stratified(X, y, seed=seed).predict(X)
    np.random.RandomState(seed)
    for algorithm in ("svc", "logistic_regression", "linear_svc", "random_forest"):
        fit(algorithm, QUICK.get(algorithm, {}) | {"random_state": seed}, 4)
    fit("hist_gradient_boosting", QUICK["hist_gradient_boosting"] | {"random_state": seed}, 4)


SEEDS = [
    *(
        {"models": {name: {key: 2**32}}}
        for name, key in SETTINGS
        if key in ("seed", "random_state")
    ),
    *(
        {"splits": {name: {"seed": 2**32}}}
        for name in ("half", "holdout", "patient", "recording", "shuffled")
    ),
    {"models": {"knn": {"n_neighbors": [1, 2], "tune": {"seed": 2**32}}}},
    {"demo": {"seed": 2**32}},
]


@pytest.mark.parametrize("changes", SEEDS, ids=str)
def test_seeds_above_the_limit(changes):
    """Fault 12: a seed that no generator takes is refused, wherever it stands."""
    (said,) = problems({"splits": {"half": {}}, "models": {"mean": {}}} | changes)
    wrong = f": {2**32} is greater than the maximum of {2**32 - 1}"
    assert said.endswith((f"seed{wrong}", f"random_state{wrong}"))


def test_lstsq_takes_what_the_config_takes():
    X, y = table(4)
    for rcond in right_values("rcond", ALGORITHMS["lstsq"]["rcond"]):
        assert np.isfinite(fit_lstsq(X, y, rcond=rcond).predict(X)).all()
