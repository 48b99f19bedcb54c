"""Annotations of new recordings: start and end (s) of a cycle in each line; what follows need be no label.

Two more columns of 0 or 1 are taken for crackles and wheezes, as ICBHI has them.
"""

from collections.abc import Sequence

from auscultation.recordings.lines import (
    SEPARATORS,
    Cycle,
    Line,
    Parsed,
    cells_of,
    has_times,
    number_of,
    times_of,
)
from auscultation.recordings.problems import Problem


def time_separator(lines: Sequence[Line]) -> str | None:
    """Return what separates the columns: by which the most lines begin with two numbers."""
    return max(SEPARATORS, key=lambda s: sum(has_times(cells_of(line.text, s)) for line in lines))


def parse_times(file: str, lines: Sequence[Line]) -> Parsed:
    """Return the cycles of an annotation; a line that is wrong is a problem and no cycle.

    Checks: column (less than two), number, finite, range, order.
    """
    separator = time_separator(lines)
    cycles: list[Cycle] = []
    problems: list[Problem] = []
    for line in lines:
        cells, where = cells_of(line.text, separator), f"line {line.number}"
        if len(cells) < 2:
            message = (
                f"start and end must be there, separated by {SEPARATORS[separator]}: "
                f"{line.text.strip()[:60]!r}"
            )
            problems.append(Problem("column", file, where, message))
            continue
        times = times_of(cells[0], cells[1], file, where)
        if isinstance(times, Problem):
            problems.append(times)
            continue
        labels = [number_of(cell) for cell in cells[2:]]
        if len(labels) == 2 and {*labels} <= {0, 1}:
            cycles.append(Cycle(where, *times, *(int(label or 0) for label in labels)))
        else:
            cycles.append(Cycle(where, *times))
    return Parsed(cycles, problems)
