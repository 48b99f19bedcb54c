"""Write the table of cycles and features as it was read or computed, for other programs.

In: `raw.parquet`. Out: the same as `features.parquet` and `features.xlsx`; the workflow reads either as
its workbook.
"""

import logging

import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.export.spreadsheet import add_plain_sheet
from auscultation.job.files import atomic_path
from auscultation.job.log import start
from auscultation.workbook.sheet_rows import Book


def main(snakemake) -> None:
    """Write both files."""
    table = pq.read_table(snakemake.input.raw)
    write_parquet(table, snakemake.output.parquet)
    book = Book()
    add_plain_sheet(book, "Cycles", table)
    with atomic_path(snakemake.output.xlsx) as path:
        book.save(path)
    logging.info("%d cycles, %d columns", table.num_rows, table.num_columns)


start(globals(), main)
