"""The typed and checked table of respiratory cycles that the cells of a workbook make."""

from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
import pyarrow as pa

from auscultation.data.columns import KEYS, WORKBOOK
from auscultation.workbook.cells import Odd
from auscultation.workbook.checks import (
    KEPT,
    MESSAGES,
    Finding,
    check_relations,
    check_values,
)
from auscultation.workbook.collect import Cells, letters_of
from auscultation.workbook.column_names import KNOWN, bare, is_other_unit, is_unit, nearest, plain
from auscultation.workbook.extra_rows import NUMERIC
from auscultation.workbook.ids import describe_joined
from auscultation.workbook.number_texts import Form, Style, joint_style, style_of
from auscultation.workbook.parse import Parsed, parse

OPTIONAL = tuple(name for name in WORKBOOK if name != "patient_ID")
NEEDED = ("patient_ID",)
USED = "a feature of a model, the target or a split needs"


def name_columns(
    cells: Cells, needed: Collection[str] = NEEDED
) -> tuple[dict[str, int], list[Finding]]:
    """Return the position of each column by the name it has from here on, known ones first.

    Case, space and underscore do not matter, nor does what stands in brackets behind a known name
    that no other column has. A second column of a known name is a finding, as is one in another
    unit, and a needed column that is not there; what else cannot be kept is noted.
    """
    places: dict[str, int] = {}
    others: dict[str, int] = {}
    repeated: dict[str, str] = {}
    findings = []
    exact = {KNOWN[plain(name)] for name in cells.names if plain(name) in KNOWN}
    for position, name in enumerate(cells.names):
        short, unit = bare(name)
        column = KNOWN.get(plain(name)) or KNOWN.get(plain(short))
        if unit is not None and column in exact and plain(name) not in KNOWN:
            column = None
        place = f"column {letters_of(cells.numbers[position])}"
        if column in places:
            repeated.setdefault(column, place)
        elif column:
            places[column] = position
            if unit is not None and is_other_unit(unit, column):
                message = (
                    f"{place}, {name!r}, must be in {WORKBOOK[column].unit}: convert its values "
                    "and change its name"
                )
                findings.append(Finding("column", column, message, [], []))
            elif unit is not None and not is_unit(unit, column):
                cells.notes.append(f"{place}, {name!r}, is taken as {column!r}")
        elif name in KEYS:
            cells.notes.append(f"{place}, {name!r}, was left out: the workflow makes its own")
        elif name in others:
            cells.notes.append(f"{place} was left out: another column is named {name!r} too")
        else:
            others[name] = position
    findings += _repeated_names(repeated)
    for name in (name for name in WORKBOOK if name in needed and name not in places):
        why = f", which {USED}" if name in OPTIONAL else ""
        message = f"missing column {name!r}{why} ({nearest(name, others)})"
        findings.append(Finding("column", name, message, [], []))
    return {name: places[name] for name in WORKBOOK if name in places} | others, findings


def _repeated_names(repeated: Mapping[str, str]) -> list[Finding]:
    """Return a finding for the first known name that a second column has, by name and place."""
    if not repeated:
        return []
    name, place = next(iter(repeated.items()))
    message = f"more than one column is named {name!r}: here {place}"
    if len(repeated) > 1:
        message = f"the column names are repeated from {place} on: keep one table"
    return [Finding("column", name, message, [], [])]


def to_table(cells: Cells, needed: Collection[str] = NEEDED) -> tuple[pa.Table, list[Finding]]:
    """Return the typed table of a sheet's cells, and what its checks find.

    Parameters
    ----------
    cells
        Of the sheet; its columns are emptied.
    needed
        Columns that must be there.

    Returns
    -------
    table
        One row per cycle; a cell that is not what its column holds is null.
    findings
        Of every check that some cell fails.
    """
    places, findings = name_columns(cells, needed)
    forms = forms_of(cells, places)
    errors: dict[int, list[tuple[int, str]]] = {}
    for (row, number), error in sorted(cells.errors.items()):
        errors.setdefault(number, []).append((row, error))
    arrays = {}
    for name, position in places.items():
        kind = WORKBOOK[name].kind if name in WORKBOOK else None
        parsed = parse(cells.columns[position], kind, forms[name])
        cells.columns[position] = []  # a large sheet is not held twice
        arrays[name] = parsed.array
        if parsed.joined:
            cells.notes.append(describe_joined(name, parsed.joined))
        odd = _with_errors(parsed, errors.get(cells.numbers[position], []), cells.rows)
        findings += _odd_cells(name, odd)
        if kind:
            findings += _check_values(name, parsed.array, odd, name in needed)
    findings += check_relations({n: a for n, a in arrays.items() if n in WORKBOOK})
    return pa.table(arrays), findings


def _with_errors(parsed: Parsed, errors: list[tuple[int, str]], rows: np.ndarray) -> list[Odd]:
    """Return what is odd of a column, last the error cells, also those that were read as blank.

    Parameters
    ----------
    parsed
        The column.
    errors
        Row in the file and name of each error cell of the column.
    rows
        Row in the file of each cell, shape (n,), ascending.
    """
    names = {odd.position: odd.value for odd in parsed.odd if odd.check == "error_cell"}
    for row, error in errors:
        at = int(np.searchsorted(rows, row))
        inside = at < len(rows) and rows[at] == row
        if inside and error != "#N/A" and not parsed.array[at].is_valid:
            names.setdefault(at, error)
    others = [odd for odd in parsed.odd if odd.check != "error_cell"]
    return others + [Odd("error_cell", at, names[at]) for at in sorted(names)]


def _odd_cells(name: str, odd: list[Odd]) -> Iterator[Finding]:
    for check in dict.fromkeys(cell.check for cell in odd):
        cells = [cell for cell in odd if cell.check == check]
        positions, values = [c.position for c in cells], [c.value for c in cells]
        yield Finding(check.split(":")[0], name, MESSAGES[check], positions, values)


def _check_values(name: str, array: pa.Array, odd: list[Odd], needed: bool) -> Iterator[Finding]:
    """Yield what the checks of a known column find; a cell that could not be read is not missing."""
    errors = {cell.position: cell.value for cell in odd if cell.check == "error_cell"}
    unread = {cell.position for cell in odd if cell.check not in KEPT}
    for finding in check_values(name, array):
        if finding.check == "missing":
            positions = [at for at in finding.positions if needed and at not in unread]
            finding = finding._replace(
                positions=positions, values=[errors.get(p) for p in positions]
            )
        if finding.positions:
            yield finding


def forms_of(cells: Cells, places: Mapping[str, int]) -> dict[str, Form]:
    """Return how the numbers of each column are written, by its own and by the other columns."""
    numeric = [name for name in places if name in NUMERIC]
    styles = {name: style_of(cells.columns[places[name]]) for name in numeric}
    whole = joint_style(styles.values())
    commas = whole.comma and not whole.point
    forms = {}
    for name in places:
        style = styles.get(name, Style())
        forms[name] = Form(
            comma=commas or style.comma,
            grouped="".join({*whole.groups(), *style.groups()}),
            truth=name in WORKBOOK and WORKBOOK[name].kind == "integer",
            seconds=name in WORKBOOK and WORKBOOK[name].unit == "s",
        )
    return forms


def address_of(cells: Cells) -> Callable[[str, int], str]:
    """Return the function from column and position to the cell's address, such as H102."""
    places, _ = name_columns(cells._replace(notes=[]))

    def address(column: str, position: int) -> str:
        row = cells.rows[position]
        return f"{letters_of(cells.numbers[places[column]])}{row}" if cells.header else f"row {row}"

    return address
