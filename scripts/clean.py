"""Clean the table of cycles: drop columns, then impute or drop what is missing.

In: `raw.parquet`. Out: `cycles.parquet` (the columns kept, with `cycle` in front and `recording`,
`location` and `device` behind), and `quality.json`, which says what was missing before and after and
what replaced it.
"""

import json
import logging
from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.columns import WORKBOOK
from auscultation.data.labels import with_label
from auscultation.data.name_pattern import ICBHI
from auscultation.data.parquet import write_parquet
from auscultation.data.recordings import with_recording
from auscultation.data.target import make_target, wanted
from auscultation.job.errors import InputError
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start

# Of the recording, which only a split or a model needs: a gap in them is no value of another one.
RECORDED = ("recording", "location", "device")


def check_enough(cycles: pa.Table, target: str | Mapping) -> None:
    """Refuse a table from which nothing can be learned.

    Raises
    ------
    InputError
        Where there are fewer than two patients or classes of the target, or too many classes.
    """
    for name, what in (("patient_ID", "patients"), (wanted(target).column, "classes")):
        values = cycles[name].unique().to_pylist()
        if len(values) < 2:
            raise InputError(
                f"column {name!r}: all {cycles.num_rows} cycles have the value {values[0]!r}; "
                f"models need cycles of two or more {what}"
            )
    try:
        make_target(target, cycles[wanted(target).column].to_numpy())
    except ValueError as error:
        raise InputError(str(error)) from error


def with_class(table: pa.Table, target: str | Mapping) -> tuple[pa.Table, dict[str, int]]:
    """Return the cycles whose class the config names, and how many were left out, by their value.

    InputError where none is left.
    """
    column, classes, _ = wanted(target)
    if not classes:
        return table, {}
    values = table[column].to_pylist()
    named = {value for own in classes.values() for value in own}
    whole = [value is None or value in named for value in values]
    left_out = Counter(str(v) for v, kept in zip(values, whole, strict=True) if not kept)
    if not any(whole):
        raise InputError(
            f"target.classes: no cycle has a value of column {column!r} that is listed"
        )
    return table.filter(pa.array(whole)), dict(sorted(left_out.items()))


def missing_counts(table: pa.Table) -> dict[str, int]:
    """Count the missing values of each column."""
    return {name: table[name].null_count for name in table.column_names}


def impute(
    table: pa.Table, target: str = "state", columns: Collection[str] | None = None
) -> tuple[pa.Table, dict[str, dict]]:
    """Replace what is missing in each column by its most frequent value.

    As scikit-learn's SimpleImputer does it: of equally frequent values the smallest.

    Parameters
    ----------
    table
        Table of cycles.
    target
        The column to be predicted, which must have all its values.
    columns
        Columns to look at, each with some value; None for all.

    Returns
    -------
    table
        Without missing values in these.
    imputed
        By column: `cells` replaced, and the `value`.

    Raises
    ------
    InputError
        Where the target lacks a value.
    """
    imputed = {}
    for position, name in enumerate(table.column_names):
        column = table[name]
        if not column.null_count or columns is not None and name not in columns:
            continue
        if name == target:
            raise InputError(
                f"column {name!r}: missing in {column.null_count} of {len(column)} cycles; it is "
                "the target and cannot be imputed. Config key `clean.missing: drop` leaves such "
                "cycles out"
            )
        values, counts = np.unique(column.drop_null().to_numpy(), return_counts=True)
        value = pa.scalar(values[counts.argmax()], column.type)  # the first, so the smallest
        imputed[name] = {"cells": column.null_count, "value": value.as_py()}
        table = table.set_column(position, name, column.fill_null(value))
    return table, imputed


def clean(
    raw: pa.Table,
    drop: list[str],
    missing: str,
    target: str | Mapping = "state",
    in_fold: Collection[str] = (),
    name_pattern: str = ICBHI,
) -> tuple[pa.Table, dict]:
    """Clean a table of cycles.

    Columns that are not in `auscultation.data.columns.WORKBOOK` stay as they are, blank cells and all. Of the known
    ones, those without any value are left out.

    Parameters
    ----------
    raw
        Table of cycles, one row each.
    drop
        Columns to leave out. `adq_format` always is, since `recording` holds it.
    missing
        `impute` (most frequent value of the column) or `drop` (cycles with a missing value).
    target
        What is to be predicted, as in the config.
    in_fold
        Columns whose blank cells are not imputed here, but in each fold by what is fitted to it.
    name_pattern
        How the names of recordings are made up.

    Returns
    -------
    cycles
        The cleaned table.
    quality
        What was missing before and after, by column, and what was done about it.

    Raises
    ------
    InputError
        Where no cycle is left, or too little to learn from; where the target lacks values.
    """
    before = missing_counts(raw)
    absent = [name for name in drop if name not in raw.column_names]
    column = wanted(target).column
    known = [n for n in raw.column_names if n in {*WORKBOOK} - {*RECORDED} and n not in drop]
    empty = [name for name in known if before[name] == raw.num_rows]
    if column in empty:
        raise InputError(f"column {column!r} has no value in any cycle, and is the target")
    # each once: pyarrow drops another column in place of one that is named twice
    leave = dict.fromkeys([*drop, *empty, "adq_format"])
    # the position in the workbook
    table = raw.add_column(0, "cycle", pa.array(np.arange(raw.num_rows, dtype=np.int64)))
    table = with_label(with_recording(table, name_pattern), column)
    table = table.drop_columns([name for name in leave if name in table.column_names])
    table, without_class = with_class(table, target)
    known = [name for name in known if name in table.column_names]
    known += [column] * (column not in known)
    imputed: dict[str, dict] = {}
    later: list[str] = []
    if missing == "impute":
        later = [name for name in known if name in in_fold and before[name]]
        table, imputed = impute(table, column, [name for name in known if name not in later])
    else:
        whole = np.ones(table.num_rows, dtype=bool)
        for name in known:
            whole &= table[name].is_valid().to_numpy()
        table = table.filter(pa.array(whole))
        if not table.num_rows:
            raise InputError(
                "with config key `clean.missing: drop` no cycle is left: "
                "every one lacks some value; list the emptiest columns under `clean.drop`"
            )
    check_enough(table, target)
    quality = {
        "cycles_before": raw.num_rows,
        "cycles_after": table.num_rows,
        "missing": missing,
        "missing_before": before,
        "missing_after": missing_counts(table),
        "dropped_columns": [name for name in drop if name not in absent],
        "absent_columns": absent,
        "empty_columns": empty,
        "imputed": imputed,
        "imputed_in_fold": later,
        "without_class": without_class,
    }
    return table, quality


def main(snakemake) -> None:
    """Clean `raw.parquet`, write `cycles.parquet` and `quality.json`."""
    without_pandas()
    raw = pq.read_table(snakemake.input.raw)
    params = snakemake.params
    cycles, quality = clean(
        *(raw, params.drop, params.missing, params.target, params.in_fold, params.name_pattern)
    )
    for name in quality["absent_columns"]:
        logging.info("config key `clean.drop` names %r, which the workbook does not have", name)
    for name in quality["empty_columns"]:
        logging.warning("column %r has no value in any cycle, and was left out", name)
    for value, n in quality["without_class"].items():
        logging.warning("%d cycles left out: no class of config key `target` has %s", n, value)
    write_parquet(cycles, snakemake.output.cycles)
    write_text(snakemake.output.quality, json.dumps(quality, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
