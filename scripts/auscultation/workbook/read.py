"""From the cells of a workbook to a typed and checked table of respiratory cycles."""

import os
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.columns import KEYS, WORKBOOK
from auscultation.data.derived import OPTIONAL
from auscultation.job.errors import InputError
from auscultation.workbook.checks import (
    KEPT,
    SAID,
    Finding,
    check_relations,
    check_values,
    describe,
    level_of,
    write_findings,
)
from auscultation.workbook.collect import Cells, gather_file, letters_of
from auscultation.workbook.column_names import KNOWN, bare, is_other_unit, is_unit, nearest, plain
from auscultation.workbook.exact_times import exact_times
from auscultation.workbook.extra_rows import NUMERIC, second_names, without_units
from auscultation.workbook.file_kind import MEGABYTE
from auscultation.workbook.ids import describe_joined
from auscultation.workbook.parse import Form, Style, joint_style, parse, style_of

NEEDED = tuple(name for name in WORKBOOK if name not in OPTIONAL)
USED = "a feature of a model, the target or a split needs"


def name_columns(
    cells: Cells, needed: Collection[str] = NEEDED
) -> tuple[dict[str, int], list[Finding]]:
    """Return the position of each column by the name it has from here on, known ones first.

    Case, space and underscore do not matter, nor does what stands in brackets behind a known name
    that no other column has. A second column of a known name is a finding, as is one in another
    unit, and a needed column that is not there; what else cannot be kept is noted.
    """
    found: dict[str, int] = {}
    others: dict[str, int] = {}
    findings, twice = [], {}
    exact = {KNOWN[plain(name)] for name in cells.names if plain(name) in KNOWN}
    for position, name in enumerate(cells.names):
        short, unit = bare(name)
        known = KNOWN.get(plain(name)) or KNOWN.get(plain(short))
        if unit is not None and known in exact and plain(name) not in KNOWN:
            known = None
        place = f"column {letters_of(cells.numbers[position])}"
        if known in found:
            twice.setdefault(known, place)
        elif known:
            found[known] = position
            if unit is not None and is_other_unit(unit, known):
                of = WORKBOOK[known].unit
                message = f"{place}, {name!r}, must be in {of}: convert it, and its name"
                findings.append(Finding("column", known, message, [], []))
            elif unit is not None and not is_unit(unit, known):
                cells.notes.append(f"{place}, {name!r}, is taken as {known!r}")
        elif name in KEYS:
            cells.notes.append(f"{place}, {name!r}, was left out: the workflow makes its own")
        elif name in others:
            cells.notes.append(f"{place} was left out: {name!r} stands over another column too")
        else:
            others[name] = position
    for known, place in list(twice.items())[:1]:
        message = f"the name {known!r} stands over more than one column: here {place}"
        if len(twice) > 1:
            message = f"the column names stand twice, from {place} on once more: keep one table"
        findings.append(Finding("column", known, message, [], []))
    for name in (name for name in WORKBOOK if name in needed and name not in found):
        why = f", which {USED}" if name in OPTIONAL else ""
        message = f"missing column {name!r}{why} ({nearest(name, others)})"
        findings.append(Finding("column", name, message, [], []))
    return {name: found[name] for name in WORKBOOK if name in found} | others, findings


def to_table(cells: Cells, needed: Collection[str] = NEEDED) -> tuple[pa.Table, list[Finding]]:
    """Make the typed table of a sheet's cells, and check it.

    Parameters
    ----------
    cells
        Of the sheet; its columns are emptied.
    needed
        Columns that must be there.

    Returns
    -------
    table
        One row a cycle; a cell that is not what its column holds is null.
    findings
        Of every check that some cell fails.
    """
    places, findings = name_columns(cells, needed)
    kinds = {name: WORKBOOK[name].kind if name in WORKBOOK else None for name in places}
    forms = forms_of(cells, places)
    flags: dict[int, list[tuple[int, str]]] = {}
    for (row, number), error in sorted(cells.flags.items()):
        flags.setdefault(number, []).append((row, error))
    arrays = {}
    for name, position in places.items():
        array, odd, joined = parse(cells.columns[position], kinds[name], forms[name])
        arrays[name], cells.columns[position] = array, []  # a large sheet is not held twice
        if joined:
            cells.notes.append(describe_joined(name, joined))
        errors = {at: value for check, at, value in odd if check == "error_cell"}
        for row, error in flags.get(cells.numbers[position], ()):
            at = int(np.searchsorted(cells.rows, row))
            inside = at < len(cells.rows) and cells.rows[at] == row
            if inside and error != "#N/A" and not array[at].is_valid:
                errors.setdefault(at, error)
        odd = [one for one in odd if one[0] != "error_cell"]
        odd += [("error_cell", at, errors[at]) for at in sorted(errors)]
        for check in dict.fromkeys(check for check, _, _ in odd):
            positions = [at for one, at, _ in odd if one == check]
            values = [value for one, _, value in odd if one == check]
            findings.append(Finding(check.split(":")[0], name, SAID[check], positions, values))
        # a cell that could not be read is no missing one, too
        unread = {at for check, at, _ in odd if check not in KEPT}
        for finding in check_values(name, array) if name in WORKBOOK else ():
            if finding.check == "missing" and name not in needed:
                continue
            if finding.check == "missing" and (errors or unread):
                pairs = [at for at in finding.positions if at not in unread]
                finding = finding._replace(positions=pairs, values=[errors.get(p) for p in pairs])
            if finding.positions:
                findings.append(finding)
    findings += check_relations({n: a for n, a in arrays.items() if n in WORKBOOK})
    return pa.table(arrays), findings


def forms_of(cells: Cells, places: Mapping[str, int]) -> dict[str, Form]:
    """Say how the numbers of each column are written, by its own and by the other columns."""
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


class Read(NamedTuple):
    """What was read: the table, the notes, and the warnings by check with their lines."""

    table: pa.Table
    sheet: str | None
    notes: list[str]
    warnings: list[str]


def read_workbook(
    path: str | os.PathLike,
    sheet: str | int | None = None,
    *,
    needed: Collection[str] = NEEDED,
    reader: str = "calamine",
    max_rows: int = 10**6,
    max_megabytes: float = 2000,
    checks: Mapping[str, str] | None = None,
    problems: str | os.PathLike | None = None,
) -> Read:
    """Read and check one sheet of a workbook, or a CSV or Parquet file.

    Parameters
    ----------
    path
        The file.
    sheet
        Name, or number from 0; None for the one visible sheet that has the columns.
    needed
        Columns that must be there, and must have values where these cannot be guessed.
    reader, max_rows, max_megabytes, checks
        As the config has them.
    problems
        Where to write every cell that fails a check, as CSV.

    Raises
    ------
    InputError
        Where the file cannot be read, or a check with the level error fails: all such are named.
    """
    checks = checks or {}
    write = partial(write_findings, problems) if problems is not None else lambda *_: None
    try:
        limit = max_megabytes * MEGABYTE
        cells, elsewhere = gather_file(path, sheet, reader, max_rows, limit, needed)
        cells = exact_times(path, cells, reader, max_rows)
        again = second_names(cells)
        if again:
            where = f"workbook {path}" + (f", sheet {cells.sheet!r}" if cells.sheet else "")
            raise InputError(
                f"{where}: the column names stand once more in row {again}, where a second table "
                "begins; keep one table, or delete that row if the same one goes on below"
            )
    except InputError as error:
        write([Finding("file", "", str(error), [], [])], checks, "", str)
        raise
    cells, units = without_units(cells)
    table, findings = to_table(cells, needed)
    findings = [f for f in units + findings if level_of(f, checks) != "off"]
    address = address_of(cells)
    write(findings, checks, cells.sheet or "", address)
    lines: dict[str, list[str]] = {"error": [], "warn": []}
    for finding in findings:
        lines[level_of(finding, checks)].append(describe(finding, address))
    if lines["error"]:
        n = len(lines["error"])
        said = f"workbook {path}" + (f", sheet {cells.sheet!r}" if cells.sheet else "")
        said += f": {n} kind{'s' * (n > 1)} of error"
        said += "".join(f"\n  - {line}" for line in lines["error"])
        said += "".join(f"\n  - (a warning) {line}" for line in lines["warn"])
        if any(finding.check == "column" for finding in findings):
            said += f"\nThe columns that are there: {', '.join(cells.names)}{elsewhere()}"
        if problems is not None:
            said += f"\nAll cells are listed in {problems}"
        raise InputError(said)
    return Read(table, cells.sheet, cells.notes, lines["warn"])
