"""Read the workbook of respiratory cycles into a typed Parquet table, and check it.

In: an .xlsx, .xlsm, .xlsb, .xls, .ods, .csv (.csv.gz) or .parquet file, or several. Out: `raw.parquet`, its
rows in their order (blank cells are null, blank rows are left out), its known columns in the order
of `auscultation.data.columns.WORKBOOK` and any others behind them; and `source.json`, which says what was read:
path, sheet, size, SHA-256, notes, warnings. What is wrong with which cell goes to `problems.csv`,
also where the job fails.
"""

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from functools import partial

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import sha256_of, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.memory import limited
from auscultation.workbook.column_names import NEEDED
from auscultation.workbook.read import Part, read_workbook
from auscultation.workbook.several import read_workbooks
from auscultation.workbook.typed_table import USED


def about(path: str) -> dict:
    """Return a file's size, and its SHA-256."""
    return {"bytes": os.path.getsize(path), "sha256": sha256_of(path)}


def about_all(paths: list[str], parts: Sequence[Part]) -> dict:
    """Return what was read of several files: of all, and of each.

    The SHA-256 of all is that of theirs, as hexadecimal digits one after another.
    """
    files = [
        {"dataset": part.dataset, "workbook": path, "sheet": part.sheet, **about(path)}
        | {"rows": part.rows}
        for path, part in zip(paths, parts, strict=True)
    ]
    digits = "".join(file["sha256"] for file in files)
    return {
        "bytes": sum(file["bytes"] for file in files),
        "sha256": hashlib.sha256(digits.encode()).hexdigest(),
        "files": files,
    }


def write_table(snakemake) -> None:
    """Read the workbook or workbooks, write `raw.parquet` and `source.json`."""
    workbook, params = snakemake.input.workbook, snakemake.params
    paths = [workbook] if isinstance(workbook, str) else list(workbook)
    where = ", ".join(paths)
    options = {
        "needed": {*NEEDED, *params.needed},
        "columns": params.columns,
        "reader": params.reader,
        "max_rows": params.max_rows,
        "max_megabytes": params.max_megabytes,
        "checks": params.checks,
        "problems": snakemake.log.problems,
    }
    if params.datasets:
        read = read_workbooks(paths, params.datasets, params.sheet, **options)
    else:
        read = read_workbook(workbook, params.sheet, **options)
    table = read.table
    for name in params.needed:
        if table[name].null_count == table.num_rows:
            raise InputError(f"workbook {where}: column {name!r}, which {USED}, has no value")
    logging.info("read %d cycles, %d columns", table.num_rows, table.num_columns)
    for note in read.notes:
        logging.info("%s", note)
    for warning in read.warnings:
        logging.warning("%s", warning)
    write_parquet(table, snakemake.output.raw)
    source: dict = {"workbook": where, "sheet": read.sheet}
    source |= {"asked": {"sheet": params.sheet, "columns": dict(params.columns or {})}}
    source |= about_all(paths, read.parts) if read.parts else about(where)
    source |= {"rows": table.num_rows, "columns": table.column_names}
    source |= {"notes": read.notes, "warnings": read.warnings}
    write_text(snakemake.output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


def main(snakemake) -> None:
    """Read the workbook in a process that may take so much memory and no more."""
    without_pandas()
    workbook = snakemake.input.workbook
    where = workbook if isinstance(workbook, str) else ", ".join(workbook)
    limited(partial(write_table, snakemake), f"workbook {where}")


start(globals(), main)
