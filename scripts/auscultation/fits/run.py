"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `auscultation.fits.models` are.
"""

import inspect
import json
import logging
import math
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.derived import NotNamed
from auscultation.data.parquet import row_groups, write_parquet
from auscultation.data.target import Target, target_of
from auscultation.fits.magnitude import ANY, TooLarge, hint, largest_for, refuse_large
from auscultation.fits.models import describe, save_estimators
from auscultation.fits.persist import FEW, keep
from auscultation.fits.predict import predict_finite
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.fits.refusals import told_apart
from auscultation.fits.tuning import choose
from auscultation.job.errors import FitFailed, InputError
from auscultation.job.files import atomic_path, write_text
from auscultation.job.measure import Meter
from auscultation.job.parallel import each, limit, share
from auscultation.job.timeout import limited

Fit = Callable[..., object]


def defaults(function: Callable) -> dict:
    """Return the settings of a fitting function that have a default, with it."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def as_table(
    cycles: pa.Table, part: str, target: Target, raw: np.ndarray, p: np.ndarray | None
) -> pa.Table:
    """Return the predictions of one part of a fold with the columns of the predictions' contract."""
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
    """Return the class of each cycle, int64."""
    return target.encode(cycles[target.name].to_numpy())


def run_fit(
    snakemake,
    fit: Fit,
    save: Callable,
    settings: dict,
    large: Callable | None = None,
    largest: float = ANY,
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
    largest
        The largest number that the algorithm can take as a feature.

    Raises
    ------
    InputError
        Where settings do not suit the algorithm: its library's own message, and the model; or where
        what was fitted cannot be loaded again.
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
            fitted = list(fit_folds(snakemake, fit, large, largest, meter))
    except FitFailed as failure:
        if failure.__cause__:
            logging.warning("what was raised:", exc_info=failure)
        give_up(str(failure))
        return
    models, steps, tables, folds, some = (list(column) for column in zip(*fitted, strict=True))
    del fitted  # `keep` lets go of the models before it loads them again
    with atomic_path(output.model) as path:
        try:
            with limit(1):  # a few cycles; threads that OpenMP has started cannot be forked later
                keep(path, save, models, steps, some, target_of(some[0].schema.metadata))
        except ValueError as error:
            raise InputError(f"model {snakemake.wildcards.model!r}: {error}") from error
    write_parquet((table for both in tables for table in both), output.predictions)
    summary["features"] = steps[0].names
    for step, fold in zip(steps, folds, strict=True):
        if step.names != steps[0].names:
            fold["features"] = step.names
    write_summary(summary | {"measured": meter.read(), "folds": folds}, output.summary)


def write_summary(summary: dict, path: str) -> None:
    """Write `fit.json`."""
    write_text(path, json.dumps(plain(summary), indent=2, default=str, allow_nan=False) + "\n")


def plain(value: object) -> object:
    """Return what JSON takes: nothing in place of numbers that are not finite."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def fit_folds(
    snakemake, fit: Fit, large: Callable | None, largest: float, meter: Meter
) -> Iterator[tuple]:
    """Fit fold by fold; give of each its model, preprocessing, predictions, what is to be said.

    Last comes a table of a few of its training cycles.

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
        tuned, X, names, settings = {}, None, [], snakemake.params.settings
        try:
            target = target_of(train.schema.metadata)
            instead, rows, note = (large and large(train)) or (None, None, None)
            seen = train if rows is None else train.take(rows)
            if not seen.num_rows:
                raise FitFailed("there are no cycles to fit it on")
            columns, y = columns_for(seen, features), true_classes(seen, target)
            step = Preprocessor(features, scale).fit(columns)
            X, names = step.transform(columns), step.names
            refuse_large(X, names, seen["cycle"].to_numpy(), scale, "train", largest)
            new = step.transform(columns_for(test, features))
            refuse_large(new, names, test["cycle"].to_numpy(), scale, "test", largest)
            given = partial(weighted, instead or fit, target, settings)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                if tune:
                    tuned = choose(seen, y, given, features, scale, tune, settings)
                settings = settings | tuned.get("chosen", {})
                with told_apart(given, settings, X.shape[1], y, target):
                    model = given(X, y, **settings)
            fitted = time.perf_counter()
            # some settings are refused only here, such as more neighbours than cycles
            with told_apart(given, settings, X.shape[1], y, target):
                X = X if rows is None else step.transform(columns_for(train, features))
                predicted = predict_finite(model, X, "train", target)
                both = [as_table(train, "train", target, *predicted)]
                if not np.array_equal(new, X):  # they are the same where every cycle trains, tests
                    predicted = predict_finite(model, new, "test", target)
            both.append(as_table(test, "test", target, *predicted))
            took = fitted - start, time.perf_counter() - fitted
        except (TooLarge, NotNamed) as error:
            raise FitFailed(f"fold {fold}: {error}") from error
        except FitFailed as error:
            raise FitFailed(f"fold {fold}: {error}{hint(X, names, scale)}") from error
        except (TypeError, ValueError) as error:
            model = snakemake.wildcards.model
            raise InputError(f"model {model!r}, fold {fold}: {error}") from error
        said = {"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))}
        if any(warning.category.__name__ == "ConvergenceWarning" for warning in caught):
            said["converged"] = False
        if note:
            said["approximated"] = note
        some = train.take(np.arange(min(FEW, train.num_rows)))
        return model, step, both, tuned | said, took, some

    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    fitted = each(one, enumerate(sides), share(snakemake.input.train, snakemake.threads))
    for fold, (model, step, both, said, took, some) in enumerate(fitted):
        meter.add(*took)
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, both[0].num_rows, took[0])
        for message in said["warnings"]:
            logging.warning("fold %d: %s", fold, message)
        yield model, step, both, {"fold": fold, **describe(model), **said}, some


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
    run_fit(snakemake, fit, save_estimators, used, large, largest_for(made))
