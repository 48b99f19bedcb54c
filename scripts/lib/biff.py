"""The records of Excel's binary workbooks, as far as it takes to find their error cells.

[MS-XLS] for .xls, [MS-XLSB] for .xlsb, [MS-CFB] for the file that an .xls lies in.
"""

import struct
from collections.abc import Iterator

# sectors with a number from here on are none: free, or tables; this one is the end of a chain
FREE, END = 0xFFFFFFFA, 0xFFFFFFFE
BIFF8 = 0x0600
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
    """Give the records of a part of an .xlsb file: number and content ([MS-XLSB] 2.1.4)."""
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
    """Give the relation's id of each sheet by its name, from workbook.bin."""
    ids = {}
    for code, content in _records(book):
        if code == 0x9C:  # BrtBundleSh: state and id, then two strings
            key, after = _wide_string(content, 8)
            ids[_wide_string(content, after)[0]] = key
    return ids


def xlsb_errors(data: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Give row and column (from 1) and name of each error cell of a sheet's part."""
    row = 0
    for code, content in _records(data):
        if code == 0:  # BrtRowHdr
            (row,) = struct.unpack_from("<I", content)
        elif code in (3, 11):  # BrtCellError, BrtFmlaError: column, style, error
            (column,) = struct.unpack_from("<I", content)
            yield (row + 1, column + 1), CODES.get(content[8], "#VALUE!")


def xls_errors(data: bytes, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Give row and column (from 1) and name of each error cell of a sheet of an .xls.

    Nothing where it was written before Excel 97, in another format.

    Raises
    ------
    ValueError
        Where the sheet is not there or has no end.
    """
    book = workbook_stream(data)
    if struct.unpack_from("<H", book, 4)[0] != BIFF8:
        return
    start = next((at for name, at in _xls_sheets(book) if name == sheet), len(book))
    depth = 0
    for code, content in _xls_records(book, start):
        if code == 0x0809:  # a chart inside the sheet begins and ends as a sheet does
            depth += 1
        elif code == 0x000A:
            depth -= 1
            if depth <= 0:
                return
        # BoolErr, then a Formula whose result is an error: row, column, format, error
        elif code == 0x0205 and content[7] == 1:
            row, column = struct.unpack_from("<HH", content)
            yield (row + 1, column + 1), CODES.get(content[6], "#VALUE!")
        elif code == 0x0006 and content[6] == 2 and content[12:14] == b"\xff\xff":
            row, column = struct.unpack_from("<HH", content)
            yield (row + 1, column + 1), CODES.get(content[8], "#VALUE!")
    raise ValueError(f"the sheet {sheet!r} has no end")


def _xls_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        code, size = struct.unpack_from("<HH", book, at)
        yield code, book[at + 4 : at + 4 + size]
        at += 4 + size


def _xls_sheets(book: bytes) -> Iterator[tuple[str, int]]:
    for code, content in _xls_records(book, 0):
        if code == 0x000A:
            return
        if code == 0x0085:  # BoundSheet8: where it starts, its state and type, its name
            (at,) = struct.unpack_from("<I", content)
            length, wide = content[6], content[7] & 1
            name = content[8 : 8 + (length * 2 if wide else length)]
            yield name.decode("utf-16-le" if wide else "latin-1"), at


def workbook_stream(data: bytes) -> bytes:
    """Give the stream of an .xls that holds its workbook ([MS-CFB]).

    Raises
    ------
    ValueError
        Where there is none, or sectors are missing or follow each other in a circle.
    struct.error
        Where the file ends too early.
    """
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise ValueError("its sectors have no known size")
    sector, small = 1 << shift, 1 << small_shift
    first_dir, _, cutoff, first_small, _, first_extra, n_extra = struct.unpack_from("<7I", data, 48)

    def read(at: int) -> bytes:
        content = data[(at + 1) * sector : (at + 2) * sector]
        if not content:
            raise ValueError(f"sector {at} is missing")
        return content

    def chain(at: int, table: list[int]) -> Iterator[int]:
        for _ in range(len(table)):
            if at == END:
                return
            if at >= len(table):
                raise ValueError(f"there is no sector {at}")
            yield at
            at = table[at]
        if at != END:
            raise ValueError("its sectors go round in a circle")

    def numbers(raw: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))

    where = numbers(data[76:512])
    at = first_extra
    for _ in range(min(n_extra, len(data) // sector)):
        *more, at = numbers(read(at))
        where += more
    table = [n for at in where if at < FREE for n in numbers(read(at))]
    directory = b"".join(map(read, chain(first_dir, table)))
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        entries[name] = struct.unpack_from("<II", directory, at + 116)
    found = [entries[name] for name in ("Workbook", "Book") if name in entries]
    if not found or "Root Entry" not in entries:
        raise ValueError("it holds no workbook")
    start, size = found[0]
    if size >= cutoff:
        stream = b"".join(map(read, chain(start, table)))
    else:
        smalls = numbers(b"".join(map(read, chain(first_small, table))))
        root = b"".join(map(read, chain(entries["Root Entry"][0], table)))
        stream = b"".join(root[n * small : (n + 1) * small] for n in chain(start, smalls))
    if len(stream) < size:
        raise ValueError(f"its workbook has {len(stream)} bytes, not {size}")
    return stream[:size]
