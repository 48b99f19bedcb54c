"""Annotations as the ICBHI 2017 database has them: start, end (s), crackles, wheezes (0 or 1).

A line for each cycle; one separator a file. Source: Rocha et al., An open access database for the
evaluation of respiratory sound classification algorithms, Physiological Measurement 40 (2019).
"""

from collections.abc import Sequence

from auscultation.recordings.lines import (
    SEPARATORS,
    Cycle,
    Line,
    Parsed,
    cells_of,
    number_of,
    separator_of,
    times_of,
)
from auscultation.recordings.problems import Problem

COLUMNS = ("start", "end", "crackles", "wheezes")


def parse_icbhi(file: str, lines: Sequence[Line]) -> Parsed:
    """Return the cycles of an annotation; a line that is wrong is a problem and no cycle.

    Checks: column (not four), number, finite, range, order, label (not 0 or 1).
    """
    separator = separator_of(lines, len(COLUMNS))
    cycles: list[Cycle] = []
    problems: list[Problem] = []
    for line in lines:
        cells, where = cells_of(line.text, separator), f"line {line.number}"
        if len(cells) != len(COLUMNS):
            message = (
                f"{len(cells)} column{'s' * (len(cells) != 1)} separated by {SEPARATORS[separator]}; "
                f"it must be four, {', '.join(COLUMNS)}: {line.text.strip()[:60]!r}"
            )
            problems.append(Problem("column", file, where, message))
            continue
        labels = [number_of(cell) for cell in cells[2:]]
        times = times_of(cells[0], cells[1], file, where)
        wrong = [c for c, label in zip(COLUMNS[2:], labels, strict=True) if label not in (0, 1)]
        if isinstance(times, Problem):
            problems.append(times)
        elif wrong:
            cell = cells[COLUMNS.index(wrong[0])]
            problems.append(
                Problem("label", file, where, f"{wrong[0]} must be 0 or 1, not {cell!r}")
            )
        else:
            crackles, wheezes = (int(label) for label in labels if label is not None)
            cycles.append(Cycle(where, *times, crackles, wheezes))
    return Parsed(cycles, problems)
