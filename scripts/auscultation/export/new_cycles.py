"""The rows that `snakemake score` is to score, read from a workbook or heard from recordings."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.name_pattern import PARTS
from auscultation.export.new_labels import LABELS
from auscultation.job.errors import InputError
from auscultation.job.files import read_json
from auscultation.job.memory import limited
from auscultation.recordings.families.registry import families_of
from auscultation.recordings.problems import Problem, grouped
from auscultation.recordings.to_score import WINDOW
from auscultation.workbook.read import read_workbook

SHOWN = 10  # names in the note of a sheet
# What recordings do not say: models that need it have nothing to say of them, the others do.
UNHEARD = (*PARTS, "age", "sex", "IMC", "weight", "height", "Diagnosis")
WINDOWS = (
    "Rows with `cut` = window are windows of {} s of recordings without annotation, not annotated "
    "respiratory cycles (what remains at the end of a recording is a window of its own from half of that "
    "on, else it is in the last). The models were fitted on cycles: the scores that the sheet Models "
    "has are of these."
)


class NewCycles(NamedTuple):
    """Rows to score, lines for the log, what the note on their sheet adds.

    `lacks` are columns that they may be without; `problems` has what is wrong with recordings;
    `unread` the rows, from 0, whose cell of a column of labels could not be read.
    """

    table: pa.Table
    lines: list[str]
    note: str = ""
    lacks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: Mapping[str, Sequence[int]] = {}
    notes: tuple[str, ...] = ()  # sentences of the note

    @property
    def problem_table(self) -> pa.Table:
        """Return the problems as a table."""
        columns = [pa.array(values, pa.string()) for values in zip(*self.problems, strict=True)]
        order = ("check", "file", "where", "problem")
        return pa.table(columns, names=order).select(["file", "where", "check", "problem"])


def cycles_of_workbook(
    path: str,
    sheet: str | int | None,
    needed: Collection[str],
    columns: Mapping[str, str],
    read: Mapping[str, Any],
) -> NewCycles:
    """Return the rows of a workbook with the needed columns; `read` is how, by the config."""
    names: dict[str, Any] = {"needed": needed, "whole": needed, "columns": columns, "lenient": True}
    names["tolerated"] = LABELS
    # in a process of its own, before models are loaded: what computes with threads cannot be forked
    made = limited(partial(read_workbook, path, sheet, **names, **read), f"workbook {path}")
    return NewCycles(made.table, [*made.notes, *made.warnings], unread=made.unread)


def cycles_of_recordings(path: str, about_path: str, needed: Collection[str]) -> NewCycles:
    """Return the rows that were heard of recordings.

    Raises InputError where a needed column is a feature of a family that was not computed.
    """
    table, about = pq.read_table(path), read_json(about_path)
    if families := families_of([name for name in needed if name not in table.column_names]):
        raise InputError(
            f"the models need the features of {', '.join(families)}: name all their families in "
            "config key `families`"
        )
    problems = tuple(Problem(**problem) for problem in about["problems"])
    left_out = about["left_out"]
    notes = list(about["notes"])
    if left_out:
        more = len(left_out) - SHOWN
        named = ", ".join(left_out[:SHOWN]) + (f" and {more} more" if more > 0 else "")
        notes.append(
            f"{len(left_out)} of {about['recordings']} recordings could not be used: {named}; the "
            "sheet Problems says why"
        )
    lines = [*notes, *grouped(problems)]
    if WINDOW in table["cut"].unique().to_pylist():
        notes.insert(0, WINDOWS.format(f"{about['window']:g}").removesuffix("."))
    sentences = tuple(f"{text[0].upper()}{text[1:]}." for text in notes)
    note = "".join(f" {sentence}" for sentence in sentences)
    return NewCycles(table, lines, note, UNHEARD, problems, notes=sentences)
