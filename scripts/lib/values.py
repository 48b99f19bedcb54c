"""What cells mean: numbers, texts, names, nothing."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lib.cells import Packed, present

MISSING = frozenset(["na", "n/a", "#n/a", "nan", "<na>", "-", "–", "—"])
# what Excel shows for an error; a CSV holds it as text
ERRORS = frozenset(
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! "
    "#CONNECT! #BUSY! #UNKNOWN!".split()
)
NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
ZEROS = re.compile(r"[+-]?0[0-9]")
# 1,234 is 1.234 or 1234, 0,234 and 1,23 are not both
THOUSANDS = {mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}") for mark in ",."}


class Style(NamedTuple):
    """What the texts of a column tell of its decimal mark: has it decimal commas, and points?"""

    comma: bool
    point: bool


def style_of(column: Packed) -> Style:
    """Look for numbers whose decimal mark is beyond doubt."""
    if isinstance(column, list):
        texts = [v for v in column if isinstance(v, str)]
    elif pa.types.is_string(column.type):
        texts = column.drop_null().to_pylist()
    else:
        return Style(False, False)
    return Style(*(any(_decimal(text, mark) for text in texts) for mark in ",."))


def _decimal(text: str, mark: str) -> bool:
    if mark not in text:
        return False
    text = _trimmed(text)
    return bool(NUMBER.fullmatch(text)) and not THOUSANDS[mark].fullmatch(text)


def _trimmed(text: str) -> str:
    """Leave out what people and programs put around a number's digits."""
    return text.replace("\u2212", "-").lstrip("'").strip()


class Parsed(NamedTuple):
    """A column as typed values, and what is odd of it: (check, position, cell) of each."""

    array: pa.Array
    odd: list[tuple[str, int, object]]


def parse(column: Packed, kind: str | None, comma: bool = False) -> Parsed:
    """Give the values of a column.

    Parameters
    ----------
    column
        Its cells.
    kind
        id, text, integer or number; None to find out (integer, number, else text).
    comma
        Whether a comma is its decimal mark.

    Returns
    -------
    Parsed
        int64 for integers, double for numbers, string for texts; an id is an integer if all its
        values are. The checks are error_cell, number, whole and ambiguous; there the value is null.
    """
    odd: list[tuple[str, int, object]] = []
    if not isinstance(column, list) and pa.types.is_string(column.type):
        column = _nothing(column, odd)
        if kind in ("number", "integer", None):
            numbers = _cast(column, comma)
            if numbers is not None and (kind or not _leading_zeros(column)):
                column = numbers
    values = column
    if isinstance(column, list):
        values = []
        for at, value in enumerate(column):
            if isinstance(value, str) and value.upper() in ERRORS:
                odd.append(("error_cell", at, value))
                value = None
            elif isinstance(value, str) and value.lower() in MISSING:
                value = None
            values.append(value)
    return Parsed(_KINDS[kind](values, odd, comma), odd)


def _nothing(column: pa.Array, odd: list) -> pa.Array:
    """Make texts that mean missing, and those of errors, null."""
    short = pc.less_equal(pc.utf8_length(column), max(map(len, ERRORS)))
    words = pc.unique(column.filter(short)).drop_null().to_pylist()
    wrong = [word for word in words if word.upper() in ERRORS]
    if wrong:
        where = pc.is_in(column, pa.array(wrong)).to_numpy(zero_copy_only=False)
        odd += [("error_cell", int(at), column[int(at)].as_py()) for at in np.flatnonzero(where)]
    gone = wrong + [word for word in words if word.lower() in MISSING]
    if not gone:
        return column
    return pc.if_else(pc.is_in(column, pa.array(gone)), pa.scalar(None, column.type), column)


def _cast(column: pa.Array, comma: bool) -> pa.Array | None:
    """Read plain numbers all at once; None where a text needs a closer look."""
    if comma:
        if pc.any(pc.match_substring(column, ".")).as_py():
            return None
        column = pc.replace_substring(column, ",", ".")
    if pc.any(pc.match_substring_regex(column, "^[^0-9.+-]|,")).as_py():
        return None
    try:
        return pc.add(column.cast(pa.float64()), 0.0)
    except pa.ArrowInvalid:
        return None


def _leading_zeros(column: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, "^[+-]?0[0-9]")).as_py())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return _is_number(value) and abs(value) < 2**63 and float(value).is_integer()


def number_of(value: object, comma: bool) -> tuple[float | None, str]:
    """Read a number; give it and "", or None and what is wrong: number or ambiguous."""
    if _is_number(value):
        return float(value), ""
    if not isinstance(value, str):
        return None, "number"
    text = _trimmed(value)
    if INFINITE.fullmatch(text):
        return float(text), ""
    if not NUMBER.fullmatch(text):
        return None, "number"
    other = "." if comma else ","
    if other in text and (not comma or THOUSANDS[other].fullmatch(text)):
        return None, "ambiguous"
    return float(text.replace(",", ".")) + 0.0, ""


def _to_numbers(values: Packed, odd: list, comma: bool) -> pa.Array:
    if isinstance(values, pa.Array) and values.type == pa.float64():
        return values
    numbers: list[float | None] = []
    for at, value in enumerate(values if isinstance(values, list) else values.to_pylist()):
        number, wrong = (None, "") if value is None else number_of(value, comma)
        if wrong:
            odd.append((wrong, at, value))
        numbers.append(number)
    return pa.array(numbers, pa.float64())


def _to_integers(values: Packed, odd: list, comma: bool) -> pa.Array:
    numbers = _to_numbers(values, odd, comma)
    array = numbers.to_numpy(zero_copy_only=False)
    valid = present(numbers)
    with np.errstate(invalid="ignore"):
        whole = valid & (np.abs(array) < 2.0**63) & (np.floor(array) == array)
    for at in np.flatnonzero(valid & ~whole):
        value = values[int(at)]
        odd.append(("whole", int(at), value.as_py() if isinstance(value, pa.Scalar) else value))
    return pa.array(np.where(whole, array, 0).astype(np.int64), mask=~whole)


def _to_texts(values: Packed, odd: list, comma: bool) -> pa.Array:
    if isinstance(values, pa.Array) and pa.types.is_string(values.type):
        return values
    values = values if isinstance(values, list) else values.to_pylist()
    return pa.array([v if v is None else to_text(v) for v in values], pa.string())


def to_text(value: object) -> str:
    """Write a cell's value as a text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()  # one reader knows a day from a midnight, the other does not
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value).strip().encode("utf-8", "replace").decode()


def _to_ids(values: Packed, odd: list, comma: bool) -> pa.Array:
    if isinstance(values, pa.Array) and values.type == pa.float64():
        return _to_integers(values, odd, comma)
    values = values if isinstance(values, list) else values.to_pylist()
    for at, value in enumerate(values):
        if value is not None and not isinstance(value, str) and not _is_whole(value):
            odd.append(("whole", at, value))
    wrong = {at for check, at, _ in odd if check == "whole"}
    texts = [None if v is None or at in wrong else _to_id(v) for at, v in enumerate(values)]
    numbers = {
        text: int(text) if WHOLE.fullmatch(text) else number_of(text, False)[0]
        for text in set(texts) - {None}
    }
    # letters, a leading zero or too many digits in one id make texts of all
    if all(_is_whole(number) and not ZEROS.match(text) for text, number in numbers.items()):
        return pa.array(
            [text if text is None else int(numbers[text]) for text in texts], pa.int64()
        )
    return pa.array(texts, pa.string())


def _to_id(value: object) -> str:
    """Write an id as a text; 101.0, which programs make of 101, is 101."""
    text = to_text(value)
    whole = re.fullmatch(r"\+?(0|[1-9][0-9]*)(\.0*)?", _trimmed(text))
    return whole[1] if whole else text


def _to_any(values: Packed, odd: list, comma: bool) -> pa.Array:
    """Find out what a column of the workbook's own holds; nothing in it is wrong."""
    if not isinstance(values, pa.Array):
        texts = [v for v in values if isinstance(v, str)]
        if any(map(ZEROS.match, texts)):
            return _to_texts(values, odd, comma)
    elif pa.types.is_string(values.type) and values.null_count < len(values):
        return values if _leading_zeros(values) else _any_of(values, comma)
    return _any_of(values, comma)


def _any_of(values: Packed, comma: bool) -> pa.Array:
    wrong: list[tuple[str, int, object]] = []
    numbers = _to_numbers(values, wrong, comma)
    if wrong:
        return _to_texts(values, [], comma)
    if numbers.null_count == len(numbers):
        return numbers
    whole = _to_integers(numbers, wrong, comma)
    return numbers if wrong else whole


_KINDS: dict[str | None, Callable[[Packed, list, bool], pa.Array]] = {
    "number": _to_numbers,
    "integer": _to_integers,
    "text": _to_texts,
    "id": _to_ids,
    None: _to_any,
}
