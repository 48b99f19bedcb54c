"""What is wrong with a recording, an annotation or a table of patients; what the config does about it."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from auscultation.data.formulas import as_text
from auscultation.job.files import atomic_path

SHOWN = 20  # problems of a check in a message
# By check its level and what fails it. "fatal" would make a result wrong: an error whatever the
# config has; the others are what they are unless the config has another.
CHECKS: dict[str, tuple[str, str]] = {
    # a sound: unlike what follows, "warn" leaves the recording out
    "file": ("error", "a file that cannot be read: damaged, cut short, empty, or of another kind"),
    "finite": ("error", "a sample, a time or a value that is no finite number"),
    "channel": ("error", "one of several channels is silent, or they cancel each other out"),
    "short": ("error", "a recording under 0.4 s"),
    "rate": ("error", "a rate under 3600 Hz, or under 1000 Hz where no family is computed"),
    "slow": ("warn", "a rate under 3600 Hz where no family is computed"),
    "lossy": ("warn", "MP3, Ogg or Opus, which leave out what they take for unheard"),
    "channels": ("warn", "several channels, of which the mean is taken"),
    "clipped": ("warn", "more than 1 % of the samples are at the limit: recorded too loud"),
    "silent": ("warn", "every sample has the same value"),
    # a cycle in its sound
    "past": ("error", "a cycle more than 0.1 s beyond its recording: it is left out"),
    "end": ("warn", "a cycle up to 0.1 s beyond its recording: it is cut"),
    "long": ("error", "a cycle of more than 10 min or 16 million samples: it is left out"),
    "fine": ("warn", "a cycle under 0.2 s: Fine_Av is blank"),
    # annotations
    "number": ("fatal", "a time or a value that is no number"),
    "column": ("fatal", "a line or a table that lacks a column, or has one too many"),
    "label": ("fatal", "a label of crackles or wheezes other than 0 and 1"),
    "missing": ("fatal", "a blank cell that nothing can replace"),
    "whole": ("fatal", "a number that should be a whole one"),
    "ambiguous": ("fatal", "a number of which the mark may be decimal or of thousands"),
    "range": ("error", "a time before the recording begins, or a value out of its range"),
    "order": ("error", "a cycle that ends where it starts, or before, or has under 2 samples"),
    "duplicate": ("error", "the same cycle of a recording twice"),
    "overlap": ("warn", "a cycle that starts before an earlier one of its recording ends"),
    "twice": ("error", "two annotations of one recording"),
    "orphan": ("error", "an annotation of a recording that the folder does not have"),
    "words": ("error", "a label in words that are taken for neither crackles nor wheezes"),
    "empty": ("warn", "an annotation without cycles: its recording is left out"),
    "unannotated": ("warn", "a recording without annotation: it is left out"),
    "error_cell": ("warn", "an error of a spreadsheet in place of a value, taken as missing"),
    "id": ("warn", "an id that a spreadsheet may have changed: a date, or more than 15 digits"),
    # recordings and patients
    "lost": ("fatal", "a recording none of whose cycles is heard, and nothing says why"),
    "name": ("error", "a name that two recordings have, or that does not say the patient"),
    "recording": ("error", "a recording with two patients"),
    "patient": ("warn", "two values of one patient, or of one recording"),
    "people": ("warn", "a patient whom one table has and another has not"),
    "category": ("warn", "a word that is not one of those known, as a sex other than F and M"),
}
FATAL = tuple(check for check, (level, _) in CHECKS.items() if level == "fatal")
DEFAULTS = {check: level for check, (level, _) in CHECKS.items() if level != "fatal"}


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
