"""Scores that others published under the official division of the ICBHI 2017 challenge.

They are facts from papers, in percent, each with where it was read. All are of models that hear the
audio; the models here see a few statistics of a cycle.
"""

import csv
from pathlib import Path

SCORES = ("specificity", "sensitivity", "icbhi_score")
PROTOCOL = "published"  # the protocol that such scores can stand beside
OFFICIAL = {"train": 4142, "test": 2756}  # cycles on each side (Rocha et al. 2019)


def read_published(path: str | Path) -> list[dict]:
    """Read the table of published scores, best first; percent, None where a paper gives none."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["year"] = int(row["year"])
        row |= {name: float(row[name]) if row[name] else None for name in SCORES}
    return sorted(rows, key=lambda row: (-row["icbhi_score"], row["method"]))


def band(rows: list[dict]) -> tuple[float, float]:
    """Return the lowest and the highest published score, as shares."""
    scores = [row["icbhi_score"] / 100 for row in rows]
    return min(scores), max(scores)


def is_official(split: dict) -> bool:
    """Return whether a split, from its `split.json`, has as many cycles as the official division."""
    return all(split["folds"][0][part]["cycles"] == n for part, n in OFFICIAL.items())
