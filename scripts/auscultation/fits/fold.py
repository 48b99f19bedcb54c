"""A fold of a fit: what is asked of it, what a model takes of it, what comes of it."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.features import resolve_features
from auscultation.data.target import Target, target_of
from auscultation.fits.magnitude import refuse_large
from auscultation.fits.predict import true_classes
from auscultation.fits.preprocess import Preprocessor, blank_features, columns_for, sources_of
from auscultation.fits.refusals import told_apart
from auscultation.fits.tuning import of_patients
from auscultation.job.errors import FitFailed, InputError

Fit = Callable[..., object]
KEYS = ("cycle", "patient_ID", "fold")


class Instead(NamedTuple):
    """What is done where there are more training cycles than a model can be fitted on."""

    fit: Fit | None  # in place of the model's own; None for that
    rows: np.ndarray | None  # positions of the cycles to fit on; None for all
    note: str  # what the report says of it


Large = Callable[[pa.Table], Instead | None]


class Plan(NamedTuple):
    """How cycles become a matrix: features, scaling of numbers, what becomes of missing values."""

    features: tuple[str, ...]
    scale: str
    missing: str


@dataclass(frozen=True)
class Task:
    """What is the same in every fold of a fit."""

    model: str  # its name in the config
    fit: Fit
    settings: dict
    plans: list[Plan]  # of each candidate of `tune`; else one
    tune: dict
    preprocessor: type[Preprocessor]
    large: Large | None
    largest: float  # number that the algorithm can take as a feature
    takes_missing: bool  # whether the algorithm takes nan

    @property
    def features(self) -> list[str]:
        """Return the features of all plans, each once."""
        return list(dict.fromkeys(name for plan in self.plans for name in plan.features))


class Cycles(NamedTuple):
    """The cycles of a fold, before features are prepared."""

    target: Target
    train: pa.Table
    test: pa.Table
    seen: pa.Table  # the training cycles that are fitted
    y: np.ndarray  # (n,), classes of `seen`
    instead: Instead | None
    blank: set[str]  # features with blank cells


class Prepared(NamedTuple):
    """A fold as a model takes it."""

    cycles: Cycles
    step: Preprocessor
    X: np.ndarray  # (n, columns), of the training cycles that are fitted
    X_test: np.ndarray


class Fitted(NamedTuple):
    """What comes of a fold."""

    model: object
    step: Preprocessor
    tables: list[pa.Table]  # predictions of the training part and the test part
    about: dict  # for the summary
    seconds: tuple[float, float]  # to fit, to predict
    some: pa.Table  # a few training cycles


def plans_of(params, names: Sequence[str], target: str) -> list[Plan]:
    """Return the plan of each candidate of `tune`, or the one of a model whose settings are fixed.

    `params` are those of the rule, `names` the columns of the table. FeatureError for features that
    the table lacks.
    """
    fixed = {"features": params.features, "scale": params.scale, "missing": params.missing}
    plans = []
    for candidate in params.tune.get("candidates", [{}]):
        features, scale, missing = (candidate.get(key, value) for key, value in fixed.items())
        plans.append(Plan(tuple(resolve_features(features, names, target)), scale, missing))
    return plans


def read_sides(
    paths: Iterable[str | os.PathLike], fold: int, features: Sequence[str]
) -> list[pa.Table]:
    """Return a fold's training and test part, with the columns that a fit needs of them."""
    sides = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            names, target = {*file.schema_arrow.names}, target_of(file.schema_arrow.metadata)
            sources = (name for feature in features for name in sources_of(feature, names))
            columns = list(dict.fromkeys([*KEYS, target.name, *sources]))
            # asked for `a`, pyarrow reads `a.b` too
            sides.append(file.read_row_group(fold, columns=columns).select(columns))
    return sides


def cycles_of(task: Task, train: pa.Table, test: pa.Table) -> Cycles:
    """Return the cycles of a fold, or raise FitFailed where there is none to fit."""
    target = target_of(train.schema.metadata)
    instead = task.large(train) if task.large else None
    seen = train if instead is None or instead.rows is None else train.take(instead.rows)
    if not seen.num_rows:
        raise FitFailed("there are no cycles to fit it on")
    features = task.features
    blank = blank_features(features, *(columns_for(side, features) for side in (train, test)))
    return Cycles(target, train, test, seen, true_classes(seen, target), instead, blank)


def unfitted(task: Task, cycles: Cycles, plan: Plan) -> Preprocessor:
    """Return the preprocessing of a plan, which has learnt nothing yet."""
    blank = cycles.blank.intersection(plan.features)
    return task.preprocessor(plan.features, plan.scale, blank, plan.missing)


def prepared(task: Task, cycles: Cycles, plan: Plan) -> Prepared:
    """Return a fold as a model takes it, or raise FitFailed; features are learnt of the training part.

    InputError where missing values are kept, and the algorithm takes none.
    """
    columns = columns_for(cycles.seen, plan.features)
    step = unfitted(task, cycles, plan).fit(columns)
    X = step.transform(columns)
    X_test = step.transform(columns_for(cycles.test, plan.features))
    kept = plan.missing == "keep"
    for part, table, values in (("train", cycles.seen, X), ("test", cycles.test, X_test)):
        if kept and not task.takes_missing and np.isnan(values).any():
            raise InputError(
                "`missing: keep` leaves values missing, and this algorithm takes none such; write "
                "median, most_frequent or indicator"
            )
        numbers = table["cycle"].to_numpy()
        refuse_large(values, step.names, numbers, plan.scale, part, task.largest, kept)
    return Prepared(cycles, step, X, X_test)


def fit_of(task: Task, cycles: Cycles) -> Fit:
    """Return the function that fits the cycles, whose class weights are those of the config."""
    fit = task.fit if cycles.instead is None else cycles.instead.fit or task.fit
    return update_wrapper(partial(weighted, fit, cycles.target, task.settings), fit)


def fitted_model(task: Task, data: Prepared, settings: dict) -> object:
    """Return the model of a fold."""
    cycles, fit = data.cycles, fit_of(task, data.cycles)
    patients = of_patients(fit, cycles.seen["patient_ID"].to_numpy())
    with told_apart(fit, settings, data.X.shape[1], cycles.y, cycles.target):
        return fit(data.X, cycles.y, **settings, **patients)


def weighted(
    fit: Fit, target: Target, settings: dict, X: np.ndarray, y: np.ndarray, **chosen
) -> object:
    """Fit with weights as scikit-learn wants them: by the numbers of the classes in y."""
    settings = settings | chosen
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = target.weights(weights, y)
    return fit(X, y, **settings)
