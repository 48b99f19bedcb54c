"""The records of Excel's binary workbooks: error cells, hidden rows, cells without a column.

[MS-XLS] for .xls, [MS-XLSB] for .xlsb.
"""

import struct
from collections.abc import Iterator

Flags = dict[tuple[int, int], str]  # by row and column, both from 1
Ranges = list[tuple[int, int]]  # first and last row, from 1

# [MS-XLSB] 2.4: BrtShortBlank, ShortRk, ShortError, ShortBool, ShortReal, ShortSt, ShortIsst, by
# the cells of the same kind that say in which column they stand
SHORT = {12: 1, 13: 2, 14: 3, 15: 4, 16: 5, 17: 6, 18: 7}
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


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the records of a part of an .xlsb file: number and content ([MS-XLSB] 2.1.4)."""
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
    """Read a string of an .xlsb record; give it and where it ends."""
    (length,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le"), end


def xlsb_sheets(book: bytes) -> dict[str, str]:
    """Return the relation's id of each sheet by its name, from workbook.bin."""
    ids = {}
    for code, content in _records(book):
        if code == 0x9C:  # BrtBundleSh: state and id, then two strings
            key, after = _wide_string(content, 8)
            ids[_wide_string(content, after)[0]] = key
    return ids


def xlsb_look(data: bytes) -> tuple[Flags, Ranges, bool]:
    """Look through a sheet's part of an .xlsb.

    Returns
    -------
    flags
        The name of each error cell, by row and column from 1.
    hidden
        The rows that are not shown, from 1.
    short
        Whether it has cells without a column.
    """
    row, flags, hidden, short = 0, {}, [], False
    for code, content in _records(data):
        if code == 0:  # BrtRowHdr: row, style, height, two bytes of flags
            (row,) = struct.unpack_from("<I", content)
            if content[11] & 0x10:
                hidden.append((row + 1, row + 1))
        elif code in (3, 11):  # BrtCellError, BrtFmlaError: column, style, error
            (column,) = struct.unpack_from("<I", content)
            flags[row + 1, column + 1] = CODES.get(content[8], "#VALUE!")
        short |= code in SHORT
    return flags, hidden, short


def xlsb_with_columns(data: bytes) -> bytes:
    """Return each cell of a sheet's part its column: short ones stand right of the one before."""
    made, column = [], -1
    for code, content in _records(data):
        if code == 0:
            column = -1
        elif 1 <= code <= 11 or code == 62:  # cells, values and formulas
            (column,) = struct.unpack_from("<I", content)
        elif code in SHORT:  # style, value
            column += 1
            code, content = SHORT[code], struct.pack("<I", column) + content
        made.append(_record(code, content))
    return b"".join(made)


def _record(code: int, content: bytes) -> bytes:
    """Write a record of a part of an .xlsb file."""
    head = bytearray([code] if code < 0x80 else [code & 0x7F | 0x80, code >> 7])
    size = len(content)
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*head, size]) + content


def xls_look(book: bytes, number: int) -> tuple[Flags, Ranges]:
    """Look through a sheet of an .xls of Excel 5 or later.

    Parameters
    ----------
    book
        What `auscultation.workbook.compound_file.workbook_stream` gives.
    number
        The sheet's number from 0.

    Returns
    -------
    flags
        The name of each error cell, by row and column from 1.
    hidden
        The rows that are not shown, from 1.

    Raises
    ------
    ValueError
        Where the sheet is not there or has no end.
    """
    flags: Flags = {}
    hidden: Ranges = []
    starts = [
        struct.unpack_from("<I", content)[0]
        for code, content in _xls_globals(book)
        if code == 0x0085  # BoundSheet: where it starts, its state and type, its name
    ]
    start = starts[number] if number < len(starts) else len(book)
    depth = 0
    for code, content in _xls_records(book, start):
        if code == 0x0809:  # a chart inside the sheet begins and ends as a sheet does
            depth += 1
        elif code == 0x000A:
            depth -= 1
            if depth <= 0:
                return flags, hidden
        elif code == 0x0208 and content[12] & 0x20:  # Row
            row = struct.unpack_from("<H", content)[0] + 1
            hidden.append((row, row))
        # BoolErr, then a Formula whose result is an error: row, column, format, error
        elif code == 0x0205 and content[7] == 1:
            row, column = struct.unpack_from("<HH", content)
            flags[row + 1, column + 1] = CODES.get(content[6], "#VALUE!")
        elif code == 0x0006 and content[6] == 2 and content[12:14] == b"\xff\xff":
            row, column = struct.unpack_from("<HH", content)
            flags[row + 1, column + 1] = CODES.get(content[8], "#VALUE!")
    raise ValueError(f"its sheet number {number} has no end")


def xls_has_password(book: bytes) -> bool:
    """Return whether an .xls is encrypted."""
    return any(code == 0x002F for code, _ in _xls_globals(book))


def _xls_globals(book: bytes) -> Iterator[tuple[int, bytes]]:
    for code, content in _xls_records(book, 0):
        if code == 0x000A:
            return
        yield code, content


def _xls_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        code, size = struct.unpack_from("<HH", book, at)
        yield code, book[at + 4 : at + 4 + size]
        at += 4 + size
