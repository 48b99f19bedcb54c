"""Folds by a published list of patients or recordings."""

from collections.abc import Mapping

import numpy as np

from auscultation.data.derived import derive
from auscultation.splits.folds import Cycles, Fold
from auscultation.splits.lists import join, number_of, read_list

LISTED = {"patient": "patient_ID", "recording": "recording"}  # the columns that a list can name


def unit_of(settings: Mapping) -> str:
    """Return what is dealt to the folds whole."""
    return settings["by"]


def listed_folds(
    cycles: Cycles,
    *,
    list: str,
    by: str = "patient",
    aliases: dict | None = None,
    ignore: list | None = None,
) -> list[Fold]:
    """Test on each fold of a published list of patients (or recordings), train on the others.

    `list` is a text file of two columns, the name of a patient or recording (`by`) and the number
    of its fold; see `auscultation.splits.lists`. `aliases` and `ignore` are as for `published`.

    Raises ValueError where a name is on one side only of list and workbook, with the nearest names;
    where there is one fold only.
    """
    listed = read_list(list, f"a {by} and the number of its fold", number_of)
    names = derive(cycles, LISTED[by]).tolist()
    other = "patient" if by == "recording" else "recording"
    others = cycles.get(LISTED[other], np.empty(0)).tolist()
    if {*map(str, others)} & listed.keys() and not {*map(str, names)} & listed.keys():
        raise ValueError(f"{list} names {other}s, not {by}s: write `by: {other}` beside it")
    fold = np.array(join(listed, names, aliases, ignore, by))
    numbers = np.unique(fold)
    if len(numbers) < 2:
        raise ValueError(f"{list}: all are in fold {numbers[0]}; there must be two folds or more")
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in numbers]
