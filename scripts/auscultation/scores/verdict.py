"""What the answer (`auscultation.scores.answer`) says of one model under one split."""

from auscultation.scores.answer import ALPHA


def of_model(about: dict, question: str, model: str) -> dict | None:
    """Return what a split's answer to a question rests on, of one model; None where it has nothing."""
    models = about["answers"][question]["models"]
    return next((one for one in models if one["model"] == model), None)


def by_patients(about: dict, one: dict | None) -> str:
    """Say yes, no, or unknown: with too few patients, or where no error could be computed."""
    if one is None or not about["enough"] or one["p_holm"] is None:
        return "unknown"
    return "yes" if one["by_patients"] else "no"


def by_folds(one: dict | None) -> str:
    """Say yes, no, or unknown: where folds are not alike, or there is one."""
    known = None if one is None else one["by_folds"]
    return {True: "yes", False: "no", None: "unknown"}[known]


def word(about: dict, one: dict | None) -> str:
    """Say yes, no or unknown, by patients; a yes that the folds contradict is said to be one."""
    said = by_patients(about, one)
    return f"{said} by patients, no by folds" if (said, by_folds(one)) == ("yes", "no") else said


def is_better(row: dict, sign: int = 1) -> bool:
    """Return whether a difference is above zero (below, with sign -1), corrected for the models."""
    return row["p_holm"] is not None and row["p_holm"] < ALPHA and sign * row["difference"] > 0
