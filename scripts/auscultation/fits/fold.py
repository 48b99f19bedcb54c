"""A fold of a fit: what is asked of it, what a model takes of it, what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target, target_of
from auscultation.fits.magnitude import refuse_large
from auscultation.fits.predict import true_classes
from auscultation.fits.preprocess import Preprocessor, blank_features, columns_for
from auscultation.job.errors import FitFailed

Fit = Callable[..., object]


class Instead(NamedTuple):
    """What is done where there are more training cycles than a model can be fitted on."""

    fit: Fit | None  # in place of the model's own; None for that
    rows: np.ndarray | None  # positions of the cycles to fit on; None for all
    note: str  # what the report says of it


Large = Callable[[pa.Table], Instead | None]


@dataclass(frozen=True)
class Task:
    """What is the same in every fold of a fit."""

    model: str  # its name in the config
    fit: Fit
    settings: dict
    features: list[str]
    scale: str
    tune: dict
    preprocessor: type[Preprocessor]
    large: Large | None
    largest: float  # number that the algorithm can take as a feature


class Prepared(NamedTuple):
    """A fold as a model takes it: features and classes."""

    target: Target
    train: pa.Table
    test: pa.Table
    seen: pa.Table  # the training cycles that are fitted
    step: Preprocessor
    X: np.ndarray  # (n, columns), of `seen`
    X_test: np.ndarray
    y: np.ndarray  # (n,), classes of `seen`
    instead: Instead | None


class Fitted(NamedTuple):
    """What comes of a fold."""

    model: object
    step: Preprocessor
    tables: list[pa.Table]  # predictions of the training part and the test part
    about: dict  # for the summary
    seconds: tuple[float, float]  # to fit, to predict
    some: pa.Table  # a few training cycles


def prepared(task: Task, train: pa.Table, test: pa.Table) -> Prepared:
    """Return a fold as a model takes it, or raise FitFailed; features are learnt of the training part."""
    target = target_of(train.schema.metadata)
    instead = task.large(train) if task.large else None
    seen = train if instead is None or instead.rows is None else train.take(instead.rows)
    if not seen.num_rows:
        raise FitFailed("there are no cycles to fit it on")
    blank = blank_features(task.features, train, test)
    columns = columns_for(seen, task.features)
    step = task.preprocessor(task.features, task.scale, blank).fit(columns)
    X = step.transform(columns)
    X_test = step.transform(columns_for(test, task.features))
    for part, table, values in (("train", seen, X), ("test", test, X_test)):
        cycles = table["cycle"].to_numpy()
        refuse_large(values, step.names, cycles, task.scale, part, task.largest)
    return Prepared(target, train, test, seen, step, X, X_test, true_classes(seen, target), instead)
