"""The cells of a file by column, below the column names and without blank rows."""

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.job.errors import InputError
from auscultation.job.memory import allow
from auscultation.workbook.cells import CHUNK, Column, Packed, keep, pack, present
from auscultation.workbook.column_names import Names, name_of
from auscultation.workbook.csv_file import open_csv
from auscultation.workbook.file_kind import damaged, kind_of, too_large
from auscultation.workbook.parquet_file import unpack
from auscultation.workbook.sheet_choice import ABOVE, choose_sheet, elsewhere
from auscultation.workbook.sheets import Sheet, open_book

CELLS, LEAST = 1 << 18, 256  # of a chunk of rows, and the fewest rows of one
LAST = 1 << 20  # blank rows in succession that no sheet of use has


class NoTable(InputError):
    """A sheet without cycles; another may have them."""


class Cells(NamedTuple):
    """The cells of a sheet by column, without blank rows.

    `sheet` is None where the format has none, `header` the row of the names (0: none); `numbers`
    are the columns' numbers from 1, `rows` the row of each cell in the file, `errors` those of
    `auscultation.workbook.cells.Scan`, `kind` is from `auscultation.workbook.file_kind.kind_of`.
    """

    sheet: str | None
    header: int
    names: list[str]
    numbers: list[int]
    columns: list[Packed]
    rows: np.ndarray
    errors: dict[tuple[int, int], str]
    notes: list[str]
    kind: str = ""


def letters_of(number: int) -> str:
    """Return the letters of a column by its number from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_there(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def gather(path: str | os.PathLike, sheet: Sheet, max_rows: int, wanted: Names) -> Cells:
    """Return the cells below the column names, by column.

    Raises
    ------
    InputError
        Where the sheet is empty or has no data (NoTable), or more rows than allowed.
    """
    where = f"workbook {path}" + (f", sheet {sheet.name!r}" if sheet.name else "")
    rows = iter(enumerate(sheet.rows, 1))
    head = list(itertools.islice(rows, ABOVE))
    first = [row for _, row in head]
    at = wanted.header(first)
    if at is None:  # then they are in the first row that is not blank
        at = next((n for n, row in enumerate(first) if any(map(_is_there, row))), None)
    if at is None:
        raise NoTable(f"{where}: empty; the first row must hold the column names")
    names = list(map(name_of, head[at][1]))
    while names and not names[-1]:
        names.pop()
    table = _Table(names, {row for row, _ in sheet.scan.errors}, header=at + 1)
    below = itertools.chain(head[at + 1 :], rows)
    size = max(LEAST, min(CHUNK, CELLS // max(len(names), 1)))
    while chunk := list(itertools.islice(below, size)):
        table.add(chunk)
        if table.end - table.last > LAST:
            raise InputError(f"{where}: more than {LAST:,} blank rows after row {table.last}")
        if table.total > max_rows:
            raise _too_many_rows(where, max_rows)
    if not table.total:
        raise NoTable(f"{where}: there is no row below the column names")
    places = np.concatenate(table.places)
    named = [n for n, name in enumerate(names) if name]
    return Cells(
        sheet=sheet.name,
        header=at + 1,
        names=[names[n] for n in named],
        numbers=[n + 1 for n in named],
        columns=[column.join() for column in table.columns],
        rows=places,
        errors=sheet.scan.errors,
        notes=[*sheet.notes, *_notes(table, places, sheet.scan.hidden)],
    )


class _Table:
    """The rows under the column names, added some thousand at a time; blank ones are left out.

    `places` are the numbers of the rows that are kept, `last` is the last of these, `end` the
    last of all, `nameless` the positions of columns that have cells but no name.
    """

    def __init__(self, names: list[str], with_errors: set[int], header: int) -> None:
        self.names, self.with_errors, self.header = names, list(with_errors), header
        self.columns = [Column() for name in names if name]
        self.places: list[np.ndarray] = []
        self.nameless: set[int] = set()
        self.total, self.last, self.end = 0, header, header

    def add(self, chunk: list[tuple[int, Sequence]]) -> None:
        """Add rows, each with its number."""
        width = len(self.names)
        numbers = np.array([number for number, _ in chunk])
        cells = list(itertools.zip_longest(*(row[:width] for _, row in chunk)))
        cells += [(None,) * len(chunk)] * (width - len(cells))
        packed = [pack(column) for column, name in zip(cells, self.names, strict=True) if name]
        filled = np.isin(numbers, self.with_errors)  # a row of errors alone is no blank one
        for column in packed:
            filled |= present(column)
        self.nameless.update(
            n for n, name in enumerate(self.names) if not name and any(map(_is_there, cells[n]))
        )
        if any(_is_there(cell) for _, row in chunk for cell in row[width:]):
            self.nameless.add(width)
        if not filled.all():
            packed = [keep(column, filled) for column in packed]
        for whole, column in zip(self.columns, packed, strict=True):
            whole.add(column)
        self.places.append(numbers[filled])
        self.total += int(filled.sum())
        self.end = int(numbers[-1])
        if filled.any():
            self.last = int(self.places[-1][-1])


def _notes(table: _Table, places: np.ndarray, hidden: list[tuple[int, int]]) -> list[str]:
    """Return what is to be said of a table whose kept rows have these numbers, shape (n,)."""
    notes = []
    first = table.header + 1
    if first > 2:
        notes.append(f"the column names are in row {first - 1}; the rows above were left out")
    missing = np.ones(table.last - table.header, dtype=bool)
    missing[places - first] = False
    if missing.any():
        blank = (np.flatnonzero(missing) + first).tolist()
        notes.append(f"blank rows were left out: {some(map(str, blank))}")
    if unseen := count_hidden(places, hidden):
        notes.append(f"{unseen} of the rows that were read are hidden, by a filter or by hand")
    if table.nameless:
        letters = (letters_of(position + 1) for position in table.nameless)
        notes.append(f"columns without a name were left out: {some(letters)}")
    return notes


def count_hidden(places: np.ndarray, hidden: list[tuple[int, int]]) -> int:
    """Return how many rows, shape (n,), lie in ranges, which are in order."""
    if not hidden:
        return 0
    first, last = np.array(hidden).T
    at = np.searchsorted(first, places, side="right") - 1
    return int(np.sum((at >= 0) & (places <= last[at])))


def some(words: Iterable[str], shown: int = 5) -> str:
    """Return the first of some words, and how many more there are."""
    words = list(words)
    return ", ".join(words[:shown]) + (f" and {len(words) - shown} more" * (len(words) > shown))


def _too_many_rows(where: str, max_rows: int) -> InputError:
    return InputError(f"{where}: more than {max_rows:,} rows of cycles (config key `max_rows`)")


def gather_parquet(path: str | os.PathLike, max_rows: int, limit: float, wanted: Names) -> Cells:
    """Return the columns of a Parquet file.

    Raises
    ------
    InputError
        Where the file is damaged, has no data, or more than allowed.
    """
    try:
        with pq.ParquetFile(path) as file:
            about = file.metadata
            size = sum(about.row_group(n).total_byte_size for n in range(about.num_row_groups))
            if size > limit:
                raise too_large(path, size, limit)
            allow(size)
            if about.num_rows > max_rows:
                raise _too_many_rows(f"workbook {path}", max_rows)
            table = file.read()
        columns = [unpack(column) for column in table.columns]
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path, error) from error
    if not table.num_rows:
        raise InputError(f"workbook {path}: there is no row below the column names")
    names, kept, notes = list(map(name_of, table.column_names)), [], []
    for at, (name, column) in enumerate(zip(names, columns, strict=True)):
        what = f"{name!r} holds {table.schema.types[at]}, which is not one value per cycle"
        if name and column is not None:
            kept.append(at)
        elif wanted.find(name):
            raise InputError(f"workbook {path}: column {what}")
        else:
            notes.append(
                f"column {what}: left out" if name else "a column without a name: left out"
            )
    return Cells(
        sheet=None,
        header=0,
        names=[names[at] for at in kept],
        numbers=[at + 1 for at in kept],
        columns=[columns[at] for at in kept],
        rows=np.arange(1, table.num_rows + 1),
        errors={},
        notes=notes,
    )


def gather_file(
    path: str | os.PathLike,
    sheet: str | int | None,
    reader: str,
    max_rows: int,
    limit: float,
    names: Names,
) -> tuple[Cells, Callable[[], str]]:
    """Return the cells of a file of any kind.

    Returns
    -------
    cells
        What it holds.
    elsewhere
        Says, when called, which other sheet has the columns, if one has.
    """
    kind, size = kind_of(path, limit)
    allow(size)
    if kind == "parquet":
        return gather_parquet(path, max_rows, limit, names), str
    if kind == "csv":
        return gather(path, open_csv(path, names), max_rows, names), str
    book = open_book(path, kind, reader)
    opened = choose_sheet(book, sheet, names)
    others = partial(elsewhere, book, opened.name, names)
    try:
        return gather(path, opened, max_rows, names)._replace(kind=kind), others
    except NoTable as error:
        raise InputError(f"{error}{others()}") from error
