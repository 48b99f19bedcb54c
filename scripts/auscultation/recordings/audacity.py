"""Annotations as Audacity exports labels: start, end (s) and a label, separated by tabs.

A label that contains one of some words is one of crackles or wheezes; one that is blank or one of
`NORMAL` is a normal cycle, and any other word is taken for that, too, and named.
Source: https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

from collections.abc import Sequence

from auscultation.data.text import fold
from auscultation.recordings.lines import Cycle, Line, Parsed, cells_of, times_of
from auscultation.recordings.problems import Problem

# what labels contain, in lower case, that stand for crackles or wheezes; whole normal labels
CRACKLES = ("crackle", "both")
WHEEZES = ("wheez", "both")
NORMAL = ("", "normal", "n", "none", "0")


def parse_audacity(file: str, lines: Sequence[Line]) -> Parsed:
    """Return the cycles of an export of labels; a line that is wrong is a problem and no cycle.

    Checks: column (not three), number, finite, range, order, words (a label that is not known).
    """
    cycles: list[Cycle] = []
    problems: list[Problem] = []
    for line in lines:
        if line.text.startswith("\\"):  # the frequencies of the label before
            continue
        cells, where = cells_of(line.text, "\t"), f"line {line.number}"
        if len(cells) == 2:  # an editor has cut the tab before an empty label
            cells.append("")
        if len(cells) != 3:
            message = (
                f"it must be start, end and label, separated by tabs: {line.text.strip()[:60]!r}"
            )
            problems.append(Problem("column", file, where, message))
            continue
        times = times_of(cells[0], cells[1], file, where)
        if isinstance(times, Problem):
            problems.append(times)
            continue
        label = fold(cells[2]).lower()
        crackles, wheezes = (any(w in label for w in of) for of in (CRACKLES, WHEEZES))
        if not (crackles or wheezes or label in NORMAL):
            message = f"label {fold(cells[2])!r} is taken for neither crackles nor wheezes"
            problems.append(Problem("words", file, where, message))
        cycles.append(Cycle(where, *times, int(crackles), int(wheezes)))
    return Parsed(cycles, problems)
