"""Tables of patients: ICBHI's demographics and diagnoses as they circulate, and others with a header.

ICBHI's demographics have patient, age, sex, BMI, weight and height, its diagnoses patient and
diagnosis; copies have tabs, commas or spaces, a header or none, blank lines, NA. A table with a
header may have any of these, and `recording` to say whose it is.

Checks: column, number, range, category (a sex other than F and M), patient (two values of one).
"""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from auscultation.data.columns import WORKBOOK
from auscultation.data.text import fold
from auscultation.job.errors import InputError
from auscultation.recordings.folder import Recording, ending_of, place_in_table, shown
from auscultation.recordings.lines import Line, number_of, read_lines
from auscultation.recordings.problems import Problem
from auscultation.workbook.cells import to_text
from auscultation.workbook.column_names import plain
from auscultation.workbook.ids import PLAIN
from auscultation.workbook.parse import MISSING
from auscultation.workbook.read import read_workbook

COLUMNS = ("Diagnosis", "age", "sex", "IMC", "weight", "height")
DEMOGRAPHICS = ("patient_ID", "age", "sex", "IMC", "weight", "height")
DIAGNOSES = ("patient_ID", "Diagnosis")
BOOKS = frozenset(["xlsx", "xlsm", "xlsb", "xls", "ods", "parquet"])
# what the name of a column contains, as `plain` has it, in this order
CALLED = {
    "recording": ("recording", "file", "audio"),
    "patient_ID": ("patient", "subject", "participant", "person", "pid"),
    "Diagnosis": ("diagnos", "disease"),
    "sex": ("sex", "gender"),
    "IMC": ("bmi", "imc", "bodymassindex"),
    "weight": ("weight",),
    "height": ("height",),
    "age": ("age",),
}
SEXES = {"female": "F", "male": "M", "f": "F", "m": "M"}


class People(NamedTuple):
    """What tables say of patients: values by patient and column, and the patients of each table.

    `recorded` has the patient by recording, `columns` which columns the tables have.
    """

    values: dict[str, dict[str, object]]
    patients: dict[str, set[str]]
    recorded: dict[str, str]
    columns: set[str]
    problems: list[Problem]
    notes: list[str]

    def patient_of(self, recording: Recording) -> str | None:
        """Return the patient of a recording that some table names."""
        return self.recorded.get(recording.place) or self.recorded.get(recording.name)


def key_of(text: str) -> str:
    """Return a patient's id in the one spelling in which tables are joined: 12.0 is 12."""
    match = PLAIN.fullmatch(fold(text))
    return match[1] if match else fold(text)


def read_people(paths: Sequence[str | os.PathLike]) -> People:
    """Return what tables say of patients; the first value of a patient counts."""
    people = People({}, {}, {}, set(), [], [])
    for table in paths:
        path = os.fspath(table)
        file = shown(os.path.basename(path))
        if file in people.patients:
            file = shown(path)
        try:
            rows, names = _book(path) if ending_of(path) in BOOKS else _text(path, file, people)
        except InputError as error:
            people.problems.append(Problem("file", file, "", str(error)))
            continue
        if "patient_ID" not in names:
            continue
        people.patients[file] = set()
        people.columns.update(name for name in names if name in COLUMNS)
        for where, cells in rows:
            _add(people, file, where, dict(zip(names, cells, strict=False)))
        people.notes.append(f"{file}: {len(people.patients[file])} patients: {', '.join(names)}")
    return people


Table = tuple[list[tuple[str, list[str]]], list[str]]  # where each row is and its cells; names


def _book(path: str) -> Table:
    """Return the rows of a workbook, and the names of its columns."""
    table = read_workbook(path, needed=["patient_ID"], whole=["patient_ID"], checks=ALL_OFF).table
    names = [name for name in table.column_names if name in CALLED]
    columns = [table[name].to_pylist() for name in names]
    rows = [["" if v is None else to_text(v) for v in row] for row in zip(*columns, strict=True)]
    return [(f"patient {at}", row) for at, row in enumerate(rows, 1)], names


ALL_OFF = dict.fromkeys(("range", "order", "duplicate", "overlap", "patient", "category"), "off")


def _text(path: str, file: str, people: People) -> Table:
    """Return the rows of a text, and the names of its columns; none where these are not known."""
    lines = read_lines(path)
    separator = _separator(lines)
    rows = [(f"line {line.number}", _cells(line, separator)) for line in lines]
    body = rows[1:] or rows
    widths = Counter(len(cells) for _, cells in body)
    usual = max(widths, key=lambda width: widths[width], default=0)
    names, kept = names_of(rows[0][1]) if rows else [], rows[1:]
    # without commas or tabs a header may have more words than there are columns
    if not names or (separator is None and len(names) != usual):
        names = next(([*n] for n in (DEMOGRAPHICS, DIAGNOSES) if len(n) == usual), [])
        kept = body if rows and _is_header(rows[0][1], len(names)) else rows
    if not names:
        message = (
            "not a table of patients: no names of columns such as patient, age, sex or diagnosis, and "
            "neither ICBHI's six columns (patient age sex BMI weight height) nor its two (patient "
            "diagnosis)"
        )
        people.problems.append(Problem("column", file, "", message))
    for where, cells in kept:
        if names and len(cells) != len(names):
            message = f"{len(cells)} columns, not {len(names)} ({', '.join(names)})"
            people.problems.append(Problem("column", file, where, message))
    return [row for row in kept if len(row[1]) == len(names)], names


def _cells(line: Line, separator: str | None) -> list[str]:
    if separator is None:
        return line.text.split()
    return [fold(cell) for cell in next(csv.reader([line.text], delimiter=separator))]


def _separator(lines: Sequence[Line]) -> str | None:
    """Return what separates the columns: the first that is in nearly every line, else white space."""
    for mark in "\t;,":
        if lines and sum(mark in line.text for line in lines) > 0.5 * len(lines):
            return mark
    return None


def names_of(cells: Sequence[str]) -> list[str]:
    """Return the names of columns in a header by what they contain, "" for others; none if it is none."""
    names: list[str] = []
    for cell in cells:
        text = plain(cell)
        name = next((n for n, words in CALLED.items() if any(w in text for w in words)), "")
        if text == "id":
            name = "patient_ID"
        names.append(name if name not in names else "")
    return names if "patient_ID" in names and len({*names} - {""}) > 1 else []


def _is_header(cells: Sequence[str], width: int) -> bool:
    """Return whether the first line of a table of known columns has names in place of values."""
    if len(cells) != width:
        return True
    if width == len(DIAGNOSES):
        return any(word in plain(cells[1]) for word in CALLED["Diagnosis"])
    return number_of(cells[1], comma=True) is None and cells[1].lower() not in MISSING


def _add(people: People, file: str, where: str, cells: dict[str, str]) -> None:
    """Write a row into `people`, and what is wrong with it."""
    patient = key_of(cells["patient_ID"])
    if not patient or patient.lower() in MISSING:
        people.problems.append(Problem("missing", file, where, "the row has no patient"))
        return
    people.patients[file].add(patient)
    if name := fold(cells.get("recording", "")):
        people.recorded[place_in_table(name)] = patient
    values = people.values.setdefault(patient, {})
    for name in COLUMNS:
        text = fold(cells.get(name, ""))
        if text.lower() in MISSING:
            continue
        value, check, message = value_of(name, text)
        if check:
            people.problems.append(Problem(check, file, where, f"{message} (patient {patient})"))
        if value is None:
            continue
        if values.setdefault(name, value) != value:
            message = f"{name} {value} of patient {patient}, which is {values[name]} before"
            people.problems.append(Problem("patient", file, where, message))


def value_of(name: str, text: str) -> tuple[object, str, str]:
    """Return the value of a cell, and the check that it fails and a message, both empty if none."""
    if name == "sex":
        sex = SEXES.get(text.lower(), text)
        usual = sex in SEXES.values()
        return sex, "" if usual else "category", "" if usual else f"sex {text!r} is not F or M"
    if WORKBOOK[name].kind != "number":
        return text, "", ""
    value = number_of(text, comma=True)
    if value is None:
        return None, "number", f"{name} {text!r} is not a number"
    of = WORKBOOK[name]
    if not of.low <= value <= of.high:
        return value, "range", f"{name} {value:g} is not {of.low:g} to {of.high:g} {of.unit}"
    return value, "", ""
