"""Read and check one sheet of a workbook, or a CSV or Parquet file."""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from auscultation.job.errors import InputError
from auscultation.workbook.checks import Finding, Found, describe, level_of, write_findings
from auscultation.workbook.collect import gather_file, some
from auscultation.workbook.column_names import NEEDED, Names
from auscultation.workbook.exact_times import exact_times
from auscultation.workbook.extra_rows import second_names, without_units
from auscultation.workbook.file_kind import MEGABYTE
from auscultation.workbook.typed_table import address_of, to_table

# Checks whose cells are null in the table.
UNREAD = ("number", "whole", "ambiguous", "error_cell")
MOST_NAMES = 50  # of columns, in a message


class Part(NamedTuple):
    """One of several tables that were joined: its name, its sheet, its number of rows."""

    dataset: str
    sheet: str | None
    rows: int


class Read(NamedTuple):
    """What was read: the table, the notes, and the warnings by check with their lines.

    `parts` are the tables that it was joined of, if it was; `unread` has the rows, from 0, whose cell
    of a tolerated column could not be read.
    """

    table: pa.Table
    sheet: str | None
    notes: list[str]
    warnings: list[str]
    parts: tuple[Part, ...] = ()
    unread: Mapping[str, Sequence[int]] = {}


class Checked(NamedTuple):
    """A file as it was read, and what its checks found.

    `error` is the message that names all errors, empty without one; the table is None where the file
    could not be read.
    """

    table: pa.Table | None
    notes: list[str]
    warnings: list[str]
    error: str
    found: Found


def read_workbook(
    path: str | os.PathLike,
    sheet: str | int | None = None,
    *,
    needed: Collection[str] = NEEDED,
    columns: Mapping[str, str] | None = None,
    whole: Collection[str] | None = None,
    lenient: bool = False,
    reader: str = "calamine",
    max_rows: int = 10**6,
    max_megabytes: float = 2000,
    checks: Mapping[str, str] | None = None,
    problems: str | os.PathLike | None = None,
    tolerated: Collection[str] = (),
) -> Read:
    """Return the typed table of a workbook, checked.

    Parameters
    ----------
    path
        The file.
    sheet
        Name, or number from 0; None for the one visible sheet that has the columns.
    needed
        Columns that must be there.
    columns
        The table's own names by the known ones, as in the config.
    whole
        Known columns that must have no blank cell; None for all whose values cannot be guessed.
    lenient
        Whether a name of `columns` that is not needed may be absent, or be the known one.
    reader, max_rows, max_megabytes, checks
        As in the config.
    problems
        Where to write every cell that fails a check, as CSV.
    tolerated
        Columns whose cells stop nothing: what fails a check is a warning.

    Raises
    ------
    InputError
        Where the file cannot be read, or a check with the level error fails: all such are named.
    """
    checks = checks or {}
    names = Names.of(needed, columns, lenient)
    checked = check_file(
        *(path, sheet, names, whole, reader, max_rows, max_megabytes, checks, tolerated)
    )
    if problems is not None:
        write_findings(problems, [checked.found], checks)
    if checked.error or checked.table is None:
        listed = problems is not None and checked.table is not None
        raise InputError(checked.error + (f"\nAll cells are listed in {problems}" * listed))
    unread: dict[str, list[int]] = {}
    for finding in checked.found.findings:
        if finding.column in tolerated and finding.check in UNREAD:
            unread.setdefault(finding.column, []).extend(finding.positions)
    sheet = checked.found.sheet or None
    return Read(checked.table, sheet, checked.notes, checked.warnings, (), unread)


def check_file(
    path: str | os.PathLike,
    sheet: str | int | None,
    names: Names,
    whole: Collection[str] | None,
    reader: str,
    max_rows: int,
    max_megabytes: float,
    checks: Mapping[str, str],
    tolerated: Collection[str] = (),
) -> Checked:
    """Return a file as it was read, and what its checks found; as for `read_workbook`."""
    try:
        limit = max_megabytes * MEGABYTE
        cells, elsewhere = gather_file(path, sheet, reader, max_rows, limit, names)
        cells = exact_times(path, cells, reader, max_rows, names)
        where = f"workbook {path}" + (f", sheet {cells.sheet!r}" if cells.sheet else "")
        if again := second_names(cells, names):
            raise InputError(
                f"{where}: the column names are repeated in row {again}, where a second table "
                "begins; keep one table, or delete that row if the same table continues"
            )
    except InputError as error:
        findings = [Finding("file", "", str(error), [], [])]
        found = Found(os.fspath(path), "", findings, lambda column, position: "")
        return Checked(None, [], [], str(error), found)
    cells, units = without_units(cells, names)
    table, findings = to_table(cells, names, whole)
    findings = [f for f in units + findings if level_of(f, checks) != "off"]
    address = address_of(cells, names)
    lines: dict[str, list[str]] = {"error": [], "warn": []}
    for finding in findings:
        level = level_of(finding, checks)
        if finding.column in tolerated and finding.positions:
            level = "warn"
        lines[level].append(describe(finding, address))
    message = ""
    if lines["error"]:
        message = _summary(where, lines)
        if any(finding.check == "column" for finding in findings):
            listed = some(cells.names, MOST_NAMES)
            message += f"\nThe columns that are there: {listed}{elsewhere()}"
    found = Found(os.fspath(path), cells.sheet or "", findings, address)
    return Checked(table, cells.notes, lines["warn"], message, found)


def _summary(where: str, lines: Mapping[str, list[str]]) -> str:
    """Return the message that names all errors and warnings of a sheet."""
    n = len(lines["error"])
    text = f"{where}: {n} kind{'s' * (n > 1)} of error"
    text += "".join(f"\n  - {line}" for line in lines["error"])
    return text + "".join(f"\n  - (a warning) {line}" for line in lines["warn"])
