"""Scores that others published under the official division of the ICBHI 2017 challenge.

They are from papers, in percent, each with where it was read. All are of models that use the audio.
Where the authors' code is public, it says on which part they chose the epoch whose score they report.
"""

import csv
from pathlib import Path
from typing import TypedDict, cast

from auscultation.splits.folds import SplitSummary

SCORES = ("specificity", "sensitivity", "icbhi_score")
# What the epoch was chosen on; the score is then the best of many looks at it.
ON_TEST = "test part"
PROTOCOL = "published"  # the protocol whose scores can be compared with them
OFFICIAL = {"train": 4142, "test": 2756}  # cycles on each side (Rocha et al. 2019)


class Published(TypedDict):
    """One published result; scores in percent, None where the paper gives none."""

    method: str
    year: int
    specificity: float | None
    sensitivity: float | None
    icbhi_score: float
    source: str
    seen_in: str
    chosen_on: str  # the part on which the epoch was chosen; empty where it is unknown
    chosen_source: str  # repository, file, line and commit of the authors' code


def read_published(path: str | Path) -> list[Published]:
    """Return the table of published scores, best first."""
    with open(path, encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    numbers = ({n: float(line[n]) if line[n] else None for n in SCORES} for line in lines)
    rows = [
        cast(Published, {**line, "year": int(line["year"]), **scores})
        for line, scores in zip(lines, numbers, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["icbhi_score"], row["method"]))


def band(rows: list[Published]) -> tuple[float, float]:
    """Return the lowest and the highest published score, as shares."""
    scores = [row["icbhi_score"] / 100 for row in rows]
    return min(scores), max(scores)


def is_official(split: SplitSummary) -> bool:
    """Return whether a split has as many cycles as the official division."""
    first = split["folds"][0]
    return {"train": first["train"]["cycles"], "test": first["test"]["cycles"]} == OFFICIAL
