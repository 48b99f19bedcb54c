"""Keep fitted models so that they load again: what is saved is loaded once, before it counts."""

import os
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import Preprocessor, columns_for

FEW = 5  # training cycles of a fold that what was loaded has to predict as the model does


def keep(
    path: str | os.PathLike,
    save: Callable,
    load: Callable,
    models: list,
    steps: list[Preprocessor],
    some: list[pa.Table],
    target: Target,
) -> None:
    """Save models, load them again, and hold that these predict the same on a few cycles of each fold.

    `models` (by fold) is emptied, so that a large one is in memory once. ValueError names the type
    that cannot be kept.
    """
    kinds = ", ".join(dict.fromkeys(type(model).__name__ for model in models))
    columns = [columns_for(table, step.features) for step, table in zip(steps, some, strict=True)]
    n = len(target.classes)
    try:
        save(path, models, steps)
        pairs = zip(steps, models, columns, strict=True)
        before = [predict(model, step.transform(own), n) for step, model, own in pairs]
        models.clear()
        loaded = load(path)
    except (OSError, MemoryError):  # not the model's doing: a full disk, too little memory
        raise
    except Exception as error:  # whatever the library meets: without a file there is no fit
        why = str(error).replace(f"{path}: ", "") or type(error).__name__
        raise ValueError(f"{kinds} cannot be kept so that it loads again: {why}") from error
    for predicted, (step, model), own in zip(before, loaded, columns, strict=True):
        if not all(map(same, predicted, predict(model, step.transform(own), n))):
            raise ValueError(f"{kinds} predicts something else when it is loaded again")


def same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Return whether two predictions are equal, both of which may be missing."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)
