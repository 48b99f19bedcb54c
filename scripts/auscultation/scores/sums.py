"""The predictions of a fit summed up by patient and by fold: all that its scores are computed from.

Sums of some folds can be added to those of others, so that not all of them are in memory at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import group_sums
from auscultation.metrics.probability import Areas, areas, cycle_losses

DRAWS = ("stratified",)  # algorithms that draw a class: scored by its expectation


class Sums(NamedTuple):
    """Predictions summed up by patient or by fold: all that scores are computed from."""

    ids: np.ndarray  # (n,), sorted
    values: dict[str, np.ndarray]  # by what is summed, (n, ...)


class Predicted(NamedTuple):
    """The predictions of one part of some folds, each of shape (n,)."""

    patient: np.ndarray  # index, from 0
    fold: np.ndarray  # index, from 0
    true: np.ndarray  # class
    device: np.ndarray | None  # index; None where recordings do not name it
    prediction: np.ndarray
    p: np.ndarray | None  # (n, classes)


def added(many: Sequence[Sums]) -> Sums:
    """Return sums added up."""
    if len(many) == 1:
        return many[0]
    ids = np.unique(np.concatenate([some.ids for some in many]))
    total = {}
    for name, values in many[0].values.items():
        total[name] = np.zeros((len(ids), *values.shape[1:]))
        for some in many:
            total[name][np.searchsorted(ids, some.ids)] += some.values[name]
    return Sums(ids, total)


def rows_of_parts(predictions: pa.Table) -> list[tuple[str, np.ndarray]]:
    """Return each part that predictions have, train first, with its rows."""
    part = predictions["part"].combine_chunks().dictionary_encode()
    codes, names = part.indices.to_numpy(), part.dictionary.to_pylist()
    rows = ((name, np.flatnonzero(codes == k)) for k, name in enumerate(names))
    return sorted(rows, key=lambda of: of[0], reverse=True)


def sum_up(part: Predicted, algorithm: str, n_classes: int) -> list[dict[str, np.ndarray]]:
    """Return what is summed up, by patient and by fold."""
    patient, fold, true, _, prediction, p = part
    areas_by = _areas(part, algorithm)
    losses = None if p is None else cycle_losses(true, p)
    both = []
    for index, first in ((patient, 2), (fold, 0)):
        n = int(index.max(initial=-1)) + 1
        sums = {
            "true": class_counts(index, true, n, n_classes),
            "classes": sums_by_index(true, prediction, p, algorithm, index, n, n_classes),
        }
        if losses is not None:
            by = [np.bincount(index, weights=loss, minlength=n) for loss in losses.T]
            sums["losses"] = np.column_stack(by)
        if p is not None and algorithm in DRAWS:
            sums["called"] = group_sums(true, prediction, index, n, n_classes)
        # pairs won and pairs, by class
        for name, area in areas_by.items():
            sums[name] = np.stack(area[first : first + 2], -1).swapaxes(0, 1)
        both.append(sums)
    return both


def class_counts(index: np.ndarray, true: np.ndarray, n: int, n_classes: int) -> np.ndarray:
    """Return the counts of cycles by an index (of n) and by class, shape (n, classes)."""
    counts = np.bincount(index * n_classes + true, minlength=n * n_classes)
    return counts.reshape(n, n_classes).astype(float)


def sums_by_index(
    true: np.ndarray,
    prediction: np.ndarray,
    p: np.ndarray | None,
    algorithm: str,
    index: np.ndarray,
    n: int,
    n_classes: int,
) -> np.ndarray:
    """Return the sums of `group_sums` by an index of predictions (of n), expected where classes are drawn."""
    if p is not None and algorithm in DRAWS:
        return expected_sums(true, p, index, n)
    return group_sums(true, prediction, index, n, n_classes)


def abnormal_rating(prediction: np.ndarray, algorithm: str) -> np.ndarray:
    """Return how abnormal a model without probabilities rates cycles, float64, shape (n,).

    By the number that it predicts, or by whether it calls them other than the first class.
    """
    rating = prediction if algorithm in REGRESSORS else prediction != 0
    return rating.astype(np.float64)


def expected_sums(true: np.ndarray, p: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the expected sums of a model that draws the class of each cycle by its probabilities.

    As `auscultation.metrics.classes.group_sums`, with each cycle counted under every class in
    proportion to its probability.
    """
    k = p.shape[1]
    sums = np.zeros((n_groups, k * k + 2))
    error = np.abs(np.arange(k)[None, :] - true[:, None])
    for predicted in range(k):
        cell = group * k + true
        counts = np.bincount(cell, weights=p[:, predicted], minlength=n_groups * k)
        sums[:, predicted : k * k : k] = counts.reshape(n_groups, k)
    for place, power in ((k * k, 1), (k * k + 1, 2)):
        weights = (p * error**power).sum(1)
        sums[:, place] = np.bincount(group, weights=weights, minlength=n_groups)
    return sums


def _areas(part: Predicted, algorithm: str) -> dict[str, Areas]:
    """Return the areas under ROC curves by the pairs they count (see `PAIRS`).

    Of each class against the others; without probabilities, of abnormal against normal.
    """
    patient, fold, true, device, prediction, p = part
    by_pairs: dict[str, list[Areas]] = {}
    for k in range(1 if p is None else p.shape[1]):  # one at a time, as each takes memory
        if p is None:
            rating, positive = abnormal_rating(prediction, algorithm)[:, None], true[:, None] != 0
        else:
            rating, positive = p[:, k : k + 1], true[:, None] == k
        order = np.argsort(rating, axis=0)  # once for both kinds of pairs
        every, of_two, of_one = areas(rating, positive, patient, fold, None, order)
        within = {}
        if device is not None:
            both = areas(rating, positive, patient, fold, device, order)
            within = {"_within_device": both.of_two}
        kinds = {"": every, "_between_patients": of_two, **within, "_within_patient": of_one}
        for ending, area in kinds.items():
            by_pairs.setdefault(ending, []).append(area)
    return {
        ending: Areas(*map(np.concatenate, zip(*of_classes, strict=True)))
        for ending, of_classes in by_pairs.items()
    }
