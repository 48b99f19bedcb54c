"""The best constant: the scores of a model that predicts the same for every cycle."""

import numpy as np

from auscultation.data.target import Target
from auscultation.metrics.classes import metrics, ratio
from auscultation.metrics.names import compared_by
from auscultation.scores.fit_scores import AREAS, Part, Scores


def constant(part: Part, target: Target) -> Scores:
    """Return the best scores that a constant prediction can have.

    `part` is the test part of any model of the split: the true classes are the same for all. Scores
    are for a class, those of the class with the best value of the metric; for a number, of the
    mean; for probabilities, of the classes' shares; all of the cycles tested on, which no model
    knows, so that no model is called better too easily. The AUC of a constant is 0.5.
    """
    total = part.true.sum(0)
    counts = total, total - part.true, part.true_by_fold
    scores = Scores(*(_by_metric(classes, target) for classes in counts))
    for name in compared_by(target):
        if name == "mse":  # a number: that of the mean
            continue
        of_class = [
            [metrics(_all_predicted(classes, c))[name] for classes in counts]
            for c in range(len(target.classes))
        ]
        best = max(of_class, key=lambda values: np.nan_to_num(values[0], nan=-np.inf))
        for values, value in zip(scores, best, strict=True):
            values[name] = value
    return scores


def _by_metric(counts: np.ndarray, target: Target) -> dict[str, np.ndarray]:
    """Return the losses and AUCs of a constant, from counts of cycles by class, (..., classes)."""
    shares = ratio(counts, counts.sum(-1, keepdims=True))
    codes = np.arange(counts.shape[-1])
    logs = np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
    values = {"log_loss": -(shares * logs).sum(-1), "brier_score": 1 - (shares**2).sum(-1)}
    if target.ordered:
        variance = (shares * codes**2).sum(-1) - (shares * codes).sum(-1) ** 2
        values["mse"] = values["mse_expected"] = variance
    return values | dict.fromkeys(AREAS, np.full(counts.shape[:-1], 0.5))


def _all_predicted(counts: np.ndarray, predicted: int) -> np.ndarray:
    """Return the sums of `group_sums` if one class is always predicted."""
    k = counts.shape[-1]
    sums = np.zeros((*counts.shape[:-1], k * k + 2))
    sums[..., predicted : k * k : k] = counts
    return sums
