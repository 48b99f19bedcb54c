"""Scores of one fit: every metric of both parts, with its interval."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.derived import numbered
from auscultation.data.target import Target, target_of
from auscultation.metrics.classes import metrics, ratio
from auscultation.metrics.names import LOSSES as PROBABLE
from auscultation.metrics.names import LOWER_IS_BETTER, metrics_of
from auscultation.metrics.probability import Areas, Bin, calibration_curve
from auscultation.scores.comparison import Counts, Score
from auscultation.scores.intervals import Estimate, of_error, of_number, of_share
from auscultation.scores.sums import Predicted, Sums, added, rows_of_parts, sum_up
from auscultation.scores.tables import schema_of

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
    calibration: tuple[Bin, ...] = ()  # of a test part

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


class Summing:
    """A fit's predictions, summed up as they are read: some whole folds at a time.

    `algorithm` tells whether a prediction without probabilities is a number or a class.
    """

    def __init__(
        self, target: Target, algorithm: str = "", names: Sequence[str] = ("train", "test")
    ) -> None:
        self.target, self.algorithm, self.names = target, algorithm, names
        self.sums: dict[str, list[tuple[Sums, Sums]]] = {}  # by part, of patients and of folds
        self.cycles: dict[str, list[np.ndarray]] = {}
        self.normal: list[tuple[np.ndarray, np.ndarray]] = []  # of the test part: classes, p0

    def add(self, predictions: pa.Table, device: np.ndarray | None = None) -> None:
        """Add predictions; `device` is as in `sum_parts`."""
        n_classes = len(self.target.classes)
        keys = ("cycle", "patient_ID", "fold", self.target.name, "prediction")
        names_p = [f"p{k}" for k in range(n_classes)]
        known = not any(predictions[name].null_count for name in names_p)
        for name, rows in rows_of_parts(predictions):
            if name not in self.names:
                continue
            own = predictions if len(rows) == predictions.num_rows else predictions.take(rows)
            cycle, patient, fold, true, prediction = (own[key].to_numpy() for key in keys)
            p = None
            if known:
                p = np.column_stack([own[name].to_numpy() for name in names_p])
            (patients, patient), (folds, fold) = numbered(patient), numbered(fold)
            within = None if device is None else device[rows]
            part = Predicted(patient, fold, true, within, prediction, p)
            by_patient, by_fold = sum_up(part, self.algorithm, n_classes)
            both = Sums(patients, by_patient), Sums(folds, by_fold)
            self.sums.setdefault(name, []).append(both)
            self.cycles.setdefault(name, []).append(np.flatnonzero(np.bincount(cycle)))
            if p is not None and name == "test":
                self.normal.append((true, p[:, :1].copy()))

    def parts(self) -> dict[str, Part]:
        """Return the parts that have predictions."""
        return {name: self._part(name) for name in self.sums}

    def _part(self, name: str) -> Part:
        patients, folds = map(added, zip(*self.sums[name], strict=True))
        calibration: tuple[Bin, ...] = ()
        if name == "test" and self.normal:
            true, p = map(np.concatenate, zip(*self.normal, strict=True))
            calibration = tuple(calibration_curve(true, p))
        # confusion counts are of the predictions themselves, also of what draws a class
        return Part(
            patients.ids,
            patients.values["true"],
            folds.values["true"],
            folds.values["called"].sum(0),
            int(np.count_nonzero(np.bincount(np.concatenate(self.cycles[name])))),
            _measure(patients.values, folds.values, self.target),
            calibration,
        )


def sum_parts(
    predictions: pa.Table,
    algorithm: str = "",
    device: np.ndarray | None = None,
    names: Sequence[str] = ("train", "test"),
) -> dict[str, Part]:
    """Return a fit's predictions summed up, by part (see `Summing`).

    `device` is the number of each prediction's device, shape (n,), None where recordings do not
    name it.
    """
    summing = Summing(target_of(predictions.schema.metadata), algorithm, names)
    summing.add(predictions, device)
    return summing.parts()


def _measure(
    by_patient: dict[str, np.ndarray], by_fold: dict[str, np.ndarray], target: Target
) -> Scores:
    """Return every metric, from what is summed up."""
    scored = Scores({}, {}, {})

    def add(name: str, values: Iterable[np.ndarray]) -> None:
        for by_name, value in zip(scored, values, strict=True):
            by_name[name] = value

    total = by_patient["classes"].sum(0)
    of_class = [metrics(x) for x in (total, total - by_patient["classes"], by_fold["classes"])]
    for name in metrics_of(target):
        add(name, (values[name] for values in of_class))
    if "losses" in by_patient:
        weights, of_fold = by_patient["true"].sum(1), by_fold["true"].sum(1)
        n = weights.sum()
        for name, own, folds in zip(
            losses_of(target), by_patient["losses"].T, by_fold["losses"].T, strict=False
        ):
            whole = np.ascontiguousarray(own).sum()
            add(name, (whole / n, ratio(whole - own, n - weights), folds / of_fold))
    of_all = {
        ending: Areas(
            *(np.ascontiguousarray(x[ending].T[k]) for x in (by_fold, by_patient) for k in (0, 1))
        )
        for ending in PAIRS
        if ending in by_patient
    }
    # the first class is the normal one: its pairs are those of abnormal against normal
    every = {f"auc_abnormal{ending}": area.first() for ending, area in of_all.items()}
    if "losses" in by_patient:
        every = {f"auc_ovr{ending}": area for ending, area in of_all.items()} | every
    for name, area in every.items():
        add(name, (np.asarray(area.value()), area.without(), area.by_fold()))
    return scored


def scores(part: Part) -> list[Score]:
    """Return value and 95 % interval of every metric of a part."""
    return [score_of(part, name) for name in part.scores.values]


def score_of(part: Part, metric: str) -> Score:
    """Return value and 95 % interval of a metric of a part."""
    value = float(part.scores.values[metric])
    error = error_of(metric, value, part.scores.without[metric], min(part.sides))
    return {
        "metric": metric,
        "value": None if np.isnan(value) else value,
        "ci_low": error.ci_low,
        "ci_high": error.ci_high,
    }


def error_of(metric: str, value: float, without: np.ndarray, side: int) -> Estimate:
    """Return the error of a metric's value, by what kind of number it is (see `spread`)."""
    if metric in LOWER_IS_BETTER:
        return of_error(value, without, side)
    if metric != "r2":
        return of_share(value, without, side)
    error = of_number(value, without, side)
    return error if error.ci_high is None else error._replace(ci_high=min(1.0, error.ci_high))
