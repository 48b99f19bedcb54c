"""The table of a folder of recordings: its cycles with the features of each, and what was left out."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auscultation.data.columns import WORKBOOK
from auscultation.job.errors import InputError
from auscultation.recordings.account import UNHEARD
from auscultation.recordings.folder import SOUNDS, ending_of, recording_of
from auscultation.recordings.problems import Problem, grouped, level_of

KEYS = ("recording", "row")
LISTED = "the full list is in table/problems.csv; `checks:` in the config says what stops a run"


def stacked(paths: Sequence[str]) -> pa.Table:
    """Return the rows of several files, none of none: a folder may have only sounds that are not read."""
    if paths:
        return pa.concat_tables(map(pq.read_table, paths))
    return pa.table({"recording": pa.array([], pa.string()), "row": pa.array([], pa.int64())})


def positions(cycles: pa.Table, features: pa.Table) -> np.ndarray:
    """Return for each cycle its row among the features, -1 where it has none; by recording and row."""
    places = {
        key: at for at, key in enumerate(zip(*(features[k].to_pylist() for k in KEYS), strict=True))
    }
    keys = zip(*(cycles[k].to_pylist() for k in KEYS), strict=True)
    return np.array([places.get(key, -1) for key in keys], np.int64)


def joined(cycles: pa.Table, notebook: pa.Table, families: Sequence[pa.Table]) -> pa.Table:
    """Return the table that a workbook would make, of the cycles that have all features.

    Parameters
    ----------
    cycles
        With `recording`, `row`, labels and what is known of patients.
    notebook
        The five statistics by `recording` and `row`, with `start` and `end` as they were heard.
    families
        Of each family its features, by `recording` and `row`.

    Returns
    -------
    pa.Table
        In the order of `cycles`; known columns first.
    """
    tables = (notebook, *families)
    places = np.array([positions(cycles, table) for table in tables])
    heard = (places >= 0).all(axis=0)
    cycles = cycles.filter(pa.array(heard))
    columns = {name: cycles[name] for name in cycles.column_names if name != "row"}
    for table, place in zip(tables, places[:, heard], strict=True):
        at = pa.array(place)
        columns |= {n: table[n].take(at) for n in table.column_names if n not in KEYS}
    columns["state"] = pc.add(columns["crackles"], pc.multiply(columns["wheezes"], 2))
    known = [name for name in WORKBOOK if name in columns]
    others = [name for name in columns if name not in WORKBOOK]
    return pa.table({name: columns[name] for name in [*known, *others]})


def lost(
    recordings: Mapping[str, str], rows: pa.ChunkedArray, problems: Sequence[Problem]
) -> list[str]:
    """Return the files of the recordings that have no row.

    Parameters
    ----------
    recordings
        The folder's recordings, by name and file.
    rows
        The column `recording` of the table.
    problems
        Of the folder: they name the sounds that are no recording of it, as they cannot be read or have
        the name of another.
    """
    there, files = set(rows.unique().to_pylist()), set(recordings.values())
    named = dict.fromkeys(p.file for p in problems if ending_of(p.file) in SOUNDS)
    missing = [file for name, file in recordings.items() if name not in there]
    return missing + [file for file in named if file not in files]


def unnamed(missing: Sequence[str], problems: Sequence[Problem]) -> list[Problem]:
    """Return a problem for each file without a row that no other problem names."""
    named = {recording_of(problem.file) for problem in problems}
    return [
        Problem("lost", file, "", UNHEARD) for file in missing if recording_of(file) not in named
    ]


def levels_of(
    missing: Sequence[str], problems: Sequence[Problem], checks: Mapping[str, str]
) -> dict[str, str]:
    """Return the levels of checks; where one is off that a recording is lost by, it warns."""
    names = {recording_of(file) for file in missing}
    by = {problem.check for problem in problems if recording_of(problem.file) in names}
    return {**checks, **{c: "warn" for c in by if level_of(c, checks) == "off"}}


def stop_for(folder: str, problems: Sequence[Problem], checks: Mapping[str, str]) -> None:
    """Raise InputError with all problems that are errors, by check."""
    errors = [problem for problem in problems if level_of(problem.check, checks) == "error"]
    if errors:
        raise InputError("\n".join([f"recordings {folder}:", *grouped(errors), LISTED]))


def digest(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of the SHA-256 of files, in the order of their names."""
    return hashlib.sha256("".join(files[name] for name in sorted(files)).encode()).hexdigest()
