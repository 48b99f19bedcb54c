"""Names of patients, recordings and the like: which texts are one, and which must never become one."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from auscultation.data.text import fold
from auscultation.workbook.cells import Packed, Parsed, distinct, odd_of, shown, spread, to_text

PLAIN = re.compile(r"(0|[1-9][0-9]*)(\.0)?")  # 12.0 is what programs make of 12
LARGEST = 2**63 - 1  # of int64
LONG = 10**15  # Excel keeps 15 digits of a number, and makes zeros of the others
MONTH = (
    "(?:jan|feb|fév|mar|mär|mrz|apr|avr|abr|may|mai|mag|jun|jui|giu|jul|lug|aug|aoû|ago|sep|set|okt"
    "|oct|ott|nov|dec|dez|déc|dic|ene|gen)[a-zäéû]{0,6}\\.?"
)
# What a CSV holds where Excel has made a date of an id: 1-Mar, Mar-01, 01.03.2017, 2017-03-01.
DATE = re.compile(
    rf"[0-9]{{1,2}}[-./ ]{{1,2}}{MONTH}(?:[-./ ][0-9]{{2,4}})?|{MONTH}[-./ ][0-9]{{1,4}}"
    r"|[0-9]{1,2}([./])[0-9]{1,2}\1[0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?",
    re.IGNORECASE,
)


def parse_ids(column: Packed) -> Parsed:
    """Return the ids of a column: int64 if every one is a plain whole number, else texts.

    No two texts become one but those that look the same, and 12 and 12.0. Checks: `whole` (a
    fraction, there the id is null), `id:date`, `id:long`.
    """
    if not isinstance(column, list) and pa.types.is_integer(column.type):
        if column.type == pa.int64():
            return Parsed(column, [], {})
        column = column.cast(pa.string())
    if not isinstance(column, list) and column.type == pa.float64() and _small(column):
        return Parsed(column.cast(pa.int64()), [], {})
    return _parse(column, _id_of, whole=True)


def parse_keys(column: Packed) -> Parsed:
    """Return the texts of a column, each as all that look the same. Check: `id:date`."""
    return _parse(column, _key_of, whole=False)


def _small(column: pa.Array) -> bool:
    """Return whether floats are all whole numbers that have kept their digits."""
    numbers = column.drop_null().to_numpy(zero_copy_only=False)
    return bool(np.all((numbers >= 0) & (numbers < LONG) & (np.floor(numbers) == numbers)))


def _parse(column: Packed, key_of: Callable, whole: bool) -> Parsed:
    values, codes = distinct(column)
    keys: list[str | None] = []
    checks: list[str] = []
    joined: dict[str, list[str]] = {}
    for value in values:
        key, check = key_of(value)
        keys.append(key)
        checks.append(check)
        if key is not None:
            spelling = to_text(value)
            spellings = joined.setdefault(key, [])
            if spelling not in spellings:
                spellings.append(spelling)
    array = pa.array(keys, pa.string())
    if whole and all(key is None or PLAIN.fullmatch(key) and int(key) <= LARGEST for key in keys):
        array = pa.array([key if key is None else int(key) for key in keys], pa.int64())
    odd = odd_of(checks, values, codes)
    return Parsed(spread(array, codes), odd, {k: v for k, v in joined.items() if len(v) > 1})


def _key_of(value: object) -> tuple[str, str]:
    text = fold(to_text(value))
    dated = isinstance(value, date | time | timedelta) or DATE.fullmatch(text)
    return text, "id:date" if dated else ""


def _id_of(value: object) -> tuple[str | None, str]:
    """Return the id that a cell is, and the check that it fails."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if value % 1 != 0:  # nan of inf
            return None, "whole"
        long = isinstance(value, float) and abs(value) >= LONG
        return to_text(value if isinstance(value, float) else int(value)), "id:long" if long else ""
    text, check = _key_of(value)
    match = PLAIN.fullmatch(text)
    return match[1] if match else text, check


def describe_joined(name: str, joined: dict[str, list[str]], most: int = 5) -> str:
    """Return a note on the spellings of a column that were taken for one key."""
    groups = [
        f"{' and '.join(map(shown, spellings))} are {shown(key)}"
        for key, spellings in list(joined.items())[:most]
    ]
    more = f" and {len(joined) - most:,} more" if len(joined) > most else ""
    return f"column {name!r}: texts that look the same are one value: {'; '.join(groups)}{more}"
