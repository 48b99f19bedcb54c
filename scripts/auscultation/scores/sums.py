"""The predictions of a fit summed up by patient and by fold: all that its scores are computed from.

Sums of some folds can be added to those of others, so that not all of them are in memory at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import Groupings, sums_of_groupings
from auscultation.metrics.pairs import ranked_classes
from auscultation.metrics.probability import Areas, areas_within, cycle_losses

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
    groupings = [(index, int(index.max(initial=-1)) + 1) for index in (patient, fold)]
    called, scored = class_sums(true, prediction, p, algorithm, groupings, n_classes)
    both = []
    # of areas come those of folds first
    for k, first in ((0, 2), (1, 0)):
        index, n = groupings[k]
        confusion = called[k][:, :-2].reshape(n, n_classes, n_classes)
        sums = {"true": confusion.sum(2), "classes": scored[k], "called": called[k]}
        if losses is not None:
            by = [np.bincount(index, weights=loss, minlength=n) for loss in losses.T]
            sums["losses"] = np.column_stack(by)
        # pairs won and pairs, by class
        for name, area in areas_by.items():
            sums[name] = np.stack(area[first : first + 2], -1).swapaxes(0, 1)
        both.append(sums)
    return both


def class_sums(
    true: np.ndarray,
    prediction: np.ndarray,
    p: np.ndarray | None,
    algorithm: str,
    groupings: Groupings,
    n_classes: int,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the sums of `group_sums` by each grouping, and those that are scored.

    These are the same, but the expected ones where the model draws the class.
    """
    called = sums_of_groupings(true, prediction, groupings, n_classes)
    if p is None or algorithm not in DRAWS:
        return called, called
    return called, expected_sums(true, p, groupings)


def abnormal_rating(prediction: np.ndarray, algorithm: str) -> np.ndarray:
    """Return how abnormal a model without probabilities rates cycles, float64, shape (n,).

    By the number that it predicts, or by whether it calls them other than the first class.
    """
    rating = prediction if algorithm in REGRESSORS else prediction != 0
    return rating.astype(np.float64)


def expected_sums(true: np.ndarray, p: np.ndarray, groupings: Groupings) -> list[np.ndarray]:
    """Return the expected sums of a model that draws the class of each cycle by its probabilities.

    As `auscultation.metrics.classes.sums_of_groupings`, with each cycle counted under every class in
    proportion to its probability.
    """
    k = p.shape[1]
    error = np.abs(np.arange(k)[None, :] - true[:, None])
    absolute, squared = (sum((p * error**power).T) for power in (1, 2))
    by = []
    for group, n in groupings:
        sums = np.empty((n, k * k + 2))
        for predicted in range(k):
            counts = np.bincount(group * k + true, weights=p[:, predicted], minlength=n * k)
            sums[:, predicted : k * k : k] = counts.reshape(n, k)
        sums[:, k * k] = np.bincount(group, weights=absolute, minlength=n)
        sums[:, k * k + 1] = np.bincount(group, weights=squared, minlength=n)
        by.append(sums)
    return by


def _areas(part: Predicted, algorithm: str) -> dict[str, Areas]:
    """Return the areas under ROC curves by the pairs they count (see `PAIRS`).

    Of each class against the others; without probabilities, of abnormal against normal.
    """
    patient, fold, true, device, prediction, p = part
    if p is None:
        ratings, positive = abnormal_rating(prediction, algorithm)[:, None], true[:, None] != 0
    else:
        ratings, positive = p, (true == np.arange(p.shape[1])[:, None]).T
    by_class = ranked_classes(ratings, positive)  # one at a time, as each takes memory
    withins = [None] if device is None else [None, device]
    (every, of_two, of_one), *within = areas_within(by_class, patient, fold, withins)
    of_device = {} if device is None else {"_within_device": within[0].of_two}
    return {"": every, "_between_patients": of_two, **of_device, "_within_patient": of_one}
