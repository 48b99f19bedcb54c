"""Open a workbook and the sheets in it, by calamine or openpyxl.

What one of them cannot read as it is, is brought into the form it knows; what calamine cannot read
of an .xlsx then, openpyxl may.
"""

import contextlib
import io
import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from auscultation.job.errors import InputError
from auscultation.workbook.biff import scan_xls
from auscultation.workbook.cells import Scan
from auscultation.workbook.compound_file import stream_of
from auscultation.workbook.file_kind import BROKEN, damaged, encrypted, unreadable
from auscultation.workbook.opendocument import standard_ods
from auscultation.workbook.package import Package, Source, opened, standard_package
from auscultation.workbook.sheet_scan import scan_sheet

WRONG_XML = (ElementTree.ParseError, expat.ExpatError)
LARGE = 8 * 10**8  # bytes of XML; of a larger sheet openpyxl reads as much in less memory


class Sheet(NamedTuple):
    """A sheet's name (None in a CSV) and its rows of cells from A1.

    A blank cell is None or "". `scan` has what readers do not tell, `notes` how the file was read.
    """

    name: str | None
    rows: Iterator[Sequence]
    scan: Scan
    notes: list[str]


class Book(NamedTuple):
    """A workbook: its sheets' names, which of them are hidden or charts, how to get rows of one.

    `source` is the file, or its content in the form that the reader knows.
    """

    path: str | os.PathLike
    kind: str
    source: Source
    names: list[str]
    hidden: set[str]
    charts: set[str]
    rows: Callable[[str], Iterator[Sequence]]
    notes: list[str]


class Unread(Exception):
    """A library cannot read a file."""


def open_book(path: str | os.PathLike, kind: str, reader: str) -> Book:
    """Return a workbook, opened.

    Parameters
    ----------
    path
        The file.
    kind
        What `auscultation.workbook.file_kind.kind_of` says of it: xlsx, xlsb, xls or ods.
    reader
        calamine, or openpyxl for .xlsx and .xlsm.

    Raises
    ------
    InputError
        Where the file is damaged, encrypted, or cannot be read.
    """
    if reader == "openpyxl" and kind != "xlsx":
        raise InputError(
            f"workbook {path}: openpyxl reads no .{kind}; set config key `reader: calamine`"
        )
    try:
        if reader == "openpyxl":
            return _open_openpyxl(path, standard_package(path, kind, strict=False), [])
        usual = kind in ("xlsx", "xlsb")
        return _open_calamine(path, kind, standard_package(path, kind) if usual else path)
    except Unread as error:
        raise _why(path, kind, error) from error
    except (*BROKEN, *WRONG_XML) as error:
        raise damaged(path, error) from error
    except ValueError as error:
        raise unreadable(path, error) from error


def open_sheet(book: Book, name: str) -> Sheet:
    """Return a sheet of a workbook, opened.

    Raises
    ------
    InputError
        Where it is a chart or damaged; rows may raise it too.
    """
    if name in book.charts:
        raise InputError(f"workbook {book.path}: sheet {name!r} is a chart (config key `sheet`)")
    number = book.names.index(name)
    try:
        scan = scan_sheet(book.source, book.kind, name, number)
        return Sheet(name, book.rows(name), scan, book.notes)
    except Unread as error:
        raise unreadable(book.path, error) from error
    except InputError as error:
        raise InputError(f"workbook {book.path}, sheet {name!r}, {error}") from error
    except (*BROKEN, *WRONG_XML, struct.error) as error:
        raise damaged(book.path, error) from error
    except (IndexError, KeyError, StopIteration, ValueError) as error:
        raise damaged(book.path, f"{type(error).__name__} {error}") from error


def _why(path: str | os.PathLike, kind: str, reason: object) -> InputError:
    """Return the error for a file that no library has read: damaged only where that is certain."""
    try:
        if kind == "xls":
            scan_xls(stream_of(path), 0)
        elif kind in ("xlsx", "ods"):
            with zipfile.ZipFile(path) as archive:
                for part in archive.namelist():
                    if part.endswith((".xml", ".rels")) and not part.startswith("__MACOSX/"):
                        with archive.open(part) as stream:
                            expat.ParserCreate().ParseFile(stream)
    except (*BROKEN, *WRONG_XML, struct.error, IndexError, ValueError) as error:
        return damaged(path, error)
    return unreadable(path, reason)


@contextlib.contextmanager
def _calamine_errors(path: str | os.PathLike) -> Iterator[None]:
    from python_calamine import PasswordError

    try:
        yield
    except (InputError, MemoryError):
        raise
    except PasswordError as error:
        raise encrypted(path) from error
    except BaseException as error:  # a panic of its is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Unread(f"calamine: {error}") from error
        raise


def _load(path: str | os.PathLike, kind: str, source: Source):
    from python_calamine import CalamineWorkbook

    with _calamine_errors(path):
        if isinstance(source, bytes):
            return CalamineWorkbook.from_filelike(io.BytesIO(source))
        if os.fspath(path).lower().endswith((f".{kind}", ".xlsm")):
            return CalamineWorkbook.from_path(path)
        with open(path, "rb") as file:  # it goes by the ending of the name, which may be wrong
            return CalamineWorkbook.from_filelike(file)


def _open_calamine(path: str | os.PathLike, kind: str, source: Source) -> Book:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    try:
        book = _load(path, kind, source)
    except Unread as error:
        if kind == "xlsx":
            return _open_instead(path, error)
        if kind != "ods":
            raise
        source = standard_ods(path)
        book = _load(path, kind, source)
    if not book.sheet_names:
        raise Unread("calamine: no sheet found")
    notes: list[str] = []

    def rows(name: str) -> Iterator[Sequence]:
        try:
            if kind == "xlsx" and _size(source, name) > LARGE:
                raise Unread("its sheet is large")
            with _calamine_errors(path):
                cells = book.get_sheet_by_name(name)
        except Unread as error:
            try:
                other = _open_instead(path, error) if kind == "xlsx" else None
            except Unread:
                other = None
            if other is None or name not in other.names:
                raise _why(path, kind, error) from error
            notes.extend(other.notes)
            yield from other.rows(name)
            return
        before = [None] * (cells.start[1] if cells.start else 0)
        try:
            for row in cells.iter_rows():
                yield before + row if before else row
        except OverflowError as error:
            raise InputError(
                f"workbook {path}: a number is formatted as a date or time, and is beyond all "
                "calendars; format its cell as a number"
            ) from error

    cells_in = (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
    about = book.sheets_metadata
    return Book(
        path=path,
        kind=kind,
        source=source,
        names=[sheet.name for sheet in about],
        hidden={s.name for s in about if s.visible != SheetVisibleEnum.Visible},
        charts={s.name for s in about if s.typ not in cells_in},
        rows=rows,
        notes=notes,
    )


def _size(source: Source, name: str) -> int:
    """Return the bytes of XML of a sheet of an .xlsx."""
    with zipfile.ZipFile(opened(source)) as archive:
        part = Package(archive).sheet(name)
        return archive.getinfo(part).file_size if part else 0


def _open_instead(path: str | os.PathLike, reason: Unread) -> Book:
    """Return an .xlsx that calamine cannot read, or not in little memory, opened by openpyxl."""
    note = f"read by openpyxl, not by calamine ({str(reason)[:200]})"
    return _open_openpyxl(path, standard_package(path, "xlsx", strict=False), [note])


def _open_openpyxl(path: str | os.PathLike, source: Source, notes: list[str]) -> Book:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles and extensions that hold no data
            book = load_workbook(opened(source), read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise Unread(f"openpyxl: {error}") from error
    sheets = {name: book[name] for name in book.sheetnames}
    return Book(
        path=path,
        kind="xlsx",
        source=source,
        names=list(sheets),
        hidden={name for name, sheet in sheets.items() if sheet.sheet_state != "visible"},
        charts={name for name, sheet in sheets.items() if not hasattr(sheet, "iter_rows")},
        rows=lambda name: _openpyxl_rows(path, sheets[name]),
        notes=notes,
    )


def _openpyxl_rows(path: str | os.PathLike, cells) -> Iterator[Sequence]:
    """Return the rows of a sheet; only now is its part of the file read."""
    from openpyxl.utils.escape import unescape

    try:
        cells.reset_dimensions()  # what the file claims of its size may be wrong
        for row in cells.iter_rows(values_only=True):
            # _x000D_ and the like, which openpyxl leaves as they are
            yield [unescape(v) if isinstance(v, str) and "_x" in v else v for v in row]
    except MemoryError:
        raise
    except Exception as error:
        raise _why(path, "xlsx", f"openpyxl: {error}") from error
