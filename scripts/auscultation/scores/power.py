"""How small a difference the comparison could have shown, and how many patients smaller ones need.

From the paired standard errors of the differences: a true difference is shown in 80 % of samples of
so many patients where it is as many standard errors as the noncentral t distribution requires, at
5 % divided by the number of models (which Holm's method requires of the smallest p value). With f
times as many patients the standard error is divided by sqrt(f), and degrees of freedom, plus one,
are multiplied by f. A share against a constant is compared on the logit scale, as its test is.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from auscultation.data.target import Target
from auscultation.scores.differences import CONSTANT, Difference
from auscultation.scores.intervals import detectable, powerful
from auscultation.scores.questions import Question, SplitAnswer, asked
from auscultation.scores.tables import schema_of

AGAINST = ("best model", "best baseline", CONSTANT)
MOST_PATIENTS = 2**40


class Power(TypedDict):
    """What one model's difference could have shown; that of the median error, and of the largest."""

    split: str
    metric: str
    against: str  # best model, best baseline or best constant
    error: str  # median or largest of the models compared
    model: str
    n_models: int  # that the level of 5 % is divided by
    se: float
    df: float
    n_patients: int
    detectable: float  # the smallest difference with a power of 80 %
    patients_002: float | None  # to test on, that a true difference of 0.02 needs
    patients_005: float | None
    patients_010: float | None


POWER_ROWS = schema_of(Power)


class Compared(NamedTuple):
    """The error of one difference, of a test on so many patients."""

    model: str
    se: float
    df: float
    n_patients: int
    tests: int
    reference: float | None  # the share of the constant, where this is what it is compared with

    @property
    def detectable(self) -> float:
        """Return the smallest difference that has a power of 80 %."""
        if self.reference is None:
            return powerful(self.df, self.tests) * self.se
        return detectable(self.reference, self.se, self.df, self.tests) - self.reference

    def patients_for(self, difference: float) -> int | None:
        """Return the fewest patients with which a true difference has a power of 80 %.

        None where no share is so far above the constant.
        """
        distance = difference
        if self.reference is not None:
            if self.reference + difference >= 1:
                return None
            distance = _logit_distance(self.reference, difference)

        def enough(n_patients: int) -> bool:
            times = n_patients / self.n_patients
            df = max(1.0, (self.df + 1) * times - 1)
            return powerful(df, self.tests) * self.se <= distance * math.sqrt(times)

        low, high = 1, 2  # the first is not enough, the second is
        while not enough(high):
            low, high = high, 2 * high
            if high > MOST_PATIENTS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high


def _logit_distance(share: float, difference: float) -> float:
    """Return a difference on the logit scale, times the slope that this has at a share."""
    above = share + difference
    return math.log(above / (1 - above) * (1 - share) / share) * share * (1 - share)


def power_rows(
    differences: Sequence[Difference], splits: Sequence[SplitAnswer], target: Target
) -> list[Power]:
    """Return what the comparison could have shown under each split, by metric and by reference.

    Of the target's score and of the AUC that answers whether there is information; of each kind of
    reference the model with the median error (the lower of two), and that with the largest.
    """
    rows = []
    for about in splits:
        own = [row for row in differences if row["split"] == about["split"]]
        for name in ("useful", "information"):
            for metric in asked(name, target):
                of_metric = [row for row in own if row["metric"] == metric]
                question = about["answers"][name]
                of_question = _of_metric(of_metric, metric, question, about["n_patients"])
                rows += of_question
                if of_question:
                    break
    return rows


def _of_metric(
    differences: list[Difference], metric: str, question: Question, n_patients: int
) -> list[Power]:
    """Return the rows of one metric under one split."""
    rows: list[Power] = []
    for against in AGAINST:
        family = [row for row in differences if row["against_is"] == against]
        tests = sum(row["p"] is not None for row in family)
        references: dict[str, float | None] = dict.fromkeys([row["model"] for row in family])
        if against == CONSTANT:
            tests = question["n_models"]
            for model in question["models"]:
                if model["metric"] == metric:
                    references[model["model"]] = model["value"] - model["difference"]
        compared = [
            Compared(row["model"], row["se"], row["df"], n_patients, tests, share)
            for row in family
            if row["se"] and row["df"] and _has_error(share := references[row["model"]], against)
        ]
        compared.sort(key=lambda row: (row.detectable, row.model))
        chosen = {"median": compared[(len(compared) - 1) // 2 :][:1], "largest": compared[1:][-1:]}
        for error, models in chosen.items():
            for each in models:
                rows.append(
                    {
                        "split": differences[0]["split"],
                        "metric": metric,
                        "against": against,
                        "error": error,
                        "model": each.model,
                        "n_models": tests,
                        "se": each.se,
                        "df": each.df,
                        "n_patients": n_patients,
                        "detectable": each.detectable,
                        "patients_002": each.patients_for(0.02),
                        "patients_005": each.patients_for(0.05),
                        "patients_010": each.patients_for(0.10),
                    }
                )
    return rows


def _has_error(share: float | None, against: str) -> bool:
    """Return whether a difference can be tested: any of two models, or of a share from a constant."""
    return against != CONSTANT or (share is not None and 0 < share < 1)
