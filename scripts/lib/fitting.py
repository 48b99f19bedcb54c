"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `lib.models` are.
"""

import inspect
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pyarrow as pa
from lib.job import InputError, atomic_path, write_text
from lib.models import describe, save_estimators
from lib.preprocess import Preprocessor, columns_for
from lib.table import STATES, row_groups, write_parquet
from lib.tuning import choose

Fit = Callable[..., object]


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
        the parameters `settings`, `features`, `scale` and `tune`.
    fit
        Called with X, shape (n, columns), float64, the state, shape (n,), int64, and the settings
        of the config as keywords.
    save
        Called with the path, the fitted models by fold, and the preprocessing by fold.
    settings
        All settings of the algorithm as they were used, for the summary.

    Raises
    ------
    InputError
        Where settings or data do not suit the algorithm: its library's own message, and the model.
    """
    features, scale, tune = (getattr(snakemake.params, k) for k in ("features", "scale", "tune"))
    models, steps, tables, folds = [], [], [], []
    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    for fold, (train, test) in enumerate(sides):
        start = time.perf_counter()
        tuned = {}
        try:
            columns, y = columns_for(train, features), train["state"].to_numpy()
            step = Preprocessor(features, scale).fit(columns)
            X = step.transform(columns)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                given = partial(fit, **snakemake.params.settings)
                if tune:
                    tuned = choose(train, given, features, scale, tune)
                model = given(X, y, **tuned.get("chosen", {}))
            seconds = time.perf_counter() - start
            # some settings are refused only here, such as more neighbours than cycles
            tables.append(predictions(model, train, X, "train"))
            X_test = step.transform(columns_for(test, features))
            tables.append(predictions(model, test, X_test, "test"))
        except (TypeError, ValueError) as error:
            model = snakemake.wildcards.model
            raise InputError(f"model {model!r}, fold {fold}: {error}") from error
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, len(y), seconds)
        said = list(dict.fromkeys(str(warning.message) for warning in caught))
        for message in said:
            logging.warning("fold %d: %s", fold, message)
        models.append(model)
        steps.append(step)
        folds.append({"fold": fold, **describe(model), **tuned, "warnings": said})
        if step.names != steps[0].names:
            folds[-1]["features"] = step.names
    with atomic_path(snakemake.output.model) as path:
        save(path, models, steps)
    write_parquet(tables, snakemake.output.predictions)
    summary = {"features": steps[0].names, "inputs": features, "scale": scale, "settings": settings}
    if tune:
        chosen = {name for candidate in tune["candidates"] for name in candidate}
        summary["settings"] = {k: v for k, v in settings.items() if k not in chosen}
        summary["tune"] = tune
    summary["folds"] = folds
    write_text(snakemake.output.summary, json.dumps(summary, indent=2, default=str) + "\n")


def keywords(settings: dict, states: Iterable[int] = range(len(STATES))) -> dict:
    """Give settings as scikit-learn wants them: weights by integers, and of given states alone."""
    weights = settings.get("class_weight")
    if not isinstance(weights, dict):
        return settings
    known = {state: weights[str(state)] for state in states if str(state) in weights}
    return settings | {"class_weight": known}


def fit_estimator(snakemake, estimator: Callable, threads: int | None = None) -> None:
    """Do the job of a rule whose algorithm is a scikit-learn estimator.

    The settings reach the estimator unchanged; scikit-learn's own message names one it refuses.

    Parameters
    ----------
    snakemake
        As for `run_fit`.
    estimator
        Its class, or a function of its settings that makes one or a pipeline.
    threads
        For an estimator that has `n_jobs`: how many to fit with.

    Raises
    ------
    InputError
        Where the estimator has no such setting, or as `run_fit`.
    """

    def fit(X: np.ndarray, y: np.ndarray, **settings) -> object:
        # scikit-learn refuses the weight of a state that is rare enough to be missing
        model = estimator(**keywords(settings, np.unique(y).tolist()))
        if threads is None:
            return model.fit(X, y)
        model.set_params(n_jobs=threads).fit(X, y)
        # threads add up probabilities in no order: with one the last digit is always the same
        return model.set_params(n_jobs=None)

    try:
        made = estimator(**keywords(snakemake.params.settings))
    except TypeError as error:
        raise InputError(f"model {snakemake.wildcards.model!r}: {error}") from error
    used = {}
    for _, part in getattr(made, "steps", [("", made)]):
        used |= part.get_params()
    run_fit(snakemake, fit, save_estimators, used)
