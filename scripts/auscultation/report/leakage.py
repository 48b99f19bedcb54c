"""Which models score higher where training had cycles of the patients or recordings they are tested on."""

from dataclasses import dataclass

from auscultation.data.target import Target
from auscultation.report.against_constant import Score
from auscultation.scores.identifying import skilled_gains
from auscultation.scores.questions import Answer, LeakageAnswer, asked

ALL_STEPS = "patient or recording"  # `heard` of the rows of the leakage that hold both steps


@dataclass(frozen=True)
class Gain:
    """What a model's score gains under a split that lets it know the patients or recordings."""

    model: str
    metric: str
    heard: str  # recording, patient, or `ALL_STEPS`
    split: str
    other_split: str
    difference: Score
    recording: float | None  # how much of it the recording is worth, where that is known


def gains(answer: Answer, target: Target) -> list[Gain]:
    """Return which models score higher where they know the patients or the recordings."""
    rows = answer["leakage"]
    has_whole = any(row["heard"] == ALL_STEPS for row in rows)
    whole = [r for r in skilled_gains(answer) if r["heard"] == ALL_STEPS or not has_whole]
    made = []
    for metric in (target.score, *asked("information", target)):
        shown = [row for row in whole if row["metric"] == metric]
        shown.sort(key=lambda row: -(row["difference"] or 0))
        made += [gain_of(row, of_recording(row, rows)) for row in shown]
    return made


def gain_of(row: LeakageAnswer, recording: float | None = None) -> Gain:
    """Return a row of the leakage as a gain."""
    assert row["difference"] is not None  # such rows are left out
    names = row["model"], row["metric"], row["heard"], row["split"], row["other_split"]
    return Gain(*names, Score(row["difference"], row["ci_low"], row["ci_high"]), recording)


def of_recording(row: LeakageAnswer, rows: list[LeakageAnswer]) -> float | None:
    """Return how much of a gain of both steps is the recording's; None where that is not known."""
    if row["heard"] != ALL_STEPS:
        return None
    key = row["model"], row["metric"], row["split"]
    steps = [r for r in rows if (r["model"], r["metric"], r["split"]) == key]
    worth = [step["difference"] for step in steps if step["heard"] == "recording"]
    return next((difference for difference in worth if difference is not None), None)
