"""What is kept of one fit for the comparison: its size does not grow with cycles, but for the hits."""

from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.target import Target
from auscultation.job.files import read_json
from auscultation.job.measure import Measured
from auscultation.scores.comparison import COSTS, FIRST, Fit, Row
from auscultation.scores.confusion import Confusion, confusion_rows
from auscultation.scores.differences import Evaluated
from auscultation.scores.errors import Hits, groups_of, hits
from auscultation.scores.fit_scores import Calibration, scores, sum_parts


class ScoredFit(NamedTuple):
    """What is kept of one fit."""

    evaluated: Evaluated
    hits: Hits
    rows: list[Row]
    confusion: list[Confusion]
    calibration: list[Calibration]  # of the test part
    first: pa.Table  # see `first_cycles`


def score_fit(
    fit: Fit, predictions: str, device: np.ndarray | None, target: Target
) -> ScoredFit | None:
    """Return the scores of one fit; None where it has no predictions.

    `predictions` is a path, `device` the number of each cycle's device (see `devices`).
    """
    table = pq.read_table(predictions)
    if not table.num_rows:
        return None
    device = None if device is None else device[table["cycle"].to_numpy()]
    parts = sum_parts(table, fit["algorithm"], device)
    test, train = parts["test"], parts["train"]
    return ScoredFit(
        Evaluated(test, train.n_rows / len(train.true_by_fold)),
        hits(table),
        [
            {**fit, "part": name, **score, **part.counts}
            for name, part in parts.items()
            for score in scores(part)
        ],
        [
            {**fit, "part": name, **cell}
            for name, part in parts.items()
            for cell in confusion_rows(part.confusion, target)
        ],
        [
            {"model": fit["model"], "split": fit["split"], "part": "test", **bin_}
            for bin_ in test.calibration
        ],
        first_cycles(fit, table, target),
    )


def first_cycles(fit: Fit, table: pa.Table, target: Target) -> pa.Table:
    """Return the predictions of the first cycles of both parts, of the first fold."""
    part = table["part"].to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(table["fold"].to_numpy() == table["fold"][0].as_py())
    rows = np.concatenate([rows[part[rows] == name][:FIRST] for name in ("train", "test")])
    first = table.select(["part", "cycle", target.name, "prediction"]).take(rows)
    model, split = (
        pa.array([name] * len(rows), pa.string()) for name in (fit["model"], fit["split"])
    )
    columns = dict(zip(first.column_names, first.columns, strict=True))
    return pa.table({"model": model, "split": split} | columns)


def devices(cycles: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the number of the device of each cycle; None where recordings do not name it.

    By the number of the cycle, shape (largest cycle + 1,).
    """
    groups = groups_of(cycles, cycles["cycle"], ("device",))
    if not groups:
        return None
    numbers = np.zeros(int(cycles["cycle"].max()) + 1, np.int64)
    numbers[cycles["cycle"]] = np.unique(groups["device"], return_inverse=True)[1]
    return numbers


def read_measured(path: str) -> Measured:
    """Return the `measured` part of a `fit.json`; None where there is none."""
    measured = read_json(path).get("measured", {})
    return cast(Measured, {name: measured.get(name) for name in COSTS})
