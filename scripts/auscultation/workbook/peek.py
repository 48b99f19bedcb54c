"""The names of a workbook's columns, quickly: for the check of the config before any job runs."""

import itertools
import os
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.workbook.column_names import Names, name_of
from auscultation.workbook.csv_file import encoding_of, first_lines, look
from auscultation.workbook.file_kind import GZIP, MEGABYTE, kind_of
from auscultation.workbook.parquet_file import unpack
from auscultation.workbook.sheet_choice import ABOVE, choose_sheet, probe
from auscultation.workbook.sheets import open_book
from auscultation.workbook.typed_table import name_columns

LONGEST = 10 * MEGABYTE  # of a spreadsheet; a longer one takes seconds
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def column_names(
    path: str | os.PathLike,
    sheet: str | int | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[str] | None:
    """Return the names that the columns of a file have from here on, in their order.

    Parameters
    ----------
    path, sheet, columns
        As for `auscultation.workbook.read.read_workbook`.

    Returns
    -------
    list of str, or None
        None where it would take long, and where anything is wrong with the file or its columns:
        the job that reads it says what.
    """
    names = Names.of(columns=columns)
    try:
        titles = _titles(path, sheet, names)
        if titles is None:
            return None
        named = name_columns(titles, range(1, len(titles) + 1), names)
    except Exception:  # whatever the file holds, the job that reads it has the words for it
        return None
    return None if named.findings else list(named.places)


def _titles(path: str | os.PathLike, sheet: str | int | None, names: Names) -> list[str] | None:
    """Return the names over the columns as they stand in a file; None where it would take long."""
    with open(path, "rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        schema = pq.read_schema(path)
        kept = [field.name for field in schema if unpack(pa.nulls(0, field.type)) is not None]
        return [title for title in map(name_of, kept) if title]
    if not head.startswith(SPREADSHEETS):
        if not head.startswith(GZIP):
            kind_of(path, float("inf"))  # raises where it is no text
        lines = first_lines(path, encoding_of(path, whole=False))
        rows: list = look(lines, names).rows
    elif os.path.getsize(path) > LONGEST:
        return None
    else:
        book = open_book(path, kind_of(path, 100 * LONGEST)[0], "calamine")
        if sheet is None:
            probed = [probe(book, name, names) for name in book.names if name not in book.hidden]
            opened = [of.sheet for of in probed if of.sheet and of.columns >= names.needed]
            if len(opened) != 1:  # what else is needed decides
                return None
        else:
            opened = [choose_sheet(book, sheet, names)]
        rows = list(itertools.islice(opened[0].rows, ABOVE))
    at = names.header(rows)
    return None if at is None else [title for title in map(name_of, rows[at]) if title]
