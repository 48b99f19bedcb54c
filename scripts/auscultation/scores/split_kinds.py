"""What the scores of a split are about: patients seen in training, or not."""

import json
from collections.abc import Mapping
from pathlib import Path

from auscultation.splits.folds import SplitSummary

NEW = "new_patients"  # of a split that keeps patients apart
KINDS = (NEW, "mostly_new_patients", "known_patients", "known_cycles")
FEW = 0.1  # share of the patients tested on that may be known, where most are new


def on_both_sides(split: SplitSummary) -> list[str]:
    """Return the patients that are in both parts of a fold, from the content of `split.json`."""
    return sorted({str(p) for fold in split["folds"] for p in fold["patients_on_both_sides"]})


def tested(split: SplitSummary) -> int:
    """Return how many patients are tested on, over the folds, from the content of `split.json`."""
    return sum(fold["test"]["patients"] for fold in split["folds"])


def kind_of(split: SplitSummary) -> str:
    """Return what a split's scores are about, one of `KINDS`."""
    if split["protocol"] == "final":
        return "known_cycles"
    known = sum(len(fold["patients_on_both_sides"]) for fold in split["folds"])
    if not known:
        return NEW
    return "mostly_new_patients" if known <= FEW * tested(split) else "known_patients"


def read_splits(names, paths) -> dict[str, SplitSummary]:
    """Return `split.json` of each split; the paths are in the order of the sorted names."""
    texts = (Path(path).read_text(encoding="utf-8") for path in paths)
    return dict(zip(sorted(names), map(json.loads, texts), strict=True))


def split_order(splits: Mapping[str, SplitSummary]) -> list[str]:
    """Return the splits, that to rely on first: those that keep patients apart come first.

    Of several, those first that test on more patients.
    """

    def place(name: str) -> tuple:
        split = splits[name]
        return KINDS.index(kind_of(split)), len(on_both_sides(split)), -tested(split), name

    return sorted(splits, key=place)
