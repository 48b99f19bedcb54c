"""How much sound a file says it holds, which libsndfile does not compare with what is there.

Formats: RIFF and RIFX (Multimedia Programming Interface and Data Specifications 1.0, 1991), RF64 (EBU
Tech 3306), Wave64, AIFF and AIFC, and Sun's .au.
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

UNKNOWN = 0x7FFFF000  # programs that do not know a length write this or more


class Extent(NamedTuple):
    """Where the samples of a file begin, and how many bytes its header says they take."""

    start: int
    length: int


class _Layout(NamedTuple):
    """How a file consists of chunks: where they begin, a chunk's head, and which holds the samples."""

    first: int
    head: str
    align: int
    samples: bytes
    whole: bool  # whether a length includes the head


LAYOUTS = {
    b"RIFF": _Layout(12, "<4sI", 2, b"data", False),
    b"RF64": _Layout(12, "<4sI", 2, b"data", False),
    b"RIFX": _Layout(12, ">4sI", 2, b"data", False),
    b"FORM": _Layout(12, ">4sI", 2, b"SSND", False),
    b"riff": _Layout(40, "<16sQ", 8, b"data", True),
}


def cut_short(path: str | os.PathLike) -> str:
    """Return how many bytes of its samples a file lacks, as text; empty where none, or not known."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        extent = extent_of(file, size)
    if extent is None:
        return ""
    missing = extent.length - (size - extent.start)
    # an odd number of bytes may lack the byte that fills it up
    return f"{missing:,} of {extent.length:,} bytes of sound are missing" if missing > 1 else ""


def extent_of(file: BinaryIO, size: int) -> Extent | None:
    """Return where the samples are, of a file of `size` bytes; None where that is not known."""
    kind = file.read(4)
    if kind == b".snd" and size >= 12:
        extent = Extent(*struct.unpack(">II", file.read(8)))
        return None if extent.length >= UNKNOWN else extent
    if kind not in LAYOUTS:
        return None
    layout, long_length = LAYOUTS[kind], 0
    for name, extent in _chunks(file, size, layout):
        if name.startswith(b"ds64") and extent.length >= 16:
            long_length = struct.unpack("<8xQ", file.read(16))[0]
        if name.startswith(layout.samples):
            if not layout.whole and extent.length >= UNKNOWN:
                return Extent(extent.start, long_length) if long_length else None
            return extent
    return None


def _chunks(file: BinaryIO, size: int, layout: _Layout) -> Iterator[tuple[bytes, Extent]]:
    """Yield name and extent of each chunk, the file being at its content."""
    at, head = layout.first, struct.calcsize(layout.head)
    while at + head <= size:
        file.seek(at)
        name, length = struct.unpack(layout.head, file.read(head))
        length -= head if layout.whole else 0
        if length < 0:
            return
        yield name, Extent(at + head, length)
        at += head + length
        at += -at % layout.align
