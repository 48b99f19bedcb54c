"""Read and check one sheet of a workbook, or a CSV or Parquet file."""

import os
from collections.abc import Collection, Mapping
from typing import NamedTuple

import pyarrow as pa

from auscultation.job.errors import InputError
from auscultation.workbook.checks import Finding, describe, level_of, write_findings
from auscultation.workbook.collect import Cells, gather_file
from auscultation.workbook.exact_times import exact_times
from auscultation.workbook.extra_rows import second_names, without_units
from auscultation.workbook.file_kind import MEGABYTE
from auscultation.workbook.typed_table import NEEDED, address_of, to_table


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
    """Return the typed table of a workbook, checked.

    Parameters
    ----------
    path
        The file.
    sheet
        Name, or number from 0; None for the one visible sheet that has the columns.
    needed
        Columns that must be there, and must have values where these cannot be guessed.
    reader, max_rows, max_megabytes, checks
        As in the config.
    problems
        Where to write every cell that fails a check, as CSV.

    Raises
    ------
    InputError
        Where the file cannot be read, or a check with the level error fails: all such are named.
    """
    checks = checks or {}
    try:
        limit = max_megabytes * MEGABYTE
        cells, elsewhere = gather_file(path, sheet, reader, max_rows, limit, needed)
        cells = exact_times(path, cells, reader, max_rows)
        if again := second_names(cells):
            raise InputError(
                f"{_place(path, cells.sheet)}: the column names are repeated in row {again}, where a "
                "second table begins; keep one table, or delete that row if the same table continues"
            )
    except InputError as error:
        if problems is not None:
            findings = [Finding("file", "", str(error), [], [])]
            write_findings(problems, findings, checks, "", lambda column, position: "")
        raise
    cells, units = without_units(cells)
    table, findings = to_table(cells, needed)
    findings = [f for f in units + findings if level_of(f, checks) != "off"]
    address = address_of(cells)
    if problems is not None:
        write_findings(problems, findings, checks, cells.sheet or "", address)
    lines: dict[str, list[str]] = {"error": [], "warn": []}
    for finding in findings:
        lines[level_of(finding, checks)].append(describe(finding, address))
    if lines["error"]:
        no_column = any(finding.check == "column" for finding in findings)
        hint = elsewhere() if no_column else ""
        raise InputError(_summary(path, cells, lines, no_column, hint, problems))
    return Read(table, cells.sheet, cells.notes, lines["warn"])


def _place(path: str | os.PathLike, sheet: str | None) -> str:
    return f"workbook {path}" + (f", sheet {sheet!r}" if sheet else "")


def _summary(
    path: str | os.PathLike,
    cells: Cells,
    lines: Mapping[str, list[str]],
    no_column: bool,
    hint: str,
    problems: str | os.PathLike | None,
) -> str:
    """Return the message that names all errors and warnings of a sheet."""
    n = len(lines["error"])
    text = f"{_place(path, cells.sheet)}: {n} kind{'s' * (n > 1)} of error"
    text += "".join(f"\n  - {line}" for line in lines["error"])
    text += "".join(f"\n  - (a warning) {line}" for line in lines["warn"])
    if no_column:
        text += f"\nThe columns that are there: {', '.join(cells.names)}{hint}"
    if problems is not None:
        text += f"\nAll cells are listed in {problems}"
    return text
