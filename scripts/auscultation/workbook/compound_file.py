"""The compound file that an .xls lies in ([MS-CFB]): its workbook's stream, read."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# sectors with a number from here on are none: free, or tables; END ends a chain
FREE, END = 0xFFFFFFFA, 0xFFFFFFFE
ROOT, STREAM = 5, 2  # kinds of entries
NAMES = ("workbook", "book")  # of the stream: since Excel 97, before; some write them in capitals
# how a workbook begins: since Excel 97, before
BIFF8, BIFF5 = b"\x09\x08\x10\x00\x00\x06", b"\x09\x08\x08\x00\x00\x05"


class NoWorkbook(ValueError):
    """A compound file of another program: a text, a presentation, a message."""


def workbook_stream(data: bytes) -> bytes:
    """Return the stream of an .xls that holds its workbook.

    Raises
    ------
    NoWorkbook
        Where there is none.
    ValueError
        Where sectors are missing or follow each other in a circle.
    struct.error
        Where the file ends too early.
    """
    if data.startswith((BIFF8, BIFF5)):  # some programs write it without a compound file
        return data
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
    streams: dict[str, tuple[int, int]] = {}
    root = None
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        place = struct.unpack_from("<II", directory, at + 116)
        if kind == ROOT and root is None:  # whatever its name
            root = place
        elif kind == STREAM:
            streams.setdefault(name.lower(), place)
    books = [streams[name] for name in NAMES if name in streams]
    if not books or root is None:
        raise NoWorkbook("it holds no workbook")
    start, size = books[0]
    if size >= cutoff:
        stream = b"".join(map(read, chain(start, table)))
    else:
        smalls = numbers(b"".join(map(read, chain(first_small, table))))
        content = b"".join(map(read, chain(root[0], table)))
        stream = b"".join(content[n * small : (n + 1) * small] for n in chain(start, smalls))
    if len(stream) < size:
        raise ValueError(f"its workbook has {len(stream)} bytes, not {size}")
    return stream[:size]


def stream_of(source: str | os.PathLike | bytes) -> bytes:
    """Return the stream of an .xls that holds its workbook, as `workbook_stream`, of a file too."""
    return workbook_stream(source if isinstance(source, bytes) else Path(source).read_bytes())
