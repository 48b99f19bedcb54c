"""Read the workbook of respiratory cycles into a typed Parquet table, and check it.

In: an .xlsx, .xlsm, .xlsb, .xls, .ods, .csv (.csv.gz) or .parquet file. Out: `raw.parquet`, its
rows in their order (blank cells are null, blank rows are left out), its known columns in the order
of `auscultation.data.columns.WORKBOOK` and any others behind them; and `source.json`, which says what was read:
path, sheet, size, SHA-256, notes, warnings. What is wrong with which cell goes to `problems.csv`,
also where the job fails.
"""

import json
import logging
import os
from functools import partial

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import sha256_of, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.memory import limited
from auscultation.workbook.read import read_workbook
from auscultation.workbook.typed_table import NEEDED, USED


def write_table(snakemake) -> None:
    """Read the workbook, write `raw.parquet` and `source.json`."""
    path, params = snakemake.input.workbook, snakemake.params
    read = read_workbook(
        path,
        params.sheet,
        needed={*NEEDED, *params.needed},
        reader=params.reader,
        max_rows=params.max_rows,
        max_megabytes=params.max_megabytes,
        checks=params.checks,
        problems=snakemake.log.problems,
    )
    table = read.table
    for name in params.needed:
        if table[name].null_count == table.num_rows:
            raise InputError(f"workbook {path}: column {name!r}, which {USED}, has no value")
    logging.info("read %d cycles, %d columns", table.num_rows, table.num_columns)
    for note in read.notes:
        logging.info("%s", note)
    for warning in read.warnings:
        logging.warning("%s", warning)
    write_parquet(table, snakemake.output.raw)
    source = {"workbook": path, "sheet": read.sheet, "bytes": os.path.getsize(path)}
    source |= {"sha256": sha256_of(path), "rows": table.num_rows, "columns": table.column_names}
    source |= {"notes": read.notes, "warnings": read.warnings}
    write_text(snakemake.output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


def main(snakemake) -> None:
    """Read the workbook in a process that may take so much memory and no more."""
    without_pandas()
    limited(partial(write_table, snakemake), f"workbook {snakemake.input.workbook}")


start(globals(), main)
