"""What the scores of a split are about: patients whom a model has never heard, or has."""

import json
from collections.abc import Mapping
from pathlib import Path

from auscultation.splits.folds import SplitSummary

NEW = "new_patients"  # of a split that keeps patients apart
KINDS = (NEW, "mostly_new_patients", "known_patients", "known_cycles")
NAMED = 5  # patients that a sentence names
FEW = 0.1  # share of the patients tested on that may be known, where most are new
ABOUT = {
    NEW: "for patients a model has never heard",
    "mostly_new_patients": "for patients of whom a model may have heard a few before",
    "known_patients": "for patients a model may have heard before",
    "known_cycles": "for the very cycles a model was fitted on",
}


def on_both_sides(split: SplitSummary) -> list[str]:
    """Name the patients that are in train and test of a fold, from the content of `split.json`."""
    return sorted({str(p) for fold in split["folds"] for p in fold["patients_on_both_sides"]})


def tested(split: SplitSummary) -> int:
    """Count the patients tested on, those of each fold, from the content of `split.json`."""
    return sum(fold["test"]["patients"] for fold in split["folds"])


def kind_of(split: SplitSummary) -> str:
    """Say what a split's scores are about, one of `KINDS`."""
    if split["protocol"] == "final":
        return "known_cycles"
    known = sum(len(fold["patients_on_both_sides"]) for fold in split["folds"])
    if not known:
        return NEW
    return "mostly_new_patients" if known <= FEW * tested(split) else "known_patients"


def read_splits(names, paths) -> dict[str, SplitSummary]:
    """Read `split.json` of each split; the paths are in the order of the sorted names."""
    texts = (Path(path).read_text(encoding="utf-8") for path in paths)
    return dict(zip(sorted(names), map(json.loads, texts), strict=True))


def split_order(splits: Mapping[str, SplitSummary]) -> list[str]:
    """Order splits by what a reader should believe: those that keep patients apart first.

    Of several, those first that test on more patients.
    """

    def place(name: str) -> tuple:
        split = splits[name]
        return KINDS.index(kind_of(split)), len(on_both_sides(split)), -tested(split), name

    return sorted(splits, key=place)


def patients_sentence(split: SplitSummary, kind: str, tested: int) -> str:
    """Say whom the scores of a split are about."""
    if kind == "known_cycles":
        return (
            "Every cycle was both trained and tested on: these scores say how well a model fits, "
            "not how well it predicts."
        )
    if kind == NEW:
        return (
            "No patient is on both sides: these scores are about patients a model has never heard."
        )
    both = on_both_sides(split)
    named = f" ({', '.join(both)})" if len(both) <= NAMED else ""
    have = f"{len(both)} of {tested} test patients{named} have cycles on both sides"
    if kind == "mostly_new_patients":
        return (
            f"{have}: these scores are nearly those of new patients, a little too high if anything."
        )
    return (
        f"{have}, so that a model may score by recognising them: these scores are not about a patient "
        "it has never heard."
    )
