"""What is kept of one fit for the comparison: its size does not grow with cycles, but for the hits."""

from collections.abc import Iterator
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
from auscultation.scores.errors import Hits, all_hits, hits
from auscultation.scores.fit_scores import Calibration, Summing, scores
from auscultation.scores.sums import rows_of_parts

ROWS = 1 << 18  # of predictions at a time, or one fold's part where that has more


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

    `predictions` is a path, `device` the number of each cycle's device, by its number.
    """
    summing = Summing(target, fit["algorithm"])
    first: list[pa.Table] = []
    tested: list[Hits] = []
    fold: int | None = None
    with pq.ParquetFile(predictions, read_dictionary=["part"]) as file:
        if not file.metadata.num_rows:
            return None
        for table in some_folds(file):
            summing.add(table, None if device is None else device[table["cycle"].to_numpy()])
            tested.append(hits(table))
            fold = table["fold"][0].as_py() if fold is None else fold
            first.append(first_cycles(fit, table, target, fold))
            del table  # before the next is read
    parts = summing.parts()
    test, train = parts["test"], parts["train"]
    return ScoredFit(
        Evaluated(test, train.n_rows / len(train.true_by_fold)),
        all_hits(tested),
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
        pa.concat_tables(first),
    )


def some_folds(file: pq.ParquetFile) -> Iterator[pa.Table]:
    """Yield the row groups of predictions, of one part of a fold each, some at a time."""
    groups: list[int] = []
    n = 0
    for group in range(file.num_row_groups):
        more = file.metadata.row_group(group).num_rows
        if groups and n + more > ROWS:
            yield file.read_row_groups(groups)
            groups, n = [], 0
        groups.append(group)
        n += more
    yield file.read_row_groups(groups)


def first_cycles(fit: Fit, table: pa.Table, target: Target, fold: int) -> pa.Table:
    """Return the predictions of the first cycles of both parts, of one fold."""
    own = np.flatnonzero(table["fold"].to_numpy() == fold)
    parts = rows_of_parts(table.select(["part"]).take(own))
    rows = np.concatenate([own[of[:FIRST]] for _, of in parts] or [own])
    first = table.select(["cycle", target.name, "prediction"]).take(rows)
    n = len(rows)
    about = {"model": pa.repeat(fit["model"], n), "split": pa.repeat(fit["split"], n)}
    about["part"] = pa.array([name for name, of in parts for _ in of[:FIRST]], pa.string())
    return pa.table(about | dict(zip(first.column_names, first.columns, strict=True)))


def read_measured(path: str) -> Measured:
    """Return the `measured` part of a `fit.json`; None where there is none."""
    measured = read_json(path).get("measured", {})
    return cast(Measured, {name: measured.get(name) for name in COSTS})
