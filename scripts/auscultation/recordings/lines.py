"""Texts that annotate recordings: their lines, what separates their columns, and their cycles."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from auscultation.data.text import fold
from auscultation.job.errors import InputError
from auscultation.recordings.problems import Problem

SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", None: "space"}


class Line(NamedTuple):
    """A line that is not blank, and its number from 1."""

    number: int
    text: str


class Cycle(NamedTuple):
    """A cycle as a file has it: start and end in s, both None for the whole recording; labels 0 or 1.

    Of a new recording the labels may be None. `where` is its line or cell.
    """

    where: str
    start: float | None
    end: float | None
    crackles: int | None = None
    wheezes: int | None = None


class Parsed(NamedTuple):
    """The cycles of an annotation, and what is wrong with the lines that have none."""

    cycles: list[Cycle]
    problems: list[Problem]


def read_lines(path: str) -> list[Line]:
    """Return the lines of a text that are not blank.

    UTF-8 with or without its mark, UTF-16 with it, else Windows' encoding.

    Raises
    ------
    InputError
        Where the file is no text or cannot be opened; the message does not name it.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror})") from error
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError("is no text; save it as one, in UTF-8")
    if "\0" in text:
        raise InputError("is no text, it has zero bytes; save it as text, in UTF-8")
    lines = enumerate(text.splitlines(), 1)
    return [Line(number, line) for number, line in lines if line.strip()]


def cells_of(text: str, separator: str | None) -> list[str]:
    """Return the cells of a line; None separates at any white space."""
    return [cell.strip() for cell in text.rstrip("\r\n").split(separator)]


def number_of(text: str, comma: bool = False) -> float | None:
    """Return the number that a text is; None where it is none. `comma`: also with a decimal comma."""
    try:
        # Python alone takes 1_000 for a number
        return None if "_" in text else float(text.replace(",", ".") if comma else text)
    except ValueError:
        return None


def separator_of(lines: Sequence[Line], width: int) -> str | None:
    """Return what separates the columns: by which the most lines have so many, two of them numbers."""

    def fits(separator: str | None) -> tuple[int, int]:
        rows = [cells_of(line.text, separator) for line in lines]
        return sum(is_cycle(row, width) for row in rows), max(map(len, rows), default=0)

    if lines and all("\t" in line.text for line in lines):
        return "\t"
    return max(SEPARATORS, key=fits)


def is_cycle(cells: Sequence[str], width: int) -> bool:
    """Return whether a line has so many cells, of which two numbers are first."""
    return len(cells) == width and has_times(cells)


def has_times(cells: Sequence[str]) -> bool:
    """Return whether a line begins with two numbers."""
    return len(cells) > 1 and None not in [number_of(cell, comma=True) for cell in cells[:2]]


def times_of(
    start: str, end: str, file: str, where: str, scale: float = 1
) -> tuple[float, float] | Problem:
    """Return start and end of a cycle in s, or what is wrong with them.

    `scale` are the units of the texts in one second.
    """
    times = []
    for name, text in (("start", start), ("end", end)):
        value = number_of(text, comma=True)
        if value is None:
            return Problem("number", file, where, f"{name} {fold(text)!r} is not a number")
        if not math.isfinite(value):
            return Problem("finite", file, where, f"{name} {fold(text)!r} is not a finite number")
        times.append(value / scale)
    if times[0] < 0:
        return Problem("range", file, where, f"start {times[0]:g} s is before the recording begins")
    if times[0] >= times[1]:
        message = f"the cycle ends at {times[1]:g} s, not after its start at {times[0]:g} s"
        return Problem("order", file, where, message)
    return times[0], times[1]
