"""Errors by patient and by device: how often models are right about each.

Everything is about predictions: with repeated folds a cycle of the test part has several.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self, TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.derived import groups_by, numbered
from auscultation.data.target import Target, target_of
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.classes import to_class
from auscultation.scores.comparison import Fit
from auscultation.scores.sums import rows_of_parts
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
    test = dict(rows_of_parts(predictions)).get("test", np.zeros(0, np.int64))
    target = target_of(predictions.schema.metadata)
    names = ("cycle", target.name, "prediction")
    cycle, true, prediction = (predictions[name].to_numpy()[test] for name in names)
    return _counted(cycle, true, 1, to_class(prediction, len(target.classes)) == true)


def all_hits(some: Sequence[Hits]) -> Hits:
    """Return hits of some folds each as one."""
    return some[0] if len(some) == 1 else _counted(*map(np.concatenate, zip(*some, strict=True)))


def _counted(
    cycle: np.ndarray, true: np.ndarray, times: np.ndarray | int, right: np.ndarray
) -> Hits:
    """Return the sums over all that is of the same cycle, in as few bytes as they need."""
    n = int(cycle.max(initial=-1)) + 1
    sums = [np.bincount(cycle, np.broadcast_to(of, len(cycle)), n) for of in (times, right)]
    of_cycle = np.zeros(n, np.int16)
    of_cycle[cycle] = true
    cycles = np.flatnonzero(sums[0]).astype(np.int32)
    return Hits(cycles, of_cycle[cycles], *(of[cycles].astype(np.int16) for of in sums))


class Groups(NamedTuple):
    """One way to group cycles."""

    names: np.ndarray  # (groups,), sorted
    of_cycle: np.ndarray  # (n,), the group of each

    def sums(self, weights: np.ndarray) -> np.ndarray:
        """Return the sums of whole numbers, one per cycle, over each group, shape (groups,)."""
        sums = np.bincount(self.of_cycle, weights=weights, minlength=len(self.names))
        return sums.astype(np.int64)

    def only(self, cycles: np.ndarray) -> Self:
        """Return the groups of some cycles, by their places, in this order."""
        of_cycle = self.of_cycle[cycles]
        present = np.bincount(of_cycle, minlength=len(self.names)) > 0
        place = (np.cumsum(present) - 1).astype(np.int32)
        return type(self)(self.names[present], place[of_cycle])


def groups_of(cycles: Mapping[str, np.ndarray]) -> dict[str, Groups]:
    """Return the groups of cycles, by the number of the cycle, by columns of the cleaned table.

    Device is left out where recordings do not name it.
    """
    groups = {}
    for name in GROUPS:
        try:
            names, number = numbered(groups_by(cycles, name))
        except ValueError as error:
            logging.warning("no errors by %s: %s", name, error)
            continue
        of_cycle = np.zeros(int(cycles["cycle"].max()) + 1, np.int32)
        of_cycle[cycles["cycle"]] = number
        groups[name] = Groups(names, of_cycle)
    return groups


class SplitErrors:
    """How often each model of a split is right about each patient and device, and overall.

    Fits are added one at a time, and one number per group is kept of each, so that memory does not
    grow with models times cycles. `groups` are of all cycles, `first` are the hits of any fit of the
    split: all fits have the same cycles.
    """

    def __init__(
        self, split: str, groups: Mapping[str, Groups], target: Target, first: Hits
    ) -> None:
        self.split, self.target, self.first = split, target, first
        self.fits: list[Fit] = []
        self.groups = {by: of.only(first.cycle) for by, of in groups.items()}
        self.groups[ALL] = Groups(np.array(["all cycles"]), np.zeros(len(first.cycle), np.int32))
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

    def errors(self) -> pa.Table:
        """Return how often each model is right about each group."""
        return pa.concat_tables(map(self._errors, self.groups))

    def hardest(self) -> pa.Table:
        """Return how often all models together are right about each group."""
        return pa.concat_tables(map(self._hardest, self.groups))

    def _errors(self, by: str) -> pa.Table:
        groups, n = self.groups[by], len(self.fits)
        right = np.stack(self.right[by], axis=1)  # (groups, fits)
        times = groups.sums(self.first.times)[:, None]
        group, fit = (index.ravel() for index in np.indices(right.shape))
        columns = {
            **_constants(right.size, split=self.split, by=by),
            "group": _texts(groups.names.tolist(), group),
            "model": _texts([of["model"] for of in self.fits], fit),
            "algorithm": _texts([of["algorithm"] for of in self.fits], fit),
            "n_predictions": np.repeat(times, n),
            "n_right": right.ravel(),
            "share_right": (right / times).ravel(),
        }
        return pa.table(columns, ERRORS)

    def _hardest(self, by: str) -> pa.Table:
        """Return the rows of `HARDEST` of one way to group.

        Baselines do not count unless there is nothing else; `never_right` counts the cycles whose
        class no model ever predicted.
        """
        groups, k = self.groups[by], len(self.target.classes)
        n = len(groups.names)
        models = [f for f, fit in enumerate(self.fits) if fit["algorithm"] not in BASELINES]
        models = models or list(range(len(self.fits)))
        names = [self.fits[f]["model"] for f in models]
        never = groups.sums(self.never[min(self.never)])  # of models, else of baselines
        cell = groups.of_cycle * k + self.first.true
        classes = np.bincount(cell, minlength=n * k).reshape(-1, k)
        patients = self.groups["patient_ID"]
        pairs = groups.of_cycle.astype(np.int64) * len(patients.names) + patients.of_cycle
        pairs = numbered(pairs)[0]
        right = np.stack(self.right[by], axis=1)[:, models]
        shares = right / groups.sums(self.first.times)[:, None]
        best, worst, every = shares.argmax(1), shares.argmin(1), np.arange(n)
        n_cycles = classes.sum(1)
        columns = {
            **_constants(n, split=self.split, by=by),
            "group": _texts(groups.names.tolist(), every),
            "n_cycles": n_cycles,
            "n_patients": np.bincount(pairs // len(patients.names), minlength=n),
            "main_class": _texts(self.target.classes, classes.argmax(1)),
            "main_share": classes.max(1) / n_cycles,
            "n_models": np.full(n, len(models)),
            "mean_right": np.ascontiguousarray(shares).mean(1),
            "best_model": _texts(names, best),
            "best_right": shares[every, best],
            "worst_model": _texts(names, worst),
            "worst_right": shares[every, worst],
            "n_never_right": never,
            "share_never_right": never / n_cycles,
        }
        return pa.table(columns, HARDEST)


def _texts(texts: Sequence[object], index: np.ndarray) -> pa.Array:
    """Return texts by their places, shape (n,)."""
    return pa.array([str(text) for text in texts], pa.string()).take(pa.array(index))


def _constants(n: int, **texts: str) -> dict[str, pa.Array]:
    """Return columns of one text each."""
    return {name: pa.repeat(text, n) for name, text in texts.items()}
