"""New recordings, to be scored: their cycles, or windows where none are annotated, with the features.

What a recording cannot be used for leaves it out, and not the others.
"""

import logging
import math
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import soundfile

from auscultation.data.columns import NOTEBOOK, WORKBOOK
from auscultation.job.errors import InputError
from auscultation.recordings.annotations import Annotations, read_annotations
from auscultation.recordings.families.registry import column_names, features
from auscultation.recordings.folder import Folder, Recording, shown
from auscultation.recordings.frames import DEFAULTS, Settings
from auscultation.recordings.hear import Piece, hear
from auscultation.recordings.join import unnamed
from auscultation.recordings.lines import Cycle
from auscultation.recordings.problems import Problem, grouped, level_of
from auscultation.recordings.to_score import ANNOTATED, WINDOW, new_recordings

# Of labels, which new recordings need not have.
OF_LABELS = ("label", "words")


class Hearing(NamedTuple):
    """How recordings are heard: as those that models were fitted on, windows of `window` s.

    `name_pattern` and `columns` are as in the config.
    """

    families: tuple[str, ...] = ()
    settings: Settings = DEFAULTS
    exact: bool = False
    window: float = 5
    name_pattern: str = ""
    columns: Mapping[str, str] | None = None


class Heard(NamedTuple):
    """The rows of new recordings, how many there are, what is wrong, the files left out.

    `nameless` are the recordings that name no patient.
    """

    table: pa.Table
    n_recordings: int
    problems: list[Problem]
    left_out: list[str]
    nameless: list[str]


def windows(duration: float, window: float) -> np.ndarray:
    """Return start and end of the windows of a recording, (n, 2); all in s.

    What remains at the end is a window of its own where it lasts at least half of one, else the last
    window is longer by it: all of the recording is in one.
    """
    n = max(1, math.floor(duration / window + 0.5))
    edges = np.append(window * np.arange(n), duration)
    return np.column_stack([edges[:-1], edges[1:]])


def cut_of(recording: Recording, window: float) -> list[Cycle]:
    """Return the windows of a recording; the whole where its length cannot be read."""
    try:
        with soundfile.SoundFile(recording.path) as opened:
            duration = opened.frames / opened.samplerate
    except (soundfile.LibsndfileError, RuntimeError, TypeError):
        duration = 0.0
    if duration <= 0:
        return [Cycle("", None, None)]  # what is wrong is said when it is heard
    return [Cycle("", start, end) for start, end in windows(duration, window).tolist()]


def read_cycles(folder: Folder, how: Hearing) -> tuple[Annotations, set[str], list[str]]:
    """Return the cycles of new recordings; one whose patient nothing says is a patient of its own.

    With the names of those in windows, and of those that name no patient.
    """
    windowed: set[str] = set()

    def cut(recording: Recording) -> list[Cycle]:
        windowed.add(recording.name)
        return cut_of(recording, how.window)

    table, problems, notes = read_annotations(
        folder, (), how.name_pattern, columns=how.columns, cut=cut
    )
    patients = table["patient_ID"].combine_chunks()
    nameless = table["recording"].filter(patients.is_null()).unique().to_pylist()
    if nameless:
        patients = pc.coalesce(patients.cast(pa.string()), table["recording"])
        at = table.column_names.index("patient_ID")
        table = table.set_column(at, "patient_ID", patients)
    files = {shown(recording.file) for recording in folder.recordings}
    kept = [
        p
        for p in problems
        if p.check not in OF_LABELS and not (p.check == "name" and p.file in files)
    ]
    return Annotations(table, kept, notes), windowed, nameless


def heard_recordings(
    path: str | os.PathLike, how: Hearing, checks: Mapping[str, str] | None = None
) -> Heard:
    """Return the rows of new recordings.

    Parameters
    ----------
    path
        A recording, or a folder of these.
    how
        As the recordings were heard that models were fitted on.
    checks
        Levels of checks. A recording whose sound fails one with the level error is left out.

    Raises
    ------
    InputError
        Where none can be used.
    """
    checks, folder = checks or {}, new_recordings(path)
    annotations, windowed, nameless = read_cycles(folder, how)
    for note in annotations.notes:
        logging.info("%s", note)
    table, problems = annotations.table, list(annotations.problems)
    if not os.path.isdir(path):  # a table beside it may annotate others, too
        problems = [problem for problem in problems if problem.check != "orphan"]
    cycles: dict[str, list[int]] = {}
    for row, name in enumerate(table["recording"].to_pylist()):
        cycles.setdefault(name, []).append(row)
    rows, values, used = [np.empty(0, np.int64)], [], set()
    for done, recording in enumerate(folder.recordings, 1):
        own = np.array(cycles.get(recording.name, []), np.int64)
        of_sound: list[Problem] = []
        parts = _parts(recording, table.take(pa.array(own)), how, of_sound)
        problems += of_sound
        # one with a place is of a cycle, which is left out alone
        fails = any(level_of(p.check, checks) == "error" and not p.where for p in of_sound)
        if parts and not fails:
            used.add(recording.name)
            rows += [own[at] for at, _ in parts]
            values += [numbers for _, numbers in parts]
        logging.info("heard %d of %d recordings", done, len(folder.recordings))
    unused = [shown(r.file) for r in folder.recordings if r.name not in used]
    problems = [problem for problem in problems if level_of(problem.check, checks) != "off"]
    problems += unnamed(unused, problems)
    if not used:
        raise InputError("\n".join([f"no recording of {path} can be scored:", *grouped(problems)]))
    at = np.concatenate(rows)
    order = np.argsort(at, kind="stable")
    made = _table(
        table.take(pa.array(at[order])), np.concatenate(values)[order], windowed, how.families
    )
    left_out = unused + [problem.file for problem in folder.problems]
    n_recordings = len(folder.recordings) + len(folder.problems)
    return Heard(made, n_recordings, problems, left_out, nameless)


def _parts(
    recording: Recording, cycles: pa.Table, how: Hearing, problems: list[Problem]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each piece of a recording which of its cycles it has, and their values."""
    if not cycles.num_rows:
        return []  # named with the annotations
    starts, ends = (cycles[name].to_numpy() for name in ("start", "end"))  # nan: the whole
    families = bool(how.families)
    file = shown(recording.file)
    pieces = hear(recording.path, file, starts, ends, how.exact, families, problems)
    return [(piece.rows, _values(piece, how)) for piece in pieces]


def _values(piece: Piece, how: Hearing) -> np.ndarray:
    """Return start, end, statistics and features of the cycles of a piece, (n_cycles, columns)."""
    made = features(piece.samples, piece.spans, how.families, how.settings)
    return np.column_stack([piece.starts, piece.ends, piece.five, made])


def _table(
    cycles: pa.Table, values: np.ndarray, windowed: set[str], families: Sequence[str]
) -> pa.Table:
    """Return the rows as a workbook would have them: known columns, `cut`, features of families."""
    names = ("start", "end", *NOTEBOOK, *column_names(families))
    columns = {name: cycles[name] for name in cycles.column_names}
    columns |= {
        name: pa.array(column, from_pandas=True)
        for name, column in zip(names, values.T, strict=True)
    }
    cut = [WINDOW if name in windowed else ANNOTATED for name in cycles["recording"].to_pylist()]
    order = [name for name in WORKBOOK if name in columns]
    blank = {name for name in ("crackles", "wheezes") if columns[name].null_count == len(cut)}
    known = {name: columns.pop(name) for name in order if name not in blank}
    others = {name: column for name, column in columns.items() if name not in blank}
    return pa.table({**known, "cut": pa.array(cut), **others})
