"""What cells mean: numbers, texts, names, nothing."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.text import fold
from auscultation.workbook.cells import Odd, Packed, Parsed, distinct, present, spread, to_text
from auscultation.workbook.ids import parse_ids, parse_keys
from auscultation.workbook.number_texts import PLAIN, Form, to_numbers

MISSING = frozenset(["", "na", "n/a", "#n/a", "nan", "<na>", "-", "–", "—"])
# what Excel shows for an error; a CSV holds it as text
_ERRORS = (
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! "
    "#CONNECT! #BUSY! #UNKNOWN!"
)
ERRORS = frozenset(_ERRORS.split())
LONGEST = 24  # characters of such a word, and of what cannot be seen around it
MANY = "^[+-]?[0-9]{16,}$"  # digits, more than a float keeps


def parse(column: Packed, kind: str | None, form: Form = PLAIN) -> Parsed:
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
    odd: list[Odd] = []
    column = _without_words(column, odd)
    if kind in ("id", "text"):
        keys = (parse_ids if kind == "id" else parse_keys)(column)
        return Parsed(keys.array, odd + keys.odd, keys.joined)
    if kind is None:
        return Parsed(_to_any(column, form), odd, {})
    numbers = to_numbers(column, odd, form)
    return Parsed(_to_integers(numbers, odd) if kind == "integer" else numbers, odd, {})


def _without_words(column: Packed, odd: list[Odd]) -> Packed:
    """Return a column in which texts that mean missing, and those of errors, are null."""
    if isinstance(column, list):
        values = []
        for at, value in enumerate(column):
            if isinstance(value, str) and len(value) <= LONGEST:
                word = fold(value)
                if word.upper() in ERRORS:
                    odd.append(Odd("error_cell", at, value))
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
        odd += [Odd("error_cell", int(at), column[int(at)].as_py()) for at in np.flatnonzero(where)]
    gone = wrong + [word for word, text in words.items() if text.lower() in MISSING]
    if not gone:
        return column
    return pc.if_else(pc.is_in(column, pa.array(gone)), pa.scalar(None, column.type), column)


def _whole(array: np.ndarray) -> np.ndarray:
    """Return which numbers are whole ones that 64 bits hold, shape (n,)."""
    with np.errstate(invalid="ignore"):
        return (np.abs(array) < 2.0**63) & (np.floor(array) == array)


def _to_integers(numbers: pa.Array, odd: list[Odd]) -> pa.Array:
    array = numbers.to_numpy(zero_copy_only=False)
    valid = present(numbers)
    whole = valid & _whole(array)
    odd += [Odd("whole", int(at), float(array[at])) for at in np.flatnonzero(valid & ~whole)]
    return pa.array(np.where(whole, array, 0).astype(np.int64), mask=~whole)


def _to_any(column: Packed, form: Form) -> pa.Array:
    """Return a column that the workflow does not know, of the type that its cells have.

    Texts become numbers only where no two of them become one, and none loses a digit.
    """
    if not isinstance(column, list) and pa.types.is_integer(column.type):
        return column if column.type == pa.int64() else _texts(column)
    wrong: list[Odd] = []
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
    if not _whole(numbers.drop_null().to_numpy()).all():
        return numbers
    return _to_integers(numbers, wrong)


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
