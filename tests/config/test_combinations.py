"""Settings that do not go together: the config refuses what the library refuses, and nothing else."""

import itertools

import pytest

from auscultation.config.combinations import DEFAULTS, Beside, refused
from library_fits import FEATURES, MADE, config, library_refuses, problems

pytestmark = pytest.mark.consistency

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
    "extra_trees": {
        "bootstrap": [True, False],
        "oob_score": [True, False],
        "max_samples": [None, 0.5, 10],
        "n_estimators": [3],
    },
    "lda": {
        "solver": ["svd", "lsqr", "eigen"],
        "shrinkage": [None, "auto", 0, 0.5, 1],
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
        lines = refused(algorithm, settings, beside)
        assert bool(lines) == library_refuses(algorithm, settings, classes), (settings, lines)
        expected = [f"models.mine.{line}" for line in lines]
        assert problems(config(algorithm, target, **settings)) == expected


def test_what_sweeps_and_candidates_combine():
    """Fault 12: each model of a sweep, and each candidate of tuning, is held to the same."""
    lists = {"loss": ["hinge", "squared_hinge"], "dual": [False, True]}
    expected = ["models.mine.dual: with `loss: hinge` it is true or auto"]
    assert problems(config("linear_svc", **lists)) == expected
    assert problems(config("linear_svc", **lists, tune=True)) == expected
    assert problems(config("linear_svc", **lists | {"loss": "squared_hinge"}, tune=True)) == []


def test_features_beside_settings():
    weights = {"metric_params": {"w": [1, 2]}}
    assert problems(config("knn", features=["Var", "Range"], **weights)) == []
    (line,) = problems(config("knn", features=["Var", "device"], **weights))
    assert line.startswith("models.mine.metric_params.w: not with device, ")
    chi2 = {"kernel": "chi2", "scale": "standard"}
    (line,) = problems(config("linear_svc", **chi2))
    assert line.startswith("models.mine.kernel: chi2 needs features from 0")
    assert problems(config("linear_svc", **chi2 | {"scale": "quantile"})) == []


def test_the_rules_know_the_libraries_defaults():
    for algorithm, defaults in DEFAULTS.items():
        model = MADE[algorithm]()
        parts = [part for _, part in getattr(model, "steps", [("", model)])]
        whole = {key: value for part in parts for key, value in part.get_params().items()}
        assert {key: whole[key] for key in defaults} == defaults, algorithm
