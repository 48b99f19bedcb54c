"""Names of columns as people write them: other case, spaces, units in brackets or in a row below."""

import difflib
import re
from collections.abc import Collection, Sequence

from auscultation.data.columns import WORKBOOK
from auscultation.data.text import fold
from auscultation.workbook.cells import to_text

BRACKETED = re.compile(r"(.*\S)\s*(?:\(([^()]*)\)|\[([^][]*)\]|\{([^{}]*)\})", re.DOTALL)
# How people write the unit that a column is in, by the unit in `auscultation.data.columns`, and
# others of its kind.
_UNITS = {
    "s": "s sec secs second seconds sek sekunde sekunden seconde secondes segundos",
    "a": "a y yr yrs year years jahr jahre ans anos años anni",
    "kg": "kg kgs kilogram kilograms kilogramm",
    "cm": "cm cms centimeter centimeters centimetre centimetres zentimeter",
    "kg/m2": "kg/m2 kg/m^2 kg/m² kg/m**2 kg·m-2 kg*m-2 kgm-2",
}
_OTHER_UNITS = {
    "s": "ms msec millisecond milliseconds us µs μs ns min mins minute minutes h hour hours hh:mm "
    "sample samples frame frames",
    "a": "m mo mos month months monate mois meses w week weeks d day days h hours",
    "kg": "g gram grams mg lb lbs pound pounds oz st stone",
    "cm": "m meter meters metre metres mm in inch inches ft feet",
    "kg/m2": "lb/in2 lb/in^2 lb/in²",
}
UNITS = {unit: frozenset(words.split()) for unit, words in _UNITS.items()}
OTHER_UNITS = {unit: frozenset(words.split()) for unit, words in _OTHER_UNITS.items()}
# What stands in a row of units over a column that has none.
_NONE = (
    "- – — 1 # % none unitless n/a na a.u au arb 0/1 0-1 0,1 0..3 0-3 f/m m/f id text string "
    "v v2 v^2 v² mv pa pa2 pa^2 pa² db hz"
)
NONE = frozenset(_NONE.split())


def name_of(cell: object) -> str:
    """Return the name that a cell over a column holds; nothing where it is blank."""
    return "" if cell is None else fold(to_text(cell))


def plain(name: object) -> str:
    """Return what tells names of columns apart: case, space and underscore do not matter."""
    return "".join(fold(str(name)).split()).replace("_", "").lower()


def bare(name: object) -> tuple[str, str | None]:
    """Return a name without what stands in brackets at its end, and that (None where nothing does)."""
    match = BRACKETED.fullmatch(fold(str(name)))
    if not match:
        return fold(str(name)), None
    return match[1], next(text for text in match.groups()[1:] if text is not None)


def key(name: object) -> str:
    """Return what tells names of known columns apart: as `plain`, and brackets do not matter."""
    return plain(bare(name)[0])


KNOWN = {plain(name): name for name in WORKBOOK}


def known_names(cells: Sequence) -> int:
    """Return how many cells of a row are names of known columns."""
    return len({key(cell) for cell in cells if isinstance(cell, str)} & KNOWN.keys())


def _unit(text: str) -> str:
    words = fold(text).lower()
    match = re.fullmatch(r"[(\[{](.*)[)\]}]", words)
    return (match[1] if match else words).strip().removeprefix("in ").strip(" .")


def is_unit(text: str, name: str) -> bool:
    """Return whether a text is the unit of a known column, or any where that has none."""
    of = WORKBOOK[name].unit
    return _unit(text) in (UNITS[of] if of else NONE)


def is_other_unit(text: str, name: str) -> bool:
    """Return whether a text is a unit of its kind that a known column is not in."""
    return _unit(text) in OTHER_UNITS.get(WORKBOOK[name].unit, ())


def nearest(name: str, others: Collection[str]) -> str:
    """Return the names of columns that are near one that is missing, for a message."""
    near = difflib.get_close_matches(plain(name), list(map(plain, others)), n=3)
    names = dict.fromkeys(other for word in near for other in others if plain(other) == word)
    return f"nearest: {', '.join(map(repr, names))}" if names else "no name is near"
