"""Divide the cycles into train and test by a protocol.

In: `cycles.parquet`. Out: `train.parquet` and `test.parquet` (the same columns and `fold`, one row
group per fold, in the protocol's order), and `split.json`: how many patients, recordings and cycles
are on each side, by class, and which patients are on both.
"""

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, make_target, wanted
from auscultation.job.errors import InputError
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.splits.folds import Cycles, Fold, FoldSummary, SideCounts, SplitSummary
from auscultation.splits.registry import protocol

# What protocols may look at beside the column that they group by.
USED = ("cycle", "patient_ID", "recording", "start", "end", "location", "device")


def side_counts(columns: Cycles, rows: np.ndarray, target: Target) -> SideCounts:
    """Return the numbers of patients, recordings (if known) and cycles of one side of a fold."""
    counts = np.bincount(columns["class"][rows], minlength=len(target.classes)).tolist()
    recordings = columns.get("recording")
    return {
        "patients": len(set(columns["patient_ID"][rows].tolist())),
        "recordings": None if recordings is None else len(set(recordings[rows].tolist())),
        "cycles": len(rows),
        "classes": dict(zip(target.classes, counts, strict=True)),
    }


def check_sides(folds: list[Fold], n_cycles: int) -> None:
    """Raise ValueError where a side of a fold is empty."""
    for fold, sides in enumerate(folds):
        for name, rows in zip(("train", "test"), sides, strict=True):
            if not len(rows):
                raise ValueError(
                    f"fold {fold} has no cycle to {name} with: too few cycles ({n_cycles})"
                )


def side_of(cycles: pa.Table, folds: list[Fold], side: int) -> Iterator[pa.Table]:
    """Yield one side of each fold (0 train, 1 test), with the column `fold`."""
    for fold, rows in enumerate(folds):
        own = pa.array(np.full(len(rows[side]), fold))
        yield cycles.take(rows[side]).append_column("fold", own)


def summarise(columns: Cycles, folds: list[Fold], target: Target) -> list[FoldSummary]:
    """Return what each fold has on each side, and which patients are on both."""
    patients = columns["patient_ID"]
    return [
        {
            "fold": fold,
            "train": side_counts(columns, train, target),
            "test": side_counts(columns, test, target),
            "patients_on_both_sides": sorted(
                {*patients[train].tolist()} & {*patients[test].tolist()}
            ),
        }
        for fold, (train, test) in enumerate(folds)
    ]


def main(snakemake) -> None:
    """Write the training and test part of `cycles.parquet`, and the summary."""
    without_pandas()
    cycles = pq.read_table(snakemake.input.cycles)
    name, settings = snakemake.params.protocol, snakemake.params.settings
    label = wanted(snakemake.params.target).column
    seen = {*USED, label, settings.get("column")}
    columns = {n: cycles[n].to_numpy() for n in cycles.column_names if n in seen}
    try:
        if "class" in columns:
            raise ValueError("`class` is what is predicted; rename the workbook's own column")
        target = make_target(snakemake.params.target, columns[label])
        columns["class"] = target.encode(columns[label])
        folds = protocol(name)(columns, **settings)
        check_sides(folds, cycles.num_rows)
    except ValueError as error:
        raise InputError(f"split {snakemake.wildcards.split!r} ({name}): {error}") from error
    cycles = cycles.replace_schema_metadata(target.to_metadata())
    write_parquet(side_of(cycles, folds, 0), snakemake.output.train)
    write_parquet(side_of(cycles, folds, 1), snakemake.output.test)
    about = summarise(columns, folds, target)
    summary: SplitSummary = {"protocol": name, "settings": settings, "folds": about}
    write_text(snakemake.output.summary, json.dumps(summary, indent=2) + "\n")


start(globals(), main)
