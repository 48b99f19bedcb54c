"""What the answer (`auscultation.scores.answer`) says of one model under one split."""

from auscultation.scores.differences import Difference
from auscultation.scores.questions import ALPHA, LeakageAnswer, ModelAnswer, SplitAnswer


def of_model(about: SplitAnswer, question: str, model: str) -> ModelAnswer | None:
    """Return what a split's answer to a question rests on, of one model; None where it has nothing."""
    models = about["answers"][question]["models"]
    return next((row for row in models if row["model"] == model), None)


def by_patients(about: SplitAnswer, row: ModelAnswer | None) -> str:
    """Return yes, no, or unknown: with too few patients, or where no error could be computed."""
    if row is None or not about["enough"] or row["p_holm"] is None:
        return "unknown"
    return "yes" if row["by_patients"] else "no"


def by_folds(row: ModelAnswer | None) -> str:
    """Return yes, no, or unknown: where folds differ in size, or there is one only."""
    passed = None if row is None else row["by_folds"]
    return {True: "yes", False: "no", None: "unknown"}[passed]


def word(about: SplitAnswer, row: ModelAnswer | None) -> str:
    """Return yes, no or unknown, by patients, and whether folds contradict a yes."""
    verdict = by_patients(about, row)
    contradicted = (verdict, by_folds(row)) == ("yes", "no")
    return "yes by patients, no by folds" if contradicted else verdict


def is_better(row: Difference | ModelAnswer | LeakageAnswer, sign: int = 1) -> bool:
    """Return whether a difference is above zero (below, with sign -1), corrected for the models."""
    p, difference = row["p_holm"], row["difference"]
    return p is not None and difference is not None and p < ALPHA and sign * difference > 0
