"""Entries under `models:` of the config."""

import pytest

from auscultation.fits.algorithms import ALGORITHMS
from configs import SMALL, problem, problems, resolved


def test_every_random_choice_of_a_model_has_a_seed():
    config = resolved(models={"svc": {}, "logistic_regression": {"random_state": 3}, "svr": {}})
    seeds = {k: m["settings"].get("random_state") for k, m in config["models"].items()}
    assert seeds == {"logistic_regression": 3, "svc": 0, "svr": None}


def test_settings_of_another_algorithm():
    line = problem(models={"svr": {"n_neighbors": 5}})
    known = sorted(ALGORITHMS["svr"].settings)
    expected = f"not a setting of algorithm svr; there are: {', '.join(known)}"
    assert line == f"models.svr.n_neighbors: {expected}"
    line = problem(models={"mean": {"seed": 5}})
    assert line == "models.mean.seed: not a setting of algorithm mean; it has none"


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ({"knn": {"n_neighbors": 5.5}}, "knn.n_neighbors: 5.5 is not of type 'integer'"),
        ({"knn": {"n_neighbors": "5"}}, "knn.n_neighbors: '5' is not of type 'integer'"),
        ({"knn": {"n_neighbors": True}}, "knn.n_neighbors: True is not of type 'integer'"),
        ({"knn": {"n_neighbors": 0}}, "knn.n_neighbors: 0 is less than the minimum of 1"),
        ({"svc": {"gamma": "big"}}, "svc.gamma: 'big' is not one of ['scale', 'auto'] and "),
        ({"svc": {"random_state": -1}}, "svc.random_state: -1 is less than the minimum of 0"),
        ({"knn": 5}, "knn: 5 is not of type 'object'"),
        ({"knn": [5]}, "knn: [5] is not of type 'object'"),
        ({"a": {"algorithm": ["knn"]}}, "a.algorithm: there is no algorithm `['knn']`; did"),
        ({"a": {"algorithm": None}}, "a.algorithm: there is no algorithm `None`; there are"),
        ({"by_device": {"tune": True}}, "by_device.tune: nothing to choose among"),
        ({"by_device": {"features": []}}, "by_device.features: [] should be non-empty"),
        ({"by_device": {"column": "a"}}, "by_device.column: not a setting of algorithm by_dev"),
        ({"knn": {"features": []}}, "knn.features: [] should be non-empty"),
        ({"knn": {"features": "Var"}}, "knn.features: 'Var' is not of type 'array'"),
        ({"knn": {"features": ["Var", "Var"]}}, "knn.features: ['Var', 'Var'] has non-unique"),
    ],
)
def test_values_of_models(model, line):
    assert problem(models=model).startswith(f"models.{line}")


def test_integer_keys():
    line = problem(**{"models": {"knn": {1: 2}}})
    assert line.startswith("models.knn.1: not a setting of algorithm knn; there are: ")
    assert problems({**SMALL, 7: 1})[0].startswith("7: not a key of the config; there are: ")
