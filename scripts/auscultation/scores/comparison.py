"""The comparison as the report and the spreadsheet show it: wide, ranked, one row a model."""

import csv
import os

import pyarrow as pa

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES

STATE = Target()
COSTS = (
    "fit_seconds",
    "predict_seconds",
    "peak_memory_mb",
)  # what `auscultation.job.measure` measures
COSTS_NOTE = (
    "Each fit measures itself: wall time (s), summed over the folds, of fitting (choosing "
    "settings included) and of predicting both parts, without starting, reading and writing; and "
    "the most resident memory (MB) that any one process of it had, Python and its libraries "
    "included: n folds at once may need n times as much."
)
FIRST = 50  # cycles of each part, of which the page shows what a model says

SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("algorithm", pa.string()),
        ("split", pa.string()),
        ("part", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("n_folds", pa.int64()),
        ("n_cycles", pa.int64()),
        ("n_patients", pa.int64()),
    ]
)


def wide(rows: list[dict], part: str, target: Target = STATE) -> dict[str, list[dict]]:
    """Turn the tidy rows of one part into one row a model, by split.

    Parameters
    ----------
    rows
        Rows of the comparison.
    part
        train or test.
    target
        What was predicted.

    Returns
    -------
    dict
        By split (sorted), rows with model, algorithm, baseline, n_cycles, n_patients, every metric,
        and `intervals`, (low, high) by metric; ranked by the target's score, then
        accuracy, highest first, then by name.
    """
    by_split: dict[str, dict[str, dict]] = {}
    for row in rows:
        if row["part"] != part:
            continue
        entry = by_split.setdefault(row["split"], {}).setdefault(
            row["model"],
            {
                "model": row["model"],
                "algorithm": row["algorithm"],
                "baseline": row["algorithm"] in BASELINES,
                "n_folds": row["n_folds"],
                "n_cycles": row["n_cycles"],
                "n_patients": row["n_patients"],
                "intervals": {},
            },
        )
        entry[row["metric"]] = row["value"]
        entry["intervals"][row["metric"]] = (row["ci_low"], row["ci_high"])

    def rank(row: dict) -> tuple:
        known = [-float("inf") if row[n] is None else row[n] for n in (target.score, "accuracy")]
        return (*(-value for value in known), row["model"])

    return {split: sorted(models.values(), key=rank) for split, models in sorted(by_split.items())}


def train_and_test(rows: list[dict], names: tuple[str, ...], target: Target) -> list[dict]:
    """Put a few metrics of the training and the test part side by side, with test minus train."""
    train = wide(rows, "train", target)
    table = []
    for split, models in wide(rows, "test", target).items():
        seen = {row["model"]: row for row in train[split]}
        for row in models:
            entry = {"split": split, "model": row["model"], "algorithm": row["algorithm"]}
            for name in names:
                before, after = seen[row["model"]][name], row[name]
                known = before is not None and after is not None
                entry |= {
                    f"{name} train": before,
                    f"{name} test": after,
                    f"{name} difference": after - before if known else None,
                }
            table.append(entry)
    return table


def read_costs(path: str | os.PathLike) -> list[dict]:
    """Read `costs.tsv`: one row a fit, seconds and megabytes as numbers, None where unknown."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        for name in COSTS:
            row[name] = float(row[name]) if row[name] else None
    return rows
