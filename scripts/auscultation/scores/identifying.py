"""Models that identify patients rather than sounds: they score by knowing patients, and not without."""

from auscultation.scores.leakage import HEARD
from auscultation.scores.questions import Answer, LeakageAnswer, SplitAnswer
from auscultation.scores.split_kinds import NEW
from auscultation.scores.verdict import by_folds, by_patients, is_better, of_model

PATIENT = [heard for (_, apart), heard in HEARD.items() if apart == "patient"]


def skilled_gains(answer: Answer) -> list[LeakageAnswer]:
    """Return the rows of the leakage where a model scores higher, of models with skill.

    A model that is no better than a constant where it knows the patients or recordings is left out:
    a score without skill cannot come of that.
    """
    skilled = {
        (about["split"], model["model"], model["metric"])
        for about in answer["splits"]
        for question in ("useful", "information")
        for model in about["answers"][question]["models"]
        if model["yes"]
    }
    return [
        row
        for row in answer["leakage"]
        if is_better(row) and (row["split"], row["model"], row["metric"]) in skilled
    ]


def identifying(answer: Answer) -> list[str]:
    """Return the models that identify patients rather than sounds, sorted.

    Under a split that lets them know the patients they score higher than under one that keeps these
    apart, and under the latter, with enough patients, they are shown neither to carry information nor
    to be useful.
    """
    by_split = {about["split"]: about for about in answer["splits"] if about["kind"] == NEW}
    return sorted(
        {
            row["model"]
            for row in skilled_gains(answer)
            if row["heard"] in PATIENT
            and row["other_split"] in by_split
            and shows_nothing(by_split[row["other_split"]], row["model"])
        }
    )


def shows_nothing(about: SplitAnswer, model: str) -> bool:
    """Return whether a split answers no, of a model, to both questions."""
    entries = [of_model(about, question, model) for question in ("information", "useful")]
    return all(
        "no" in (by_patients(about, entry), by_folds(entry))
        and by_patients(about, entry) != "unknown"
        for entry in entries
    )
