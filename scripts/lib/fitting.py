"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `lib.models` are.
"""

import inspect
import json
import logging
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
from lib.folds import each, share
from lib.job import InputError, atomic_path, write_text
from lib.models import describe, save_estimators
from lib.preprocess import Preprocessor, columns_for
from lib.table import row_groups, write_parquet
from lib.target import Target, target_of
from lib.tuning import choose

Fit = Callable[..., object]


def defaults(function: Callable) -> dict:
    """Give the settings of a fitting function that have a default, with it."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def probabilities(model: object, X: np.ndarray, n_classes: int) -> np.ndarray | None:
    """Give p0, p1, .. of each row, shape (n, n_classes), or None where the model has none.

    A class that the model has never seen in training has probability 0.
    """
    if not hasattr(model, "predict_proba"):
        return None
    known = model.predict_proba(X)
    full = np.zeros((len(X), n_classes))
    full[:, np.asarray(model.classes_, dtype=np.int64)] = known
    return full


def predictions(
    model: object, cycles: pa.Table, X: np.ndarray, part: str, target: Target
) -> pa.Table:
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
    n_classes = len(target.classes)
    p = probabilities(model, X, n_classes)
    none = pa.nulls(len(raw), pa.float64())
    table = pa.table(
        {
            "cycle": cycles["cycle"],
            "patient_ID": cycles["patient_ID"],
            "fold": cycles["fold"],
            "part": pa.array([part] * len(raw), pa.string()),
            target.name: pa.array(true_classes(cycles, target)),
            "prediction": pa.array(raw),
            **{f"p{k}": none if p is None else pa.array(p[:, k]) for k in range(n_classes)},
        }
    )
    return table.replace_schema_metadata(target.to_metadata())


def true_classes(cycles: pa.Table, target: Target) -> np.ndarray:
    """Give the class of each cycle, int64."""
    return target.encode(cycles[target.name].to_numpy())


def run_fit(snakemake, fit: Fit, save: Callable, settings: dict) -> None:
    """Fit every fold of a split, predict both its parts, write what the rule promises.

    The folds share the job's threads; what is written does not depend on how many there are.

    Parameters
    ----------
    snakemake
        Of a rule with inputs `train` and `test`, outputs `model`, `predictions` and `summary`, and
        the parameters `settings`, `features`, `scale` and `tune`.
    fit
        Called with X, shape (n, columns), float64, the class, shape (n,), int64, and the settings
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

    def one(side: tuple[int, tuple[pa.Table, pa.Table]]) -> tuple:
        fold, (train, test) = side
        start = time.perf_counter()
        tuned = {}
        try:
            target = target_of(train.schema.metadata)
            columns, y = columns_for(train, features), true_classes(train, target)
            step = Preprocessor(features, scale).fit(columns)
            X = step.transform(columns)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                given = partial(weighted, fit, target, snakemake.params.settings)
                if tune:
                    tuned = choose(train, y, given, features, scale, tune)
                model = given(X, y, **tuned.get("chosen", {}))
            seconds = time.perf_counter() - start
            # some settings are refused only here, such as more neighbours than cycles
            both = [predictions(model, train, X, "train", target)]
            X_test = step.transform(columns_for(test, features))
            both.append(predictions(model, test, X_test, "test", target))
        except (TypeError, ValueError) as error:
            model = snakemake.wildcards.model
            raise InputError(f"model {model!r}, fold {fold}: {error}") from error
        said = list(dict.fromkeys(str(warning.message) for warning in caught))
        return model, step, both, tuned, said, seconds

    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    models, steps, tables, folds = [], [], [], []
    fitted = each(one, enumerate(sides), share(snakemake.input.train, snakemake.threads))
    for fold, (model, step, both, tuned, said, seconds) in enumerate(fitted):
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, both[0].num_rows, seconds)
        for message in said:
            logging.warning("fold %d: %s", fold, message)
        models.append(model)
        steps.append(step)
        tables += both
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


def weighted(
    fit: Fit, target: Target, settings: dict, X: np.ndarray, y: np.ndarray, **chosen
) -> object:
    """Fit with weights as scikit-learn wants them: by the numbers of the classes in y."""
    settings = settings | chosen
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = target.weights(weights, y)
    return fit(X, y, **settings)


def fit_estimator(snakemake, estimator: Callable, parallel: bool = False) -> None:
    """Do the job of a rule whose algorithm is a scikit-learn estimator.

    The settings reach the estimator unchanged; scikit-learn's own message names one it refuses.

    Parameters
    ----------
    snakemake
        As for `run_fit`.
    estimator
        Its class, or a function of its settings that makes one or a pipeline.
    parallel
        Whether it has `n_jobs`: then it fits with the threads that its fold has.

    Raises
    ------
    InputError
        Where the estimator has no such setting, or as `run_fit`.
    """

    def fit(X: np.ndarray, y: np.ndarray, **settings) -> object:
        model = estimator(**settings)
        if not parallel:
            return model.fit(X, y)
        model.set_params(n_jobs=threads).fit(X, y)
        # threads add up probabilities in no order: with one the last digit is always the same
        return model.set_params(n_jobs=None)

    _, threads = share(snakemake.input.train, snakemake.threads)
    try:
        made = estimator(**snakemake.params.settings)
    except TypeError as error:
        raise InputError(f"model {snakemake.wildcards.model!r}: {error}") from error
    used = {}
    for _, part in getattr(made, "steps", [("", made)]):
        used |= part.get_params()
    run_fit(snakemake, fit, save_estimators, used)
