"""Every setting of every algorithm: what the config takes, the library takes, and the other way.

Values are drawn from the schema: of the wrong type, beyond its limits, at its limits.
"""

import itertools
import warnings

import numpy as np
import pytest
from sklearn.metrics import get_scorer_names
from sklearn.neighbors import VALID_METRICS, KNeighborsClassifier

from auscultation.config.combinations import OF_TWO_CLASSES
from auscultation.config.resolve import ConfigError, resolve
from auscultation.fits import algorithms
from auscultation.fits.pipeline import Transformers, load_pipelines, save_pipelines
from fit_lstsq import fit_lstsq
from fit_stratified import fit_stratified
from library_fits import (
    FEATURES,
    MADE,
    QUICK,
    SCHEMA,
    config,
    fit,
    library_refuses,
    problems,
    table,
)

pytestmark = pytest.mark.consistency

ALGORITHMS = {name: row.settings for name, row in algorithms.ALGORITHMS.items()}
SETTINGS = [(name, key) for name, keys in sorted(ALGORITHMS.items()) for key in sorted(keys)]
AMOUNTS = {"n_estimators", "max_iter", "iterations", "max_samples", "intercept_scaling", "n_jobs"}
OF_CYCLES = {"n_neighbors", "validation_fraction"}  # limited by the cycles there are
EXAMPLES = {"metric_params": [None], "class_weight": [None, "balanced", {"0": 2, "1": 1}]}


def deref(part):
    return SCHEMA["$defs"][part["$ref"].rsplit("/", 1)[1]] | part if "$ref" in part else part


def choices(part):
    """The schemas of which a value has to meet one."""
    part = deref(part)
    return [c for option in part["anyOf"] for c in choices(option)] if "anyOf" in part else [part]


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
    values = {-1e30, -1, 0, 0.5, 1, 2, 1e30, float("inf"), float("-inf")}
    for part in parts:
        limits = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        for limit in (part[key] for key in limits if key in part):
            values |= {limit, limit - 1, limit + 1, limit - 1e-6, limit + 1e-6}
    return sorted(values)


def wrong_values(part):
    parts = choices(part)
    values = [v for v in numbers(parts) if not any(takes(part, v) for part in parts)]
    listed = [value for part in parts for value in part.get("enum", [])]
    allowed = {kind for part in parts for kind in kinds(part)}
    values += [float("nan"), "unknown", "5", "", {"unknown": 1}, [[1]]]
    values += [] if "null" in allowed or None in listed else [None]
    return values + ([] if "boolean" in allowed or True in listed else [True])


def right_values(key, part):
    if key in EXAMPLES:
        return EXAMPLES[key]
    parts = choices(part)
    values = [value for part in parts for value in part.get("enum", [])]
    for part in parts:
        values += [None] if "null" in kinds(part) else []
        values += [True, False] if "boolean" in kinds(part) else []
    large = 1e6 if key not in AMOUNTS else 20
    fit = [v for v in numbers(parts) if any(takes(part, v) for part in parts) and v not in values]
    return values + [v for v in fit if abs(v) <= large or (v > 0 and key not in AMOUNTS | {"C"})]


@pytest.mark.parametrize(("algorithm", "key"), SETTINGS)
def test_wrong_values_are_named_by_the_config(algorithm, key):
    """Fault 12: a wrong value of any setting is named before anything starts."""
    values = wrong_values(ALGORITHMS[algorithm][key])
    assert len(values) > 5
    for value in values:
        lines = problems(config(algorithm, **{key: value}))
        assert lines, (key, value)
        assert all(line.startswith(f"models.mine.{key}") for line in lines), lines


@pytest.mark.parametrize(("algorithm", "key"), [s for s in SETTINGS if s[0] in MADE])
def test_values_that_the_config_takes_can_be_fitted(algorithm, key):
    """Fault 12: what the config takes at the limits of a setting, the library takes."""
    fitted = 0
    for value in right_values(key, ALGORITHMS[algorithm][key]):
        if key in OF_CYCLES and value and not (value in range(1, 31) or 0.2 < value < 0.8):
            continue
        for target, classes in (("state", 4), ("crackles", 2)):
            whole = config(algorithm, target, **QUICK.get(algorithm, {}) | {key: value})
            try:
                settings = resolve(whole, SCHEMA)["models"]["mine"]["settings"]
            except ConfigError as error:
                # only what does not go together, and then the library does not take it either
                assert all(f"mine.{key}: " in line for line in error.problems), error
                settings = QUICK.get(algorithm, {}) | {key: value}
                assert library_refuses(algorithm, settings, classes), (key, value, error)
                continue
            fit(algorithm, settings, classes)
            fitted += 1
    assert fitted >= 1


@pytest.mark.parametrize("algorithm", sorted(MADE))
def test_the_registry_knows_which_take_missing_values(algorithm):
    """At fit and prediction, in columns with and without a gap in training."""
    X, y = table(4)
    gaps, model = X.copy(), MADE[algorithm](**QUICK.get(algorithm, {}))
    gaps[::7, 2] = np.nan
    if algorithms.ALGORITHMS[algorithm].takes_missing:
        for train in (X, gaps):
            assert np.isfinite(model.fit(train, y).predict_proba(gaps)).all()
        return
    for train, seen in ((gaps, X), (X, gaps)):
        with pytest.raises(ValueError, match="contains NaN"):
            model.fit(train, y).predict(seen)


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
    scorings = {name for name in ALGORITHMS["hist_gradient_boosting"]["scoring"]["enum"] if name}
    assert scorings - {"loss"} <= set(get_scorer_names())
    for name in sorted(scorings):
        settings = {"scoring": name, "early_stopping": True, "max_iter": 1}
        fit("hist_gradient_boosting", settings, 2)
        refuses = library_refuses("hist_gradient_boosting", settings, 4)
        assert refuses == (name in OF_TWO_CLASSES), name


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_every_seed_that_the_config_takes_can_be_drawn_with(seed):
    """Fault 12: one limit for all seeds, which numpy and scikit-learn take."""
    X, y = table(4)
    fit_stratified(X, y, seed=seed).predict(X)
    np.random.RandomState(seed)
    for algorithm in ("svc", "logistic_regression", "linear_svc", "random_forest", "extra_trees"):
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
    (line,) = problems({"splits": {"half": {}}, "models": {"mean": {}}} | changes)
    wrong = f": {2**32} is greater than the maximum of {2**32 - 1}"
    assert line.endswith((f"seed{wrong}", f"random_state{wrong}"))


def test_lstsq_takes_what_the_config_takes():
    X, y = table(4)
    for rcond in right_values("rcond", ALGORITHMS["lstsq"]["rcond"]):
        assert np.isfinite(fit_lstsq(X, y, rcond=rcond).predict(X)).all()
