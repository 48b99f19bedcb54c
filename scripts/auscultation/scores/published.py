"""Scores that others published under the official division of the ICBHI 2017 challenge.

They are from papers, in percent, each with where it was read. All are of models that use the audio; the
models here use a few statistics of each cycle.
"""

import csv
from pathlib import Path
from typing import TypedDict

from auscultation.splits.folds import SplitSummary

SCORES = ("specificity", "sensitivity", "icbhi_score")
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


def read_published(path: str | Path) -> list[Published]:
    """Return the table of published scores, best first."""

    def number(text: str) -> float | None:
        return float(text) if text else None

    with open(path, encoding="utf-8", newline="") as file:
        rows: list[Published] = [
            {
                "method": row["method"],
                "year": int(row["year"]),
                "specificity": number(row["specificity"]),
                "sensitivity": number(row["sensitivity"]),
                "icbhi_score": float(row["icbhi_score"]),
                "source": row["source"],
                "seen_in": row["seen_in"],
            }
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: (-row["icbhi_score"], row["method"]))


def band(rows: list[Published]) -> tuple[float, float]:
    """Return the lowest and the highest published score, as shares."""
    scores = [row["icbhi_score"] / 100 for row in rows]
    return min(scores), max(scores)


def is_official(split: SplitSummary) -> bool:
    """Return whether a split has as many cycles as the official division."""
    first = split["folds"][0]
    cycles = {"train": first["train"]["cycles"], "test": first["test"]["cycles"]}
    return cycles == OFFICIAL
