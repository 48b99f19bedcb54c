"""What is wrong with a recording, an annotation or a table of patients; what the config does about it."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from auscultation.data.formulas import as_text
from auscultation.job.files import atomic_path

SHOWN = 20  # problems of a check in a message
# What would make a result wrong is an error whatever the config has.
FATAL = ("number", "column", "label", "missing")
# Levels of checks that the config does not name; of all others: error.
DEFAULTS = {
    "rate": "warn",
    "lossy": "warn",
    "channels": "warn",
    "clipped": "warn",
    "end": "warn",
    "fine": "warn",
    "silent": "warn",
    "overlap": "warn",
    "patient": "warn",
    "people": "warn",
    "category": "warn",
    "unannotated": "warn",
    "empty": "warn",
}


class Problem(NamedTuple):
    """What fails which check: the file, where in it (a line, a cell, a time), and in words what."""

    check: str
    file: str
    where: str
    message: str


def level_of(check: str, levels: Mapping[str, str]) -> str:
    """Return the level of a check: error, warn or off, by the `checks:` of the config."""
    if check in FATAL:
        return "error"
    return levels.get(check, DEFAULTS.get(check, "error"))


def describe(problem: Problem) -> str:
    """Return a problem as one line."""
    where = f", {problem.where}" if problem.where else ""
    return f"{problem.file}{where}: {problem.message}"


def grouped(problems: Iterable[Problem]) -> list[str]:
    """Return a text for each check, in order of first appearance: how many files, the first problems."""
    by_check: dict[str, list[Problem]] = {}
    for problem in problems:
        by_check.setdefault(problem.check, []).append(problem)
    texts = []
    for check, of_check in by_check.items():
        n = len({problem.file for problem in of_check})
        lines = [f"\n  - {describe(problem)}" for problem in of_check[:SHOWN]]
        more = len(of_check) - SHOWN
        rest = f"\n  - and {more} more" if more > 0 else ""
        texts.append(f"{check}, {n} file{'s' * (n > 1)}:{''.join(lines)}{rest}")
    return texts


def write_problems(
    path: str | os.PathLike, problems: Sequence[Problem], levels: Mapping[str, str]
) -> None:
    """Write every problem whose check is not off as CSV, whole or not at all."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["level", *Problem._fields[:-1], "problem"])
        for problem in problems:
            level = level_of(problem.check, levels)
            if level != "off":
                writer.writerow([level, *map(as_text, problem)])
