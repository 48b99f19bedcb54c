"""What is known of the recordings of a folder while their annotations are read, and what is wrong."""

import difflib
from collections.abc import Sequence
from os.path import basename

from auscultation.recordings.folder import Folder, place_of, shown
from auscultation.recordings.lines import Cycle
from auscultation.recordings.problems import Problem

SAME_TIME = 1e-6  # s; cycles that touch may overlap by what a float is off
MOST = 5  # names in a note, and names for which near ones are looked up


class Book:
    """What is known so far: by recording its cycles and what is said of it.

    `labelled`: whether cycles must have labels, as those that models are fitted on.
    """

    def __init__(self, folder: Folder, labelled: bool = True) -> None:
        self.folder, self.labelled = folder, labelled
        self.cycles: dict[str, list[Cycle]] = {r.name: [] for r in folder.recordings}
        self.about: dict[str, dict[str, object]] = {}
        self.of: dict[str, str] = {}  # by recording the file that annotates it
        self.table = ""  # the file that annotates several
        self.problems = list(folder.problems)
        self.notes = list(folder.notes)
        # sounds that are named by a problem: what annotates them has a recording
        self.refused = {basename(place_of(p.file)) for p in folder.problems}

    def add(self, check: str, file: str, where: str, message: str) -> None:
        """Write a problem."""
        self.problems.append(Problem(check, file, where, message))

    def name_orphans(self, orphans: Sequence[tuple[str, str, str]]) -> None:
        """Write a problem for each annotation without recording: its name, its file, where in it."""
        free = [name for name, cycles in self.cycles.items() if not cycles]
        for at, (name, file, where) in enumerate(orphans):
            near = difflib.get_close_matches(basename(name), free, 1) if at < MOST else []
            hint = f" (without annotation: {near[0]})" if near else ""
            self.add("orphan", file, where, f"the folder has no recording {name!r}{hint}")

    def relate(self) -> None:
        """Write the cycles of each recording in order, and a problem for each that repeats or overlaps."""
        unsorted = []
        for name, cycles in self.cycles.items():
            ordered = sorted(cycles, key=_times)
            if ordered != cycles:
                unsorted.append(name)
                self.cycles[name] = ordered
            self._compare(name, ordered)
        if unsorted:
            self.notes.append(f"cycles were sorted by their start: {some(unsorted)}")

    def _compare(self, name: str, ordered: Sequence[Cycle]) -> None:
        """Write a problem for each cycle that repeats or overlaps one before it."""
        file, latest = shown(self.of.get(name, name)), 0.0
        for at, cycle in enumerate(ordered):
            start, end = _times(cycle)
            if at and (start, end) == _times(ordered[at - 1]):
                message = f"the same cycle of recording {name} as in {ordered[at - 1].where}"
                self.add("duplicate", file, cycle.where, message)
            elif at and ordered[0].start is None:
                message = f"{ordered[0].where} is of the whole recording {name}, this a part of it"
                self.add("overlap", file, cycle.where, message)
            elif start < latest - SAME_TIME:
                message = (
                    f"starts at {start:g} s, before another cycle of recording {name} ends, at "
                    f"{latest:g} s"
                )
                self.add("overlap", file, cycle.where, message)
            latest = max(latest, end)

    def name_unannotated(self) -> None:
        """Write a problem for each recording without cycles that no other problem names."""
        named = {problem.file for problem in self.problems}
        for recording in self.folder.recordings:
            if self.cycles[recording.name]:
                continue
            file, of = shown(recording.file), self.of.get(recording.name)
            if of is None:
                self.add("unannotated", file, "", "no annotation: the recording is left out")
            elif of == self.table or shown(of) not in named:
                message = f"{shown(of)} has no cycle of it that can be used"
                self.add("unannotated", file, "", message)


def _times(cycle: Cycle) -> tuple[float, float]:
    """Return start and end; zeros, which no cycle has, for the whole recording."""
    return (0.0, 0.0) if cycle.start is None or cycle.end is None else (cycle.start, cycle.end)


def some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more} more" if more > 0 else "")
