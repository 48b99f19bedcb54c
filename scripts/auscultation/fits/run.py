"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `auscultation.fits.models` are.
"""

import inspect
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial, update_wrapper

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import row_groups, write_parquet
from auscultation.data.target import Target, target_of
from auscultation.fits.fold import Fit, Fitted, Large, Prepared, Task, prepared
from auscultation.fits.magnitude import ANY, hint
from auscultation.fits.models import load_arrays
from auscultation.fits.persist import FEW, keep
from auscultation.fits.predict import as_table, predict_finite
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.fits.refusals import told_apart
from auscultation.fits.summary import describe, write_summary
from auscultation.fits.tuning import choose, of_patients
from auscultation.job.errors import FitFailed, InputError
from auscultation.job.files import atomic_path
from auscultation.job.measure import Meter
from auscultation.job.parallel import each, limit, share
from auscultation.job.timeout import limited


def defaults(function: Callable) -> dict:
    """Return the settings of a fitting function that have a default, with it."""
    parameters = inspect.signature(function).parameters.values()
    settings = {p.name: p.default for p in parameters if p.default is not p.empty}
    return {name: value for name, value in settings.items() if name != "patients"}


def run_fit(
    snakemake,
    fit: Fit,
    save: Callable,
    settings: dict | None = None,
    large: Large | None = None,
    largest: float = ANY,
    load: Callable = load_arrays,
    preprocessor: type[Preprocessor] = Preprocessor,
) -> None:
    """Fit every fold of a split, predict both its parts, write what the rule promises.

    What is written does not depend on the threads. A fit without a result writes empty predictions,
    an empty model, and the reason in the summary.

    The rule has inputs `train` and `test`, outputs `model`, `predictions` and `summary`, and the
    parameters `settings`, `features`, `scale`, `tune` and `timeout`. `fit` is called with X, shape
    (n, columns), float64, the class, shape (n,), int64, and settings; one that takes `patients` also
    with the patient of each cycle, shape (n,). `save` and `load` are as for
    `auscultation.fits.persist.keep`. `settings` are all of the algorithm, for the summary (None: the
    defaults of `fit` and the config's). `large` is called with the training part of a fold and
    returns None where all of it is fitted; `largest` is the largest number as a feature.

    InputError where settings do not suit the algorithm (its library's own message), or where what
    was fitted cannot be loaded again.
    """
    params, output = snakemake.params, snakemake.output
    model = getattr(getattr(snakemake, "wildcards", None), "model", "")
    task = Task(
        *(model, fit, params.settings, params.features, params.scale, params.tune),
        *(preprocessor, large, largest),
    )
    if settings is None:
        settings = defaults(fit) | params.settings
    summary = summary_of(task, settings)
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
            fitted = list(fit_folds(snakemake, task, meter))
    except FitFailed as failure:
        if failure.__cause__:
            logging.warning("what was raised:", exc_info=failure)
        give_up(str(failure))
        return
    models, steps, tables, folds, _, some = (list(column) for column in zip(*fitted, strict=True))
    del fitted  # `keep` lets go of the models before it loads them again
    with atomic_path(output.model) as path:
        try:
            with limit(1):  # a few cycles; threads that OpenMP has started cannot be forked later
                target = target_of(some[0].schema.metadata)
                keep(path, save, load, models, steps, some, target)
        except ValueError as error:
            raise InputError(f"model {task.model!r}: {error}") from error
    write_parquet((table for both in tables for table in both), output.predictions)
    summary["features"] = steps[0].names
    for step, fold in zip(steps, folds, strict=True):
        if step.names != steps[0].names:
            fold["features"] = step.names
    write_summary(summary | {"measured": meter.read(), "folds": folds}, output.summary)


def summary_of(task: Task, settings: dict) -> dict:
    """Return what a summary says before anything is fitted; of what is tuned, the candidates."""
    summary = {"features": task.features, "inputs": task.features, "scale": task.scale}
    if not task.tune:
        return summary | {"settings": settings}
    chosen = {name for candidate in task.tune["candidates"] for name in candidate}
    return summary | {
        "settings": {k: v for k, v in settings.items() if k not in chosen},
        "tune": task.tune,
    }


def fit_folds(snakemake, task: Task, meter: Meter) -> Iterator[Fitted]:
    """Yield what comes of each fold, in their order; the folds share the job's threads."""
    sides = zip(row_groups(snakemake.input.train), row_groups(snakemake.input.test), strict=True)
    threads = share(snakemake.input.train, snakemake.threads)
    for fold, fitted in enumerate(each(partial(fit_fold, task), enumerate(sides), threads)):
        meter.add(*fitted.seconds)
        cycles = fitted.tables[0].num_rows
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, cycles, fitted.seconds[0])
        for message in fitted.about["warnings"]:
            logging.warning("fold %d: %s", fold, message)
        yield fitted._replace(about={"fold": fold, **describe(fitted.model), **fitted.about})


def fit_fold(task: Task, side: tuple[int, tuple[pa.Table, pa.Table]]) -> Fitted:
    """Fit a fold (its number, its training and test part) and predict both its parts."""
    fold, (train, test) = side
    start = time.perf_counter()
    data = None
    try:
        data = prepared(task, train, test)
        model, settings, about = fitted_model(task, data)
        fitted = time.perf_counter()
        tables = predictions(task, data, model, settings)
    except FitFailed as error:
        larger = "" if data is None else hint(data.X, data.step.names, task.scale)
        raise FitFailed(f"fold {fold}: {error}{larger}") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"model {task.model!r}, fold {fold}: {error}") from error
    seconds = fitted - start, time.perf_counter() - fitted
    some = train.take(np.arange(min(FEW, train.num_rows)))
    return Fitted(model, data.step, tables, about, seconds, some)


def fitted_model(task: Task, data: Prepared) -> tuple[object, dict, dict]:
    """Return the model of a fold, the settings it was fitted with, and what the summary says of it."""
    fit, note = task.fit, None
    if data.instead is not None:
        fit, note = data.instead.fit or fit, data.instead.note
    fit = update_wrapper(partial(weighted, fit, data.target, task.settings), fit)
    patients = of_patients(fit, data.seen["patient_ID"].to_numpy())
    tuned, settings = {}, task.settings
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        if task.tune:
            tuned = choose(data.seen, data.y, fit, data.step, task.tune, settings)
            settings = settings | tuned["chosen"]
        with told_apart(fit, settings, data.X.shape[1], data.y, data.target):
            model = fit(data.X, data.y, **settings, **patients)
    about = tuned | {"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))}
    if any(warning.category.__name__ == "ConvergenceWarning" for warning in caught):
        about["converged"] = False
    if note:
        about["approximated"] = note
    return model, settings, about


def predictions(task: Task, data: Prepared, model: object, settings: dict) -> list[pa.Table]:
    """Return the predictions of the training part, and of the test part."""
    fit = partial(weighted, task.fit, data.target, task.settings)
    # some settings are refused only here, such as more neighbours than cycles
    with told_apart(fit, settings, data.X.shape[1], data.y, data.target):
        X = data.X
        if data.seen is not data.train:
            X = data.step.transform(columns_for(data.train, task.features))
        predicted = predict_finite(model, X, "train", data.target)
        tables = [as_table(data.train, "train", data.target, *predicted)]
        if not np.array_equal(data.X_test, X):  # they are the same where every cycle trains, tests
            predicted = predict_finite(model, data.X_test, "test", data.target)
    return [*tables, as_table(data.test, "test", data.target, *predicted)]


def weighted(
    fit: Fit, target: Target, settings: dict, X: np.ndarray, y: np.ndarray, **chosen
) -> object:
    """Fit with weights as scikit-learn wants them: by the numbers of the classes in y."""
    settings = settings | chosen
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = target.weights(weights, y)
    return fit(X, y, **settings)
