"""What a workbook must hold: cell by cell, column by column, and between columns.

The columns themselves are in `auscultation.data.columns.WORKBOOK`. Every check returns all cells that
fail it, and its level decides what to do: error (stop), warn (log), off (skip).
"""

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.columns import WORKBOOK
from auscultation.data.formulas import as_text
from auscultation.job.files import atomic_path
from auscultation.workbook.cells import present, shown, to_text

SHOWN = 20  # cells of each kind in a message
LONGEST = 40  # characters of a value in a message
SAME_TIME = 1e-6  # s; cycles that touch may overlap by what a float is off

# What would make a result wrong is an error whatever the config has.
FATAL = ("file", "column", "number", "whole", "ambiguous", "missing", "finite", "label")
# At these the cell's value is kept, or is taken as missing.
KEPT = ("error_cell", "id:date", "id:long")
MESSAGES = {
    "column": "",
    "number": "not a number",
    "whole": "not a whole number",
    "ambiguous": "decimal mark or thousands separator? Write the number without it",
    "missing": "missing, and nothing can replace it",
    "finite": "not a finite number",
    "error_cell": "an error in the workbook, taken as missing",
    "id:date": "a date; Excel turns ids such as 1-3 into dates, and two may have become one",
    "id:long": "a number of more than 15 digits, of which Excel keeps 15; store such ids as text",
    "range": "must be {range}",
    "label": "must be {range}",
    "category": "not one of {known}",
}


class Finding(NamedTuple):
    """Cells of one column that fail a check: positions in the table from 0, and their values."""

    check: str
    column: str
    message: str
    positions: list[int]
    values: list


class Found(NamedTuple):
    """What the checks of a file found, and the function that gives a cell's address in it."""

    file: str
    sheet: str
    findings: list[Finding]
    address: Callable[[str, int], str]


class Relation(NamedTuple):
    """What holds between columns; `fails` gets them as arrays and gives a mask, shape (n,)."""

    check: str
    at: str
    message: str
    columns: tuple[str, ...]
    fails: Callable[..., np.ndarray]


def _differs(patient: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return which values are not the first of their patient."""
    _, first, group = np.unique(patient, return_index=True, return_inverse=True)
    return value != value[first][group]


def _order(*keys: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the order by recording, start and end; in it where a recording begins, start and end."""
    patient, recording, start, end = keys
    order = np.lexsort((end, start, recording, patient))
    same = (np.diff(patient[order]) == 0) & (np.diff(recording[order]) == 0)
    return order, ~np.concatenate([[False], same]), start[order], end[order]


def _repeated(*keys: np.ndarray) -> np.ndarray:
    """Return which cycles have the recording, start and end of one before."""
    order, first, start, end = _order(*keys)
    equal = np.concatenate([[False], (np.diff(start) == 0) & (np.diff(end) == 0)])
    mask = np.zeros(len(order), dtype=bool)
    mask[order] = equal & ~first
    return mask


def _overlaps(*keys: np.ndarray) -> np.ndarray:
    """Return which cycles begin before an earlier one of their recording has ended."""
    repeated = _repeated(*keys)
    order, first, start, end = _order(*keys)
    # the latest end so far in each recording, by moving the recordings apart; in place, for memory
    apart = np.cumsum(first) * (end.max(initial=0) - min(start.min(initial=0), 0) + 1)
    start += apart
    end += apart
    del apart
    latest = np.maximum.accumulate(end, out=end)
    mask = np.zeros(len(order), dtype=bool)
    mask[order[1:]] = ~first[1:] & (start[1:] < latest[:-1] - SAME_TIME)
    return mask & ~repeated


_CYCLE = ("patient_ID", "adq_format", "start", "end")
RELATIONS = (
    Relation(
        "label",
        "state",
        f"must be crackles + 2 x wheezes ({WORKBOOK['state'].description})",
        ("crackles", "wheezes", "state"),
        lambda crackles, wheezes, state: state != crackles + 2 * wheezes,
    ),
    Relation(
        "order", "end", "must be after start", ("start", "end"), lambda start, end: end <= start
    ),
    Relation("duplicate", "start", "the same cycle is in a row above", _CYCLE, _repeated),
    Relation("overlap", "start", "before another cycle of the recording ends", _CYCLE, _overlaps),
    *(
        Relation("patient", name, "differs from the patient's other cycles", pair, _differs)
        for name in ("Diagnosis", "age", "sex")
        for pair in [("patient_ID", name)]
    ),
)


def check_values(name: str, array: pa.Array) -> list[Finding]:
    """Return what the values of a known column fail of `auscultation.data.columns.WORKBOOK`."""
    of = WORKBOOK[name]
    failed: list[tuple[str, np.ndarray]] = []
    if not of.missing:
        failed.append(("missing", ~present(array)))
    if of.known:
        listed = pc.is_in(array, pa.array([*of.known, None], array.type))
        failed.append(("category", ~listed.to_numpy(zero_copy_only=False)))
    if of.kind in ("number", "integer"):
        values = array.to_numpy(zero_copy_only=False).astype(np.float64)
        finite = np.isfinite(values)
        failed.append(("finite", present(array) & ~finite))
        with np.errstate(invalid="ignore"):
            outside = finite & ((values < of.low) | (values > of.high))
        # crackles, wheezes and state are what models learn and are scored by
        failed.append(("label" if of.kind == "integer" else "range", outside))
    between = f"{of.low:g} to {of.high:g}" if of.high < np.inf else f"{of.low:g} or more"
    words = {"range": between, "known": ", ".join(of.known)}
    return [
        finding_of(check, name, MESSAGES[check].format_map(words), mask, array)
        for check, mask in failed
        if mask.any()
    ]


def finding_of(check: str, name: str, message: str, mask: np.ndarray, array: pa.Array) -> Finding:
    """Return the finding of the cells where a mask, shape (n,), is true."""
    positions = np.flatnonzero(mask).tolist()
    return Finding(check, name, message, positions, array.take(pa.array(positions)).to_pylist())


def check_relations(table: Mapping[str, pa.Array]) -> list[Finding]:
    """Return what fails between columns, in the rows that miss none of them."""
    findings = []
    for relation in RELATIONS:
        # a recording's own name goes before what its name is made of
        columns = [
            "recording" if name == "adq_format" and "recording" in table else name
            for name in relation.columns
        ]
        if not set(columns) <= table.keys():
            continue
        arrays = [table[name] for name in columns]
        valid = np.logical_and.reduce(list(map(present, arrays)))
        if not valid.all():
            arrays = [array.filter(pa.array(valid)) for array in arrays]
        mask = np.zeros(len(valid), dtype=bool)
        if valid.any():
            mask[valid] = relation.fails(*map(_codes, arrays))
        if mask.any():
            at = relation.at
            findings.append(finding_of(relation.check, at, relation.message, mask, table[at]))
    return findings


def _codes(array: pa.Array) -> np.ndarray:
    """Return numbers as they are, and for texts a number each."""
    if pa.types.is_string(array.type):
        array = array.dictionary_encode().indices
    return array.to_numpy(zero_copy_only=False)


def level_of(finding: Finding, levels: Mapping[str, str]) -> str:
    """Return the level of a finding: error (the default), warn or off.

    Columns that the workflow does not know stop nothing.
    """
    if finding.check in FATAL:
        return "error"
    level = levels.get(finding.check, "error")
    return "warn" if level == "error" and finding.column not in WORKBOOK else level


def describe(finding: Finding, address: Callable[[str, int], str]) -> str:
    """Return a finding in a line, with its first cells and their values."""
    if not finding.positions:
        return finding.message
    cells = [
        address(finding.column, at) + ("" if value is None else f" {_shown(value)}")
        for at, value in zip(finding.positions[:SHOWN], finding.values, strict=False)
    ]
    more = len(finding.positions) - SHOWN
    rest = f" and {more} more" if more > 0 else ""
    return f"column {finding.column!r}: {finding.message}: {', '.join(cells)}{rest}"


def _shown(value: object) -> str:
    text = shown(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def write_findings(
    path: str | os.PathLike, found: Sequence[Found], levels: Mapping[str, str]
) -> None:
    """Write every cell of every finding as CSV, whole or not at all; of several files, by file."""
    several = len(found) > 1
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        head = ["level", "check", "sheet", "cell", "column", "value", "problem"]
        writer.writerow(["file"] * several + head)
        for of, finding in [(file, finding) for file in found for finding in file.findings]:
            about = [of.file] * several + [level_of(finding, levels), finding.check, of.sheet]
            cells = [
                (of.address(finding.column, at), None if value is None else to_text(value))
                for at, value in zip(finding.positions, finding.values, strict=True)
            ]
            for cell, text in cells or [("", None)]:
                row = [*about, cell, finding.column, text, finding.message]
                writer.writerow(map(as_text, row))
