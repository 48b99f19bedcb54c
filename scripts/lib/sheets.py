"""Open a file of rows and cells: a sheet of a workbook by calamine or openpyxl, or a CSV."""

import contextlib
import csv
import difflib
import itertools
import os
import struct
import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from lib.archive import BROKEN, damaged, encrypted
from lib.blocks import large_part, rows_by_block
from lib.errorcells import Flags, error_cells
from lib.job import InputError
from lib.names import known_names

STEP = 1 << 20
PROBED = 50  # rows of a CSV in which its separator is looked for


class Sheet(NamedTuple):
    """A sheet's name (None in a CSV), its rows of cells from A1, the other sheets' names.

    A blank cell is None or "". `flags` are the cells that a reader cannot tell from blank ones,
    `notes` what is to be said of how the file was read.
    """

    name: str | None
    rows: Iterator[Sequence]
    others: list[str]
    flags: Flags
    notes: list[str]


def open_sheet(path: str | os.PathLike, kind: str, sheet: str | int, reader: str) -> Sheet:
    """Open one sheet of a workbook, or a CSV.

    Parameters
    ----------
    path
        The file.
    kind
        What `lib.archive.kind_of` says of it; not parquet.
    sheet
        Name, or number from 0.
    reader
        calamine, or openpyxl for .xlsx and .xlsm.

    Raises
    ------
    InputError
        Where the file is damaged or encrypted, or has no such sheet; rows may raise it too.
    """
    if kind == "csv":
        return _open_csv(path)
    if reader == "openpyxl" and kind != "xlsx":
        raise InputError(
            f"workbook {path}: openpyxl reads no .{kind}; set config key `reader: calamine`"
        )
    opened = (_open_openpyxl if reader == "openpyxl" else _open_calamine)(path, kind, sheet)
    try:
        flags = error_cells(path, kind, opened.name)
    except (*BROKEN, ElementTree.ParseError, expat.ExpatError, struct.error) as error:
        raise damaged(path, error) from error
    except (IndexError, KeyError, StopIteration, ValueError) as error:
        raise damaged(path, f"{type(error).__name__} {error}") from error
    return opened._replace(flags=flags)


def _choose(path: str | os.PathLike, sheet: str | int, names: list[str]) -> str:
    """Give the name of a sheet that is there."""
    if isinstance(sheet, int):
        if 0 <= sheet < len(names):
            return names[sheet]
        raise InputError(
            f"workbook {path}: there is no sheet number {sheet}; it has {len(names)}, counted "
            f"from 0: {', '.join(names)} (config key `sheet`)"
        )
    if sheet in names:
        return sheet
    near = difflib.get_close_matches(sheet, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(
        f"workbook {path}: there is no sheet {sheet!r}{hint} It has: {', '.join(names)} "
        "(config key `sheet`)"
    )


def _chart(path: str | os.PathLike, name: str) -> InputError:
    return InputError(f"workbook {path}: sheet {name!r} is a chart (config key `sheet`)")


@contextlib.contextmanager
def _calamine_errors(path: str | os.PathLike) -> Iterator[None]:
    from python_calamine import PasswordError

    try:
        yield
    except InputError:
        raise
    except PasswordError as error:
        raise encrypted(path) from error
    except BaseException as error:  # a panic of its is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise damaged(path, error) from error
        raise


def _open_calamine(path: str | os.PathLike, kind: str, sheet: str | int) -> Sheet:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    def whole() -> Iterator[Sequence]:
        with _calamine_errors(path):
            cells = book.get_sheet_by_name(name)
        before = [None] * (cells.start[1] if cells.start else 0)
        return (before + row for row in cells.iter_rows()) if before else cells.iter_rows()

    with _calamine_errors(path):
        if os.fspath(path).lower().endswith((f".{kind}", ".xlsm")):
            book = CalamineWorkbook.from_path(path)
        else:  # it goes by the ending of the name, which may be wrong
            with open(path, "rb") as file:
                book = CalamineWorkbook.from_filelike(file)
        name = _choose(path, sheet, book.sheet_names)
        of = next(m for m in book.sheets_metadata if m.name == name)
        if of.typ not in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet):
            raise _chart(path, name)
        part = large_part(path, name) if kind == "xlsx" else ""
    rows = rows_by_block(path, part, name, whole) if part else whole()
    return Sheet(name, rows, [n for n in book.sheet_names if n != name], {}, [])


def _open_openpyxl(path: str | os.PathLike, kind: str, sheet: str | int) -> Sheet:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles and extensions that hold no data
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise damaged(path, error) from error
    name = _choose(path, sheet, book.sheetnames)
    if not hasattr(book[name], "iter_rows"):
        raise _chart(path, name)
    others = [n for n in book.sheetnames if n != name]
    return Sheet(name, _openpyxl_rows(path, book[name]), others, {}, [])


def _openpyxl_rows(path: str | os.PathLike, cells) -> Iterator[Sequence]:
    """Give the rows of a sheet; only now is its part of the file read."""
    from openpyxl.utils.escape import unescape

    try:
        cells.reset_dimensions()  # what the file claims of its size may be wrong
        for row in cells.iter_rows(values_only=True):
            # _x000D_ and the like, which openpyxl leaves as they are
            yield [unescape(v) if isinstance(v, str) and "_x" in v else v for v in row]
    except Exception as error:
        raise damaged(path, error) from error


def _encoding(path: str | os.PathLike) -> str:
    """Tell the encoding of a text file: by its mark, else UTF-8 if it is that, else Windows'."""
    with open(path, "rb") as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:  # of UTF-16 without a mark, where the zeros are says which
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with open(path, encoding=encoding) as file:
                while file.read(STEP):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _open_csv(path: str | os.PathLike) -> Sheet:
    encoding = _encoding(path)
    try:
        with open(path, encoding=encoding, newline="") as file:
            lines = list(itertools.islice(file, PROBED))
    except UnicodeError as error:
        raise damaged(path, error) from error
    if any("\0" in line for line in lines):
        raise damaged(path, "it has zero bytes")

    def fits(separator: str) -> int:
        return max(map(known_names, csv.reader(lines, delimiter=separator)), default=0)

    separator = max(",;\t|", key=fits)
    shown = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[separator]
    notes = [f"read as {encoding}, separated by {shown}"]
    with open(path, "rb") as file:
        file.seek(-min(4, os.path.getsize(path)), os.SEEK_END)
        if not set(file.read()) & set(b"\r\n"):
            notes.append("its last line has no end; if it was cut, its last number is not whole")
    return Sheet(None, _csv_rows(path, encoding, separator), [], {}, notes)


def _csv_rows(path: str | os.PathLike, encoding: str, separator: str) -> Iterator[Sequence]:
    width = 0
    try:
        with open(path, encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            for row in reader:
                if not width and known_names(row) > 1:
                    width = len(row)
                # a separator too many or too few moves numbers under other names
                if width and len(row) != width and any(map(str.strip, row)):
                    raise InputError(
                        f"workbook {path}, line {reader.line_num}: {len(row)} cells, but {width} "
                        "column names; a line was cut, or a cell with the separator needs quotes"
                    )
                yield row
    except (UnicodeError, csv.Error) as error:
        raise damaged(path, error) from error
