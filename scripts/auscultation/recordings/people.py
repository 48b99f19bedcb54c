"""Who was recorded: the patient of each recording, and what is known of the patient.

The patient is in a column of `annotations.csv`, in a table, or in the recording's name: of ICBHI's
or another pattern, or of SPRSound, whose names have age, sex and place, too.

Checks: `name` (no patient), `people` (a patient that a table lacks), and those of
`auscultation.recordings.people_files`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from auscultation.data.columns import WORKBOOK
from auscultation.data.name_pattern import ICBHI, PARTS, compiled, parts_of
from auscultation.recordings.book import some
from auscultation.recordings.folder import Recording, shown
from auscultation.recordings.people_files import COLUMNS, People, key_of
from auscultation.recordings.problems import Problem
from auscultation.recordings.sprsound import named
from auscultation.workbook.ids import parse_ids


class Made(NamedTuple):
    """The columns of recordings, a value for each, and what is wrong or to be said of them."""

    arrays: dict[str, pa.Array]
    problems: list[Problem]
    notes: list[str]


def patient_of(name: str, pattern: str = ICBHI) -> str | None:
    """Return the patient in the name of a recording; None where it does not have the pattern."""
    if of := named(name):
        return of.patient
    expression = compiled(pattern)
    match = expression.fullmatch(name) if "patient" in expression.groupindex else None
    return match["patient"].strip() or None if match else None


def columns_of(
    recordings: Sequence[Recording],
    about: Mapping[str, Mapping[str, object]],
    people: People,
    pattern: str = ICBHI,
) -> Made:
    """Return the columns patient_ID and what else is known, a value for each recording.

    Parameters
    ----------
    recordings
        With cycles.
    about
        What annotations say, by the name of the recording and column; it goes before all else.
    people
        What tables say.
    pattern
        How the names of recordings are made up, as in the config.
    """
    problems: list[Problem] = []
    patients: list[str | None] = []
    rows: list[dict[str, object]] = []
    for recording in recordings:
        name, names = recording.name, named(recording.name)
        values = {k: v for k, v in about.get(name, {}).items() if v is not None}
        patient = values.get("patient_ID")  # which may be 0
        if patient is None:
            patient = people.patient_of(recording) or patient_of(name, pattern)
        if patient is None:
            message = (
                f"no patient: the name does not have the form {pattern}; rename it, set config key "
                "`name_pattern`, or name the patient in column patient_ID of annotations.csv"
            )
            problems.append(Problem("name", shown(recording.file), "", message))
        patients.append(None if patient is None else key_of(str(patient)))
        row: dict[str, object] = {}
        if names:
            row |= {"age": names.age, "sex": names.sex, "location": names.location}
        row |= people.values.get(patients[-1] or "", {})
        rows.append(row | values)
    _add_places(rows, recordings, patients, pattern)
    present = {name for row in rows for name in row} | people.columns
    arrays = {"patient_ID": parse_ids(patients).array}
    for name in (*COLUMNS, *PARTS):
        if name in present:
            kind = pa.float64() if WORKBOOK[name].kind == "number" else pa.string()
            arrays[name] = pa.array([row.get(name) for row in rows], kind)
    notes: list[str] = []
    _compare({p for p in patients if p}, people, problems, notes)
    return Made(arrays, problems, notes)


def _add_places(
    rows: list[dict[str, object]],
    recordings: Sequence[Recording],
    patients: Sequence[str | None],
    pattern: str,
) -> None:
    """Write location and device in names, where some name is one of SPRSound.

    Such names have as many parts as ICBHI's, and no device: without a column of its own, a number
    would be taken for it. The names of other databases are read where the table is cleaned.
    """
    names = [recording.name for recording in recordings]
    if not any(map(named, names)):
        return
    parts = parts_of([p or "" for p in patients], names, pattern)
    for at, row in enumerate(rows):
        other = named(names[at]) is None
        for place in PARTS:
            value = parts[place][at] if other and place in parts else None
            row.setdefault(place, value)


def _compare(recorded: set[str], people: People, problems: list[Problem], notes: list[str]) -> None:
    """Write a problem for each patient whom some table lacks and another, or a recording, has."""
    listed = {patient for patients in people.patients.values() for patient in patients}
    for file, patients in people.patients.items():
        for patient in sorted(recorded - patients):
            problems.append(Problem("people", file, "", f"recorded patient {patient} is not in it"))
        for patient in sorted(listed - patients - recorded):
            where = ", ".join(other for other, of in people.patients.items() if patient in of)
            problems.append(
                Problem("people", file, "", f"patient {patient} of {where} is not in it")
            )
    if absent := sorted(listed - recorded):
        notes.append(f"patients without annotated recording: {some(absent)}")
