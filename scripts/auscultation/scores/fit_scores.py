"""Scores of one fit: every metric of both parts, with its interval."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target, target_of
from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import group_sums, metrics
from auscultation.metrics.names import LOSSES as PROBABLE
from auscultation.metrics.names import LOWER_IS_BETTER, metrics_of
from auscultation.metrics.probability import Areas, areas, calibration_curve, cycle_losses
from auscultation.scores.intervals import of_error, of_number, of_share

CALIBRATION = pa.schema(
    [
        ("model", pa.string()),
        ("split", pa.string()),
        ("part", pa.string()),
        ("bin", pa.int64()),
        ("mean_predicted", pa.float64()),
        ("observed", pa.float64()),
        ("n_cycles", pa.int64()),
    ]
)
DRAWS = ("stratified",)  # algorithms that draw a class: what is scored is what is expected of it
LOSSES = (*PROBABLE, "mse_expected")  # in the order of `cycle_losses`
# Pairs of which cycles of a fold an AUC counts.
PAIRS = ("", "_between_patients", "_within_device", "_within_patient")


def losses_of(target: Target) -> tuple[str, ...]:
    """Name the scores of probabilities that are means over cycles; the last is of numbers."""
    return LOSSES if target.ordered else LOSSES[:-1]


class Scores(NamedTuple):
    """Values of metrics by their names: of all, without each patient, and of each fold."""

    values: dict[str, float]
    without: dict[str, np.ndarray]  # (patients,)
    by_fold: dict[str, np.ndarray]  # (folds,)


class Part(NamedTuple):
    """One part (train or test) of one fit: nothing of it grows with cycles."""

    patients: np.ndarray  # (p,), sorted
    true: np.ndarray  # (p, classes), cycles by class
    true_by_fold: np.ndarray  # (folds, classes)
    confusion: np.ndarray  # (classes^2 + 2,), sums of `auscultation.metrics.classes.group_sums`
    n_cycles: int
    scores: Scores
    calibration: tuple[dict, ...] = ()  # bins of the calibration curve

    @property
    def n_rows(self) -> int:
        """Predictions in all; with repeated folds more than there are cycles."""
        return int(self.true_by_fold.sum())

    @property
    def counts(self) -> dict[str, int]:
        """How much stands behind the scores."""
        return {
            "n_folds": len(self.true_by_fold),
            "n_cycles": self.n_cycles,
            "n_patients": len(self.patients),
        }

    @property
    def sides(self) -> tuple[int, int]:
        """Count the patients with a cycle that is not of class 0, and those with one that is."""
        return int((self.true[:, 1:].sum(1) > 0).sum()), int((self.true[:, 0] > 0).sum())


def sum_parts(
    predictions: pa.Table, algorithm: str = "", device: np.ndarray | None = None
) -> dict[str, Part]:
    """Sum up a fit's predictions, by part.

    Parameters
    ----------
    predictions
        Table with the columns of the predictions' contract.
    algorithm
        Which gave them: says what a prediction without probabilities is.
    device
        Of each prediction, shape (n,); None where recordings do not name it.
    """
    target = target_of(predictions.schema.metadata)
    n_classes = len(target.classes)
    names = ("cycle", "patient_ID", "fold", target.name, "prediction")
    part = predictions["part"].to_numpy(zero_copy_only=False)
    columns = {name: predictions[name].to_numpy() for name in names}
    shares = [predictions[f"p{k}"] for k in range(n_classes)]
    p = None
    if not any(share.null_count for share in shares):
        p = np.column_stack([share.to_numpy() for share in shares])
    parts = {}
    for name in ("train", "test"):
        rows = np.flatnonzero(part == name)
        cycle, patient, fold, true, prediction = (columns[n][rows] for n in names)
        patients, patient = np.unique(patient, return_inverse=True)
        folds, fold = np.unique(fold, return_inverse=True)
        of = {"patient": patient, "fold": fold, "true": true}
        of["device"] = None if device is None else device[rows]
        said = {"prediction": prediction, "p": None if p is None else p[rows]}
        calibration = () if p is None else tuple(calibration_curve(true, said["p"]))
        confusion, scored = _measure(of, said, algorithm, target)
        sizes = (len(patients), len(folds))
        counts = [
            np.bincount(index * n_classes + true, minlength=size * n_classes)
            .reshape(size, n_classes)
            .astype(float)
            for index, size in zip((patient, fold), sizes, strict=True)
        ]
        n_cycles = len(np.unique(cycle))
        parts[name] = Part(patients, *counts, confusion, n_cycles, scored, calibration)
    return parts


def _measure(of: dict, said: dict, algorithm: str, target: Target) -> tuple[np.ndarray, Scores]:
    """Return the confusion sums of one part, and every metric of it."""
    true, patient, fold = (of[name] for name in ("true", "patient", "fold"))
    p, n_classes = said["p"], len(target.classes)
    draws = algorithm in DRAWS and p is not None
    scored = Scores({}, {}, {})

    def add(name: str, values: Iterable) -> None:
        for found, value in zip(scored, values, strict=True):
            found[name] = value

    def sums(index: np.ndarray) -> np.ndarray:
        n = int(index.max(initial=-1)) + 1
        if draws:
            return expected_sums(true, p, index, n)
        return group_sums(true, said["prediction"], index, n, n_classes)

    by_patient, by_fold = sums(patient), sums(fold)
    total = by_patient.sum(0)
    of_class = [metrics(given) for given in (total, total - by_patient, by_fold)]
    for name in metrics_of(target):
        add(name, (values[name] for values in of_class))
    if p is not None:
        losses = cycle_losses(true, p)
        weights = [np.bincount(index) for index in (patient, fold)]
        for k, name in enumerate(losses_of(target)):
            by = [np.bincount(index, weights=losses[:, k]) for index in (patient, fold)]
            whole, n = by[0].sum(), len(true)
            rest = n - weights[0]
            left = np.divide(whole - by[0], rest, out=np.full(len(rest), np.nan), where=rest > 0)
            add(name, (whole / n, left, by[1] / weights[1]))
    for name, area in _areas(of, p, said["prediction"], algorithm).items():
        add(name, (area.value(), area.without(), area.by_fold()))
    # confusion counts are those of the predictions as they are, also of what draws
    confusion = group_sums(true, said["prediction"], None, 1, n_classes)[0] if draws else total
    return confusion, scored


def expected_sums(true: np.ndarray, p: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Sum up what is expected of a model that draws the class of each cycle by its probabilities.

    As `auscultation.metrics.classes.group_sums`, with each cycle counted under every class by its chance.
    """
    k = p.shape[1]
    sums = np.zeros((n_groups, k * k + 2))
    error = np.abs(np.arange(k)[None, :] - true[:, None])
    for called in range(k):
        cell = group * k + true
        counts = np.bincount(cell, weights=p[:, called], minlength=n_groups * k)
        sums[:, called : k * k : k] = counts.reshape(n_groups, k)
    for place, power in ((k * k, 1), (k * k + 1, 2)):
        weights = (p * error**power).sum(1)
        sums[:, place] = np.bincount(group, weights=weights, minlength=n_groups)
    return sums


def _areas(
    of: dict, p: np.ndarray | None, prediction: np.ndarray, algorithm: str
) -> dict[str, Areas]:
    """Return the areas under ROC curves: over the classes, and of what is not of class 0."""
    true, places = of["true"], (of["patient"], of["fold"])
    if p is not None:
        rated = (p, true[:, None] == np.arange(p.shape[1]))
    else:
        rating = prediction if algorithm in REGRESSORS else prediction != 0
        rated = (rating[:, None].astype(float), true[:, None] != 0)
    every, of_two, of_one = areas(*rated, *places)
    inside = None if of["device"] is None else areas(*rated, *places, of["device"]).of_two
    found = dict(zip(PAIRS, (every, of_two, inside, of_one), strict=True))
    found = {ending: area for ending, area in found.items() if area is not None}
    named = {} if p is None else {f"auc_ovr{ending}": area for ending, area in found.items()}
    # abnormal against normal are the pairs of class 0 and the rest, the other way round
    return named | {f"auc_abnormal{ending}": area.first() for ending, area in found.items()}


def scores(part: Part) -> list[dict]:
    """Return value and 95 % interval of every metric of a part; None where there is none."""
    rows, side = [], min(part.sides)
    for name, value in part.scores.values.items():
        value, without = float(value), part.scores.without[name]
        how = of_error if name in LOWER_IS_BETTER else of_number if name == "r2" else of_share
        found = how(value, without, side)
        if name == "r2" and found.ci_high is not None:
            found = found._replace(ci_high=min(1.0, found.ci_high))
        row = {"metric": name, "value": None if np.isnan(value) else value}
        rows.append(row | {"ci_low": found.ci_low, "ci_high": found.ci_high})
    return rows
