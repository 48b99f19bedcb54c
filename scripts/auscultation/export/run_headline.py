"""What the page on two runs says first: what changed, as data that its template puts into words."""

from typing import NamedTuple

from auscultation.export.run_diff import (
    Alone,
    Origin,
    changed,
    code_known,
    data_word,
    only_in,
    split_order,
)
from auscultation.scores.answer import QUESTIONS
from auscultation.scores.comparison import wide

SAID = ("data", "commit", "changed", "lock", "package")  # origins with a phrase of their own


class Best(NamedTuple):
    """The best model of a split in both runs, with its score."""

    other: str
    other_score: float
    this: str
    this_score: float


class SplitChange(NamedTuple):
    """What changed under a split that both runs have."""

    split: str
    answers: dict[str, tuple[str, str]] | None  # by question, in both runs; None where not known
    best: Best | None
    largest: dict | None  # the largest change of the ranking's score; None without any
    n_apart: int  # changes of that score whose intervals do not overlap


class RunChange(NamedTuple):
    """What changed between two runs, and what did not."""

    nothing: bool  # neither what results come from nor any score
    n_scores: int  # that both runs have
    n_test_scores: int
    n_test_changed: int
    config_keys: int  # that differ
    data_word: str  # workbook, recordings, or of different kinds data
    data: bool  # differs
    code: bool
    code_known: bool
    packages: list[str]  # whose versions differ
    lock: bool
    others: list[Origin]  # what else differs
    targets: tuple[str, str] | None  # where the runs predict different things
    splits: list[SplitChange]
    alone: list[Alone]

    @property
    def same_origin(self) -> bool:
        """Return whether nothing that results come from is known to differ."""
        differs = self.config_keys or self.data or self.code or self.packages
        return not (differs or self.lock or self.others)


def run_change(old: dict, new: dict, config: list, origin: list[Origin], scores: list) -> RunChange:
    """Return what changed between two runs; the last three as `run_diff` returns them."""
    differing = [row for row in origin if row.differs]
    kinds = {row.kind for row in differing}
    same_target = old["target"] == new["target"]
    alone = only_in(old["rows"], new["rows"])
    same_scores = not alone and not any(map(changed, scores))
    tested = [row for row in scores if row["part"] == "test"]
    splits = split_order(old, new) if same_target else []
    return RunChange(
        nothing=not config and not differing and same_target and same_scores,
        n_scores=len(scores),
        n_test_scores=len(tested),
        n_test_changed=sum(map(changed, tested)),
        config_keys=len(config),
        data_word=data_word(old, new),
        data="data" in kinds,
        code=bool(kinds & {"commit", "changed"}),
        code_known=code_known(old, new),
        packages=[row.name for row in differing if row.kind == "package"],
        lock="lock" in kinds,
        others=[row for row in differing if row.kind not in SAID],
        targets=None if same_target else (old["target"].name, new["target"].name),
        splits=[split_change(old, new, scores, split) for split in splits],
        alone=alone,
    )


def split_change(old: dict, new: dict, scores: list[dict], split: str) -> SplitChange:
    """Return what changed under a split."""
    key = (split, "test", new["target"].score)
    own = (row for row in scores if (row["split"], row["part"], row["metric"]) == key)
    moved = [row for row in own if changed(row) and row["difference"] is not None]
    n_apart = sum(row["intervals_overlap"] is False for row in moved)
    answers, best = answers_of(old, new, split), best_of(old, new, split)
    return SplitChange(split, answers, best, next(iter(moved), None), n_apart)


def answers_of(old: dict, new: dict, split: str) -> dict[str, tuple[str, str]] | None:
    """Return the answers of a split in both runs; None where a run has none, as older versions."""
    runs = [run["answer"]["splits"] if run["answer"] else [] for run in (old, new)]
    answers = [s["answers"] for splits in runs for s in splits if s["split"] == split]
    if len(answers) < 2:
        return None
    before, after = answers
    return {name: (before[name]["answer"], after[name]["answer"]) for name in QUESTIONS}


def best_of(old: dict, new: dict, split: str) -> Best | None:
    """Return the best model of a split in both runs; None where a run has no model with a score."""
    target, best = new["target"], list[tuple[str, float]]()
    for run in (old, new):
        rows = wide(run["rows"], "test", target).get(split, [])
        with_score = (
            (row["model"], score)
            for row in rows
            if not row["baseline"] and (score := row["values"].get(target.score)) is not None
        )
        best += [*with_score][:1]
    return Best(*best[0], *best[1]) if len(best) == 2 else None
