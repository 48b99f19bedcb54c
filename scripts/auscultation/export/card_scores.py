"""What a model card claims of scores: is there information, is it useful, and what do known patients add.

`about` is as `auscultation.export.model_card.card` takes it. Every claim is the answer's
(`auscultation.scores.answer`); the template of the card puts them into words.
"""

from typing import Literal, NamedTuple

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES, REGRESSORS
from auscultation.report.leakage import Gain, gain_of
from auscultation.scores.questions import (
    ALPHA,
    QUESTIONS,
    ModelAnswer,
    SplitAnswer,
    asked,
    splits_apart,
)
from auscultation.scores.split_kinds import NEW
from auscultation.scores.verdict import by_patients, is_better, of_model, word
from auscultation.scores.wording import METRIC_NAMES

Claim = Literal["yes", "no", "worse", "unknown"]


class Finding(NamedTuple):
    """What a split says of the model to one question."""

    claim: Claim
    entry: ModelAnswer | None  # the model's part in the answer, None where it has none
    significant: bool  # whether, by patients, it is above or below what it is held against
    folds: bool | None  # whether the test over the folds agrees


class Statement(NamedTuple):
    """What a split says of the model."""

    split: SplitAnswer  # the split's part of the answer
    has_score: bool
    information: Finding
    beyond_device: Finding | None  # only where there is information
    useful: Finding


class AnswerRow(NamedTuple):
    """What an answer rests on: a row of the card's second table of scores."""

    split: str
    question: str
    answer: str
    entry: ModelAnswer


class Rounded(NamedTuple):
    """What a regressor's number tells, and the class that it is rounded to."""

    split: str
    metric: str
    area: float
    score: float


class Analyses(NamedTuple):
    """What the card shows of the model's scores."""

    splits: list[SplitAnswer]  # of the answer
    apart: list[str]  # splits that keep patients apart
    metrics: list[tuple[str, list[dict]]]  # each with its row of every split, or an empty one
    counts: list[dict]  # a row of the comparison of each split, for its cycles and patients
    answers: list[AnswerRow]
    statements: list[Statement]  # of the splits that the top of the card leaves out
    rounded: Rounded | None
    gains: list[Gain]


def score_of(about: dict, split: str, metric: str) -> dict:
    """Return the row of a metric on the test part; empty where the model has none."""
    key = {"model": about["model"], "split": split, "part": "test", "metric": metric}
    return next((row for row in about["rows"] if key.items() <= row.items()), {})


def entries_of(about: dict, split: SplitAnswer) -> dict[str, ModelAnswer]:
    """Return the model's part in the answers of a split, by question, where it has one."""
    entries = {name: of_model(split, name, about["model"]) for name in QUESTIONS}
    return {name: entry for name, entry in entries.items() if entry is not None}


def finding_of(split: SplitAnswer, entry: ModelAnswer | None) -> Finding:
    """Return what a split says of the model to one question."""
    answer = by_patients(split, entry)
    if entry is None or answer == "unknown":
        return Finding("unknown", entry, significant=False, folds=None)
    worse = is_better(entry, -1)
    claim: Claim = "yes" if answer == "yes" else "worse" if worse else "no"
    folds = None if entry["fold_p"] is None else entry["fold_p"] < ALPHA
    return Finding(claim, entry, significant=entry["by_patients"] or worse, folds=folds)


def statement_of(about: dict, split: SplitAnswer) -> Statement:
    """Return what a split says of the model."""
    entries = entries_of(about, split)
    information, beyond, useful = (finding_of(split, entries.get(name)) for name in QUESTIONS)
    beyond_device = beyond if information.claim == "yes" else None
    return Statement(split, bool(entries), information, beyond_device, useful)


def analyses_of(about: dict, target: Target) -> Analyses:
    """Return the scores under every split, what the answers rest on, and what they are."""
    splits = about["answer"]["splits"]
    order = [split["split"] for split in splits]
    scores = ((name, [score_of(about, s, name) for s in order]) for name in METRIC_NAMES)
    metrics = [(name, rows) for name, rows in scores if any(rows)]
    baseline = about["algorithm"] in BASELINES
    # the first is on top of the card; of others the table says all, but why it says nothing
    others = splits[1:] if splits[0]["kind"] == NEW else splits
    stated = [s for s in others if s["kind"] == NEW or not (s["enough"] and entries_of(about, s))]
    return Analyses(
        splits=splits,
        apart=[split["split"] for split in splits_apart(splits)],
        metrics=metrics,
        counts=metrics[0][1] if metrics else [{} for _ in order],
        answers=[] if baseline else answer_rows(about),
        statements=[] if baseline else [statement_of(about, split) for split in stated],
        rounded=None if baseline else rounded_of(about, target),
        gains=[] if baseline else gains_of(about),
    )


def answer_rows(about: dict) -> list[AnswerRow]:
    """Return what the answers rest on, of this model; a fit to the very cycles answers nothing."""
    return [
        AnswerRow(split["split"], name, word(split, entry), entry)
        for split in about["answer"]["splits"]
        if split["kind"] != "known_cycles"
        for name, entry in entries_of(about, split).items()
    ]


def rounded_of(about: dict, target: Target) -> Rounded | None:
    """Return what a regressor's number tells beside its rounded class; None for other models."""
    split, metric = about["answer"]["splits"][0]["split"], asked("information", target)[-1]
    area, score = (score_of(about, split, name).get("value") for name in (metric, target.score))
    if about["algorithm"] not in REGRESSORS or area is None or score is None:
        return None
    return Rounded(split, metric, area, score)


def gains_of(about: dict) -> list[Gain]:
    """Return what known recordings or patients are worth to the model, where that is shown.

    Only where it is better than a constant in the split that lets it know them.
    """
    skilled = {
        (split["split"], entry["metric"])
        for split in about["answer"]["splits"]
        for name, entry in entries_of(about, split).items()
        if name in ("useful", "information") and by_patients(split, entry) == "yes"
    }
    return [
        gain_of(row)
        for row in about["answer"]["leakage"]
        if row["model"] == about["model"]
        and (row["split"], row["metric"]) in skilled
        and is_better(row)
    ]
