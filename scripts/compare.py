"""Compare the models: every metric of every model, split and part, with its interval.

In: the predictions and summaries of all fits, the cleaned table, what each split holds. Out:
`comparison.parquet`, `.csv` and `.xlsx`; as .csv and .parquet `differences`, each model against the
best constant, baseline and model, `leakage`, what having heard the recording or the patient is worth,
`calibration`, predicted and observed shares of abnormal cycles, `confusion`, what each class was
called, `errors` and `hardest`, who is always wrong; `answer.json`, what follows from them;
`first_cycles.parquet`, some cycles to draw; and `costs.tsv`, which keeps what was measured on the
machine (run time, memory) out of the tables that must come out the same everywhere.
"""

import csv
import json
import logging
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from auscultation.data.formulas import as_text
from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, target_of
from auscultation.export.comparison_workbook import write_comparison
from auscultation.job.errors import InputError
from auscultation.job.files import atomic_path, read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.parallel import Share, each
from auscultation.metrics.names import metrics_of
from auscultation.scores.answer import answers, asked
from auscultation.scores.comparison import COSTS, FIRST, SCHEMA
from auscultation.scores.differences import DIFFERENCES, LEAKAGE, differences, leakage, steps
from auscultation.scores.errors import (
    CONFUSION,
    ERRORS,
    HARDEST,
    Hits,
    SplitErrors,
    confusion_rows,
    groups_of,
    hits,
)
from auscultation.scores.fit_scores import CALIBRATION, Part, scores, sum_parts
from auscultation.scores.split_kinds import read_splits

# Protocols whose folds are of about the same size, as the test over folds needs them.
EVEN = ("patient", "recording", "shuffled")


def compare_splits(
    fits: list[dict], parts: dict, protocols: dict[str, str], target: Target
) -> list[dict]:
    """Return the rows of the differences: in each split, each model against the best.

    Parameters
    ----------
    fits
        model, algorithm and split of each fit.
    parts
        Test part, and mean number of training rows of a fold, by (model, split).
    protocols
        By split; see `EVEN`.
    target
        What was predicted.
    """
    rows = []
    for split in sorted({fit["split"] for fit in fits}):
        models = {fit["model"]: fit["algorithm"] for fit in fits if fit["split"] == split}
        tests = {model: parts[model, split]["test"] for model in models}
        ratio = None
        if protocols[split] in EVEN:
            some = next(iter(models))
            test, train = tests[some], parts[some, split]["train_rows"]
            ratio = test.n_rows / len(test.true_by_fold) / train
        rows += differences(split, tests, models, ratio, target)
    return rows


def leakage_of_all(
    fits: list[dict], parts: dict, apart: dict[str, str], target: Target
) -> list[dict]:
    """Return the rows of the leakage; `apart` says what each split keeps apart (see `steps`)."""
    models = {fit["model"]: fit["algorithm"] for fit in fits}
    return [
        row for what in steps(sorted(apart.items())) for row in leakage(what, models, parts, target)
    ]


def without_result(fits: list[dict], target: Target) -> list[dict]:
    """Return the rows of fits that have none: every metric, unknown, of no cycle."""
    empty = {"value": None, "ci_low": None, "ci_high": None}
    empty |= {"n_folds": 0, "n_cycles": 0, "n_patients": 0}
    names = ("model", "algorithm", "split")
    return [
        {name: fit[name] for name in names} | {"part": part, "metric": metric} | empty
        for fit in fits
        for part in ("train", "test")
        for metric in metrics_of(target)
    ]


def without_nan(row: dict) -> dict:
    """Return a row with None in place of nan."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}


def to_table(rows: list[dict], schema: pa.Schema) -> pa.Table:
    """Make a table; nan becomes null."""
    return pa.Table.from_pylist([*map(without_nan, rows)], schema)


def write_csv(table: pa.Table, path: str) -> None:
    """Write a table as CSV, whole or not at all; a text that looks like a formula stays a text."""
    for position, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = [as_text(text) for text in table[field.name].to_pylist()]
            table = table.set_column(position, field, pa.array(texts, field.type))
    with atomic_path(path) as temporary:
        pyarrow.csv.write_csv(table, temporary, pyarrow.csv.WriteOptions(quoting_style="needed"))


def read_measured(path: str) -> dict[str, float | None]:
    """Read what a fit measured of itself from its `fit.json`; None where it does not say."""
    measured = read_json(path).get("measured", {})
    return {name: measured.get(name) for name in COSTS}


class Scored(NamedTuple):
    """What is kept of one fit: nothing of it grows with cycles but the hits, which are added up."""

    test: Part
    train_rows: float  # of a fold, on average
    hits: Hits
    rows: list[dict]
    confusion: list[dict]
    calibration: list[dict]
    first: pa.Table


def first_cycles(fit: dict, table: pa.Table, target: Target) -> pa.Table:
    """Return what a fit predicts of the first cycles of both parts, of the first fold."""
    part = table["part"].to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(table["fold"].to_numpy() == table["fold"][0].as_py())
    rows = np.concatenate([rows[part[rows] == name][:FIRST] for name in ("train", "test")])
    first = table.select(["part", "cycle", target.name, "prediction"]).take(rows)
    names = {name: pa.array([fit[name]] * len(rows), pa.string()) for name in ("model", "split")}
    return pa.table(names | dict(zip(first.column_names, first.columns, strict=True)))


def devices(cycles: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Number the device of each cycle, by the cycle's number; None where recordings do not name it."""
    groups = groups_of(cycles, cycles["cycle"], ("device",))
    if not groups:
        return None
    found = np.zeros(int(cycles["cycle"].max()) + 1, np.int64)
    found[cycles["cycle"]] = np.unique(groups["device"], return_inverse=True)[1]
    return found


def score_fit(
    fit: dict, predictions: str, device: np.ndarray | None, target: Target
) -> Scored | None:
    """Score the predictions of one fit; None where it has none.

    Parameters
    ----------
    fit
        model, algorithm and split.
    predictions
        Path.
    device
        Of each cycle (see `devices`).
    target
        What was predicted.
    """
    table = pq.read_table(predictions)
    if not table.num_rows:
        return None
    device = None if device is None else device[table["cycle"].to_numpy()]
    parts, rows, confusion = sum_parts(table, fit["algorithm"], device), [], []
    for name, side in parts.items():
        key = fit | {"part": name}
        confusion += [key | row for row in confusion_rows(side.confusion, target)]
        rows += [key | row | side.counts for row in scores(side)]
    curve = {"model": fit["model"], "split": fit["split"], "part": "test"}
    calibration = [curve | row for row in parts["test"].calibration]
    train = parts["train"]
    size = train.n_rows / len(train.true_by_fold)
    first = first_cycles(fit, table, target)
    return Scored(parts["test"], size, hits(table), rows, confusion, calibration, first)


def main(snakemake) -> None:
    """Score every fit, compare them, write the tables and the costs."""
    without_pandas()
    fits = snakemake.params.fits
    rows, curves, confusions, first = [], [], [], []
    wrong: dict[str, SplitErrors] = {}
    parts: dict[tuple[str, str], dict] = {}
    predictions = snakemake.input.predictions
    target = target_of(pq.read_schema(predictions[0]).metadata)
    failed = list(snakemake.params.lost)
    names = ["cycle", "patient_ID", "recording"]
    table = pq.read_table(snakemake.input.cycles, columns=names)
    cycles = {name: table[name].to_numpy(zero_copy_only=False) for name in names}
    device = devices(cycles)
    costs = [
        fit | read_measured(path) for fit, path in zip(fits, snakemake.input.summaries, strict=True)
    ]

    def work(job: tuple[dict, str]) -> Scored | None:
        return score_fit(*job, device, target)

    share = Share(snakemake.threads, 1)
    scored = each(work, zip(fits, predictions, strict=True), share)
    for fit, found in zip(fits, scored, strict=True):
        if found is None:
            failed.append(fit)
            continue
        logging.info("scored %s under %s", fit["model"], fit["split"])
        rows += found.rows
        confusions += found.confusion
        curves += found.calibration
        first.append(found.first)
        parts[fit["model"], fit["split"]] = {"test": found.test, "train_rows": found.train_rows}
        split = wrong.setdefault(fit["split"], SplitErrors(fit["split"], cycles, target))
        split.add(fit, found.hits)
    if not parts:
        raise InputError(
            "no fit has a result: fits/*/*/fit.json in the results folder say why, under `failed`"
        )
    fits = [fit for fit in fits if (fit["model"], fit["split"]) in parts]
    rows += without_result(failed, target)
    comparison = to_table(rows, SCHEMA).replace_schema_metadata(target.to_metadata())
    compared = compare_splits(fits, parts, snakemake.params.protocols, target)
    leaked = leakage_of_all(fits, parts, snakemake.params.apart, target)
    splits = read_splits(snakemake.params.protocols, snakemake.input.splits)
    tests = {split: side["test"] for (_, split), side in parts.items()}  # of any model: the same
    sides = {split: test.sides for split, test in tests.items()}
    shares = {split: test.true.sum(0) / test.n_rows for split, test in tests.items()}
    said = answers(rows, compared, splits, sides, target, shares)
    said["leakage"] = [
        {k: v for k, v in without_nan(row).items() if k != "algorithm"}
        for row in leaked
        if row["metric"] in (target.score, *asked("information", target))
    ]
    write_text(snakemake.output.answer, json.dumps(said, indent=2, allow_nan=False) + "\n")
    compared, leaked = to_table(compared, DIFFERENCES), to_table(leaked, LEAKAGE)
    calibration = to_table(curves, CALIBRATION)
    confusion = to_table(confusions, CONFUSION).replace_schema_metadata(target.to_metadata())
    errors, hardest = [], []
    for split in sorted(wrong):
        for found, more in zip((errors, hardest), wrong[split].rows(), strict=True):
            found += more
    output = snakemake.output
    for table, parquet, text in (
        (comparison, output.parquet, output.csv),
        (compared, output.differences, output.differences_csv),
        (leaked, output.leakage, output.leakage_csv),
        (calibration, output.calibration, output.calibration_csv),
        (confusion, output.confusion, output.confusion_csv),
        (to_table(errors, ERRORS), output.errors, output.errors_csv),
        (to_table(hardest, HARDEST), output.hardest, output.hardest_csv),
    ):
        write_parquet(table, parquet)
        write_csv(table, text)
    write_parquet(pa.concat_tables(first), output.first_cycles)
    tables = (table.to_pylist() for table in (comparison, compared, leaked))
    write_comparison(output.xlsx, said, *tables, costs, target)
    with atomic_path(output.costs) as path, open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["model", "algorithm", "split", *COSTS], delimiter="\t")
        writer.writeheader()
        writer.writerows({key: as_text(value) for key, value in row.items()} for row in costs)


start(globals(), main)
