"""The typed and checked table of respiratory cycles that the cells of a workbook make."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.columns import KEYS, WORKBOOK
from auscultation.workbook.cells import Odd, Parsed
from auscultation.workbook.checks import (
    KEPT,
    MESSAGES,
    Finding,
    check_relations,
    check_values,
)
from auscultation.workbook.collect import Cells, letters_of
from auscultation.workbook.column_names import (
    LEFT_OUT,
    NEEDED,
    Names,
    bare,
    is_other_unit,
    is_unit,
    near_names,
    nearest,
)
from auscultation.workbook.extra_rows import NUMERIC
from auscultation.workbook.ids import describe_joined
from auscultation.workbook.number_texts import Form, Style, joint_style, style_of
from auscultation.workbook.parse import parse

USED = "a feature of a model, the target or a split needs"


class Named(NamedTuple):
    """The position of each column by the name it has from here on, and what is to be said of it."""

    places: dict[str, int]
    findings: list[Finding]
    notes: list[str]


def name_columns(titles: Sequence[str], numbers: Sequence[int], names: Names) -> Named:
    """Return the position of each column by the name it has from here on, known ones first.

    Case, space and underscore do not matter, nor does what stands in brackets behind a known name
    that no other column has. A second column of a known name is a finding, as is one in another
    unit, and a needed or mapped column that is not there; what else cannot be kept is noted.

    Parameters
    ----------
    titles, numbers
        The columns' names in the file, and their numbers from 1.
    names
        The names to look for.
    """
    places: dict[str, int] = {}
    others: dict[str, int] = {}
    repeated: dict[str, str] = {}
    findings, notes = [], []
    for position, (name, column) in enumerate(zip(titles, names.columns_of(titles), strict=True)):
        unit = bare(name)[1]
        place = f"column {letters_of(numbers[position])}"
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
            elif column in names.mapped:
                notes.append(f"{place}, {name!r}, is {column!r}, by config key `columns`")
            elif unit is not None and not is_unit(unit, column):
                notes.append(f"{place}, {name!r}, is taken as {column!r}")
        elif column == LEFT_OUT:
            known = names.find(name) or name
            own = f"config key `columns.{known}` names {names.mapped[known]!r} in its place"
            notes.append(f"{place}, {name!r}, was left out: {own}")
        elif name in KEYS:
            notes.append(f"{place}, {name!r}, was left out: the workflow makes its own")
        elif name in others:
            notes.append(f"{place} was left out: another column is named {name!r} too")
        else:
            others[name] = position
    if {"recording", "adq_format"} <= places.keys() and "recording" not in names.mapped:
        title = titles[places.pop("recording")]
        notes.append(
            f"column {title!r} was left out: 'adq_format' names the recordings; "
            f"config key `columns: {{recording: {title}}}` keeps it"
        )
    if repeated:
        name, place = next(iter(repeated.items()))
        message = f"more than one column is named {name!r}: here {place}"
        if len(repeated) > 1:
            message = f"the column names are repeated from {place} on: keep one table"
        findings.append(Finding("column", name, message, [], []))
    findings += _missing(names, titles, places, others)
    ordered = {name: places[name] for name in WORKBOOK if name in places}
    return Named(ordered | others, findings, notes)


def _missing(
    names: Names, titles: Collection[str], places: Collection[str], others: Collection[str]
) -> Iterator[Finding]:
    """Yield a finding for each column that config key `columns` maps, or that is needed, but not there."""
    for name, own in names.mapped.items():
        if name not in places and (name in names.needed or not names.lenient):
            key = f"config key `columns.{name}`"
            message = f"{key}: there is no column {own!r} ({nearest(own, titles)})"
            yield Finding("column", name, message, [], [])
    for name in sorted(names.needed, key=[*WORKBOOK, *sorted(names.needed)].index):
        if name in places or name in names.mapped or (name in others and name not in WORKBOOK):
            continue
        why = "" if name in NEEDED else f", which {USED}"
        message = f"missing column {name!r}{why} ({nearest(name, others)})"
        if name in WORKBOOK:
            example = next(iter(near_names(name, others)), "its name in the table")
            message += (
                f"; if it has another name there, set config key `columns: {{{name}: {example}}}`"
            )
        yield Finding("column", name, message, [], [])


def to_table(
    cells: Cells, names: Names, whole: Collection[str] | None = None
) -> tuple[pa.Table, list[Finding]]:
    """Return the typed table of a sheet's cells, and what its checks find.

    Parameters
    ----------
    cells
        Of the sheet; its columns are emptied.
    names
        The columns to look for.
    whole
        Columns without a blank cell; None for all known ones whose values cannot be guessed.

    Returns
    -------
    table
        One row per cycle; a cell that is not what its column holds is null.
    findings
        Of every check that some cell fails.
    """
    places, findings, notes = name_columns(cells.names, cells.numbers, names)
    cells.notes.extend(notes)
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
            findings += _check_values(name, parsed.array, odd, whole is None or name in whole)
    findings += check_relations({n: a for n, a in arrays.items() if n in WORKBOOK})
    absent = [name for name in ("start", "end") if name not in arrays]
    absent += ["adq_format"] * arrays.keys().isdisjoint(["adq_format", "recording"])
    if absent:
        listed = ", ".join(map(repr, absent))
        cells.notes.append(f"repeated cycles could not be looked for: no column {listed}")
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


def _check_values(name: str, array: pa.Array, odd: list[Odd], whole: bool) -> Iterator[Finding]:
    """Yield what the checks of a known column find; a cell that could not be read is not missing."""
    errors = {cell.position: cell.value for cell in odd if cell.check == "error_cell"}
    unread = {cell.position for cell in odd if cell.check not in KEPT}
    for finding in check_values(name, array):
        if finding.check == "missing":
            positions = [at for at in finding.positions if whole and at not in unread]
            values = [errors.get(at) for at in positions]
            finding = finding._replace(positions=positions, values=values)
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


def address_of(cells: Cells, names: Names) -> Callable[[str, int], str]:
    """Return the function from column and position to the cell's address, such as H102."""
    places = name_columns(cells.names, cells.numbers, names).places

    def address(column: str, position: int) -> str:
        row = cells.rows[position]
        return f"{letters_of(cells.numbers[places[column]])}{row}" if cells.header else f"row {row}"

    return address
