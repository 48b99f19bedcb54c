"""Rows of a text file: comma-separated values and their kin, as programs and people write them."""

import contextlib
import csv
import gzip
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from auscultation.job.errors import InputError
from auscultation.workbook.cells import Scan
from auscultation.workbook.column_names import Names, key
from auscultation.workbook.file_kind import BROKEN, GZIP, TEXT, damaged, not_a_spreadsheet, utf16_of
from auscultation.workbook.sheets import Sheet

STEP = 1 << 20
PROBED = 50  # lines in which the separator is looked for
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
LONGEST = 2**31 - 1  # characters of a cell; the limit of the file's size is closer
DOS_END = "\x1a"  # Ctrl-Z, with which a text of DOS ends
NOTHING = DOS_END + "\0 \t\r\n"  # what may stand behind it


class Head(NamedTuple):
    """The first rows of a text, its separator, and which row has the column names, if one does."""

    rows: list[list[str]]
    separator: str
    header: int | None


def look(lines: list[str], names: Names) -> Head:
    """Return the first rows of a text, separated so that these name the most columns.

    Where none does, so that the rows are of one width.
    """
    heads = []
    for separator in SEPARATORS:
        rows = [_joined(row, separator, names) for row in _reader(lines, separator)]
        heads.append(Head(rows, separator, names.header(rows)))

    def fits(head: Head) -> tuple[int, int]:
        if head.header is not None:
            return len(names.among(head.rows[head.header])), 0
        widths = {len(row) for row in head.rows if row}
        return 0, widths.pop() if len(widths) == 1 else 0

    return max(heads, key=fits)


def first_lines(path: str | os.PathLike, encoding: str) -> list[str]:
    """Return the first lines of a text."""
    with _open(path, encoding) as file:
        return list(itertools.islice(_lines(path, file), PROBED))


def open_csv(path: str | os.PathLike, names: Names) -> Sheet:
    """Return the rows of a text file, packed by gzip or not.

    Raises
    ------
    InputError
        Where it is damaged, or has no column names though its own name does not say that it is a
        table; rows may raise it too.
    """
    csv.field_size_limit(LONGEST)
    encoding = encoding_of(path)
    try:
        lines = first_lines(path, encoding)
        end = _end(path)
    except (UnicodeError, *BROKEN) as error:
        raise damaged(path, error) from error
    rows, separator, header = head = look(lines, names)
    # one name may be a word of any text
    named = set() if header is None else names.among(rows[header])
    if len(named) < 2 and not os.fspath(path).lower().removesuffix(".gz").endswith(TEXT):
        raise not_a_spreadsheet(path, "it is a text without the names of the columns")
    whole = rows[: -1 if len(lines) == PROBED else None]
    row_names = _has_row_names(whole, header)
    notes = [f"read as {encoding}, separated by {SEPARATORS[separator]}"]
    if row_names:
        notes.append(
            "each row begins with a cell more than there are names: row names, as R writes them"
        )
    if not set(end) & set(b"\r\n"):
        notes.append(
            "the last line has no line end; if the file was cut, its last number may be incomplete"
        )
    head = head._replace(rows=[])  # they are not held while all rows are read
    return Sheet(None, _rows(path, encoding, head, row_names, names), Scan({}, []), notes)


def _open(path: str | os.PathLike, encoding: str | None) -> IO:
    """Return a text opened for reading, or its bytes without an encoding; a .gz is unpacked."""
    with open(path, "rb") as file:
        packed = file.read(2) == GZIP
    mode, newline = ("rb", None) if encoding is None else ("rt", "")
    opener: Callable[..., IO] = gzip.open if packed else open
    return opener(path, mode, encoding=encoding, newline=newline)


def _end(path: str | os.PathLike) -> bytes:
    """Return the last bytes of a text."""
    end = b""
    with _open(path, None) as file:
        if not isinstance(file, gzip.GzipFile):
            file.seek(-min(4, os.path.getsize(path)), os.SEEK_END)
        while chunk := file.read(STEP):
            end = (end + chunk)[-4:]
    return end


def encoding_of(path: str | os.PathLike, whole: bool = True) -> str:
    """Return the encoding of a text: by its mark, else UTF-8 if it is valid, else Windows'.

    The whole text is looked at, or its first million characters.
    """
    with _open(path, None) as file:
        head = file.read(4096)
    if encoding := utf16_of(head):
        return encoding
    for encoding in ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError), _open(path, encoding) as file:
            while file.read(STEP) and whole:
                pass
            return encoding
    return "latin-1"


def _lines(path: str | os.PathLike, file: Iterable[str]) -> Iterator[str]:
    """Return the lines of a text without the mark of its end.

    Raises
    ------
    InputError
        Where it has zero bytes.
    """
    held = ""  # a line with the mark, which is one only if nothing follows
    for line in file:
        if held and not line.strip(NOTHING):
            continue
        if held:
            yield held
        held = line if DOS_END in line else ""
        if "\0" in line.partition(DOS_END)[0]:
            raise damaged(path, "it has zero bytes")
        if not held:
            yield line
    text = held.rstrip(NOTHING)
    if held and DOS_END in text:
        yield held
    elif text:
        yield text + "\n"


def _reader(lines: Iterable[str], separator: str, strict: bool = False):
    return csv.reader(lines, delimiter=separator, strict=strict, skipinitialspace=separator == " ")


def _joined(row: list[str], separator: str, names: Names) -> list[str]:
    """Return a row of names, in which the halves of a name that a space has split are joined."""
    if separator != " " or not names.among(row):
        return row
    made: list[str] = []
    for name in row:
        if made and key(name) not in names.known and key(made[-1] + name) in names.known:
            made[-1] += f" {name}"
        else:
            made.append(name)
    return made


def _has_row_names(rows: list[list[str]], at: int | None) -> bool:
    """Return whether each row has one cell more than there are names, and begins with one of its own.

    A separator at the end of each row is something else, and so is a decimal comma.
    """
    if at is None:
        return False
    below = [row for row in rows[at + 1 :] if any(map(str.strip, row))]
    if not below or {len(row) for row in below} != {len(rows[at]) + 1}:
        return False
    first = {row[0].strip() for row in below}
    return len(first) == len(below) and "" not in first and any(row[-1].strip() for row in below)


def _rows(
    path: str | os.PathLike, encoding: str, head: Head, row_names: bool, wanted: Names
) -> Iterator[Sequence]:
    """Yield the rows of a text; `row_names`: whether each begins with a nameless cell."""
    width, names, done = 0, set(), 0
    try:
        with _open(path, encoding) as file:
            lines = _lines(path, file)
            if head.separator == " ":
                lines = (line.rstrip(" \r\n") + "\n" for line in lines)
            reader = _reader(lines, head.separator, strict=True)
            for at, row in enumerate(reader):
                # not in the first lines, it may still follow
                late = head.header is None and not width and len(wanted.among(row)) > 1
                if at == head.header or late:
                    row = [""] * row_names + _joined(row, head.separator, wanted)
                    width = len(row)
                # a separator too many or too few moves numbers under other names
                elif width and (len(row) != width or row_names) and any(map(str.strip, row)):
                    if len(row) != width or row[0] in names:
                        n = width - row_names
                        raise _wrong_width(path, done + 1, reader.line_num, len(row), n)
                    names.add(row[0])
                if reader.line_num > done + 1 and width and _has_rows(row, head.separator, width):
                    raise InputError(
                        f"workbook {path}, lines {done + 1} to {reader.line_num}: a cell in quotes "
                        "holds whole rows; a quote is not closed where it should be"
                    )
                yield row
                done = reader.line_num
    except csv.Error as error:
        raise InputError(
            f"workbook {path}, line {done + 1}: a quote that opens a cell here is not closed, or text "
            f"follows the one that closes it ({error}); write a quote inside a cell twice"
        ) from error
    except (UnicodeError, *BROKEN) as error:
        raise damaged(path, error) from error


def _has_rows(row: list[str], separator: str, width: int) -> bool:
    """Return whether a cell has swallowed rows: as many separators as its lines would have."""
    breaks = [cell.count("\n") or cell.count("\r") for cell in row]
    return any(
        n and cell.count(separator) == n * (width - 1) for n, cell in zip(breaks, row, strict=True)
    )


def _wrong_width(path: str | os.PathLike, first: int, last: int, n: int, names: int) -> InputError:
    where = f"line {first}" if first == last else f"lines {first} to {last}, by a quote"
    return InputError(
        f"workbook {path}, {where}: {n} cells, but {names} column names; a line was cut, or a cell "
        "with the separator needs quotes"
    )
