"""The annotations of a folder of recordings, in whatever form they are, as one table of cycles.

An annotation is a file with the name of its recording, beside it or in another folder: ICBHI's
.txt, an export of labels from Audacity, a .json of SPRSound; its content says which. Or one table
`annotations.csv` in the folder has all.

Checks of their own: `orphan` (an annotation without recording), `twice` (two annotations of one
recording), `unannotated`, `empty` (an annotation without cycles), `duplicate`, `overlap`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from auscultation.data.name_pattern import ICBHI
from auscultation.recordings.annotation_table import ABOUT, read_table
from auscultation.recordings.annotation_texts import read_texts
from auscultation.recordings.batches import tables_of
from auscultation.recordings.book import Book
from auscultation.recordings.folder import Folder, Recording, place_in_table
from auscultation.recordings.lines import Cycle
from auscultation.recordings.people import columns_of
from auscultation.recordings.people_files import read_people
from auscultation.recordings.problems import Problem


class Annotations(NamedTuple):
    """The cycles of all recordings, in the order of their names, and what is to be said of them.

    `table` has the columns recording, start, end (s; both null: the whole recording), crackles,
    wheezes, patient_ID, and of `ABOUT` what some recording has. Each recording of the folder has
    rows or is named by a problem.
    """

    table: pa.Table
    problems: list[Problem]
    notes: list[str]


def read_annotations(
    folder: Folder,
    people: Sequence[str] = (),
    name_pattern: str = ICBHI,
    columns: Mapping[str, str] | None = None,
    cut: Callable[[Recording], list[Cycle]] | None = None,
) -> Annotations:
    """Return the annotated cycles of a folder, with patients and what is known of these.

    Parameters
    ----------
    folder
        From `auscultation.recordings.folder.list_folder`.
    people
        Tables of patients, as `auscultation.recordings.people_files` reads them.
    name_pattern
        How the names of recordings are made up, as in the config.
    columns
        Own names of columns of `annotations.csv`, as in the config.
    cut
        Of new recordings: what cuts one without annotation. Labels of the others may be missing.

    Notes
    -----
    Nothing is raised for what is wrong with a file: `problems` has it.
    """
    book = Book(_without(folder, people), labelled=cut is None)
    _read_table(book, columns)
    read_texts(book)
    book.relate()
    if cut:
        book.cycles |= {r.name: cut(r) for r in folder.recordings if r.name not in book.of}
    book.name_unannotated()
    tables = read_people(people)
    used = [r for r in folder.recordings if book.cycles[r.name]]
    made = columns_of(used, book.about, tables, name_pattern)
    problems = book.problems + tables.problems + made.problems
    cycles = [(at, cycle) for at, r in enumerate(used) for cycle in book.cycles[r.name]]
    rows = pa.array([at for at, _ in cycles], pa.int64())
    arrays = {
        "recording": pa.array([r.name for r in used], pa.string()).take(rows),
        "start": pa.array([cycle.start for _, cycle in cycles], pa.float64()),
        "end": pa.array([cycle.end for _, cycle in cycles], pa.float64()),
        "crackles": pa.array([cycle.crackles for _, cycle in cycles], pa.int64()),
        "wheezes": pa.array([cycle.wheezes for _, cycle in cycles], pa.int64()),
    }
    arrays |= {name: made.arrays[name].take(rows) for name in ABOUT if name in made.arrays}
    return Annotations(pa.table(arrays), problems, book.notes + tables.notes + made.notes)


def _without(folder: Folder, people: Sequence[str]) -> Folder:
    """Return a folder without the tables of patients, which may lie in it."""
    tables = {os.path.realpath(path) for path in people}
    others = [
        file
        for file in folder.others
        if os.path.realpath(os.path.join(folder.path, file)) not in tables
    ]
    return folder._replace(others=others)


def _read_table(book: Book, columns: Mapping[str, str] | None) -> None:
    """Write the cycles of `annotations.csv` into the book, where there is one."""
    root = book.folder.path
    files = tables_of(book.folder)
    for file in files[1:]:
        book.add("twice", file, "", f"{files[0]} is there, too; keep one table of annotations")
    for file in files[:1]:
        book.table = file
        rows = read_table(os.path.join(root, file), file, columns, book.labelled)
        book.problems += rows.problems
        book.notes += rows.notes
        names = {name: name for name in book.cycles}
        names |= {r.place: r.name for r in book.folder.recordings}
        unknown = []
        for title, cycles in rows.cycles.items():
            name = names.get(place_in_table(title))
            if name is None:
                unknown.append(title)
                continue
            book.of[name] = file
            book.cycles[name] += cycles
            book.about.setdefault(name, {}).update(rows.about[title])
        book.name_orphans([(name, file, rows.where[name]) for name in unknown])
        book.notes.append(f"{file} annotates {len(book.of)} recordings")
