"""Annotations and names as the SPRSound database has them.

A .json has `event_annotation`, a list of {start, end, type} with times in ms, as texts, and
`record_annotation`. The name of a recording is patient_age_sex_place_number, with age in years and
sex 0 (male) or 1 (female). Source: Zhang et al., SPRSound: open-source SJTU paediatric respiratory
sound database, IEEE Transactions on Biomedical Circuits and Systems 16 (2022).
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from auscultation.recordings.lines import Cycle, Line, Parsed, times_of
from auscultation.recordings.problems import Problem

CRACKLES = ("Crackle",)
WHEEZES = ("Wheez", "Rhonchi", "Stridor")
EVENTS = "event_annotation"
NAME = re.compile(r"(\d+)_(\d+(?:\.\d+)?)_([01])_(p\d+)_(\d+)")


class Named(NamedTuple):
    """What the name of a recording says: patient, age in years, sex (M or F), place on the chest."""

    patient: str
    age: float
    sex: str
    location: str


def named(name: str) -> Named | None:
    """Return what the name of a recording says; None where it is not one of this database."""
    match = NAME.fullmatch(name)
    return Named(match[1], float(match[2]), "MF"[int(match[3])], match[4]) if match else None


def parse_sprsound(file: str, lines: Sequence[Line]) -> Parsed:
    """Return the events of an annotation as cycles; one that is wrong is a problem and no cycle.

    Checks: file (no JSON, or not of this form), number, finite, range, order.
    """
    try:
        about = json.loads("\n".join(line.text for line in lines))
        events = about[EVENTS]
        texts = [(str(e["start"]), str(e["end"]), str(e["type"])) for e in events]
    except ValueError as error:
        return Parsed([], [Problem("file", file, "", f"it is no JSON: {error}")])
    except (KeyError, TypeError):
        message = f"it must have `{EVENTS}`, a list of {{start, end, type}}, as SPRSound has it"
        return Parsed([], [Problem("file", file, "", message)])
    cycles: list[Cycle] = []
    problems: list[Problem] = []
    for number, (start, end, kind) in enumerate(texts, 1):
        where = f"event {number}"
        times = times_of(start, end, file, where, scale=1000)
        if isinstance(times, Problem):
            problems.append(times)
        else:
            crackles, wheezes = (any(w in kind for w in of) for of in (CRACKLES, WHEEZES))
            cycles.append(Cycle(where, *times, int(crackles), int(wheezes)))
    return Parsed(cycles, problems)
