"""How well the ratings and probabilities of one fit tell each side from all others, as rows."""

from collections.abc import Iterator

import numpy as np

from auscultation.metrics.curves import average_precision, curves
from auscultation.metrics.probability import areas
from auscultation.metrics.recalibration import Valued, intercept, logits, slope, varies
from auscultation.scores.comparison import Fit
from auscultation.scores.intervals import of_error, of_number, of_share
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Side, Tested


class ProbabilityScore(Fit):
    """A score of one side's ratings or probabilities, with its 95 % interval over patients."""

    positive: str  # what is told from all others
    metric: str  # auc, average_precision, brier_score, calibration_slope, calibration_intercept
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_cycles: int
    n_positive: int
    n_patients: int


PROBABILITIES = schema_of(ProbabilityScore)
SHARES = ("auc", "average_precision")
ERRORS = ("brier_score",)


def probability_scores(tested: Tested) -> list[ProbabilityScore]:
    """Return every score of each side; of ratings that are no probabilities the first two only.

    With repeated folds a cycle counts once, though each of its predictions is scored.
    """
    rows: list[ProbabilityScore] = []
    first = np.unique(tested.cycle, return_index=True)[1]
    for side in tested.sides():
        few = side.fewest(tested.patient)
        for metric, fitted in _scores(tested, side):
            kind = of_share if metric in SHARES else of_error if metric in ERRORS else of_number
            error = kind(fitted.value, fitted.without, few)
            row: ProbabilityScore = {
                **tested.fit,
                "positive": side.name,
                "metric": metric,
                "value": fitted.value if np.isfinite(fitted.value) else None,
                "ci_low": error.ci_low,
                "ci_high": error.ci_high,
                "n_cycles": len(first),
                "n_positive": int(side.positive[first].sum()),
                "n_patients": len(tested.ids),
            }
            rows.append(row)
    return rows


def _scores(tested: Tested, side: Side) -> Iterator[tuple[str, Valued]]:
    """Yield name and values of each score of a side."""
    positive, patient, fold = side.positive, tested.patient, tested.fold
    area = areas(side.rating[:, None], positive[:, None], patient, fold).every
    yield "auc", Valued(area.value(), area.without())
    (mean,) = curves((average_precision,), side.rating, positive, patient, fold)
    yield "average_precision", Valued(float(mean.y[0]), mean.without[:, 0])
    if side.share is None:
        return
    yield "brier_score", _mean((side.share - positive) ** 2, patient)
    logit = logits(side.share)
    unknown = Valued(np.nan, np.full(len(tested.ids), np.nan))
    yield "calibration_slope", slope(logit, positive, patient) if varies(logit, fold) else unknown
    yield "calibration_intercept", intercept(logit, positive, patient)


def _mean(values: np.ndarray, patient: np.ndarray) -> Valued:
    """Return the mean of values, and that without each patient."""
    sums, counts = np.bincount(patient, values), np.bincount(patient)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (sums.sum() - sums) / (counts.sum() - counts)
    return Valued(float(sums.sum() / max(1, counts.sum())), without)
