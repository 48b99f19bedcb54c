"""Published scores beside the models', and whether they are about the same cycles."""

from dataclasses import dataclass

from auscultation.scores.published import OFFICIAL, ON_TEST, is_official
from auscultation.scores.published import Published as Paper
from auscultation.scores.questions import ModelAnswer
from auscultation.splits.folds import SplitSummary


@dataclass(frozen=True)
class Published:
    """What papers report under the official division, and the best model here."""

    split: str  # by the published list
    rows: list[Paper]  # best first, in percent
    best: ModelAnswer | None  # the answer's best model under the split
    official: dict[str, int]  # cycles of the official division, by part
    cycles: dict[str, int]  # of the split, by part
    is_official: bool

    @property
    def on_test(self) -> list[str]:
        """Return the methods whose authors chose the epoch on the test part."""
        return [row["method"] for row in self.rows if row["chosen_on"] == ON_TEST]


def published_of(
    rows: list[Paper], split: str, about: SplitSummary, best: ModelAnswer | None
) -> Published:
    """Return what the papers' scores (percent, best first) can be compared with under a split.

    `about` is its `split.json`, `best` what the answer says of its best model.
    """
    fold = about["folds"][0]
    cycles = {"train": fold["train"]["cycles"], "test": fold["test"]["cycles"]}
    return Published(split, rows, best, OFFICIAL, cycles, is_official(about))
