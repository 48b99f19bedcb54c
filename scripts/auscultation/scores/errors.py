"""Errors by patient and by device: how often models are right about each.

Everything is about predictions: with repeated folds a cycle of the test part has several.
"""

import logging
from collections.abc import Mapping
from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.derived import groups_by
from auscultation.data.target import Target, target_of
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.classes import to_class
from auscultation.scores.comparison import Fit
from auscultation.scores.tables import schema_of

GROUPS = ("patient_ID", "device")
ALL = "all"  # the `by` of all cycles together


class Error(TypedDict):
    """How often one model is right about one group of cycles."""

    split: str
    by: str
    group: str
    model: str
    algorithm: str
    n_predictions: int
    n_right: int
    share_right: float


ERRORS = schema_of(Error)


class Hardest(TypedDict):
    """How often all models of a split are right about one group of cycles."""

    split: str
    by: str
    group: str
    n_cycles: int
    n_patients: int
    main_class: str
    main_share: float
    n_models: int
    mean_right: float
    best_model: str
    best_right: float
    worst_model: str
    worst_right: float
    n_never_right: int
    share_never_right: float


HARDEST = schema_of(Hardest)


class Hits(NamedTuple):
    """How often each cycle of a fit's test part was predicted right."""

    cycle: np.ndarray  # (n,), sorted
    true: np.ndarray  # (n,), its class
    times: np.ndarray  # (n,), predictions of the cycle
    right: np.ndarray  # (n,), those that are right


def hits(predictions: pa.Table) -> Hits:
    """Return the number of right predictions of each cycle of the test part."""
    test = predictions["part"].to_numpy(zero_copy_only=False) == "test"
    target = target_of(predictions.schema.metadata)
    names = ("cycle", target.name, "prediction")
    cycle, true, prediction = (predictions[name].to_numpy()[test] for name in names)
    cycles, first, index = np.unique(cycle, return_index=True, return_inverse=True)
    hit = to_class(prediction, len(target.classes)) == true
    right = np.bincount(index, weights=hit).astype(np.int64)
    return Hits(cycles, true[first], np.bincount(index), right)


def groups_of(
    cycles: Mapping[str, np.ndarray], cycle: np.ndarray, names: tuple[str, ...] = GROUPS
) -> dict[str, np.ndarray]:
    """Return the groups of cycles (their numbers, shape (n,)), by the columns of the cleaned table.

    Device is left out where recordings do not name it.
    """
    order = np.argsort(cycles["cycle"])
    rows = order[np.searchsorted(cycles["cycle"], cycle, sorter=order)]
    groups = {}
    for name in names:
        try:
            groups[name] = groups_by(cycles, name)[rows]
        except ValueError as error:
            logging.warning("no errors by %s: %s", name, error)
    return groups


class Groups(NamedTuple):
    """One way to group the cycles of a split."""

    names: np.ndarray  # (groups,), sorted
    of_cycle: np.ndarray  # (cycles,), the group of each

    def sums(self, weights: np.ndarray) -> np.ndarray:
        """Return the sums of whole numbers, one per cycle, over each group, shape (groups,)."""
        sums = np.bincount(self.of_cycle, weights=weights, minlength=len(self.names))
        return sums.astype(np.int64)


class SplitErrors:
    """How often each model of a split is right about each patient and device, and overall.

    Fits are added one at a time, and one number per group is kept of each, so that memory does not
    grow with models times cycles. `cycles` are columns of the cleaned table, `first` the hits of
    any fit of the split: all fits have the same cycles.
    """

    def __init__(
        self, split: str, cycles: Mapping[str, np.ndarray], target: Target, first: Hits
    ) -> None:
        self.split, self.target, self.first = split, target, first
        self.fits: list[Fit] = []
        columns = groups_of(cycles, first.cycle)
        columns[ALL] = np.full(len(first.cycle), "all cycles")
        self.groups = {
            by: Groups(*np.unique(values, return_inverse=True)) for by, values in columns.items()
        }
        self.right: dict[str, list[np.ndarray]] = {by: [] for by in self.groups}  # (groups,)
        # of baselines, of the others: whether a cycle was never predicted right
        self.never: dict[bool, np.ndarray] = {}

    def add(self, fit: Fit, hit: Hits) -> None:
        """Add the hits of a fit."""
        self.fits.append(fit)
        for by, groups in self.groups.items():
            self.right[by].append(groups.sums(hit.right))
        baseline = fit["algorithm"] in BASELINES
        self.never[baseline] = self.never.get(baseline, True) & (hit.right == 0)

    def all_errors(self) -> list[Error]:
        """Return the rows of `ERRORS`."""
        return [row for by in self.groups for row in self._errors(by)]

    def all_hardest(self) -> list[Hardest]:
        """Return the rows of `HARDEST`."""
        return [row for by in self.groups for row in self._hardest(by)]

    def _shares(self, by: str) -> np.ndarray:
        """Return the share of right predictions of each fit and group, shape (fits, groups)."""
        return np.stack(self.right[by]) / self.groups[by].sums(self.first.times)

    def _errors(self, by: str) -> list[Error]:
        """Return how often each model is right about each group."""
        groups = self.groups[by]
        times, shares = groups.sums(self.first.times), self._shares(by)
        return [
            {
                "split": self.split,
                "by": by,
                "group": str(name),
                "model": fit["model"],
                "algorithm": fit["algorithm"],
                "n_predictions": int(times[g]),
                "n_right": int(self.right[by][f][g]),
                "share_right": float(shares[f, g]),
            }
            for g, name in enumerate(groups.names)
            for f, fit in enumerate(self.fits)
        ]

    def _hardest(self, by: str) -> list[Hardest]:
        """Return how often all models together are right about each group.

        Baselines do not count unless there is nothing else; `never_right` counts the cycles whose
        class no model ever predicted.
        """
        groups, k = self.groups[by], len(self.target.classes)
        models = [f for f, fit in enumerate(self.fits) if fit["algorithm"] not in BASELINES]
        models = models or list(range(len(self.fits)))
        never = groups.sums(self.never[min(self.never)])  # of models, else of baselines
        cell = groups.of_cycle * k + self.first.true
        classes = np.bincount(cell, minlength=len(groups.names) * k).reshape(-1, k)
        patients = self.groups["patient_ID"]
        pairs = np.unique(groups.of_cycle * len(patients.names) + patients.of_cycle)
        n_patients = np.bincount(pairs // len(patients.names), minlength=len(groups.names)).tolist()
        shares = self._shares(by)[models]
        best, worst = shares.argmax(0), shares.argmin(0)
        n_cycles = classes.sum(1).tolist()
        return [
            {
                "split": self.split,
                "by": by,
                "group": str(name),
                "n_cycles": n_cycles[g],
                "n_patients": n_patients[g],
                "main_class": self.target.classes[classes[g].argmax()],
                "main_share": float(classes[g].max() / n_cycles[g]),
                "n_models": len(models),
                "mean_right": float(np.mean(shares[:, g])),
                "best_model": self.fits[models[best[g]]]["model"],
                "best_right": float(shares[best[g], g]),
                "worst_model": self.fits[models[worst[g]]]["model"],
                "worst_right": float(shares[worst[g], g]),
                "n_never_right": int(never[g]),
                "share_never_right": int(never[g]) / n_cycles[g],
            }
            for g, name in enumerate(groups.names)
        ]
