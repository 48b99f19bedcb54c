"""What a sheet holds that no reader tells: error cells, rows that are not shown.

A sheet of an .xlsx is searched once for the few bytes that such things need; only where they are
found is it looked at more closely.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from auscultation.job.errors import InputError
from auscultation.workbook.biff import Flags, Ranges, xls_look, xlsb_look
from auscultation.workbook.compound_file import stream_of
from auscultation.workbook.error_cells import ods_look, xlsx_errors
from auscultation.workbook.package import Package, Source, opened

STEP = 1 << 20
# what an .xlsx must hold for a closer look to be worth its time, by a letter that is found faster
SUSPECT = {b"e": (b'"e"', b"'e'"), b"f": (b"<f", b":f>", b":f ")}
# a cell that does not begin with where it stands; what follows shows that it is not cut
ODD = rb'<%sc(?! r=")[\s/>].{3}'
TAG = re.compile(rb"<(?:[\w.-]+:)?(row|c)(\s[^<>]*?)?/?>")
ROW = re.compile(rb"<(?:[\w.-]+:)?(row)(\s[^<>]*?)?/?>")
HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](1|true)["']""")
PLACE = re.compile(rb"""\sr\s*=\s*["']([^"']+)["']""")


class Look(NamedTuple):
    """Error cells by row and column from 1, and the ranges of rows that are not shown.

    `short` says whether cells do not tell their column, which calamine leaves out of an .xlsb.
    """

    flags: Flags
    hidden: Ranges
    short: bool = False


class Row(NamedTuple):
    """A row of an .xlsx: its number from 1, whether it is shown, its cells, those without place."""

    number: int
    hidden: bool
    cells: int
    nowhere: int


def look(source: Source, kind: str, sheet: str, number: int) -> Look:
    """Look through a sheet.

    Parameters
    ----------
    source
        The workbook, in the form that readers know.
    kind
        xlsx, xlsb, xls or ods.
    sheet, number
        The sheet's name, and its number from 0.

    Raises
    ------
    InputError
        Where it cannot be told which cells of an .xlsx are blank.
    """
    if kind == "xls":
        return Look(*xls_look(stream_of(source), number))
    with zipfile.ZipFile(opened(source)) as archive:
        if kind == "ods":
            with archive.open("content.xml") as stream:
                return Look(*ods_look(stream, sheet))
        part = Package(archive).sheet(sheet)
        if not part:
            return Look({}, [])
        if kind == "xlsb":
            return Look(*xlsb_look(archive.read(part)))
        return _look_at_xlsx(archive, part)


def _look_at_xlsx(archive: zipfile.ZipFile, part: str) -> Look:
    errors = hidden = nowhere = False
    end, odd = b"", None
    with archive.open(part) as stream:
        while chunk := stream.read(STEP):
            text = end + chunk
            if odd is None:
                prefix = re.search(rb"<([\w.-]+:)?(?=sheetData\b)", text)
                odd = re.compile(ODD % (prefix[1] or b"" if prefix else b""), re.DOTALL)
            errors = errors or any(
                letter in text and any(mark in text for mark in marks)
                for letter, marks in SUSPECT.items()
            )
            hidden = hidden or (b"h" in text and b"hidden" in text)
            nowhere = nowhere or odd.search(text) is not None
            end = chunk[-8:]
    flags: Flags = {}
    if errors:
        with archive.open(part) as stream:
            flags = xlsx_errors(stream)
    if not hidden and not nowhere:
        return Look(flags, [])
    with archive.open(part) as stream:
        rows = _rows(stream, TAG if nowhere else ROW)
        return Look(flags, [(row.number, row.number) for row in _placed(rows) if row.hidden])


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Return XML in pieces, none of which ends inside a tag of usual length."""
    rest = b""
    while chunk := stream.read(STEP):
        text = rest + chunk
        cut = max(text.rfind(b"<"), len(text) - STEP)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _rows(stream: BinaryIO, tags: re.Pattern) -> Iterator[Row]:
    number = cells = nowhere = 0
    hidden = False
    for text in _pieces(stream):
        for tag, attributes in tags.findall(text):
            if tag == b"c":
                cells += 1
                nowhere += not PLACE.search(attributes)
                continue
            if number:
                yield Row(number, hidden, cells, nowhere)
            place = PLACE.search(attributes)
            number = int(place[1]) if place else number + 1
            hidden, cells, nowhere = bool(HIDDEN.search(attributes)), 0, 0
    if number:
        yield Row(number, hidden, cells, nowhere)


def _placed(rows: Iterator[Row]) -> Iterator[Row]:
    """Return rows, and hold that it can be told where their cells stand.

    Cells without a place stand side by side. In a row that has fewer than the one with the column
    names, blank ones were left out, and what follows would slide under other names.
    """
    width = 0
    for row in rows:
        if row.nowhere and row.cells < width:
            raise InputError(
                f"row {row.number}: {row.cells} cells that do not say in which column they stand, "
                f"but {width} in a row above: which ones are blank is lost. The program that wrote it "
                'must give cells their references (r="A1"), or write a .csv'
            )
        width = max(width, row.cells if row.nowhere else 0)
        yield row
