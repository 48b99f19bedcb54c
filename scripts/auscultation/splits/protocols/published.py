"""Train and test by a published list of recordings."""

import numpy as np

from auscultation.data.derived import derive
from auscultation.splits.folds import Cycles, Fold
from auscultation.splits.lists import join, read_list, side_of


def published(
    cycles: Cycles,
    *,
    list: str,
    aliases: dict = {},  # noqa: B006
    ignore: list | None = None,
) -> list[Fold]:
    """Train and test by a published list of recordings, such as the ICBHI challenge's.

    `list` is a text file of two columns, the recording's name and train or test; see
    `auscultation.splits.lists`. `aliases` are names in the list that the workbook spells otherwise,
    {name in the list: in the workbook}; `ignore` names in the list that are left out.

    Raises ValueError where a recording is on one side only of list and workbook, with the nearest
    names.
    """
    sides = read_list(list, "a recording and train or test", side_of)
    side = np.array(join(sides, derive(cycles, "recording").tolist(), aliases, ignore))
    return [(np.flatnonzero(side == "train"), np.flatnonzero(side == "test"))]
