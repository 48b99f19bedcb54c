"""The three questions that are asked of each split, and the types of their answers."""

from collections.abc import Container, Iterable
from typing import NotRequired, TypedDict

from auscultation.data.target import Target
from auscultation.scores.intervals import LEVEL
from auscultation.scores.split_kinds import NEW

ALPHA = 1 - LEVEL
PATIENTS, SIDE = 10, 5  # the fewest to test on, in all and with or without abnormal cycles
QUESTIONS = ("information", "beyond_device", "useful")


class ModelAnswer(TypedDict):
    """What an answer rests on, of one model; None where it is unknown."""

    model: str
    algorithm: str
    metric: str
    value: float
    ci_low: float | None
    ci_high: float | None
    difference: float  # from the best constant
    p_holm: float | None
    fold_p: float | None
    by_patients: bool
    by_folds: bool | None
    yes: bool
    best_low: float | None  # interval simultaneous for all models
    best_high: float | None
    limit: float | None  # the value that would have been detected with 80 % power


class Question(TypedDict):
    """The answer to one question under one split."""

    answer: str  # yes, no or unknown
    limit: list[float] | None  # median and largest of the models'
    n_models: int
    models: list[ModelAnswer]  # the best first
    needed_auc: NotRequired[list[float] | None]  # for `limit`; of the question `useful` alone


class SplitAnswer(TypedDict):
    """The answers under one split, and whom they are about."""

    split: str
    protocol: str
    kind: str  # see `auscultation.scores.split_kinds`
    n_patients: int
    n_cycles: int
    n_with: int  # patients with an abnormal cycle
    n_without: int  # patients with a normal one
    enough: bool
    why: str | None
    answers: dict[str, Question]


class LeakageAnswer(TypedDict):
    """A row of the leakage by a metric that answers a question."""

    model: str
    metric: str
    heard: str
    split: str
    other_split: str
    score: float | None
    other_score: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None


class Answer(TypedDict):
    """The content of `answer.json`."""

    target: str
    metric: str
    split: str  # that the answer is taken from
    information: str
    beyond_device: str
    useful: str
    disagree: list[str]
    splits: list[SplitAnswer]  # the most credible first
    leakage: NotRequired[list[LeakageAnswer]]
    identifying: NotRequired[list[str]]  # models that identify patients rather than sounds


def asked(question: str, target: Target) -> tuple[str, ...]:
    """Return the metrics that answer a question: of each model, the first that it has.

    Of two classes, the mean of the AUCs of both is that of one, which every model has.
    """
    if question == "useful":
        return (target.score,)
    ending = "_within_device" if question == "beyond_device" else "_between_patients"
    names = ("auc_ovr", "auc_abnormal") if len(target.classes) > 2 else ("auc_abnormal",)
    return tuple(name + ending for name in names)


def metric_of(metrics: Container[str], question: str, target: Target) -> str | None:
    """Return the metric that answers a question, of those that a model has; None without any."""
    return next((name for name in asked(question, target) if name in metrics), None)


def splits_apart(splits: Iterable[SplitAnswer]) -> list[SplitAnswer]:
    """Return the answers of those splits that keep patients apart, in their order."""
    return [about for about in splits if about["kind"] == NEW]


def enough(n_patients: int, sides: tuple[int, int]) -> str | None:
    """Return why the patients tested on are too few for a verdict; None where they are enough."""
    n_with, n_without = sides
    if n_patients < PATIENTS:
        return f"{n_patients} patients were tested on, and {PATIENTS} are the fewest that will do"
    if min(sides) < SIDE:
        return (
            f"of {n_patients} patients tested on, {n_with} have cycles that are not of the first class "
            f"and {n_without} have cycles that are; {SIDE} of each are the fewest that will do"
        )
    return None
