"""Divide the cycles into train and test by a protocol.

In: `cycles.parquet`. Out: `train.parquet` and `test.parquet` (the same columns and `fold`, one row
group per fold, in the protocol's order), and `split.json`: how many patients, recordings and cycles
are on each side, by class, and which patients are on both.
"""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, make_target
from auscultation.job.errors import InputError
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.splits.folds import Fold, FoldSummary, SideCounts, SplitSummary
from auscultation.splits.registry import protocol


def side_counts(cycles: pa.Table, target: Target) -> SideCounts:
    """Return the numbers of patients, recordings and cycles of one side of a fold."""
    classes = target.encode(cycles[target.name].to_numpy())
    counts = np.bincount(classes, minlength=len(target.classes)).tolist()
    return {
        "patients": len(cycles["patient_ID"].unique()),
        "recordings": len(cycles["recording"].unique()),
        "cycles": cycles.num_rows,
        "classes": dict(zip(target.classes, counts, strict=True)),
    }


def take_folds(cycles: pa.Table, folds: list[Fold]) -> list[tuple[pa.Table, pa.Table]]:
    """Return the train and test tables of each fold, with the column `fold`.

    Raises InputError where a side of a fold is empty.
    """
    tables = []
    for fold, sides in enumerate(folds):
        for name, rows in zip(("train", "test"), sides, strict=True):
            if not len(rows):
                raise InputError(
                    f"fold {fold} has no cycle to {name} with: too few cycles ({cycles.num_rows})"
                )
        tables.append(
            tuple(
                cycles.take(rows).append_column("fold", pa.array(np.full(len(rows), fold)))
                for rows in sides
            )
        )
    return tables


def summarise(tables: list[tuple[pa.Table, pa.Table]], target: Target) -> list[FoldSummary]:
    """Return what each fold has on each side, and which patients are on both."""
    patients = [[set(side["patient_ID"].to_pylist()) for side in sides] for sides in tables]
    return [
        {
            "fold": fold,
            "train": side_counts(train, target),
            "test": side_counts(test, target),
            "patients_on_both_sides": sorted(set.intersection(*patients[fold])),
        }
        for fold, (train, test) in enumerate(tables)
    ]


def main(snakemake) -> None:
    """Write the training and test part of `cycles.parquet`, and the summary."""
    without_pandas()
    cycles = pq.read_table(snakemake.input.cycles)
    columns = {name: cycles[name].to_numpy() for name in cycles.column_names}
    name, settings = snakemake.params.protocol, snakemake.params.settings
    try:
        if "class" in columns and settings.get("column") == "class":
            raise ValueError("`class` is what is predicted; rename the workbook's own column")
        target = make_target(snakemake.params.target, columns[snakemake.params.target])
        columns["class"] = target.encode(columns[target.name])
        folds = protocol(name)(columns, **settings)
    except ValueError as error:
        raise InputError(f"split {snakemake.wildcards.split!r} ({name}): {error}") from error
    cycles = cycles.replace_schema_metadata(target.to_metadata())
    tables = take_folds(cycles, folds)
    write_parquet((train for train, _ in tables), snakemake.output.train)
    write_parquet((test for _, test in tables), snakemake.output.test)
    about = summarise(tables, target)
    summary: SplitSummary = {"protocol": name, "settings": settings, "folds": about}
    write_text(snakemake.output.summary, json.dumps(summary, indent=2) + "\n")


start(globals(), main)
