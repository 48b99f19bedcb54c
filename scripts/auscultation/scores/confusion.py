"""Confusion counts of a fit, one row per pair of true and predicted class.

Counts are of predictions: with repeated folds a cycle of the test part has several.
"""

from math import isqrt
from typing import TypedDict

import numpy as np

from auscultation.data.target import Target
from auscultation.scores.comparison import FitPart
from auscultation.scores.tables import schema_of


class Cell(TypedDict):
    """One cell of a confusion matrix: classes (from 0) and their names, and the predictions in it."""

    true: int
    predicted: int
    true_name: str
    predicted_name: str
    n: int
    share: float | None  # of the true class; None where nothing is of that class


class Confusion(FitPart, Cell):
    """One row of the confusion counts."""


CONFUSION = schema_of(Confusion)


def confusion_rows(sums: np.ndarray, target: Target) -> list[Cell]:
    """Return the k * k confusion counts of one part of one fit.

    `sums`, shape (..., k * k + 2), are those of `auscultation.metrics.classes.group_sums`.
    """
    cells = np.asarray(sums).reshape(-1, np.shape(sums)[-1]).sum(0)[:-2]
    k = isqrt(len(cells))
    counts = cells.reshape(k, k).astype(np.int64)
    of_class = counts.sum(1)
    return [
        {
            "true": true,
            "predicted": predicted,
            "true_name": target.classes[true],
            "predicted_name": target.classes[predicted],
            "n": int(counts[true, predicted]),
            "share": float(counts[true, predicted] / of_class[true]) if of_class[true] else None,
        }
        for true in range(k)
        for predicted in range(k)
    ]
