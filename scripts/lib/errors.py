"""Where models are wrong: confusion counts, and errors by patient and by device.

Everything is about predictions: with repeated folds a cycle of the test part has several.
"""

import logging
from collections.abc import Mapping
from math import isqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from lib.columns import derive
from lib.comparison import BASELINES
from lib.metrics import to_class
from lib.target import Target, target_of

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
    """Give the confusion counts of one part of one fit.

    Parameters
    ----------
    sums
        Shape (..., k * k + 2), as `lib.metrics.group_sums` gives, of any groups of predictions.
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


def groups_of(cycles: Mapping[str, np.ndarray], cycle: np.ndarray) -> dict[str, np.ndarray]:
    """Give patient and device of each cycle; device is left out where recordings do not name it.

    Parameters
    ----------
    cycles
        Columns of the cleaned table.
    cycle
        Which cycles, shape (n,).
    """
    order = np.argsort(cycles["cycle"])
    rows = order[np.searchsorted(cycles["cycle"], cycle, sorter=order)]
    found = {}
    for name in GROUPS:
        try:
            found[name] = derive(cycles, name)[rows]
        except ValueError as error:
            logging.warning("no errors by %s: %s", name, error)
    return found


def split_errors(
    split: str, fits: list[tuple[dict, Hits]], cycles: Mapping[str, np.ndarray], target: Target
) -> tuple[list[dict], list[dict]]:
    """Say of each patient and device how often each model of a split is right, and all together.

    Parameters
    ----------
    split
        Its name.
    fits
        model and algorithm of each fit, and its hits. All have the same cycles.
    cycles
        Columns of the cleaned table.
    target
        What was predicted.

    Returns
    -------
    errors, hardest
        Rows of `ERRORS` and of `HARDEST`. The latter compare over all models but the baselines (over
        these where there is nothing else); `never_right` counts the cycles that no model ever gave
        their class.
    """
    first = fits[0][1]
    groups = groups_of(cycles, first.cycle)
    patient = groups["patient_ID"]
    groups[ALL] = np.full(len(patient), "all cycles")
    chosen = [i for i, (fit, _) in enumerate(fits) if fit["algorithm"] not in BASELINES]
    chosen = chosen or list(range(len(fits)))
    never = np.logical_and.reduce([fits[i][1].right == 0 for i in chosen])
    errors, hardest = [], []
    for by, values in groups.items():
        for value in np.unique(values):
            here = values == value
            key = {"split": split, "by": by, "group": str(value)}
            n = int(first.times[here].sum())
            shares = []
            for fit, hit in fits:
                right = int(hit.right[here].sum())
                shares.append(right / n)
                about = {"n_predictions": n, "n_right": right, "share_right": right / n}
                errors.append(key | {k: fit[k] for k in ("model", "algorithm")} | about)
            best, worst = (pick(chosen, key=shares.__getitem__) for pick in (max, min))
            classes = np.bincount(first.true[here])
            n_cycles, n_never = int(here.sum()), int(never[here].sum())
            hardest.append(
                key
                | {
                    "n_cycles": n_cycles,
                    "n_patients": len(np.unique(patient[here])),
                    "main_class": target.classes[classes.argmax()],
                    "main_share": float(classes.max() / n_cycles),
                    "n_models": len(chosen),
                    "mean_right": float(np.mean([shares[i] for i in chosen])),
                    "best_model": fits[best][0]["model"],
                    "best_right": shares[best],
                    "worst_model": fits[worst][0]["model"],
                    "worst_right": shares[worst],
                    "n_never_right": n_never,
                    "share_never_right": n_never / n_cycles,
                }
            )
    return errors, hardest
