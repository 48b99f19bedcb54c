"""Cells as they stand in a file, by column.

They are packed a thousand rows at a time, since a large sheet as Python objects is ten times its
size as numbers.
"""

import itertools
import math
import sys
import unicodedata
from array import array
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

# Numbers (double, null where blank), texts (string, stripped), or a list of what is mixed. Of a
# Parquet file also whole numbers (64 bits), decimals and durations.
Packed: TypeAlias = pa.Array | list

CHUNK = 4096  # rows


class Scan(NamedTuple):
    """What readers do not tell of a sheet, by rows and columns from 1.

    `errors` has the name of each cell that readers cannot tell from a blank one, such as #DIV/0!, by
    row and column; `hidden` the first and last row of each range that is not shown, in order.
    """

    errors: dict[tuple[int, int], str]
    hidden: list[tuple[int, int]]


class Odd(NamedTuple):
    """A cell that fails a check while its column is read: its position from 0 and its value."""

    check: str
    position: int
    value: object


class Parsed(NamedTuple):
    """A column as typed values, and what is odd of it.

    `joined` has, by key, the texts that are taken for it.
    """

    array: pa.Array
    odd: list[Odd]
    joined: dict[str, list[str]]


def pack(values: Sequence) -> Packed:
    """Return the cells of a column as numbers or texts if they are all that, or blank."""
    types = set(map(type, values)) - {type(None)}
    if types <= {float, int, str}:
        try:
            if str not in types:
                return pack_numbers(values)
            if types == {str}:
                return pa.array([v.strip() or None if v else None for v in values], pa.string())
            if not any(v.strip() for v in values if type(v) is str):
                return pack_numbers([math.nan if type(v) is str else v for v in values])
        except (OverflowError, UnicodeError):  # a number of 400 digits, half a character
            pass
    return [_plain(v) for v in values]


def pack_numbers(values: Sequence | np.ndarray) -> pa.Array:
    """Return numbers as an array; None and nan are blank."""
    # plus 0 makes 0 of -0, which not every reader can tell apart
    return pa.array(np.array(values, dtype=np.float64) + 0.0, from_pandas=True)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        # one reader gives whole numbers, the other floats
        value = float(value) if abs(value) < sys.float_info.max else math.inf
    return None if isinstance(value, float) and math.isnan(value) else value


def to_text(value: object) -> str:
    """Return a cell's value as a text, as a spreadsheet shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        # the fewest digits that tell it from others; of a long one, int() would make up the last
        return str(int(value if abs(value) < 2**53 else Decimal(repr(value))))
    if isinstance(value, timedelta):
        whole, part = divmod(abs(value), timedelta(seconds=1))
        text = f"{'-' * (value < timedelta())}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
        return f"{text}.{part.microseconds:06}".rstrip("0") if part else text
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()  # one reader knows a day from a midnight, the other does not
    if isinstance(value, date | time):
        text = value.isoformat()
        return text.rstrip("0") if "." in text else text
    return str(value).strip().encode("utf-8", "backslashreplace").decode()


def shown(value: object) -> str:
    """Return a cell's value for a message: a text in quotes, invisible characters by name."""
    if not isinstance(value, str):
        return to_text(value).replace("T", " ") if isinstance(value, date) else to_text(value)
    return f"'{''.join(map(_seen, value))}'"


def _seen(character: str) -> str:
    if character.isprintable() and not unicodedata.combining(character):
        return character
    return f"<{unicodedata.name(character, f'U+{ord(character):04X}').lower()}>"


def present(column: Packed) -> np.ndarray:
    """Return which cells are not blank, shape (n,)."""
    if isinstance(column, list):
        return np.array([v is not None for v in column], dtype=bool)
    return column.is_valid().to_numpy(zero_copy_only=False)


def distinct(column: Packed) -> tuple[list, np.ndarray]:
    """Return the values of a column, each once, and which of them each cell has; -1 where blank."""
    if not isinstance(column, list):
        if pa.types.is_duration(column.type):  # Python's have no nanoseconds
            column = column.cast(pa.duration("us"), safe=False)
        encoded = column.dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return encoded.dictionary.to_pylist(), codes
    places: dict[tuple, int] = {}  # by the type too, as True is 1
    codes = [-1 if v is None else places.setdefault((type(v), v), len(places)) for v in column]
    return [value for _, value in places], np.array(codes, dtype=np.int64)


def spread(values: pa.Array, codes: np.ndarray) -> pa.Array:
    """Return the cells that have these values; the opposite of `distinct`."""
    return values.take(pa.array(codes, mask=codes < 0))


def odd_of(checks: Sequence[str], values: list, codes: np.ndarray) -> list[Odd]:
    """Return the cells whose value fails a check: `checks` has it by value, "" where none fails."""
    wrong = [code for code, check in enumerate(checks) if check]
    places = np.flatnonzero(np.isin(codes, wrong)).tolist() if wrong else []
    return [Odd(checks[codes[at]], at, values[codes[at]]) for at in places]


def keep(column: Packed, mask: np.ndarray) -> Packed:
    """Return a column without the cells where a mask, shape (n,), is false."""
    if isinstance(column, list):
        return list(itertools.compress(column, mask))
    return column.filter(pa.array(mask))


class Column:
    """The chunks of a column, one after another; numbers go into one array, which grows."""

    def __init__(self) -> None:
        self._parts: list[Packed | array] = []

    def add(self, chunk: Packed) -> None:
        """Add a chunk behind the others."""
        if isinstance(chunk, list) or chunk.type != pa.float64():
            self._parts.append(chunk)
            return
        numbers = self._parts[-1] if self._parts else None
        if not isinstance(numbers, array):
            numbers = array("d")
            self._parts.append(numbers)
        numbers.frombytes(chunk.to_numpy(zero_copy_only=False).tobytes())

    def join(self) -> Packed:
        """Return the whole column; it is empty afterwards."""
        chunks = [
            pa.array(np.frombuffer(part), from_pandas=True) if isinstance(part, array) else part
            for part in self._parts
        ]
        self._parts = []
        full = [c for c in chunks if isinstance(c, list) or c.null_count < len(c)]
        if len(chunks) == len(full) == 1:
            return full[0]
        types = {None if isinstance(c, list) else c.type for c in full} or {pa.float64()}
        if len(types) == 1 and None not in types:
            (type_,) = types
            return pa.concat_arrays([c if c in full else pa.nulls(len(c), type_) for c in chunks])
        return [v for c in chunks for v in (c if isinstance(c, list) else c.to_pylist())]
