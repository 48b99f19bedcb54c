"""The comparison of the models: its rows, and the same ranked, one row per model."""

import csv
import os
from collections.abc import Iterable
from typing import NotRequired, TypedDict, cast

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.job.measure import Measured
from auscultation.metrics.names import metrics_of
from auscultation.scores.tables import schema_of

STATE = Target()
# What `auscultation.job.measure` measures of each fit.
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mb")
COSTS_NOTE = (
    "Each fit measures itself: wall time (s), summed over the folds, of fitting (including the choice "
    "of hyperparameters) and of predicting both parts, without starting, reading and writing; and "
    "the peak resident memory (MB) of any one of its processes, including Python and its libraries: "
    "n folds at once may need n times as much."
)
FIRST = 50  # cycles of each part whose predictions the page shows

Ends = tuple[float | None, float | None]  # of an interval, low and high


class Fit(TypedDict):
    """One model under one split."""

    model: str
    algorithm: str
    split: str


class FitPart(Fit):
    """One part (train or test) of one fit."""

    part: str


class Score(TypedDict):
    """A metric, with its 95 % interval; None where it is undefined."""

    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None


class Counts(TypedDict):
    """How much data a score rests on."""

    n_folds: int
    n_cycles: int
    n_patients: int


class Row(FitPart, Score, Counts):
    """One row of the comparison: one metric of one part of a fit."""


SCHEMA = schema_of(Row)


class Cost(Fit, Measured):
    """What a fit cost."""


class Ranked(Counts):
    """One part of one fit with all its metrics, as `wide` ranks them."""

    model: str
    algorithm: str
    baseline: bool
    values: dict[str, float | None]  # by metric
    intervals: dict[str, Ends]  # by metric
    doubts: NotRequired[list[str]]  # what the page notes beside the model's name


def without_result(fits: Iterable[Fit], target: Target) -> list[Row]:
    """Return the rows of fits that have no result: every metric, unknown, of no cycle."""
    return [
        {
            **fit,
            "part": part,
            "metric": metric,
            "value": None,
            "ci_low": None,
            "ci_high": None,
            "n_folds": 0,
            "n_cycles": 0,
            "n_patients": 0,
        }
        for fit in fits
        for part in ("train", "test")
        for metric in metrics_of(target)
    ]


def wide(rows: Iterable[Row], part: str, target: Target = STATE) -> dict[str, list[Ranked]]:
    """Return one row per model of one part (train or test) of the comparison, by split (sorted).

    Models are ranked by the target's score, then accuracy, highest first, then by name.
    """
    by_split: dict[str, dict[str, Ranked]] = {}
    for row in rows:
        if row["part"] != part:
            continue
        models = by_split.setdefault(row["split"], {})
        first: Ranked = {
            "model": row["model"],
            "algorithm": row["algorithm"],
            "baseline": row["algorithm"] in BASELINES,
            "n_folds": row["n_folds"],
            "n_cycles": row["n_cycles"],
            "n_patients": row["n_patients"],
            "values": {},
            "intervals": {},
        }
        ranked = models.setdefault(row["model"], first)
        ranked["values"][row["metric"]] = row["value"]
        ranked["intervals"][row["metric"]] = (row["ci_low"], row["ci_high"])

    def rank(row: Ranked) -> tuple[float, float, str]:
        values = (row["values"][name] for name in (target.score, "accuracy"))
        score, accuracy = (-float("inf") if value is None else value for value in values)
        return -score, -accuracy, row["model"]

    return {split: sorted(models.values(), key=rank) for split, models in sorted(by_split.items())}


def train_and_test(
    rows: list[Row], names: tuple[str, ...], target: Target
) -> list[dict[str, str | float | None]]:
    """Return a few metrics of the training and the test part side by side, with test minus train."""
    train = wide(rows, "train", target)
    table = []
    for split, models in wide(rows, "test", target).items():
        trained = {row["model"]: row["values"] for row in train[split]}
        for row in models:
            line: dict[str, str | float | None] = {
                "split": split,
                "model": row["model"],
                "algorithm": row["algorithm"],
            }
            for name in names:
                before, after = trained[row["model"]][name], row["values"][name]
                line[f"{name} train"], line[f"{name} test"] = before, after
                change = None if before is None or after is None else after - before
                line[f"{name} difference"] = change
            table.append(line)
    return table


def read_costs(path: str | os.PathLike) -> list[Cost]:
    """Return the rows of `costs.tsv`, one per fit."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        cast(Cost, row | {name: float(row[name]) if row[name] else None for name in COSTS})
        for row in rows
    ]
