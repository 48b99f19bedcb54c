"""What the page claims of each split, as data that the templates put into words.

Every yes and no is the answer's (`auscultation.scores.answer`), every number of the tables.
"""

from dataclasses import dataclass
from typing import Literal

from auscultation.data.target import Target
from auscultation.metrics.names import metrics_of
from auscultation.report.against_constant import (
    Differing,
    Rounding,
    Score,
    SquaredError,
    against_constant,
    differing,
    rounding_of,
    squared_error_of,
)
from auscultation.scores.comparison import Ranked
from auscultation.scores.differences import Difference
from auscultation.scores.questions import QUESTIONS, Answer, ModelAnswer, SplitAnswer
from auscultation.scores.split_kinds import NEW, on_both_sides
from auscultation.splits.folds import SplitSummary

BASELINE = "best baseline"  # `against_is` of such rows of the differences
Claim = Literal[
    "no_model", "no_result", "too_few_patients", "useful", "information", "none", "no_interval"
]
Unknown = Literal["too_few_patients", "no_device", "no_interval"]


@dataclass(frozen=True)
class DeviceGap:
    """How a model's AUC compares with that of the baseline that is told the device alone."""

    model: str
    metric: str
    baseline: str
    baseline_value: float
    difference: Score


@dataclass(frozen=True)
class Question:
    """A question, its answer under a split, and what that rests on."""

    name: str  # one of QUESTIONS
    answer: str  # yes, no, unknown
    unknown_because: Unknown | None
    n_models: int
    yes: list[str]  # models that pass
    best: ModelAnswer | None  # the first of these, else the first of all, as the answer has it
    of_best: Score | None  # its interval corrected for being the best of several
    constant: float | None  # what the best constant has
    abnormal: Score | None  # of a best model's AUC over the states: abnormal against normal
    sensitivity: float | None
    specificity: float | None
    folds_agree: list[ModelAnswer]  # models that pass by patients, and by folds
    folds_disagree: list[ModelAnswer]  # those that pass by patients only
    limit: list[float]  # what would have been detected, lowest and highest; empty if unknown
    needed_auc: list[float]  # that a classifier of such a score takes; empty if unknown
    device: DeviceGap | None


@dataclass(frozen=True)
class SplitVerdict:
    """What the models can do under a split."""

    split: str
    protocol: str
    kind: str  # see `auscultation.scores.split_kinds`
    about: SplitAnswer  # the split's part of the answer
    claim: Claim
    useful: list[str]  # models that classify better than the best constant
    questions: list[Question]
    shared_patients: list[str]  # patients in the training and the test part
    rounding: Rounding | None
    differing: list[Differing]
    squared_error: SquaredError | None


def verdicts(
    answer: Answer,
    tables: dict[str, list[Ranked]],
    differences: list[Difference],
    splits: dict[str, SplitSummary],
    target: Target,
) -> list[SplitVerdict]:
    """Return what the models can do under each split, the split to rely on first.

    `tables` are of the test part (from `wide`); `splits` holds the content of each `split.json`.
    """
    made = []
    for about in answer["splits"]:
        split, table = about["split"], tables[about["split"]]
        gaps = against_constant(differences, split)
        useful = about["answers"]["useful"]
        names = list(QUESTIONS)
        if about["answers"]["information"]["answer"] != "yes":
            names.remove("beyond_device")  # is asked only where there is information
        made.append(
            SplitVerdict(
                split=split,
                protocol=about["protocol"],
                kind=about["kind"],
                about=about,
                claim=claim_of(about, table),
                useful=[row["model"] for row in useful["models"] if row["yes"]],
                questions=[question_of(name, about, table, differences, target) for name in names],
                shared_patients=on_both_sides(splits[split]),
                rounding=rounding_of(table, target),
                differing=differing(table, gaps),
                squared_error=squared_error_of(table, gaps, target),
            )
        )
    return made


def opposing(answer: Answer, made: list[SplitVerdict]) -> list[SplitVerdict]:
    """Return the splits that keep patients apart, as the first does, and answer a question otherwise."""
    first, *others = made
    if first.kind != NEW:
        return []

    def disagrees(other: SplitVerdict, question: str) -> bool:
        pair = (verdict.about["answers"][question]["answer"] for verdict in (first, other))
        return set(pair) == {"yes", "no"}

    new = [verdict for verdict in others if verdict.kind == NEW]
    return [other for other in new if any(disagrees(other, q) for q in answer["disagree"])]


def claim_of(about: SplitAnswer, table: list[Ranked]) -> Claim:
    """Return what can be claimed of the models under a split."""
    models = [row for row in table if not row["baseline"]]
    if not models:
        return "no_model"
    if not any(row["n_cycles"] for row in models):
        return "no_result"
    if not about["enough"]:
        return "too_few_patients"
    useful, information = (about["answers"][name]["answer"] for name in ("useful", "information"))
    if useful == "yes":
        return "useful"
    if information == "yes":
        return "information"
    return "none" if useful == information == "no" else "no_interval"


def question_of(
    name: str,
    about: SplitAnswer,
    table: list[Ranked],
    differences: list[Difference],
    target: Target,
) -> Question:
    """Return a question put to a split, and what its answer rests on."""
    asked = about["answers"][name]
    models, answer = asked["models"], asked["answer"]
    passing = [model for model in models if model["yes"]]
    best = next(iter(passing or models), None) if answer != "unknown" else None
    row = next((row for row in table if best and row["model"] == best["model"]), None)
    values = row["values"] if row else {}
    of_best = None
    if best and best is models[0] and len(models) > 1 and best["ci_low"] is not None:
        of_best = Score(best["value"], best["best_low"], best["best_high"])
    shares = name == "useful" and not passing and "sensitivity" in metrics_of(target)
    by_patients = [model for model in models if model["by_patients"]]
    why: Unknown = "no_device" if name == "beyond_device" else "no_interval"
    if not about["enough"]:
        why = "too_few_patients"
    return Question(
        name=name,
        answer=answer,
        unknown_because=why if answer == "unknown" else None,
        n_models=asked["n_models"],
        yes=[model["model"] for model in passing],
        best=best,
        of_best=of_best,
        constant=best["value"] - best["difference"] if best else None,
        abnormal=abnormal_of(best, row, target) if best and row and passing else None,
        sensitivity=values.get("sensitivity") if shares else None,
        specificity=values.get("specificity") if shares else None,
        folds_agree=[model for model in by_patients if model["by_folds"] is True],
        folds_disagree=[model for model in by_patients if model["by_folds"] is False],
        limit=list(asked["limit"] or []) if answer == "no" else [],
        needed_auc=list(asked.get("needed_auc") or []) if answer == "no" else [],
        device=device_gap(about, table, differences) if name == "beyond_device" else None,
    )


def abnormal_of(best: ModelAnswer, row: Ranked, target: Target) -> Score | None:
    """Return the AUC of abnormal against normal of a model whose AUC is over the four states."""
    metric = best["metric"].replace("ovr", "abnormal")
    value = row["values"].get(metric)
    if target.name != "state" or metric == best["metric"] or value is None:
        return None
    return Score(value, *row["intervals"][metric])


def device_gap(
    about: SplitAnswer, table: list[Ranked], differences: list[Difference]
) -> DeviceGap | None:
    """Compare the most informative model with the device alone, where that is the best baseline."""
    informative = [m for m in about["answers"]["information"]["models"] if m["yes"]]
    if not informative:
        return None
    model, metric = informative[0]["model"], informative[0]["metric"]
    devices = {row["model"]: row for row in table if row["algorithm"] == "by_device"}
    of_split = [row for row in differences if row["split"] == about["split"]]
    of_model = [row for row in of_split if (row["metric"], row["model"]) == (metric, model)]
    gap = next((row for row in of_model if row["against_is"] == BASELINE), None)
    if gap is None or gap["against"] not in devices:
        return None
    value, difference = devices[gap["against"]]["values"][metric], gap["difference"]
    if value is None or difference is None or gap["ci_low"] is None:
        return None
    ends = Score(difference, gap["ci_low"], gap["ci_high"])
    return DeviceGap(model, metric, gap["against"], value, ends)
