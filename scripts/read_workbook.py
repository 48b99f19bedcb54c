"""Read the workbook of respiratory cycles into a typed Parquet table.

In: an .xlsx file with one header row. Out: `raw.parquet`, all its columns and rows in its order
(blank cells are null, blank rows at the end are left out), and `source.json`, which says what was
read: path, sheet, size, SHA-256.
"""

import difflib
import hashlib
import json
import logging
import os
import warnings
from datetime import date, datetime, time
from itertools import zip_longest
from numbers import Real

import pyarrow as pa
from lib.job import InputError, job_log, write_text
from lib.table import KEYS, OPTIONAL, WORKBOOK, write_parquet
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

SHOWN = 5  # offending cells named in a message


def open_sheet(path: str | os.PathLike, sheet: str | int):
    """Open one worksheet for reading.

    Raises
    ------
    InputError
        Where the file is missing or no .xlsx, or has no such sheet.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles and extensions that hold no data
            book = load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError as error:
        raise InputError(f"workbook {path}: no such file") from error
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise _damaged(path, error) from error
    names = book.sheetnames
    if isinstance(sheet, int):
        if not 0 <= sheet < len(names):
            raise InputError(
                f"workbook {path}: there is no sheet number {sheet}; it has {len(names)}, counted "
                f"from 0: {', '.join(names)} (config key `sheet`)"
            )
        sheet = names[sheet]
    if sheet not in names:
        near = difflib.get_close_matches(sheet, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise InputError(
            f"workbook {path}: there is no sheet {sheet!r}{hint} It has: {', '.join(names)} "
            "(config key `sheet`)"
        )
    if not hasattr(book[sheet], "iter_rows"):
        raise InputError(f"workbook {path}: sheet {sheet!r} is a chart (config key `sheet`)")
    return book[sheet]


def _damaged(path: str | os.PathLike, error: Exception) -> InputError:
    return InputError(
        f"workbook {path}: not an .xlsx file, or a damaged one ({error}); "
        "save it again as 'Excel workbook (.xlsx)'"
    )


def read_rows(path: str | os.PathLike, sheet) -> list[tuple]:
    """Give the cells of a sheet by row; only now is the sheet's part of the file read.

    Raises
    ------
    InputError
        Where that part of the file is damaged.
    """
    try:
        sheet.reset_dimensions()  # what the file claims of its size may be wrong
        return list(sheet.iter_rows(values_only=True))
    except Exception as error:
        raise _damaged(path, error) from error


def _is_blank(value) -> bool:
    return value is None or isinstance(value, str) and not value.strip()


def read_columns(sheet: str, rows: list[tuple]) -> dict[str, tuple[str, list]]:
    """Give each column's letter and values by its name, without blank rows at the sheet's end.

    Raises
    ------
    InputError
        Where the sheet is empty, has no data, or a header is repeated or missing.
    """
    names = ["" if _is_blank(name) else str(name).strip() for name in (rows or [()])[0]]
    if not any(names):
        raise InputError(f"sheet {sheet!r}: empty; row 1 must hold the column names")
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise InputError(
            f"sheet {sheet!r}, row 1: the name {repeated[0]!r} stands over more than one column"
        )
    records = rows[1:]
    while records and all(map(_is_blank, records[-1])):
        records.pop()
    if not records:
        raise InputError(f"sheet {sheet!r}: there is no row below the column names")
    columns = {}
    # rows end at their last cell, so each may be shorter than the header, or longer
    for number, (name, *values) in enumerate(zip_longest(names, *records), 1):
        letter = get_column_letter(number)
        if name:
            columns[name] = letter, values
        elif not all(map(_is_blank, values)):
            raise InputError(
                f"sheet {sheet!r}, column {letter}: values without a column name in row 1"
            )
    return columns


def _where(sheet: str, name: str, letter: str, rows: list[int]) -> str:
    """Say where cells are: sheet, column and the first few cells' addresses."""
    cells = ", ".join(f"{letter}{row + 2}" for row in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return f"sheet {sheet!r}, column {name!r}, cell {cells}{more}"


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value) -> bool:
    return _is_number(value) and float(value).is_integer() and abs(value) < 2**63


def to_array(values: list, kind: str | None) -> tuple[pa.Array, list[int]]:
    """Convert the values of a column; give the array and the rows that do not fit.

    Parameters
    ----------
    values
        Cell values, None where blank.
    kind
        id, text, integer or number; None to find out (integer, number, else text).
    """
    values = [None if _is_blank(v) else v for v in values]
    present = [v for v in values if v is not None]
    if kind in (None, "id"):
        numbers = [_is_number(v) for v in present]
        whole = all(map(_is_whole, present))
        if kind is None:
            kind = "integer" if whole and present else "number" if all(numbers) else "text"
        else:
            texts = [isinstance(v, str) for v in present]
            kind = "text" if all(texts) and not whole else "integer"
    if kind == "text":
        texts = [v if v is None else _to_text(v) for v in values]
        return pa.array(texts, pa.string()), []
    if kind == "integer":
        wrong = [i for i, v in enumerate(values) if v is not None and not _is_whole(v)]
        numbers = [v if v is None or wrong else int(v) for v in values]
        return None if wrong else pa.array(numbers, pa.int64()), wrong
    wrong = [i for i, v in enumerate(values) if v is not None and not _is_number(v)]
    numbers = [v if v is None or wrong else float(v) for v in values]
    return None if wrong else pa.array(numbers, pa.float64()), wrong


def _to_text(value) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value).strip()


def to_table(sheet: str, columns: dict[str, tuple[str, list]]) -> pa.Table:
    """Make the typed table of a sheet's columns.

    Raises
    ------
    InputError
        Where columns are missing or cells do not fit their column; all such columns are named.
    """
    missing = [name for name in WORKBOOK if name not in columns and name not in OPTIONAL]
    if missing:
        spare = [name for name in columns if name not in WORKBOOK]
        near = {name: difflib.get_close_matches(name, spare, n=1) for name in missing}
        named = [f"{n!r}" + (f" (there is {near[n][0]!r})" if near[n] else "") for n in missing]
        raise InputError(
            f"sheet {sheet!r}, row 1: missing column{'s' * (len(missing) > 1)} {', '.join(named)}. "
            f"The sheet has: {', '.join(columns)}"
        )
    taken = [name for name in KEYS if name in columns]
    if taken:
        raise InputError(
            f"sheet {sheet!r}, row 1: the column name {taken[0]!r} is one that the workflow adds "
            "itself; rename or delete the column"
        )
    arrays, problems = {}, []
    for name, (letter, values) in columns.items():
        kind = WORKBOOK[name].kind if name in WORKBOOK else None
        arrays[name], wrong = to_array(values, kind)
        if wrong:
            expected = "a number" if kind == "number" else "a whole number"
            problems.append(
                f"{_where(sheet, name, letter, wrong)}: {values[wrong[0]]!r} is not {expected}"
            )
    if problems:
        raise InputError("; ".join(problems) + ". Correct the cells or leave them blank")
    return pa.table(arrays)


def read_workbook(path: str | os.PathLike, sheet: str | int) -> pa.Table:
    """Read one sheet of a workbook as a typed table, one row a cycle."""
    worksheet = open_sheet(path, sheet)
    rows = read_rows(path, worksheet)
    return to_table(worksheet.title, read_columns(worksheet.title, rows))


def main(snakemake) -> None:
    """Read the workbook, write `raw.parquet` and `source.json`."""
    path, sheet = snakemake.input.workbook, snakemake.params.sheet
    table = read_workbook(path, sheet)
    logging.info("read %d cycles, %d columns", table.num_rows, table.num_columns)
    write_parquet(table, snakemake.output.raw)
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    source = {"workbook": path, "sheet": sheet, "bytes": os.path.getsize(path), "sha256": sha256}
    source |= {"rows": table.num_rows, "columns": table.column_names}
    write_text(snakemake.output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        main(snakemake)  # noqa: F821
