"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`: scikit-learn's estimators are such models, and so are those here.
"""

import inspect
import json
import logging
import time
import warnings
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from lib.job import InputError, atomic_path, write_text
from lib.table import STATES, matrix, row_groups, write_parquet

Fit = Callable[[np.ndarray, np.ndarray], object]


class LinearModel:
    """A linear model of the state: theta[0] + X @ theta[1:].

    Parameters
    ----------
    theta
        Intercept and coefficients, shape (1 + features,).
    loss
        Training loss of each iteration, where it was fitted by iterations.
    """

    def __init__(self, theta: np.ndarray, loss: np.ndarray | None = None):
        self.theta = np.asarray(theta, dtype=np.float64)
        self.loss = loss

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the state of each row of X, shape (n, features), as a real number."""
        return self.theta[0] + X @ self.theta[1:]


class ConstantModel:
    """A model that says the same of every cycle.

    Parameters
    ----------
    value
        The prediction.
    shares
        Probability of each state, where the model has such.
    """

    def __init__(self, value: float, shares: np.ndarray | None = None):
        self.value = float(value)
        self.shares = shares
        if shares is not None:
            self.classes_ = np.arange(len(shares))
            self.predict_proba = lambda X: np.tile(shares, (len(X), 1))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the constant for each row of X."""
        return np.full(len(X), self.value)


def defaults(function: Callable) -> dict:
    """Give the settings of a fitting function that have a default, with it."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def probabilities(model: object, X: np.ndarray) -> np.ndarray | None:
    """Give p0..p3 of each row, shape (n, 4), or None where the model has no probabilities.

    A state that the model has never seen in training has probability 0.
    """
    if not hasattr(model, "predict_proba"):
        return None
    known = model.predict_proba(X)
    full = np.zeros((len(X), len(STATES)))
    full[:, np.asarray(model.classes_, dtype=np.int64)] = known
    return full


def predictions(model: object, cycles: pa.Table, X: np.ndarray, part: str) -> pa.Table:
    """Predict one part of a fold, as a table of the predictions' columns.

    Raises
    ------
    InputError
        Where a prediction is not a finite number.
    """
    raw = np.asarray(model.predict(X), dtype=np.float64)
    if not np.isfinite(raw).all():
        raise InputError(
            f"{np.count_nonzero(~np.isfinite(raw))} predictions on the {part} part are not finite "
            "numbers: the fit diverged (a smaller learning rate may help)"
        )
    p = probabilities(model, X)
    none = pa.nulls(len(raw), pa.float64())
    return pa.table(
        {
            "cycle": cycles["cycle"],
            "patient_ID": cycles["patient_ID"],
            "fold": cycles["fold"],
            "part": pa.array([part] * len(raw), pa.string()),
            "state": cycles["state"],
            "prediction": pa.array(raw),
            **{f"p{s}": none if p is None else pa.array(p[:, s]) for s in range(len(STATES))},
        }
    )


def run_fit(snakemake, fit: Fit, save: Callable, settings: dict) -> None:
    """Fit every fold of a split, predict both its parts, write what the rule promises.

    Parameters
    ----------
    snakemake
        Of a rule with inputs `train` and `test`, outputs `model`, `predictions` and `summary`, and
        the parameter `features`.
    fit
        Called with X, shape (n, features), float64, and the state, shape (n,), int64.
    save
        Called with the path, the fitted models by fold, and the features' names.
    settings
        All settings of the algorithm as they were used, for the summary.

    Raises
    ------
    InputError
        Where settings or data do not suit the algorithm: its library's own message, and the model.
    """
    features = snakemake.params.features
    models, tables, folds = [], [], []
    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    for fold, (train, test) in enumerate(sides):
        X, y = matrix(train, features), train["state"].to_numpy()
        X_test = matrix(test, features)
        start = time.perf_counter()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                model = fit(X, y)
            seconds = time.perf_counter() - start
            # some settings are refused only here, such as more neighbours than cycles
            tables.append(predictions(model, train, X, "train"))
            tables.append(predictions(model, test, X_test, "test"))
        except (TypeError, ValueError) as error:
            model = snakemake.wildcards.model
            raise InputError(f"model {model!r}, fold {fold}: {error}") from error
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, len(y), seconds)
        said = list(dict.fromkeys(str(warning.message) for warning in caught))
        for message in said:
            logging.warning("fold %d: %s", fold, message)
        models.append(model)
        folds.append({"fold": fold, **describe(model), "warnings": said})
    with atomic_path(snakemake.output.model) as path:
        save(path, models, features)
    write_parquet(tables, snakemake.output.predictions)
    summary = {"features": features, "settings": settings, "folds": folds}
    write_text(snakemake.output.summary, json.dumps(summary, indent=2, default=str) + "\n")


def describe(model: object) -> dict:
    """Say what a fitted model has that a reader wants to see: its theta, its iterations."""
    said = {}
    if isinstance(model, LinearModel):
        said["theta"] = [model.theta.tolist()]
        if model.loss is not None:
            said["loss"] = np.asarray(model.loss, dtype=np.float64).tolist()
    elif hasattr(model, "coef_") and hasattr(model, "intercept_"):
        coef = np.atleast_2d(model.coef_)
        said["theta"] = np.column_stack([np.ravel(model.intercept_), coef]).tolist()
        if hasattr(model, "classes_"):
            said["classes"] = np.asarray(model.classes_).tolist()
    if hasattr(model, "n_iter_"):
        said["iterations"] = np.ravel(model.n_iter_).tolist()
    return said


def save_arrays(path, models: list, features: list[str]) -> None:
    """Save linear or constant models as an .npz file without pickled objects, by fold."""
    arrays = {}
    for key in ("theta", "loss", "value", "shares"):
        values = [getattr(model, key, None) for model in models]
        if values[0] is not None:
            arrays[key] = np.stack(values)
    np.savez_compressed(path, features=np.array(features), **arrays)


def save_estimators(path, models: list, features: list[str]) -> None:
    """Save scikit-learn estimators with skops, by fold, with the features' names."""
    from skops import io

    io.dump({"features": list(features), "folds": models}, path)


def fit_estimator(snakemake, estimator: type) -> None:
    """Do the job of a rule whose algorithm is a scikit-learn estimator.

    The settings reach the estimator unchanged; scikit-learn's own message names one it refuses.

    Raises
    ------
    InputError
        Where the estimator has no such setting, or as `run_fit`.
    """
    settings = snakemake.params.settings
    try:
        used = estimator(**settings).get_params()
    except TypeError as error:
        raise InputError(f"model {snakemake.wildcards.model!r}: {error}") from error
    run_fit(snakemake, lambda X, y: estimator(**settings).fit(X, y), save_estimators, used)
