"""Rows of a table that are not cycles: a row of units, the column names repeated."""

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.columns import WORKBOOK
from auscultation.workbook.cells import Packed, pack
from auscultation.workbook.checks import Finding
from auscultation.workbook.collect import Cells
from auscultation.workbook.column_names import Names, is_other_unit, is_unit
from auscultation.workbook.number_texts import number_of

NUMERIC = tuple(name for name, of in WORKBOOK.items() if of.kind in ("number", "integer"))


def without_units(cells: Cells, names: Names) -> tuple[Cells, list[Finding]]:
    """Return the cells without a row of units right below the column names, and its findings.

    It is one if it holds texts alone, none of them a number, and the units of start and end are
    among them, or nothing but units. A unit that a column must not have is a finding.
    """
    first = [c[0] if isinstance(c, list) else c[0].as_py() for c in cells.columns]
    known = names.places(cells.names)
    texts = [text for text in first if isinstance(text, str)]
    if (
        len(cells.rows) < 2
        or not texts
        or any(cell is not None and not isinstance(cell, str) for cell in first)
    ):
        return cells, []
    named = {name: str(first[at]) for name, at in known.items() if first[at] is not None}
    own = {name for name, text in named.items() if is_unit(text, name)}
    wrong = [name for name, text in named.items() if is_other_unit(text, name)]
    units = own.union(wrong)
    if not any(WORKBOOK[name].unit for name in units):
        return cells, []
    if not {"start", "end"} <= units and not named.keys() <= units:
        return cells, []
    if any(number_of(named[name])[0] is not None for name in named.keys() - units):
        return cells, []
    row = cells.rows[0]
    findings = []
    for name in wrong:
        message = (
            f"column {name!r}: it is in {named[name]!r} and must be in {WORKBOOK[name].unit}: "
            "convert its values and change its unit"
        )
        findings.append(Finding("column", name, message, [], []))
    note = f"row {row} holds units and was left out: {', '.join(dict.fromkeys(texts))}"
    columns = [pack(c[1:]) if isinstance(c, list) else c.slice(1) for c in cells.columns]
    return (
        cells._replace(columns=columns, rows=cells.rows[1:], notes=[*cells.notes, note]),
        findings,
    )


def second_names(cells: Cells, names: Names) -> int | None:
    """Return the row in which two column names are repeated, a known one among them, if there is one."""
    hits: dict[int, int] = {}
    of_known: set[int] = set()
    known = names.columns_of(cells.names)
    for name, title, column in zip(known, cells.names, cells.columns, strict=True):
        if name in NUMERIC:
            again = [at for at, text in _words(column) if names.find(text) in NUMERIC]
        else:
            again = _equal(column, title)
        of_known.update(again if name else ())
        for at in again:
            hits[at] = hits.get(at, 0) + 1
    repeated = [at for at in of_known if hits[at] > 1]
    return int(cells.rows[min(repeated)]) if repeated else None


def _words(column: Packed) -> list[tuple[int, str]]:
    """Return the texts that begin with a letter, each with its position."""
    if isinstance(column, list):
        return [(at, v) for at, v in enumerate(column) if isinstance(v, str) and v[:1].isalpha()]
    if not pa.types.is_string(column.type):
        return []
    words = pc.match_substring_regex(column, r"^\pL")
    return [(at, column[at].as_py()) for at in pc.indices_nonzero(words).to_pylist()]


def _equal(column: Packed, text: str) -> list[int]:
    """Return the positions of the cells that hold a text."""
    if isinstance(column, list):
        return [at for at, value in enumerate(column) if value == text]
    if not pa.types.is_string(column.type):
        return []
    return pc.indices_nonzero(pc.equal(column, pa.scalar(text))).to_pylist()
