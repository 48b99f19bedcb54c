"""Write a simulated workbook of respiratory cycles that looks like a table made from ICBHI 2017.

In: a seed and a number of patients. Out: an .xlsx with one row per respiratory cycle, in the order
patient, recording, time.
"""

import logging
from datetime import datetime
from os import PathLike

import numpy as np
import pyarrow as pa

from auscultation.job.files import atomic_path
from auscultation.job.log import start
from auscultation.workbook.sheet_rows import GENERAL, Book
from auscultation.workbook.simulation import simulate_cycles

MADE = datetime(2019, 3, 22)  # at any time, so that the same columns give the same bytes


def write_workbook(columns: dict[str, np.ndarray], path: str | PathLike) -> None:
    """Write the columns as Sheet1 of an .xlsx, with empty cells for NaN and None.

    The same columns give the same bytes at any time.
    """
    book = Book()
    sheet = book.workbook.create_sheet("Sheet1")
    sheet.append(list(columns))
    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    book.end(sheet, 1, pa.table(arrays), [GENERAL] * len(columns))
    book.save(path, MADE)


def main(snakemake) -> None:
    """Write the workbook that the rule asks for."""
    columns = simulate_cycles(int(snakemake.params.seed), int(snakemake.params.patients))
    with atomic_path(snakemake.output.workbook) as path:
        write_workbook(columns, path)
    logging.info("simulated %d cycles", len(columns["state"]))


start(globals(), main)
