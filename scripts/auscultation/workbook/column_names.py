"""Names of columns as people write them: other case, spaces, units in brackets or in a row below."""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

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
# What other people call a column: words that are in such a name, as `plain` has it.
CALLED = {
    "patient_ID": ("patient", "subject", "participant", "person"),
    "adq_format": ("recording", "file", "audio"),
    "recording": ("file", "audio"),
    "start": ("onset", "begin"),
    "end": ("offset", "stop", "finish"),
    "state": ("label", "class"),
}
NUMBER = re.compile(r"\s*[-+]?[.,]?[0-9]")  # how a number begins
NEEDED = ("patient_ID",)
LEFT_OUT = ""  # in place of a column's name


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


class Names(NamedTuple):
    """The names of columns that are looked for in a table.

    `known` has the name in WORKBOOK by what tells names apart (`plain`), `mapped` the table's own
    name by that in WORKBOOK, as config key `columns` has it. `needed` are the columns that the table
    must have. `lenient`: whether a table without a mapped name may have the known one.
    """

    known: Mapping[str, str]
    mapped: Mapping[str, str]
    needed: frozenset[str]
    lenient: bool = False

    @classmethod
    def of(
        cls,
        needed: Collection[str] = NEEDED,
        columns: Mapping[str, str] | None = None,
        lenient: bool = False,
    ) -> "Names":
        """Return the names to look for, by config key `columns`."""
        mapped = dict(columns or {})
        own = {plain(text): name for name, text in mapped.items()}
        known = {plain(name): name for name in WORKBOOK} | own
        return cls(known, mapped, frozenset(needed), lenient)

    def find(self, name: object) -> str | None:
        """Return the known column that a name stands for."""
        return self.known.get(plain(name)) or self.known.get(key(name))

    def among(self, cells: Sequence) -> set[str]:
        """Return the columns that the cells of a row name: known ones, others that are needed."""
        texts = [cell for cell in cells if isinstance(cell, str)]
        if not any(map(NUMBER.match, (*self.known, *self.needed))):
            texts = [text for text in texts if not NUMBER.match(text)]
        known = {self.find(text) for text in texts} - {None}
        return {*known, *self.needed.intersection(map(fold, texts))}  # type: ignore[arg-type]

    def header(self, rows: Sequence[Sequence]) -> int | None:
        """Return the position of the row of column names, None where no row can be that.

        It is the first that names the most columns: two or more, or one that is needed.
        """
        named = [self.among(row) for row in rows]
        scores = [(len(columns), len(columns & self.needed)) for columns in named]
        best = max(scores, default=(0, 0))
        return scores.index(best) if best[0] > 1 or best == (1, 1) else None

    def columns_of(self, names: Sequence[str]) -> list[str | None]:
        """Return the known column that each name of a table stands for.

        None is some other column, LEFT_OUT one with a known name in whose place another is mapped.
        What stands in brackets behind a known name does not matter, unless another column has the
        plain one.
        """
        own = {plain(text): name for name, text in self.mapped.items()}
        mapped = [own.get(plain(name)) or own.get(key(name)) for name in names]
        columns = [self.find(name) for name in names]
        for at, column in enumerate(columns):
            if column in self.mapped and not mapped[at]:
                instead = column in mapped or not self.lenient
                columns[at] = LEFT_OUT if instead else column
        exact = {c for c, name in zip(columns, names, strict=True) if plain(name) in self.known}
        return [
            None if column in exact and column and plain(name) not in self.known else column
            for column, name in zip(columns, names, strict=True)
        ]

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Return the position of each known column that a table has."""
        columns = self.columns_of(names)
        return {column: columns.index(column) for column in columns if column}


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
    names = near_names(name, others)
    return f"nearest: {', '.join(map(repr, names))}" if names else "no name is near"


def near_names(name: str, others: Collection[str], most: int = 3) -> list[str]:
    """Return the names of columns that are near one, those first that people use in its place."""
    by_plain: dict[str, list[str]] = {}
    for other in others:
        by_plain.setdefault(plain(other), []).append(other)
    near = [word for word in by_plain if any(of in word for of in CALLED.get(name, ()))]
    near += difflib.get_close_matches(plain(name), list(by_plain), n=most)
    return [other for word in dict.fromkeys(near) for other in by_plain[word]][:most]
