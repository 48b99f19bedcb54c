"""The learning curve: the scores of a fit after a share of the training patients, on the same test part.

Each share is compared with all patients, in pairs: the same patient of the test part is left out of
both. The difference is what the patients that were left out of training have added.
"""

import math
from typing import TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.target import target_of
from auscultation.scores.comparison import Fit
from auscultation.scores.fit_scores import Part, score_of, sum_parts
from auscultation.scores.intervals import of_difference
from auscultation.scores.questions import metric_of
from auscultation.scores.tables import schema_of

HALF = 0.5  # the share that answers whether more patients would help


class Gain(TypedDict):
    """What all patients score minus what a share does, with its interval; None for all themselves."""

    gain: float | None
    gain_low: float | None
    gain_high: float | None


class Learning(Fit):
    """One row: a metric of a fit after a share of the patients of each training part."""

    share: float
    n_patients: float  # trained on, mean of the folds
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_folds: int
    gain: float | None
    gain_low: float | None
    gain_high: float | None


LEARNING = schema_of(Learning)


def learning_rows(predictions: pa.Table, learning: pa.Table, fit: Fit) -> list[Learning]:
    """Return the curve of a fit: the target's score, and the AUC that says whether there is information.

    `predictions` are the fit's, `learning` those after shares of the patients. The last rows are of
    all patients, with the values of the comparison. A share without some fold (its refit failed) is left
    out: its test part is another. None where the fit has no result.
    """
    if not predictions.num_rows:
        return []
    target = target_of(predictions.schema.metadata)
    whole = sum_parts(predictions, fit["algorithm"], names=["test"])["test"]
    n_folds = len(whole.true_by_fold)
    parts: list[tuple[float, float, Part]] = []
    shares = learning["share"].to_numpy()
    for share in np.unique(shares).tolist():
        own = learning.filter(pa.array(shares == share))
        part = sum_parts(own, fit["algorithm"], names=["test"])["test"]
        if len(part.true_by_fold) == n_folds:
            parts.append((share, _mean_by_fold(own), part))
    trained = predictions.filter(pc.equal(predictions["part"], "train"))
    parts.append((1.0, _patients_by_fold(trained), whole))
    names = [target.score, metric_of(whole.scores.values, "information", target)]
    return [
        {
            **fit,
            "share": share,
            "n_patients": n,
            **score_of(part, metric),
            "n_folds": len(part.true_by_fold),
            **_gain(metric, part, whole),
        }
        for metric in names
        if metric is not None
        for share, n, part in parts
    ]


def _mean_by_fold(learning: pa.Table) -> float:
    """Return the number of training patients, mean of the folds."""
    folds, first = np.unique(learning["fold"].to_numpy(), return_index=True)
    return float(learning["n_patients"].to_numpy()[first].sum() / len(folds))


def _patients_by_fold(trained: pa.Table) -> float:
    """Return the number of patients of a training part, mean of the folds."""
    pairs = trained.group_by(["fold", "patient_ID"]).aggregate([])
    return pairs.num_rows / len(pairs["fold"].unique())


def _gain(metric: str, part: Part, whole: Part) -> Gain:
    """Return what all patients have added to a share of them."""
    value = float(whole.scores.values[metric] - part.scores.values[metric])
    if part is whole or math.isnan(value):
        return {"gain": None, "gain_low": None, "gain_high": None}
    without = whole.scores.without[metric] - part.scores.without[metric]
    error = of_difference(value, without, min(whole.sides))
    return {"gain": value, "gain_low": error.ci_low, "gain_high": error.ci_high}
