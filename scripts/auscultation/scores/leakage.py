"""What having heard the recording or the patient is worth: scores under one split minus another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.scores.comparison import Fit
from auscultation.scores.differences import Evaluated, compared, paired
from auscultation.scores.intervals import holm
from auscultation.scores.tables import schema_of

SIZES = 0.1  # training parts that differ by less are of the same size
# By what two splits keep apart: what a model may have heard in the first and not in the second.
HEARD = {
    ("cycle", "recording"): "recording",
    ("recording", "patient"): "patient",
    ("cycle", "patient"): "patient or recording",
}


class Leakage(TypedDict):
    """One row of the leakage."""

    model: str
    algorithm: str
    metric: str
    heard: str
    split: str
    other_split: str
    score: float
    other_score: float
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None


LEAKAGE = schema_of(Leakage)


class Step(NamedTuple):
    """Two splits, and what a model may have heard of a test cycle in the first alone."""

    heard: str
    split: str
    other_split: str


def steps(splits: Sequence[tuple[str, str]]) -> Iterator[Step]:
    """Yield pairs of splits that differ in what a model may have heard of the cycles tested on.

    `splits` has the name of each, and what it keeps apart: cycle, recording or patient.
    """
    for (unit, other_unit), heard in HEARD.items():
        others = [name for name, apart in splits if apart == other_unit]
        for split, apart in splits:
            if apart == unit:
                yield from (Step(heard, split, other) for other in others)


def leakage(
    step: Step,
    models: Mapping[str, str],
    parts: Mapping[tuple[str, str], Evaluated],
    target: Target,
) -> list[Leakage]:
    """Return how much better models score in one split than in another of folds of the same size.

    `models` are algorithms by model (baselines, which ignore the cycle, are left out), `parts` are
    by (model, split). The p values are corrected for the number of models; there is no row where
    the training parts differ in size.
    """
    rows = []
    for metric in compared(target):
        family: list[Leakage] = []
        for model, algorithm in sorted(models.items()):
            first, other = (parts.get((model, name)) for name in (step.split, step.other_split))
            if algorithm in BASELINES or first is None or other is None:
                continue
            if not comparable(first, other, metric):
                continue
            scores, others = first.test.scores, other.test.scores
            value, error = paired(scores, others, metric, min(first.test.sides))
            family.append(
                {
                    "model": model,
                    "algorithm": algorithm,
                    "metric": metric,
                    "heard": step.heard,
                    "split": step.split,
                    "other_split": step.other_split,
                    "score": float(scores.values[metric]),
                    "other_score": float(others.values[metric]),
                    "difference": value,
                    "ci_low": error.ci_low,
                    "ci_high": error.ci_high,
                    "p": error.p,
                    "p_holm": None,
                }
            )
        for row, p in zip(family, holm([row["p"] for row in family]), strict=True):
            row["p_holm"] = p
        rows += family
    return rows


def comparable(first: Evaluated, other: Evaluated, metric: str) -> bool:
    """Return whether two fits have a metric, the same test patients, and as many training rows."""
    sizes = first.train_rows, other.train_rows
    return (
        max(sizes) <= (1 + SIZES) * min(sizes)
        and all(metric in fit.test.scores.values for fit in (first, other))
        and np.array_equal(first.test.patients, other.test.patients)
    )


def leakage_of_all(
    fits: Sequence[Fit],
    parts: Mapping[tuple[str, str], Evaluated],
    apart: Mapping[str, str],
    target: Target,
) -> list[Leakage]:
    """Return the rows of the leakage; `apart` says what each split keeps apart (see `steps`)."""
    models = {fit["model"]: fit["algorithm"] for fit in fits}
    pairs = steps(sorted(apart.items()))
    return [row for step in pairs for row in leakage(step, models, parts, target)]
