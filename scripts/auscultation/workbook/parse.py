"""What cells mean: numbers, texts, names, nothing."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.text import fold
from auscultation.workbook.cells import Packed, distinct, present, spread, to_text
from auscultation.workbook.ids import parse_ids, parse_keys
from auscultation.workbook.times import seconds_of

MISSING = frozenset(["", "na", "n/a", "#n/a", "nan", "<na>", "-", "–", "—"])
# what Excel shows for an error; a CSV holds it as text
ERRORS = frozenset(
    [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#BUSY!",
        "#UNKNOWN!",
    ]
)
LONGEST = 24  # characters of such a word, and of what cannot be seen around it
NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
MANY = "^[+-]?[0-9]{16,}$"  # digits, more than a float keeps
TRUTH = {"true": 1.0, "false": 0.0}
# 1,234 is 1.234 or 1234, 0,234 and 1,23 are not both
THOUSANDS = {mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}") for mark in ",."}
# 1 714,19 and 1'714.19; what groups the digits is no decimal mark
SPACED = re.compile(r"[+-]?[1-9][0-9]{0,2}([ '’])[0-9]{3}(?:\1[0-9]{3})*(?:([.,])[0-9]*)?")
# By decimal mark, numbers in which the other one groups the thousands: 1.714,19 and 1.714.000.
GROUPED = {
    mark: re.compile(
        rf"[+-]?[1-9][0-9]{{0,2}}(?:(?:\{other}[0-9]{{3}})+\{mark}[0-9]*|(?:\{other}[0-9]{{3}}){{2,}})"
    )
    for mark, other in (",.", ".,")
}


class Style(NamedTuple):
    """How numbers are written in texts: has one a decimal comma, a point beyond doubt?

    `grouped` are the marks that group thousands in some number beyond doubt.
    """

    comma: bool = False
    point: bool = False
    grouped: str = ""

    def groups(self) -> str:
        """Return the marks that group thousands, and are the decimal mark of no number."""
        return "".join(m for m in self.grouped if not {",": self.comma, ".": self.point}[m])


def style_of(column: Packed) -> Style:
    """Look for numbers whose decimal mark is beyond doubt."""
    if isinstance(column, list):
        texts = [v for v in column if isinstance(v, str)]
        return joint_style(map(_style, texts))
    if not pa.types.is_string(column.type):
        return Style()
    # of plain numbers there can be as many as rows, and the first few tell
    odd = pc.match_substring_regex(column, r"[^0-9.eE+-]|\..*\.")
    style = joint_style(map(_style, pc.unique(column.filter(odd)).drop_null().to_pylist()))
    plain = column.filter(pc.and_(pc.invert(odd), pc.match_substring(column, "."))).to_pylist()
    return style._replace(point=style.point or any(_style(text).point for text in plain))


def joint_style(styles: Iterable[Style]) -> Style:
    """Return the style of several columns or numbers."""
    comma = point = False
    grouped: set[str] = set()
    for one in styles:
        comma, point = comma or one.comma, point or one.point
        grouped.update(one.grouped)
    return Style(comma, point, "".join(sorted(grouped)))


def _style(text: str) -> Style:
    digits, mark, group = _ungrouped(_trimmed(text))
    if not mark and NUMBER.fullmatch(digits):
        mark = next((m for m in ",." if m in digits and not THOUSANDS[m].fullmatch(digits)), "")
    return Style(mark == ",", mark == ".", group)


def _ungrouped(text: str) -> tuple[str, str, str]:
    """Take out what groups a number's digits beyond doubt.

    Give its digits, its decimal mark and the mark that groups, these two "" where nothing is told.
    """
    spaced = SPACED.fullmatch(text)
    if spaced:
        return text.replace(spaced[1], ""), spaced[2] or "", ""
    for mark, pattern in GROUPED.items():
        if pattern.fullmatch(text):
            group = "." if mark == "," else ","
            return text.replace(group, ""), mark if mark in text else "", group
    return text, "", ""


def _trimmed(text: str) -> str:
    """Leave out what people and programs put around a number's digits."""
    return fold(text).replace("\u2212", "-").lstrip("'").strip()


class Parsed(NamedTuple):
    """A column as typed values, and what is odd of it: (check, position, cell) of each.

    `joined` has, by key, the texts that are taken for it.
    """

    array: pa.Array
    odd: list[tuple[str, int, object]]
    joined: dict[str, list[str]]


class Form(NamedTuple):
    """How the numbers of a column are read.

    comma: whether a comma is its decimal mark. grouped: marks that group thousands. truth: whether
    TRUE and FALSE are 1 and 0. seconds: whether times are seconds.
    """

    comma: bool = False
    grouped: str = ""
    truth: bool = False
    seconds: bool = False


def parse(column: Packed, kind: str | None, form: Form = Form()) -> Parsed:
    """Return the values of a column.

    Parameters
    ----------
    column
        Its cells.
    kind
        id, text, integer or number; None to find out (integer, number, else text).
    form
        How its numbers are read.

    Returns
    -------
    Parsed
        int64 for integers, double for numbers, string for texts; an id is an integer if all its
        values are. The checks are error_cell, number, whole, ambiguous, id:date and id:long; at the
        first four the value is null.
    """
    odd: list[tuple[str, int, object]] = []
    column = _without_words(column, odd)
    if kind in ("id", "text"):
        keys = (parse_ids if kind == "id" else parse_keys)(column)
        return Parsed(keys.array, odd + keys.odd, keys.joined)
    if kind is None:
        return Parsed(_to_any(column, form), odd, {})
    numbers = to_numbers(column, odd, form)
    return Parsed(_to_integers(numbers, odd) if kind == "integer" else numbers, odd, {})


def _without_words(column: Packed, odd: list) -> Packed:
    """Make texts that mean missing, and those of errors, null."""
    if isinstance(column, list):
        values = []
        for at, value in enumerate(column):
            if isinstance(value, str) and len(value) <= LONGEST:
                word = fold(value)
                if word.upper() in ERRORS:
                    odd.append(("error_cell", at, value))
                    value = None
                elif word.lower() in MISSING:
                    value = None
            values.append(value)
        return values
    if not pa.types.is_string(column.type):
        return column
    # most texts of a large table are numbers
    looked = pc.and_(
        pc.less_equal(pc.utf8_length(column), LONGEST),
        pc.invert(pc.match_substring_regex(column, "^[+-]?[.,]?[0-9]")),
    )
    words = {word: fold(word) for word in pc.unique(column.filter(looked)).drop_null().to_pylist()}
    wrong = [word for word, text in words.items() if text.upper() in ERRORS]
    if wrong:
        where = pc.is_in(column, pa.array(wrong)).to_numpy(zero_copy_only=False)
        odd += [("error_cell", int(at), column[int(at)].as_py()) for at in np.flatnonzero(where)]
    gone = wrong + [word for word, text in words.items() if text.lower() in MISSING]
    if not gone:
        return column
    return pc.if_else(pc.is_in(column, pa.array(gone)), pa.scalar(None, column.type), column)


def _cast(column: pa.Array, form: Form) -> pa.Array | None:
    """Read plain numbers all at once; None where a text needs a closer look."""
    if form.comma:
        if pc.any(pc.match_substring(column, ".")).as_py():
            return None
        column = pc.replace_substring(column, ",", ".")
    if form.grouped or pc.any(pc.match_substring_regex(column, "^[^0-9.+-]|,")).as_py():
        return None
    try:
        return pc.add(column.cast(pa.float64()), 0.0)
    except pa.ArrowInvalid:
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_of(value: object, form: Form = Form()) -> tuple[float | None, str]:
    """Read a number; give it and "", or None and what is wrong: number or ambiguous."""
    if _is_number(value):
        return float(value), ""
    if form.truth and isinstance(value, bool):
        return float(value), ""
    seconds = seconds_of(value) if form.seconds else None
    if seconds is not None:
        return seconds, ""
    if not isinstance(value, str):
        return None, "number"
    text = _trimmed(value)
    if form.truth and text.lower() in TRUTH:
        return TRUTH[text.lower()], ""
    if INFINITE.fullmatch(text):
        return float(text), ""
    digits, mark, group = _ungrouped(text)
    if mark or group or digits != text:
        return float(digits.replace(",", ".")), ""
    if not NUMBER.fullmatch(text):
        seconds = seconds_of(text) if form.seconds else None
        return (None, "number") if seconds is None else (seconds, "")
    group = next((m for m in form.grouped if THOUSANDS[m].fullmatch(text)), "")
    if group:
        return float(text.replace(group, "")), ""
    other = "." if form.comma else ","
    if other in text and (not form.comma or THOUSANDS[other].fullmatch(text)):
        return None, "ambiguous"
    return float(text.replace(",", ".")) + 0.0, ""


def to_numbers(column: Packed, odd: list, form: Form = Form()) -> pa.Array:
    """Return a column's numbers, null where there is none, which `odd` gets."""
    if not isinstance(column, list):
        kind = column.type
        if kind == pa.float64():
            return column
        if pa.types.is_integer(kind):
            return column.cast(pa.float64(), safe=False)
        if pa.types.is_decimal(kind):  # by way of texts, which are rounded but once
            return column.cast(pa.string()).cast(pa.float64())
        if pa.types.is_duration(kind) and form.seconds:
            per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            return pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), per_second)
        cast = _cast(column, form) if pa.types.is_string(kind) else None
        if cast is not None:
            return cast
    values, codes = distinct(column)
    read = [number_of(value, form) for value in values]
    wrong = {code: check for code, (_, check) in enumerate(read) if check}
    if wrong:
        for at in np.flatnonzero(np.isin(codes, list(wrong))).tolist():
            odd.append((wrong[codes[at]], at, values[codes[at]]))
    return spread(pa.array([number for number, _ in read], pa.float64()), codes)


def _to_integers(numbers: pa.Array, odd: list) -> pa.Array:
    array = numbers.to_numpy(zero_copy_only=False)
    valid = present(numbers)
    with np.errstate(invalid="ignore"):
        whole = valid & (np.abs(array) < 2.0**63) & (np.floor(array) == array)
    odd += [("whole", int(at), float(array[at])) for at in np.flatnonzero(valid & ~whole)]
    return pa.array(np.where(whole, array, 0).astype(np.int64), mask=~whole)


def _to_any(column: Packed, form: Form) -> pa.Array:
    """Find out what a column of the workbook's own holds; nothing in it is wrong.

    Texts become numbers only where no two of them become one, and none loses a digit.
    """
    if not isinstance(column, list) and pa.types.is_integer(column.type):
        return column if column.type == pa.int64() else _texts(column)
    wrong: list[tuple[str, int, object]] = []
    numbers = to_numbers(column, wrong, form)
    if wrong:
        return _texts(column)
    if numbers.null_count == len(numbers):
        return numbers
    if isinstance(column, list) or column.type != pa.float64():
        texts = _texts(column)
        if pc.any(pc.match_substring_regex(texts, "^[+-]?0[0-9]")).as_py():
            return texts
        joins = pc.count_distinct(numbers).as_py() < pc.count_distinct(texts).as_py()
        if joins or pc.any(pc.match_substring_regex(texts, MANY)).as_py():
            return _long(texts)
    whole = _to_integers(numbers, wrong)
    return numbers if wrong else whole


def _long(texts: pa.Array) -> pa.Array:
    """Return integers where texts are plain ones of up to 64 bits; else the texts."""
    if not pc.all(pc.match_substring_regex(texts, "^(0|-?[1-9][0-9]*)$")).as_py():
        return texts
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts


def _texts(column: Packed) -> pa.Array:
    if not isinstance(column, list) and pa.types.is_string(column.type):
        return column
    values, codes = distinct(column)
    return spread(pa.array([to_text(value) for value in values], pa.string()), codes)
