"""One table of the annotations of all recordings: `annotations.csv`, or a workbook of that name.

Columns: `recording` (its path in the folder without the ending, or its name), `crackles` and
`wheezes` (0 or 1), `start` and `end` (s; both blank or absent: the whole recording), and any of
`ABOUT`. A row for each cycle.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from auscultation.data.columns import WORKBOOK
from auscultation.data.name_pattern import PARTS
from auscultation.recordings.lines import Cycle
from auscultation.recordings.people_files import COLUMNS
from auscultation.recordings.problems import Problem
from auscultation.workbook.cells import shown
from auscultation.workbook.checks import FATAL, Finding
from auscultation.workbook.column_names import Names
from auscultation.workbook.read import Checked, check_file

NEEDED = ("recording", "crackles", "wheezes")
CYCLE = ("recording", "start", "end", "crackles", "wheezes")
# what a table may say of a recording
ABOUT = ("patient_ID", *COLUMNS, *PARTS)
BETWEEN = ("order", "duplicate", "overlap")  # looked for in annotations of every form together
MAX_ROWS, MAX_MEGABYTES = 10**6, 2000


class Rows(NamedTuple):
    """The rows of a table by the recording as the table names it.

    `cycles` has those that can be used (of some recordings none), `about` what is said of the
    recording itself, `where` the cell that names it first.
    """

    cycles: dict[str, list[Cycle]]
    about: dict[str, dict[str, object]]
    where: dict[str, str]
    problems: list[Problem]
    notes: list[str]


def read_table(
    path: str, file: str, columns: Mapping[str, str] | None = None, labelled: bool = True
) -> Rows:
    """Return the rows of a table of annotations; a row that is wrong is a problem and no cycle.

    Parameters
    ----------
    path, file
        The table, and its name for messages.
    columns
        Its own names of columns by the known ones, as in the config.
    labelled
        Whether cycles must have labels; where not, a label that is wrong is none.

    Notes
    -----
    Checks: those of `auscultation.workbook.checks`, and recording (of two patients).
    """
    rows = Rows({}, {}, {}, [], [])
    needed, labels = (NEEDED, ()) if labelled else (NEEDED[:1], NEEDED[1:])
    names = Names.of(needed, columns, lenient=True)
    checked = check_file(path, None, names, needed, "calamine", MAX_ROWS, MAX_MEGABYTES, {})
    if checked.table is None:
        rows.problems.append(Problem("file", file, "", checked.error))
        return rows
    findings = checked.found.findings
    findings = [f for f in findings if f.check not in BETWEEN and f.column not in labels]
    rows.problems.extend(p for finding in findings for p in _problems(finding, checked, file))
    rows.notes.extend(f"{file}: {note}" for note in checked.notes)
    table = checked.table
    if not {*needed} <= {*table.column_names}:
        return rows
    extra = [name for name in table.column_names if name not in (*CYCLE, *ABOUT)]
    if extra:
        rows.notes.append(f"{file}: columns {', '.join(map(repr, extra))} were left out")
    wrong = {
        at
        for finding in findings
        if finding.column in CYCLE and (finding.check in FATAL or finding.check == "range")
        for at in finding.positions
    }
    _fill(rows, table, wrong, checked, file)
    return rows


def _problems(finding: Finding, checked: Checked, file: str) -> list[Problem]:
    """Return a problem for each cell of a finding."""
    if not finding.positions:
        return [Problem(finding.check, file, "", finding.message)]
    names: list = [None] * len(finding.positions)
    if checked.table is not None and "recording" in checked.table.column_names:
        names = checked.table["recording"].take(pa.array(finding.positions)).to_pylist()
    problems = []
    for at, value, name in zip(finding.positions, finding.values, names, strict=True):
        text = f"column {finding.column!r}: {finding.message}"
        text += "" if value is None else f": {shown(value)}"
        text += f" (recording {name})" if name else ""
        where = checked.found.address(finding.column, at)
        problems.append(Problem(finding.check, file, where, text))
    return problems


def _fill(rows: Rows, table: pa.Table, wrong: set[int], checked: Checked, file: str) -> None:
    """Write the rows of a table that has the needed columns into `rows`."""
    values = {name: table[name].to_pylist() for name in table.column_names}
    blank = [None] * table.num_rows
    starts, ends = values.get("start", blank), values.get("end", blank)
    for at, name in enumerate(values["recording"]):
        where = checked.found.address("recording", at)
        if name is None:
            message = "column 'recording' is blank: which recording is this a cycle of?"
            rows.problems.append(Problem("missing", file, where, message))
            continue
        cycles = rows.cycles.setdefault(name, [])
        rows.where.setdefault(name, where)
        _describe(rows, name, {c: values[c][at] for c in ABOUT if c in values}, where, file)
        start, end = starts[at], ends[at]
        if at in wrong:
            continue
        if (start is None) != (end is None):
            blank_one = "start" if start is None else "end"
            message = (
                f"{blank_one} is blank and the other time is not (recording {name}); leave both "
                "blank for the whole recording"
            )
            rows.problems.append(Problem("missing", file, where, message))
        elif start is not None and start >= end:
            message = f"the cycle ends at {end:g} s, not after its start at {start:g} s (recording {name})"
            rows.problems.append(Problem("order", file, where, message))
        else:
            labels = [values.get(name, blank)[at] for name in NEEDED[1:]]
            labels = labels if {*labels} <= {0, 1} else [None, None]
            cycles.append(Cycle(where, start, end, *labels))


def _describe(rows: Rows, name: str, values: dict[str, object], where: str, file: str) -> None:
    """Write what a row says of its recording; another value than the rows before have is a problem."""
    about = rows.about.setdefault(name, dict.fromkeys(values))
    for column, value in values.items():
        if value is None:
            continue
        if about[column] is None:
            about[column] = value
        elif about[column] != value:
            check = "recording" if WORKBOOK[column].kind == "id" else "patient"
            message = f"{column} {value} of recording {name}, which above has {about[column]}"
            rows.problems.append(Problem(check, file, where, message))
