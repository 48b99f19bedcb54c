"""Cells as they stand in a file, by column.

They are packed a thousand rows at a time, since a large sheet as Python objects is ten times its
size as numbers.
"""

import itertools
import math
import mmap
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

# Numbers (double, null where blank), texts (string, stripped), or a list of what is mixed.
Packed = pa.Array | list

CHUNK = 4096  # rows


def pack(values: Sequence) -> Packed:
    """Pack the cells of a column: as numbers or texts if they are all that, or blank."""
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
    """Pack numbers, None or nan where blank."""
    # plus 0 makes 0 of -0, which not every reader can tell apart
    return pa.array(np.array(values, dtype=np.float64) + 0.0, from_pandas=True)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value.strip() or None
    return None if isinstance(value, float) and math.isnan(value) else value


def present(column: Packed) -> np.ndarray:
    """Say which cells are not blank, shape (n,)."""
    if isinstance(column, list):
        return np.array([v is not None for v in column], dtype=bool)
    return column.is_valid().to_numpy(zero_copy_only=False)


def keep(column: Packed, mask: np.ndarray) -> Packed:
    """Leave out the cells where a mask, shape (n,), is false."""
    if isinstance(column, list):
        return list(itertools.compress(column, mask))
    return column.filter(pa.array(mask))


class Column:
    """The chunks of a column, one after another; numbers go into one array, which grows."""

    def __init__(self) -> None:
        self._parts: list[Packed | np.ndarray] = []
        self._filled = 0  # of the last part, where that is numbers

    def add(self, chunk: Packed) -> None:
        """Add a chunk behind the others."""
        if isinstance(chunk, list) or chunk.type != pa.float64():
            self._close()
            self._parts.append(chunk)
            return
        if not self._parts or not isinstance(self._parts[-1], np.ndarray):
            self._parts.append(np.empty(0))
            self._filled = 0
        numbers, end = self._parts[-1], self._filled + len(chunk)
        if end > len(numbers):  # of a map, what is not written to takes no memory
            numbers = np.frombuffer(mmap.mmap(-1, 2 * end * 8))
            numbers[: self._filled] = self._parts[-1][: self._filled]
            self._parts[-1] = numbers
        numbers[self._filled : end] = chunk.to_numpy(zero_copy_only=False)
        self._filled = end

    def _close(self) -> None:
        if self._parts and isinstance(self._parts[-1], np.ndarray):
            self._parts[-1] = pa.array(self._parts[-1][: self._filled], from_pandas=True)

    def join(self) -> Packed:
        """Give the whole column; it is empty afterwards."""
        self._close()
        chunks, self._parts = self._parts, []
        full = [c for c in chunks if isinstance(c, list) or c.null_count < len(c)]
        if len(chunks) == len(full) == 1:
            return full[0]
        types = {None if isinstance(c, list) else c.type for c in full} or {pa.float64()}
        if len(types) == 1 and None not in types:
            (type_,) = types
            return pa.concat_arrays([c if c in full else pa.nulls(len(c), type_) for c in chunks])
        return [v for c in chunks for v in (c if isinstance(c, list) else c.to_pylist())]
