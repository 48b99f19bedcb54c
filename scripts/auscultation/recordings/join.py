"""The table of a folder of recordings: its cycles with the features of each, and what was left out."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.columns import WORKBOOK
from auscultation.job.errors import InputError
from auscultation.recordings.folder import place_of
from auscultation.recordings.problems import Problem, grouped, level_of

KEYS = ("recording", "row")
LISTED = "the full list is in table/problems.csv; `checks:` in the config says what stops a run"


def positions(cycles: pa.Table, features: pa.Table) -> np.ndarray:
    """Return for each cycle its row among the features, -1 where it has none; by recording and row."""
    places = {
        key: at for at, key in enumerate(zip(*(features[k].to_pylist() for k in KEYS), strict=True))
    }
    keys = zip(*(cycles[k].to_pylist() for k in KEYS), strict=True)
    return np.array([places.get(key, -1) for key in keys], np.int64)


def joined(cycles: pa.Table, notebook: pa.Table, families: Sequence[pa.Table]) -> pa.Table:
    """Return the table that a workbook would make, of the cycles that were heard.

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
    place = positions(cycles, notebook)
    heard = place >= 0
    cycles = cycles.filter(pa.array(heard))
    columns = {name: cycles[name] for name in cycles.column_names if name != "row"}
    for table in (notebook, *families):
        # a copy of the rows in order is made only where the order differs
        at = pa.array(positions(cycles, table))
        columns |= {n: table[n].take(at) for n in table.column_names if n not in KEYS}
    columns["state"] = pc.add(columns["crackles"], pc.multiply(columns["wheezes"], 2))
    known = [name for name in WORKBOOK if name in columns]
    others = [name for name in columns if name not in WORKBOOK]
    return pa.table({name: columns[name] for name in [*known, *others]})


def lost(recordings: Mapping[str, str], rows: pa.ChunkedArray) -> list[str]:
    """Return the recordings, by name and file, that have no row."""
    there = set(rows.unique().to_pylist())
    return [name for name in recordings if name not in there]


def unnamed(
    missing: Sequence[str], recordings: Mapping[str, str], problems: Sequence[Problem]
) -> list[Problem]:
    """Return a problem for each recording without a row that no other problem names."""
    named = {place_of(problem.file).rpartition("/")[2] for problem in problems}
    message = "none of its cycles could be heard"
    return [Problem("lost", recordings[n], "", message) for n in missing if n not in named]


def stop_for(folder: str, problems: Sequence[Problem], checks: Mapping[str, str]) -> None:
    """Raise InputError with all problems that are errors, by check."""
    errors = [problem for problem in problems if level_of(problem.check, checks) == "error"]
    if errors:
        raise InputError("\n".join([f"recordings {folder}:", *grouped(errors), LISTED]))


def digest(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of the SHA-256 of files, in the order of their names."""
    return hashlib.sha256("".join(files[name] for name in sorted(files)).encode()).hexdigest()
