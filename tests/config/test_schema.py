"""The settings that the schema knows are those of the libraries."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

from auscultation.fits.algorithms import ALGORITHMS
from fit_gradient_descent import fit_gradient_descent
from fit_jobs import ESTIMATORS, NUMPY
from fit_lstsq import fit_lstsq
from fit_mlp import fit_mlp
from fit_stratified import fit_stratified

pytestmark = pytest.mark.consistency

ROOT = Path(__file__).resolve().parents[2]


def test_the_schema_names_those_of_the_libraries():
    schema = {name: row.settings for name, row in ALGORITHMS.items()}
    # n_jobs: a job has the threads its rule says; verbose: changes no result; algorithm: in
    # the config it names the model's algorithm; penalty, probability: deprecated.
    without = dict.fromkeys(ESTIMATORS, set()) | {
        "linear_regression": {"n_jobs"},
        "knn": {"n_jobs", "algorithm"},
        "svr": {"verbose"},
        "svc": {"verbose", "probability"},
        "logistic_regression": {"n_jobs", "verbose", "penalty"},
        "linear_svc": {"verbose"},
        # these name columns of the matrix, which each fold has its own of
        "random_forest": {"n_jobs", "verbose", "monotonic_cst"},
        "extra_trees": {"n_jobs", "verbose", "monotonic_cst"},
        # of these, a class follows from the first alone, and every class has one by the cycles
        "lda": {"priors", "n_components", "store_covariance", "covariance_estimator"},
        "hist_gradient_boosting": {"verbose", "monotonic_cst", "interaction_cst"}
        | {"categorical_features"},
    }
    of_nystroem = {"kernel", "gamma", "n_components"}
    for algorithm, estimator in ESTIMATORS.items():
        known = estimator().get_params().keys()
        known |= of_nystroem if algorithm == "linear_svc" else set()
        assert without[algorithm] <= known
        assert schema[algorithm].keys() == known - without[algorithm], algorithm
    for function in (fit_lstsq, fit_gradient_descent, fit_mlp, fit_stratified):
        algorithm = function.__name__.removeprefix("fit_")
        known = inspect.signature(function).parameters.keys() - {"X", "y", "patients"}
        assert schema[algorithm].keys() == known, algorithm
    assert schema["mean"] == schema["most_frequent"] == schema["by_device"] == {}
    others = schema.keys() - {*NUMPY, *ESTIMATORS, "gradient_descent", "mlp"}
    for algorithm in others:  # added since: its settings are those of what its script imports
        script = vars(import_module(f"fit_{algorithm}")).values()
        kinds = [
            kind for kind in script if isinstance(kind, type) and issubclass(kind, BaseEstimator)
        ]
        params = set().union(*(kind().get_params() for kind in kinds))
        assert schema[algorithm].keys() <= params, algorithm
