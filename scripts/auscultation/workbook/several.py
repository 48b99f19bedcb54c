"""Several tables as one: read each, put them one under another, and say which row is of which."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.columns import WORKBOOK
from auscultation.job.errors import InputError
from auscultation.workbook.checks import Finding, Found, write_findings
from auscultation.workbook.collect import some
from auscultation.workbook.column_names import NEEDED, Names, nearest
from auscultation.workbook.read import Part, Read, check_file

DATASET = "dataset"
SHOWN = 5  # columns or values in a note
OWN = {
    "patient_ID": "persons",
    "recording": "recordings",
}  # a table's own, also where another has it


def read_workbooks(
    paths: Sequence[str | os.PathLike],
    datasets: Sequence[str],
    sheet: str | int | None = None,
    *,
    needed: Collection[str] = NEEDED,
    columns: Mapping[str, str] | None = None,
    reader: str = "calamine",
    max_rows: int = 10**6,
    max_megabytes: float = 2000,
    checks: Mapping[str, str] | None = None,
    problems: str | os.PathLike | None = None,
) -> Read:
    """Return the tables of several files, one under another, with the text column `dataset`.

    Columns that a table lacks are null in its rows. Patients are taken for different persons where
    tables have the same id: `dataset` and `_` then stand before every id; so with recordings.

    Parameters
    ----------
    paths, datasets
        The files, and the name of each in column `dataset`.
    sheet, needed, columns, reader, max_rows, max_megabytes, checks, problems
        As for `auscultation.workbook.read.read_workbook`, for each file; the known name counts too
        in a table that lacks a name of `columns`.

    Raises
    ------
    InputError
        Where a file cannot be read, a check fails or the tables do not go together: all is named.
    """
    checks = checks or {}
    names = Names.of(needed, columns, lenient=True)
    files = [
        check_file(path, sheet, names, None, reader, max_rows, max_megabytes, checks)
        for path in paths
    ]
    labels = labels_of(paths)
    tables = [of.table for of in files if of.table is not None]
    known = [label for label, of in zip(labels, files, strict=True) if of.table is not None]
    joint = list(_clashes(tables, known, names))
    if problems is not None:
        both = Found("", "", joint, lambda column, position: "")
        write_findings(problems, [*(of.found for of in files), both], checks)
    errors = [of.error for of in files if of.error] + [finding.message for finding in joint]
    if errors:
        text = "\n".join(errors)
        raise InputError(text + (f"\nAll is listed in {problems}" if problems is not None else ""))
    table, notes = join(tables, labels, datasets)
    return Read(
        table=table,
        sheet=", ".join(of.found.sheet for of in files if of.found.sheet) or None,
        notes=_lines(labels, [of.notes for of in files]) + notes,
        warnings=_lines(labels, [of.warnings for of in files]),
        parts=tuple(
            Part(dataset, of.found.sheet or None, own.num_rows)
            for dataset, of, own in zip(datasets, files, tables, strict=True)
        ),
    )


def labels_of(paths: Sequence[str | os.PathLike]) -> list[str]:
    """Return the name of each file, with its folder where others have that name too."""
    names = [Path(path).name for path in paths]
    times = Counter(names)
    return [n if times[n] == 1 else os.fspath(p) for n, p in zip(names, paths, strict=True)]


def _lines(labels: list[str], lines: list[list[str]]) -> list[str]:
    return [f"{label}: {line}" for label, of in zip(labels, lines, strict=True) for line in of]


def _clashes(tables: list[pa.Table], labels: list[str], names: Names) -> Iterator[Finding]:
    """Yield what keeps tables from being joined."""
    for table, label in zip(tables, labels, strict=True):
        if DATASET in table.column_names:
            message = (
                f"{label}: column {DATASET!r} has the name of the column that says of which table a "
                "row is; rename it"
            )
            yield Finding("column", DATASET, message, [], [])
    columns = _columns(tables)
    for name, own in names.mapped.items():
        if name not in columns and name not in names.needed:
            every = dict.fromkeys(n for table in tables for n in table.column_names)
            message = f"config key `columns.{name}`: no table has a column {own!r}"
            yield Finding("column", name, f"{message} ({nearest(own, every)})", [], [])
    for name in columns:
        typed = [(label, _type(table, name)) for table, label in zip(tables, labels, strict=True)]
        texts = [label for label, type_ in typed if type_ == pa.string()]
        numbers = [label for label, type_ in typed if type_ not in (None, pa.string())]
        is_id = name in WORKBOOK and WORKBOOK[name].kind == "id"
        if texts and numbers and not is_id:
            message = (
                f"column {name!r}: text in {', '.join(texts)}, number in {', '.join(numbers)}; mend "
                "the cells that are no numbers, or rename one of the columns"
            )
            yield Finding("column", name, message, [], [])


def _columns(tables: list[pa.Table]) -> list[str]:
    """Return the columns of all tables: known ones first, others as they come."""
    every = dict.fromkeys(name for table in tables for name in table.column_names)
    return [n for n in WORKBOOK if n in every] + [n for n in every if n not in WORKBOOK]


def _type(table: pa.Table, name: str) -> pa.DataType | None:
    """Return the type of a column; None where it has no value."""
    if name not in table.column_names or table[name].null_count == table.num_rows:
        return None
    return table.schema.field(name).type


def join(
    tables: list[pa.Table], labels: list[str], datasets: Sequence[str]
) -> tuple[pa.Table, list[str]]:
    """Return tables one under another, with column `dataset`, and what is to be said of that.

    Whole numbers of one table and others of another become numbers; ids become texts where those of
    one table are.
    """
    notes = [
        f"{label}: {table.num_rows:,} cycles, as dataset {dataset!r}"
        for table, label, dataset in zip(tables, labels, datasets, strict=True)
    ]
    holders: dict[tuple[str, ...], list[str]] = {}
    columns: dict[str, pa.ChunkedArray] = {}
    for name in _columns(tables):
        with_it = [label for t, label in zip(tables, labels, strict=True) if name in t.column_names]
        if len(with_it) < len(tables):
            holders.setdefault(tuple(with_it), []).append(name)
        types = {_type(table, name) for table in tables} - {None}
        type_ = next(iter(types), pa.float64())
        if len(types) > 1:
            type_ = pa.string() if pa.string() in types else pa.float64()
        chunks = [
            pa.nulls(table.num_rows, type_)
            if _type(table, name) is None
            else table[name].cast(type_, safe=False).combine_chunks()
            for table in tables
        ]
        columns[name] = pa.chunked_array(chunks, type_)
    for files, names in holders.items():
        listed = some(map(repr, names), SHOWN)
        notes.append(f"column{'s' * (len(names) > 1)} {listed}: only in {', '.join(files)}")
    rows = zip(datasets, tables, strict=True)
    of = pa.chunked_array([pa.repeat(name, t.num_rows) for name, t in rows], pa.string())
    for name, whose in OWN.items():
        if shared := _shared(tables, name):
            columns[name] = pc.binary_join_element_wise(of, columns[name].cast(pa.string()), "_")
            first = ", ".join(map(repr, shared[:SHOWN])) + ", ..." * (len(shared) > SHOWN)
            notes.append(
                f"{len(shared)} values of {name!r} are in more than one table ({first}) and were taken "
                f"for different {whose}: all are now as {columns[name][0].as_py()!r}. To avoid it, "
                f"let no two tables have a value of {name!r} in common; put tables that are of the "
                "same patients into one file"
            )
    return pa.table(columns | {DATASET: of}), notes


def _shared(tables: list[pa.Table], name: str) -> list[str]:
    """Return the values of a column that several tables have."""
    values = (table[name].cast(pa.string()) for table in tables if name in table.column_names)
    times = Counter(value for column in values for value in pc.unique(column).to_pylist())
    return [value for value, count in times.items() if count > 1 and value is not None]
