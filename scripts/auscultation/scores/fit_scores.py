"""Scores of one fit: every metric of both parts, with its interval."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target, target_of
from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import group_sums, metrics, ratio
from auscultation.metrics.names import LOSSES as PROBABLE
from auscultation.metrics.names import LOWER_IS_BETTER, metrics_of
from auscultation.metrics.probability import Areas, Bin, areas, calibration_curve, cycle_losses
from auscultation.scores.comparison import Counts, Score
from auscultation.scores.intervals import Estimate, of_error, of_number, of_share
from auscultation.scores.tables import schema_of

DRAWS = ("stratified",)  # algorithms that draw a class: scored by its expectation
LOSSES = (*PROBABLE, "mse_expected")  # in the order of `cycle_losses`
# The pairs of cycles of a fold that an AUC counts.
PAIRS = ("", "_between_patients", "_within_device", "_within_patient")
AREAS = tuple(name + ending for name in ("auc_ovr", "auc_abnormal") for ending in PAIRS)


def losses_of(target: Target) -> tuple[str, ...]:
    """Return the scores of probabilities that are means over cycles; the last is of numbers."""
    return LOSSES if target.ordered else LOSSES[:-1]


class Scores(NamedTuple):
    """Values of metrics by name: of all patients, without each patient, and of each fold."""

    values: dict[str, np.ndarray]  # ()
    without: dict[str, np.ndarray]  # (patients,)
    by_fold: dict[str, np.ndarray]  # (folds,)


class CurveKey(TypedDict):
    """Whose calibration curve it is."""

    model: str
    split: str
    part: str


class Calibration(CurveKey, Bin):
    """One row of the calibration: a bin of a curve."""


CALIBRATION = schema_of(Calibration)


class Part(NamedTuple):
    """One part (train or test) of one fit, summed up: its size does not grow with cycles."""

    patients: np.ndarray  # (p,), sorted
    true: np.ndarray  # (p, classes), cycles by class
    true_by_fold: np.ndarray  # (folds, classes)
    confusion: np.ndarray  # (classes^2 + 2,), sums of `auscultation.metrics.classes.group_sums`
    n_cycles: int
    scores: Scores
    calibration: tuple[Bin, ...] = ()

    @property
    def n_rows(self) -> int:
        """Return the number of predictions; with repeated folds more than there are cycles."""
        return int(self.true_by_fold.sum())

    @property
    def counts(self) -> Counts:
        """Return the numbers of folds, cycles and patients behind the scores."""
        return {
            "n_folds": len(self.true_by_fold),
            "n_cycles": self.n_cycles,
            "n_patients": len(self.patients),
        }

    @property
    def sides(self) -> tuple[int, int]:
        """Return the numbers of patients with an abnormal cycle, and with a normal one (class 0)."""
        return int((self.true[:, 1:].sum(1) > 0).sum()), int((self.true[:, 0] > 0).sum())


class Predicted(NamedTuple):
    """The predictions of one part of a fit, each of shape (n,)."""

    patient: np.ndarray  # index, from 0
    fold: np.ndarray  # index, from 0
    true: np.ndarray  # class
    device: np.ndarray | None  # index; None where recordings do not name it
    prediction: np.ndarray
    p: np.ndarray | None  # (n, classes)


def sum_parts(
    predictions: pa.Table,
    algorithm: str = "",
    device: np.ndarray | None = None,
    names: Sequence[str] = ("train", "test"),
) -> dict[str, Part]:
    """Return a fit's predictions summed up, by part, none of them empty.

    `algorithm` tells whether a prediction without probabilities is a number or a class; `device` is
    that of each prediction, shape (n,), None where recordings do not name it.
    """
    target = target_of(predictions.schema.metadata)
    n_classes = len(target.classes)
    keys = ("cycle", "patient_ID", "fold", target.name, "prediction")
    part = predictions["part"].to_numpy(zero_copy_only=False)
    columns = {key: predictions[key].to_numpy() for key in keys}
    columns_p = [predictions[f"p{k}"] for k in range(n_classes)]
    p = None
    if not any(column.null_count for column in columns_p):
        p = np.column_stack([column.to_numpy() for column in columns_p])
    parts = {}
    for name in names:
        rows = np.flatnonzero(part == name)
        cycle, patient, fold, true, prediction = (columns[key][rows] for key in keys)
        patients, patient = np.unique(patient, return_inverse=True)
        folds, fold = np.unique(fold, return_inverse=True)
        devices, shares = (None if values is None else values[rows] for values in (device, p))
        predicted = Predicted(patient, fold, true, devices, prediction, shares)
        confusion, scored = _measure(predicted, algorithm, target)
        parts[name] = Part(
            patients,
            _class_counts(patient, true, len(patients), n_classes),
            _class_counts(fold, true, len(folds), n_classes),
            confusion,
            len(np.unique(cycle)),
            scored,
            () if shares is None else tuple(calibration_curve(true, shares)),
        )
    return parts


def _class_counts(index: np.ndarray, true: np.ndarray, n: int, n_classes: int) -> np.ndarray:
    """Return the counts of cycles by an index (of n) and by class, shape (n, classes)."""
    counts = np.bincount(index * n_classes + true, minlength=n * n_classes)
    return counts.reshape(n, n_classes).astype(float)


def _measure(part: Predicted, algorithm: str, target: Target) -> tuple[np.ndarray, Scores]:
    """Return the confusion sums of one part, and every metric of it."""
    patient, fold, true, _, prediction, p = part
    n_classes = len(target.classes)
    scored = Scores({}, {}, {})

    def add(name: str, values: Iterable[np.ndarray]) -> None:
        for by_name, value in zip(scored, values, strict=True):
            by_name[name] = value

    def sums_by(index: np.ndarray) -> np.ndarray:
        n = int(index.max(initial=-1)) + 1
        return sums_by_index(true, prediction, p, algorithm, index, n, n_classes)

    by_patient, by_fold = sums_by(patient), sums_by(fold)
    total = by_patient.sum(0)
    of_class = [metrics(sums) for sums in (total, total - by_patient, by_fold)]
    for name in metrics_of(target):
        add(name, (values[name] for values in of_class))
    if p is not None:
        losses = cycle_losses(true, p)
        weights = [np.bincount(index) for index in (patient, fold)]
        for k, name in enumerate(losses_of(target)):
            by = [np.bincount(index, weights=losses[:, k]) for index in (patient, fold)]
            whole, n = by[0].sum(), len(true)
            left = ratio(whole - by[0], n - weights[0])
            add(name, (whole / n, left, by[1] / weights[1]))
    for name, area in _areas(part, algorithm).items():
        add(name, (np.asarray(area.value()), area.without(), area.by_fold()))
    # confusion counts are of the predictions themselves, also of what draws a class
    if draws(algorithm, p):
        total = group_sums(true, prediction, None, 1, n_classes)[0]
    return total, scored


def draws(algorithm: str, p: np.ndarray | None) -> bool:
    """Return whether a model is scored by the expectation of the classes that it draws."""
    return algorithm in DRAWS and p is not None


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
    if p is not None and draws(algorithm, p):
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
    """Return the areas under ROC curves: over the classes, and of abnormal against normal."""
    patient, fold, true, device, prediction, p = part
    if p is not None:
        ratings, positive = p, true[:, None] == np.arange(p.shape[1])
    else:
        ratings, positive = abnormal_rating(prediction, algorithm)[:, None], true[:, None] != 0
    order = np.argsort(ratings, axis=0)  # once for both kinds of pairs
    every, of_two, of_one = areas(ratings, positive, patient, fold, None, order)
    by_pairs = {"": every, "_between_patients": of_two}
    if device is not None:
        by_pairs["_within_device"] = areas(ratings, positive, patient, fold, device, order).of_two
    by_pairs["_within_patient"] = of_one
    over_classes = {f"auc_ovr{ending}": area for ending, area in by_pairs.items()}
    # the first class is the normal one: its pairs are those of abnormal against normal
    abnormal = {f"auc_abnormal{ending}": area.first() for ending, area in by_pairs.items()}
    return abnormal if p is None else over_classes | abnormal


def scores(part: Part) -> list[Score]:
    """Return value and 95 % interval of every metric of a part."""
    rows: list[Score] = []
    for name, scalar in part.scores.values.items():
        value = float(scalar)
        error = error_of(name, value, part.scores.without[name], min(part.sides))
        rows.append(
            {
                "metric": name,
                "value": None if np.isnan(value) else value,
                "ci_low": error.ci_low,
                "ci_high": error.ci_high,
            }
        )
    return rows


def error_of(metric: str, value: float, without: np.ndarray, side: int) -> Estimate:
    """Return the error of a metric's value, by what kind of number it is (see `spread`)."""
    if metric in LOWER_IS_BETTER:
        return of_error(value, without, side)
    if metric != "r2":
        return of_share(value, without, side)
    error = of_number(value, without, side)
    return error if error.ci_high is None else error._replace(ci_high=min(1.0, error.ci_high))
