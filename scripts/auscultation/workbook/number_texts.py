"""Numbers as people and programs write them: decimal marks, groups of thousands, times."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.text import fold
from auscultation.workbook.cells import Odd, Packed, distinct, odd_of, spread
from auscultation.workbook.times import seconds_of

NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
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
    """Return the style of the numbers whose decimal mark is beyond doubt."""
    if isinstance(column, list):
        return joint_style(_style(v) for v in column if isinstance(v, str))
    if not pa.types.is_string(column.type):
        return Style()
    # of plain numbers there can be as many as rows, and the first few tell
    odd = pc.match_substring_regex(column, r"[^0-9.eE+-]|\..*\.")
    style = joint_style(map(_style, pc.unique(column.filter(odd)).drop_null().to_pylist()))
    plain = column.filter(pc.and_(pc.invert(odd), pc.match_substring(column, "."))).to_pylist()
    return style._replace(point=style.point or any(_style(text).point for text in plain))


def joint_style(styles: Iterable[Style]) -> Style:
    """Return the style of several columns or numbers."""
    commas, points, grouped = zip(*{Style(), *styles}, strict=True)
    return Style(any(commas), any(points), "".join(sorted(set("".join(grouped)))))


def _style(text: str) -> Style:
    digits, mark, group = _ungrouped(_trimmed(text))
    if not mark and NUMBER.fullmatch(digits):
        mark = next((m for m in ",." if m in digits and not THOUSANDS[m].fullmatch(digits)), "")
    return Style(mark == ",", mark == ".", group)


def _ungrouped(text: str) -> tuple[str, str, str]:
    """Return a number's digits without marks that group them, its decimal mark, the grouping mark.

    The two marks are "" where they are in doubt.
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
    """Return a text without what people and programs put around a number's digits."""
    return fold(text).replace("\u2212", "-").lstrip("'").strip()


class Form(NamedTuple):
    """How the numbers of a column are read.

    comma: whether a comma is its decimal mark. grouped: marks that group thousands. truth: whether
    TRUE and FALSE are 1 and 0. seconds: whether times are seconds.
    """

    comma: bool = False
    grouped: str = ""
    truth: bool = False
    seconds: bool = False


PLAIN = Form()


def _cast(column: pa.Array, form: Form) -> pa.Array | None:
    """Return plain numbers, read all at once; None where a text needs a closer look."""
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


def number_of(value: object, form: Form = PLAIN) -> tuple[float | None, str]:
    """Return a number and "", or None and the check that fails: number or ambiguous."""
    if isinstance(value, int | float) and (form.truth or not isinstance(value, bool)):
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


def to_numbers(column: Packed, odd: list[Odd], form: Form = PLAIN) -> pa.Array:
    """Return a column's numbers; a cell that is none is null and goes to `odd`."""
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
    odd += odd_of([check for _, check in read], values, codes)
    return spread(pa.array([number for number, _ in read], pa.float64()), codes)
