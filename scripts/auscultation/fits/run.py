"""What every fit does: a fold at a time read, fit, predict; then write model, predictions, summary.

A fit gives for each fold a model with `predict(X)` and, where it has probabilities,
`predict_proba(X)` and `classes_`, as scikit-learn's estimators and those of `auscultation.fits.models` are.
"""

import inspect
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.features import FeatureError
from auscultation.data.parquet import write_parquet
from auscultation.data.target import target_of
from auscultation.fits.fold import (
    Cycles,
    Fit,
    Fitted,
    Large,
    Plan,
    Prepared,
    Task,
    cycles_of,
    fit_of,
    fitted_model,
    plans_of,
    prepared,
    read_sides,
    unfitted,
    weighted,
)
from auscultation.fits.magnitude import ANY, hint
from auscultation.fits.models import load_arrays
from auscultation.fits.persist import FEW, keep
from auscultation.fits.predict import as_table, predict_finite
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.fits.refits import refit
from auscultation.fits.refusals import told_apart
from auscultation.fits.summary import describe, write_summary
from auscultation.fits.tuning import choose, settings_of
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
    takes_missing: bool = False,
) -> None:
    """Fit every fold of a split, predict both its parts, write what the rule promises.

    What is written does not depend on the threads. A fit without a result writes empty predictions,
    an empty model, and the reason in the summary.

    The rule has inputs `train` and `test`, outputs `model`, `predictions` and `summary`, and the
    parameters `settings`, `features` (entries, of which `resolve_features` makes columns), `scale`,
    `missing`, `tune` and `timeout`. `fit` is called with X, shape
    (n, columns), float64, the class, shape (n,), int64, and settings; one that takes `patients` also
    with the patient of each cycle, shape (n,). `save` and `load` are as for
    `auscultation.fits.persist.keep`. `settings` are all of the algorithm, for the summary (None: the
    defaults of `fit` and the config's). `large` is called with the training part of a fold and
    returns None where all of it is fitted; `largest` is the largest number as a feature;
    `takes_missing` says whether a feature may be nan.

    With the parameter `refit` it does what `auscultation.fits.refits.refit` does instead.

    InputError where the table lacks features, where settings do not suit the algorithm (its
    library's own message), or where what was fitted cannot be loaded again.
    """
    params, output = snakemake.params, snakemake.output
    model = getattr(getattr(snakemake, "wildcards", None), "model", "")
    schema = pq.read_schema(snakemake.input.train)
    lacking = ""
    try:
        plans = plans_of(params, schema.names, target_of(schema.metadata).name)
    except FeatureError as error:
        if not getattr(params, "own_features", False):
            raise InputError(f"model {model!r}, its features:\n{error}") from error
        plans = [Plan(tuple(params.features), params.scale, params.missing)]
        lacking = "; ".join(error.problems)
    task = Task(
        *(model, fit, params.settings, plans, params.tune, preprocessor, large, largest),
        takes_missing,
    )
    if getattr(params, "refit", None):
        refit(snakemake, task)
        return
    if settings is None:
        settings = defaults(fit) | params.settings
    summary = summary_of(task, settings)
    if hasattr(snakemake, "made_from"):  # of several fits that share a job
        summary["made_from"] = snakemake.made_from
    pa.array([0])  # pyarrow looks for pandas once: now, and not in the time of a fold
    meter = Meter()

    def give_up(reason: str) -> None:
        logging.error("no result: %s", reason)
        with atomic_path(output.model):  # an empty file, which nothing takes for a model
            nothing, target = schema.empty_table(), target_of(schema.metadata)
            write_parquet(as_table(nothing, "", target, np.empty(0), None), output.predictions)
        measured = {"measured": meter.read(failed=True)}
        write_summary(summary | measured | {"failed": reason, "folds": []}, output.summary)

    if lacking:  # a baseline by a column that this table has not
        give_up(lacking)
        return
    kept: list[Fitted] = []  # without predictions, which are written before the next fold is fitted

    def written() -> Iterator[pa.Table]:
        with limited(params.timeout, give_up) as writing:
            for fitted in fit_folds(snakemake, task, meter):
                with writing:
                    yield from fitted.tables
                fitted.tables.clear()
                kept.append(fitted)

    try:
        write_parquet(written(), output.predictions)
    except FitFailed as failure:
        if failure.__cause__:
            logging.warning("what was raised:", exc_info=failure)
        give_up(str(failure))
        return
    models, steps, _, folds, _, some = (list(column) for column in zip(*kept, strict=True))
    kept.clear()  # `keep` lets go of the models before it loads them again
    with atomic_path(output.model) as path:
        try:
            with limit(1):  # a few cycles; threads that OpenMP has started cannot be forked later
                target = target_of(some[0].schema.metadata)
                keep(path, save, load, models, steps, some, target)
        except ValueError as error:
            raise InputError(f"model {task.model!r}: {error}") from error
    summary |= about_step(steps[0])
    for step, fold in zip(steps, folds, strict=True):
        fold |= {k: v for k, v in about_step(step).items() if v != summary[k]}
        if step.imputed:
            fold["imputed"] = {name: value.item() for name, (value,) in step.imputed.items()}
    write_summary(summary | {"measured": meter.read(), "folds": folds}, output.summary)


def about_step(step: Preprocessor) -> dict:
    """Return what a summary says of the preprocessing of a fold."""
    about = {"features": step.names, "inputs": step.features}
    return {**about, "scale": step.scale, "missing": step.missing}


def summary_of(task: Task, settings: dict) -> dict:
    """Return what a summary says before anything is fitted; of what is tuned, the candidates."""
    _, scale, missing = task.plans[0]
    summary: dict[str, object] = {"features": task.features, "inputs": task.features}
    summary |= {"scale": scale, "missing": missing}
    if not task.tune:
        return summary | {"settings": settings}
    chosen = {name for candidate in task.tune["candidates"] for name in candidate}
    fixed = {k: v for k, v in settings.items() if k not in chosen}
    return summary | {"settings": fixed, "tune": task.tune}


def fit_folds(snakemake, task: Task, meter: Meter) -> Iterator[Fitted]:
    """Yield what comes of each fold, in their order; the folds share the job's threads."""
    paths = snakemake.input.train, snakemake.input.test
    folds = range(pq.read_metadata(paths[0]).num_row_groups)
    threads = share(snakemake.input.train, snakemake.threads)
    for fold, fitted in enumerate(each(partial(fit_fold, task, paths), folds, threads)):
        meter.add(*fitted.seconds)
        cycles = fitted.tables[0].num_rows
        logging.info("fold %d: fitted %d cycles in %.2f s", fold, cycles, fitted.seconds[0])
        for message in fitted.about["warnings"]:
            logging.warning("fold %d: %s", fold, message)
        yield fitted._replace(about={"fold": fold, **describe(fitted.model), **fitted.about})


def fit_fold(task: Task, paths: tuple, fold: int) -> Fitted:
    """Fit a fold of the training and test part in two Parquet files, and predict both its parts."""
    start = time.perf_counter()
    data = None
    try:
        train, test = read_sides(paths, fold, task.features)
        cycles = cycles_of(task, train, test)
        if len({*task.plans}) == 1:  # what is wrong with it is clear before anything is tuned
            data = prepared(task, cycles, task.plans[0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            tuned, settings, plan = chosen(task, cycles)
            data = data or prepared(task, cycles, plan)
            model = fitted_model(task, data, settings)
        fitted = time.perf_counter()
        tables = predictions(task, data, model, settings)
    except FitFailed as error:
        larger = "" if data is None else hint(data.X, data.step.names, data.step.scale)
        raise FitFailed(f"fold {fold}: {error}{larger}") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"model {task.model!r}, fold {fold}: {error}") from error
    seconds = fitted - start, time.perf_counter() - fitted
    some = train.take(np.arange(min(FEW, train.num_rows)))
    about = tuned | {"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))}
    if any(warning.category.__name__ == "ConvergenceWarning" for warning in caught):
        about["converged"] = False
    if cycles.instead is not None:
        about["approximated"] = cycles.instead.note
    return Fitted(model, data.step, tables, about, seconds, some)


def chosen(task: Task, cycles: Cycles) -> tuple[dict, dict, Plan]:
    """Return what the summary says of the choice, the settings, and the plan of the features."""
    if not task.tune:
        return {}, task.settings, task.plans[0]
    steps = {plan: unfitted(task, cycles, plan) for plan in task.plans}
    fit, own = fit_of(task, cycles), [steps[plan] for plan in task.plans]
    tuned = choose(cycles.seen, cycles.y, fit, own, task.tune, task.settings)
    plan = task.plans[task.tune["candidates"].index(tuned["chosen"])]
    return tuned, task.settings | settings_of(tuned["chosen"]), plan


def predictions(task: Task, data: Prepared, model: object, settings: dict) -> list[pa.Table]:
    """Return the predictions of the training part, and of the test part."""
    cycles, target = data.cycles, data.cycles.target
    fit = partial(weighted, task.fit, target, task.settings)
    # some settings are refused only here, such as more neighbours than cycles
    with told_apart(fit, settings, data.X.shape[1], cycles.y, target):
        X = data.X
        if cycles.seen is not cycles.train:
            X = data.step.transform(columns_for(cycles.train, data.step.features))
        predicted = predict_finite(model, X, "train", target)
        tables = [as_table(cycles.train, "train", target, *predicted)]
        # they are the same where every cycle trains, tests
        if not np.array_equal(data.X_test, X, equal_nan=True):
            predicted = predict_finite(model, data.X_test, "test", target)
    return [*tables, as_table(cycles.test, "test", target, *predicted)]
