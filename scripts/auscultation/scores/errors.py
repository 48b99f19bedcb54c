"""Where models are wrong: confusion counts, and errors by patient and by device.

Everything is about predictions: with repeated folds a cycle of the test part has several.
"""

import logging
from collections.abc import Mapping
from functools import partial
from math import isqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.derived import groups_by
from auscultation.data.target import Target, target_of
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.classes import to_class

CONFUSION = pa.schema(
    [
        ("model", pa.string()),
        ("algorithm", pa.string()),
        ("split", pa.string()),
        ("part", pa.string()),
        ("true", pa.int64()),
        ("predicted", pa.int64()),
        ("true_name", pa.string()),
        ("predicted_name", pa.string()),
        ("n", pa.int64()),
        ("share", pa.float64()),
    ]
)
ERRORS = pa.schema(
    [
        ("split", pa.string()),
        ("by", pa.string()),
        ("group", pa.string()),
        ("model", pa.string()),
        ("algorithm", pa.string()),
        ("n_predictions", pa.int64()),
        ("n_right", pa.int64()),
        ("share_right", pa.float64()),
    ]
)
HARDEST = pa.schema(
    [
        ("split", pa.string()),
        ("by", pa.string()),
        ("group", pa.string()),
        ("n_cycles", pa.int64()),
        ("n_patients", pa.int64()),
        ("main_class", pa.string()),
        ("main_share", pa.float64()),
        ("n_models", pa.int64()),
        ("mean_right", pa.float64()),
        ("best_model", pa.string()),
        ("best_right", pa.float64()),
        ("worst_model", pa.string()),
        ("worst_right", pa.float64()),
        ("n_never_right", pa.int64()),
        ("share_never_right", pa.float64()),
    ]
)
GROUPS = ("patient_ID", "device")
KEYS = ("model", "algorithm")
ALL = "all"  # the `by` and the group of all cycles together


class Hits(NamedTuple):
    """How often each cycle of a fit's test part was given its class."""

    cycle: np.ndarray  # (n,), sorted
    true: np.ndarray  # (n,), its class
    times: np.ndarray  # (n,), predictions of the cycle
    right: np.ndarray  # (n,), those that are right


def hits(predictions: pa.Table) -> Hits:
    """Count right predictions of each cycle of the test part.

    Parameters
    ----------
    predictions
        Table with the columns of the predictions' contract.
    """
    test = predictions["part"].to_numpy(zero_copy_only=False) == "test"
    target = target_of(predictions.schema.metadata)
    names = ("cycle", target.name, "prediction")
    cycle, true, prediction = (predictions[name].to_numpy()[test] for name in names)
    cycles, first, index = np.unique(cycle, return_index=True, return_inverse=True)
    hit = to_class(prediction, len(target.classes)) == true
    right = np.bincount(index, weights=hit).astype(np.int64)
    return Hits(cycles, true[first], np.bincount(index), right)


def confusion_rows(sums: np.ndarray, target: Target) -> list[dict]:
    """Return the confusion counts of one part of one fit.

    Parameters
    ----------
    sums
        Shape (..., k * k + 2), as `auscultation.metrics.classes.group_sums` gives, of any groups of predictions.
    target
        What was predicted.

    Returns
    -------
    list of dict
        true, predicted (classes, from 0) and their names, n, and share of the true class (None
        where nothing is of that class); k * k rows.
    """
    cells = np.asarray(sums).reshape(-1, np.shape(sums)[-1]).sum(0)[:-2]
    k = isqrt(len(cells))
    counts = cells.reshape(k, k).astype(np.int64)
    of_class = counts.sum(1)
    return [
        {
            "true": true,
            "predicted": called,
            "true_name": target.classes[true],
            "predicted_name": target.classes[called],
            "n": int(counts[true, called]),
            "share": float(counts[true, called] / of_class[true]) if of_class[true] else None,
        }
        for true in range(k)
        for called in range(k)
    ]


def groups_of(
    cycles: Mapping[str, np.ndarray], cycle: np.ndarray, names: tuple[str, ...] = GROUPS
) -> dict[str, np.ndarray]:
    """Return patient and device of each cycle; device is left out where recordings do not name it.

    Parameters
    ----------
    cycles
        Columns of the cleaned table.
    cycle
        Which cycles, shape (n,).
    names
        What to give.
    """
    order = np.argsort(cycles["cycle"])
    rows = order[np.searchsorted(cycles["cycle"], cycle, sorter=order)]
    found = {}
    for name in names:
        try:
            found[name] = groups_by(cycles, name)[rows]
        except ValueError as error:
            logging.warning("no errors by %s: %s", name, error)
    return found


class SplitErrors:
    """How often each model of a split is right about each patient and device, and all together.

    Fits are added one at a time, and what is kept of each is a number a group, so that memory does
    not grow with models times cycles.

    Parameters
    ----------
    split
        Its name.
    cycles
        Columns of the cleaned table.
    target
        What was predicted.
    """

    def __init__(self, split: str, cycles: Mapping[str, np.ndarray], target: Target):
        self.split, self.cycles, self.target = split, cycles, target
        self.fits: list[dict] = []
        self.groups: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # names, index of each cycle
        self.first: Hits | None = None
        self.right: dict[str, list[np.ndarray]] = {}  # by `by`: of each fit, (groups,)
        self.never: dict[bool, np.ndarray] = {}  # of baselines, of the others: cycles never right

    def add(self, fit: dict, hit: Hits) -> None:
        """Add the hits of a fit (model and algorithm); all fits have the same cycles."""
        if self.first is None:
            self.first = hit
            found = groups_of(self.cycles, hit.cycle)
            found[ALL] = np.full(len(hit.cycle), "all cycles")
            self.groups = {by: np.unique(v, return_inverse=True) for by, v in found.items()}
        self.fits.append(fit)
        for by, (names, index) in self.groups.items():
            right = np.bincount(index, weights=hit.right, minlength=len(names))
            self.right.setdefault(by, []).append(right.astype(np.int64))
        baseline = fit["algorithm"] in BASELINES
        self.never[baseline] = self.never.get(baseline, True) & (hit.right == 0)

    def rows(self) -> tuple[list[dict], list[dict]]:
        """Return the rows of `ERRORS` and of `HARDEST`.

        The latter compare over all models but the baselines (over these where there is nothing
        else); `never_right` counts the cycles that no model ever gave their class.
        """
        errors, hardest = [], []
        chosen = [i for i, fit in enumerate(self.fits) if fit["algorithm"] not in BASELINES]
        chosen = chosen or list(range(len(self.fits)))
        never = self.never.get(False, self.never.get(True))
        patients, patient = self.groups["patient_ID"]
        k = len(self.target.classes)
        for by, (names, index) in self.groups.items():
            count = partial(np.bincount, minlength=len(names))
            times = count(index, weights=self.first.times).astype(np.int64)
            never_right = count(index, weights=never).astype(np.int64)
            of_class = np.bincount(index * k + self.first.true, minlength=len(names) * k)
            n_patients = count(np.unique(index * len(patients) + patient) // len(patients))
            for number, classes in enumerate(of_class.reshape(-1, k)):
                key = {"split": self.split, "by": by, "group": str(names[number])}
                n, shares = int(times[number]), []
                for fit, right in zip(self.fits, self.right[by], strict=True):
                    n_right = int(right[number])
                    shares.append(n_right / n)
                    about = {"n_predictions": n, "n_right": n_right, "share_right": shares[-1]}
                    errors.append(key | {name: fit[name] for name in KEYS} | about)
                best, worst = (pick(chosen, key=shares.__getitem__) for pick in (max, min))
                n_cycles, n_never = int(classes.sum()), int(never_right[number])
                hardest.append(
                    key
                    | {
                        "n_cycles": n_cycles,
                        "n_patients": int(n_patients[number]),
                        "main_class": self.target.classes[classes.argmax()],
                        "main_share": float(classes.max() / n_cycles),
                        "n_models": len(chosen),
                        "mean_right": float(np.mean([shares[i] for i in chosen])),
                        "best_model": self.fits[best]["model"],
                        "best_right": shares[best],
                        "worst_model": self.fits[worst]["model"],
                        "worst_right": shares[worst],
                        "n_never_right": n_never,
                        "share_never_right": n_never / n_cycles,
                    }
                )
        return errors, hardest
