"""Which patients' cycles the models get right least often."""

from collections import Counter
from dataclasses import dataclass

from auscultation.scores.errors import Hardest

HARDEST = 10  # patients whose most frequent classes are counted


@dataclass(frozen=True)
class HardestPatients:
    """Cycles and patients of a split that models rarely or never get right."""

    cycles: Hardest | None  # the row of all cycles
    n_patients: int
    n_never: int  # patients without a cycle that any model gets right
    n_hardest: int  # of these patients, the hardest, the classes are
    classes: list[tuple[str, int]]  # most frequent class of a patient, and of how many


def hardest_of(rows: list[Hardest]) -> HardestPatients:
    """Return who is hardest, from the rows of the hardest of one split."""
    people = [row for row in rows if row["by"] == "patient_ID"]
    people.sort(key=lambda row: (row["mean_right"], row["group"]))
    cycles = next((row for row in rows if row["by"] == "all"), None)
    n_never = sum(row["n_never_right"] == row["n_cycles"] for row in people)
    classes = Counter(row["main_class"] for row in people[:HARDEST]).most_common()
    return HardestPatients(cycles, len(people), n_never, min(len(people), HARDEST), classes)
