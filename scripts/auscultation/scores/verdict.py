"""What the answer (`auscultation.scores.answer`) says of one model under one split."""

from typing import Literal

from auscultation.scores.differences import Difference
from auscultation.scores.questions import ALPHA, LeakageAnswer, ModelAnswer, SplitAnswer

Answer = Literal["yes", "no", "unknown"]


def of_model(about: SplitAnswer, question: str, model: str) -> ModelAnswer | None:
    """Return what a split's answer to a question rests on, of one model; None where it has nothing."""
    models = about["answers"][question]["models"]
    return next((entry for entry in models if entry["model"] == model), None)


def by_patients(about: SplitAnswer, entry: ModelAnswer | None) -> Answer:
    """Return yes, no, or unknown: with too few patients, or where no error could be computed."""
    if entry is None or not about["enough"] or entry["p_holm"] is None:
        return "unknown"
    return "yes" if entry["by_patients"] else "no"


def by_folds(entry: ModelAnswer | None) -> Answer:
    """Return yes, no, or unknown: where folds are not alike, or there is one."""
    if entry is None or entry["by_folds"] is None:
        return "unknown"
    return "yes" if entry["by_folds"] else "no"


def word(about: SplitAnswer, entry: ModelAnswer | None) -> str:
    """Return yes, no or unknown, by patients; a yes that the folds contradict is marked as such."""
    answer = by_patients(about, entry)
    contradicted = answer == "yes" and by_folds(entry) == "no"
    return f"{answer} by patients, no by folds" if contradicted else answer


def is_better(row: Difference | ModelAnswer | LeakageAnswer, sign: int = 1) -> bool:
    """Return whether a difference is above zero (below, with sign -1), corrected for the models."""
    p, difference = row["p_holm"], row["difference"]
    return p is not None and difference is not None and p < ALPHA and sign * difference > 0
