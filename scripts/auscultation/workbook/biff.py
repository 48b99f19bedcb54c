"""The records of Excel's binary workbooks: error cells, which readers take for blank, hidden rows.

[MS-XLS] for .xls, [MS-XLSB] for .xlsb.
"""

import itertools
import struct
from collections.abc import Iterator

from auscultation.job.errors import InputError
from auscultation.workbook.cells import Scan

# [MS-XLSB] 2.4: BrtShortBlank, ShortRk, ShortError, ShortBool, ShortReal, ShortSt, ShortIsst
SHORT = range(12, 19)
# [MS-XLS] 2.5.10, and the same in [MS-XLSB]
CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def _name(code: int) -> str:
    return CODES.get(code, "#VALUE!")


def _xlsb_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record of an .xlsb part ([MS-XLSB] 2.1.4)."""
    at = 0
    while at < len(data):
        code = data[at]
        at += 1
        if code & 0x80:
            code = code & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield code, data[at : at + size]
        at += size


def _wide_string(data: bytes, at: int) -> tuple[str, int]:
    """Return a string of an .xlsb record, and where it ends."""
    (length,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le"), end


def xlsb_sheets(book: bytes) -> dict[str, str]:
    """Return the relation's id of each sheet by its name, from workbook.bin."""
    ids = {}
    for code, content in _xlsb_records(book):
        if code == 0x9C:  # BrtBundleSh: state and id, then two strings
            key, after = _wide_string(content, 8)
            ids[_wide_string(content, after)[0]] = key
    return ids


def scan_xlsb(data: bytes) -> Scan:
    """Return what readers do not tell of a sheet's part of an .xlsb.

    Raises
    ------
    InputError
        Where cells do not say their column: calamine would leave them out.
    """
    scan = Scan({}, [])
    row = 0
    for code, content in _xlsb_records(data):
        if code in SHORT:
            raise InputError(
                f"row {row}: cells that do not state their column, as SheetJS writes them, cannot "
                "be read; save the workbook as .xlsx"
            )
        if code == 0:  # BrtRowHdr: number, style, height, then flags
            row = struct.unpack_from("<I", content)[0] + 1
            if content[11] & 0x10:
                scan.hidden.append((row, row))
        # BrtCellError, then BrtFmlaError: column, style, error
        elif code in (3, 11):
            scan.errors[row, struct.unpack_from("<I", content)[0] + 1] = _name(content[8])
    return scan


def scan_xls(book: bytes, number: int) -> Scan:
    """Return what readers do not tell of a sheet of an .xls of Excel 5 or later.

    Parameters
    ----------
    book
        From `auscultation.workbook.compound_file.workbook_stream`.
    number
        The sheet's number from 0.

    Raises
    ------
    ValueError
        Where the sheet is not there or has no end.
    """
    scan = Scan({}, [])
    about = itertools.takewhile(lambda record: record[0] != 0x000A, _xls_records(book, 0))
    # of each sheet: BoundSheet has where it starts, then its state, type and name
    starts = [struct.unpack_from("<I", content)[0] for code, content in about if code == 0x0085]
    depth = 0
    for code, content in _xls_records(book, starts[number] if number < len(starts) else len(book)):
        if code == 0x0809:  # a chart inside the sheet begins and ends as a sheet does
            depth += 1
        elif code == 0x000A:
            depth -= 1
            if depth <= 0:
                return scan
        elif code == 0x0208 and content[12] & 0x20:  # Row
            row = struct.unpack_from("<H", content)[0] + 1
            scan.hidden.append((row, row))
        # BoolErr, then a Formula whose result is an error: row, column, format, error
        elif code == 0x0205 and content[7] == 1:
            row, column = struct.unpack_from("<HH", content)
            scan.errors[row + 1, column + 1] = _name(content[6])
        elif code == 0x0006 and content[6] == 2 and content[12:14] == b"\xff\xff":
            row, column = struct.unpack_from("<HH", content)
            scan.errors[row + 1, column + 1] = _name(content[8])
    raise ValueError(f"its sheet number {number} has no end")


def _xls_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        code, size = struct.unpack_from("<HH", book, at)
        yield code, book[at + 4 : at + 4 + size]
        at += 4 + size
