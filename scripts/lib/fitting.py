"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `lib.models` are.
"""

import inspect
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lib.columns import NotNamed
from lib.folds import each, share
from lib.job import FitFailed, InputError, atomic_path, limited, write_text
from lib.measure import Meter
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


def predict(model: object, X: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Give the prediction of each row, shape (n,), and p0, p1, .., shape (n, n_classes) or None.

    A class that the model has never seen in training has probability 0.
    """
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(X), dtype=np.float64), None
    known, classes = model.predict_proba(X), np.asarray(model.classes_, dtype=np.int64)
    full = np.zeros((len(X), n_classes))
    full[:, classes] = known
    # asked again, these would look for the neighbours, or go down the trees, a second time
    raw = classes[known.argmax(axis=1)] if most_probable(model) else model.predict(X)
    return np.asarray(raw, dtype=np.float64), full


def most_probable(model: object) -> bool:
    """Whether scikit-learn has the model predict the first of its most probable classes."""
    algorithm = type(model).__name__
    if algorithm == "KNeighborsClassifier":
        return model.weights == "uniform"
    return algorithm == "RandomForestClassifier"


def predict_finite(
    model: object, X: np.ndarray, part: str, target: Target
) -> tuple[np.ndarray, np.ndarray | None]:
    """Predict one part of a fold, as `predict` does.

    Raises
    ------
    FitFailed
        Where a prediction is not a finite number.
    """
    raw, p = predict(model, X, len(target.classes))
    if not np.isfinite(raw).all():
        raise FitFailed(
            f"{np.count_nonzero(~np.isfinite(raw))} predictions on the {part} part are not finite "
            "numbers: the fit diverged (a smaller learning rate, or `scale: standard`, may help)"
        )
    return raw, p


def as_table(
    cycles: pa.Table, part: str, target: Target, raw: np.ndarray, p: np.ndarray | None
) -> pa.Table:
    """Give the predictions of one part of a fold with the columns of the predictions' contract."""
    none = pa.nulls(len(raw), pa.float64())
    table = pa.table(
        {
            "cycle": cycles["cycle"],
            "patient_ID": cycles["patient_ID"],
            "fold": cycles["fold"],
            "part": pa.array([part] * len(raw), pa.string()),
            target.name: pa.array(true_classes(cycles, target)),
            "prediction": pa.array(raw),
            **{
                f"p{k}": none if p is None else pa.array(p[:, k])
                for k in range(len(target.classes))
            },
        }
    )
    return table.replace_schema_metadata(target.to_metadata())


def true_classes(cycles: pa.Table, target: Target) -> np.ndarray:
    """Give the class of each cycle, int64."""
    return target.encode(cycles[target.name].to_numpy())


def run_fit(
    snakemake, fit: Fit, save: Callable, settings: dict, large: Callable | None = None
) -> None:
    """Fit every fold of a split, predict both its parts, write what the rule promises.

    The folds share the job's threads; what is written does not depend on how many there are. A fit
    without a result writes empty predictions, an empty model, and the reason in the summary.

    Parameters
    ----------
    snakemake
        Of a rule with inputs `train` and `test`, outputs `model`, `predictions` and `summary`, and
        the parameters `settings`, `features`, `scale`, `tune` and `timeout`.
    fit
        Called with X, shape (n, columns), float64, the class, shape (n,), int64, and the settings
        of the config as keywords.
    save
        Called with the path, the fitted models by fold, and the preprocessing by fold.
    settings
        All settings of the algorithm as they were used, for the summary.
    large
        Called with the training part of a fold: None where all of it is fitted; else what fits
        instead of `fit` (or None), on which rows (None for all), and what is to be said of that.

    Raises
    ------
    InputError
        Where settings or data do not suit the algorithm: its library's own message, and the model.
    """
    params, output = snakemake.params, snakemake.output
    summary = {"features": params.features, "inputs": params.features, "scale": params.scale}
    summary["settings"] = settings
    if params.tune:
        chosen = {name for candidate in params.tune["candidates"] for name in candidate}
        summary["settings"] = {k: v for k, v in settings.items() if k not in chosen}
        summary["tune"] = params.tune
    pa.array([0])  # pyarrow looks for pandas once: now, and not in the time of a fold
    meter = Meter()

    def give_up(reason: str) -> None:
        logging.error("no result: %s", reason)
        with atomic_path(output.model):  # an empty file, which nothing takes for a model
            schema = pq.read_schema(snakemake.input.train)
            nothing, target = schema.empty_table(), target_of(schema.metadata)
            write_parquet(as_table(nothing, "", target, np.empty(0), None), output.predictions)
        measured = {"measured": meter.read(failed=True)}
        write_summary(summary | measured | {"failed": reason, "folds": []}, output.summary)

    try:
        with limited(params.timeout, give_up):
            fitted = list(fit_folds(snakemake, fit, large, meter))
    except FitFailed as failure:
        give_up(str(failure))
        return
    models, steps, tables, folds = (list(column) for column in zip(*fitted, strict=True))
    with atomic_path(output.model) as path:
        save(path, models, steps)
    write_parquet((table for both in tables for table in both), output.predictions)
    summary["features"] = steps[0].names
    for step, fold in zip(steps, folds, strict=True):
        if step.names != steps[0].names:
            fold["features"] = step.names
    write_summary(summary | {"measured": meter.read(), "folds": folds}, output.summary)


def write_summary(summary: dict, path: str) -> None:
    """Write `fit.json`."""
    write_text(path, json.dumps(summary, indent=2, default=str) + "\n")


def fit_folds(snakemake, fit: Fit, large: Callable | None, meter: Meter) -> Iterator[tuple]:
    """Fit fold by fold; give of each its model, preprocessing, predictions, and what is to be said.

    Raises
    ------
    FitFailed
        Where a fold has no result.
    InputError
        As `run_fit`.
    """
    features, scale, tune = (getattr(snakemake.params, k) for k in ("features", "scale", "tune"))

    def one(side: tuple[int, tuple[pa.Table, pa.Table]]) -> tuple:
        fold, (train, test) = side
        start = time.perf_counter()
        tuned = {}
        try:
            target = target_of(train.schema.metadata)
            instead, rows, note = (large and large(train)) or (None, None, None)
            seen = train if rows is None else train.take(rows)
            columns, y = columns_for(seen, features), true_classes(seen, target)
            step = Preprocessor(features, scale).fit(columns)
            X = step.transform(columns)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                given = partial(weighted, instead or fit, target, snakemake.params.settings)
                if tune:
                    tuned = choose(seen, y, given, features, scale, tune)
                model = given(X, y, **tuned.get("chosen", {}))
            fitted = time.perf_counter()
            # some settings are refused only here, such as more neighbours than cycles
            X = X if rows is None else step.transform(columns_for(train, features))
            predicted = predict_finite(model, X, "train", target)
            both = [as_table(train, "train", target, *predicted)]
            new = step.transform(columns_for(test, features))
            if not np.array_equal(new, X):  # they are the same where every cycle trains and tests
                predicted = predict_finite(model, new, "test", target)
            both.append(as_table(test, "test", target, *predicted))
            took = fitted - start, time.perf_counter() - fitted
        except (FitFailed, FloatingPointError, np.linalg.LinAlgError, NotNamed) as error:
            raise FitFailed(f"fold {fold}: {error}") from error
        except (TypeError, ValueError) as error:
            model = snakemake.wildcards.model
            raise InputError(f"model {model!r}, fold {fold}: {error}") from error
        said = {"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))}
        if any(warning.category.__name__ == "ConvergenceWarning" for warning in caught):
            said["converged"] = False
        if note:
            said["approximated"] = note
        return model, step, both, tuned | said, took

    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    fitted = each(one, enumerate(sides), share(snakemake.input.train, snakemake.threads))
    for fold, (model, step, both, said, took) in enumerate(fitted):
        meter.add(*took)
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, both[0].num_rows, took[0])
        for message in said["warnings"]:
            logging.warning("fold %d: %s", fold, message)
        yield model, step, both, {"fold": fold, **describe(model), **said}


def weighted(
    fit: Fit, target: Target, settings: dict, X: np.ndarray, y: np.ndarray, **chosen
) -> object:
    """Fit with weights as scikit-learn wants them: by the numbers of the classes in y."""
    settings = settings | chosen
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = target.weights(weights, y)
    return fit(X, y, **settings)


def fit_estimator(
    snakemake, estimator: Callable, parallel: bool = False, large: Callable | None = None
) -> None:
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
    large
        As for `run_fit`.

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
    run_fit(snakemake, fit, save_estimators, used, large)
