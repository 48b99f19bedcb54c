"""The metrics of the comparison, from sums that add up over patients.

Everything is computed from a few sums per group of cycles, 18 for the four states: the 4 x 4
confusion counts (true, predicted), the sum of absolute and the sum of squared errors. The sums of
any set of patients are the sums over its patients, so that leaving a patient out never touches the
cycles again.

Sensitivity, specificity and ICBHI score are defined as in the ICBHI 2017 challenge (Rocha et al.
2019, Physiological Measurement 40:035001).
"""

import math
from collections.abc import Sequence

import numpy as np

# Ways to group cycles: the index of each one's group, from 0, and the number of groups.
Groupings = Sequence[tuple[np.ndarray, int]]
N_STATES = 4


def to_class(prediction: np.ndarray, n_classes: int = N_STATES) -> np.ndarray:
    """Return the class of a raw prediction: the nearest, clipped to 0..3 (of four states).

    This is the one place where a regressor's number becomes a class. A number half-way between two
    classes goes to the even one (IEEE 754 rounding). Any shape; the classes are int64.

    Raises ValueError where a prediction is not finite.
    """
    prediction = np.asarray(prediction, dtype=np.float64)
    if not np.isfinite(prediction).all():
        raise ValueError("a prediction is not a finite number")
    return np.clip(np.rint(prediction), 0, n_classes - 1).astype(np.int64)


def group_sums(
    true: np.ndarray,
    prediction: np.ndarray,
    group: np.ndarray | None = None,
    n_groups: int = 1,
    n_classes: int = N_STATES,
) -> np.ndarray:
    """Return the confusion counts and summed errors of each group of cycles.

    From the true class (from 0) and raw prediction of each cycle, shape (n,), and the index of its
    group (its patient), 0 to n_groups - 1; without `group`, all are in one. Shape
    (n_groups, n_classes^2 + 2), float64: confusion counts, absolute and squared errors.
    """
    if group is None:
        group = np.zeros(len(true), dtype=np.int64)
    return sums_of_groupings(true, prediction, [(group, n_groups)], n_classes)[0]


def sums_of_groupings(
    true: np.ndarray,
    prediction: np.ndarray,
    groupings: Groupings,
    n_classes: int = N_STATES,
) -> list[np.ndarray]:
    """Return the sums of `group_sums` by each grouping."""
    cells = n_classes * n_classes
    cell = true * n_classes + to_class(prediction, n_classes)
    error = prediction - true
    absolute, squared = np.abs(error), error**2
    by = []
    for group, n in groupings:
        sums = np.empty((n, cells + 2))
        counts = np.bincount(group * cells + cell, minlength=n * cells)
        sums[:, :cells] = counts.reshape(n, cells)
        sums[:, cells] = np.bincount(group, weights=absolute, minlength=n)
        sums[:, cells + 1] = np.bincount(group, weights=squared, minlength=n)
        by.append(sums)
    return by


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, nan where whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0)


def metrics(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric by its name, arrays of shape (...), from the sums of `group_sums`.

    The sums, shape (..., 18) for four classes, may be added up over whatever belongs together.
    `mse` is in squared classes, `rmse` and `mae` in classes, the others are shares or scores
    without unit. Balanced accuracy is over the classes that occur, macro F1 over those that occur
    or are predicted, both as in scikit-learn. What cannot be computed is nan (R2 where all classes
    are equal, sensitivity without an abnormal cycle, specificity without a normal one).
    """
    sums = np.asarray(sums, dtype=np.float64)
    cells = sums.shape[-1] - 2
    n_classes = math.isqrt(cells)
    confusion = sums[..., :cells].reshape(*sums.shape[:-1], n_classes, n_classes)
    absolute, squared = sums[..., cells], sums[..., cells + 1]
    true, predicted = confusion.sum(-1), confusion.sum(-2)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    n = true.sum(-1)
    codes = np.arange(n_classes)
    spread = (true * codes**2).sum(-1) - ratio((true * codes).sum(-1) ** 2, n)
    recall = ratio(hits, true)
    mse = ratio(squared, n)
    sensitivity = ratio(hits[..., 1:].sum(-1), true[..., 1:].sum(-1))
    specificity = recall[..., 0]
    return {
        "mse": mse,
        "rmse": np.sqrt(mse),
        "mae": ratio(absolute, n),
        "r2": 1 - ratio(squared, spread),
        "accuracy": ratio(hits.sum(-1), n),
        "balanced_accuracy": _nanmean(recall),
        "macro_f1": _nanmean(ratio(2 * hits, true + predicted)),
        "sensitivity": sensitivity,
        "specificity": specificity,
        "icbhi_score": (sensitivity + specificity) / 2,
    }


def _nanmean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last axis of what is not nan."""
    valid = ~np.isnan(values)
    return ratio(np.where(valid, values, 0).sum(-1), valid.sum(-1))
