"""Columns of a Parquet file as the cells of a workbook: each of Arrow's types as one of a few."""

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.workbook.cells import Packed, pack_numbers

ZEROS = r"(\.[0-9]*?)0+$"  # behind a second
# What holds a text, by some writers without saying that it is one.
TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)


def unpack(column: pa.ChunkedArray | pa.Array) -> Packed | None:
    """Return a column's cells, packed; None where a cell is no single value, such as a list.

    Whole numbers and decimals keep their digits, durations what they are finer than a microsecond.
    Dates and times of day become texts, as in 2017-03-01T12:30:00.5.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    kind = column.type
    if isinstance(kind, pa.UuidType):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    if isinstance(column, pa.ExtensionArray):
        return unpack(column.storage)
    if pa.types.is_dictionary(kind):
        return unpack(column.dictionary_decode())
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.float64())
    if pa.types.is_floating(kind):
        return pack_numbers(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
    if pa.types.is_integer(kind):
        fits = kind != pa.uint64() or (pc.max(column).as_py() or 0) < 2**63
        return column.cast(pa.int64()) if fits else column
    if pa.types.is_boolean(kind):
        return column.to_pylist()
    if pa.types.is_decimal(kind) or pa.types.is_duration(kind):
        return column
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        return _clock(column)
    if any(is_kind(kind) for is_kind in TEXTS):
        try:
            return _text(column.cast(pa.string()))
        except pa.ArrowInvalid:  # bytes that are no text
            return None
    return None


def _text(column: pa.Array) -> pa.Array:
    """Return texts without white space around them, null where nothing is left."""
    texts = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _clock(column: pa.Array) -> pa.Array:
    """Return dates, moments and times of day as ISO 8601 texts, without trailing zeros."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.cast(pa.timestamp(column.type.unit))
    texts = column.cast(pa.string())
    for pattern, instead in ((ZEROS, r"\1"), (r"\.$", ""), (" 00:00:00$", ""), (" ", "T")):
        texts = pc.replace_substring_regex(texts, pattern, instead)
    return texts
