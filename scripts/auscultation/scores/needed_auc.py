"""What AUC a score needs: that of the best classifier which probabilities of such an AUC allow.

Classes are normal distributions of the same spread whose means are equally far apart. Their
probabilities are then known, and so is the rule by which they make the highest score: with two
classes, the AUC is Phi(d / sqrt(2)) and the balanced accuracy Phi(d / 2), d the means' distance in
standard deviations. With more, both are counted in a sample, the same always.
"""

import numpy as np

from auscultation.metrics.pairs import pairs

CYCLES = 20_000
DISTANCES = np.arange(0, 6.01, 0.2)  # between the means, in standard deviations
DIGITS = 3


def needed_auc(wanted: list[float], shares: np.ndarray, icbhi: bool) -> list[float] | None:
    """Return the AUC (mean of each class against the rest) at which the best classifier has a score.

    `wanted` are ICBHI scores (with `icbhi`) or balanced accuracies, rising; `shares` those of the
    classes, class 0 first, shape (classes,), which add up to 1. Rounded to three digits; None where
    no AUC suffices, or a class is not there.
    """
    if (shares <= 0).any():
        return None
    rng = np.random.default_rng(0)
    true = np.repeat(np.arange(len(shares)), np.round(shares * CYCLES).astype(int))
    noise = rng.standard_normal((len(true), len(shares)))
    scores, areas = [], []
    for distance in DISTANCES:
        auc, reached = _ideal(true, noise, distance, shares, icbhi)
        areas.append(auc)
        scores.append(reached)
        if reached >= wanted[-1]:
            break
    # a sample's scores may fall by a hair where distances hardly differ
    rising = np.maximum.accumulate(scores)
    if rising[-1] < wanted[-1]:
        return None
    return [round(float(value), DIGITS) for value in np.interp(wanted, rising, areas)]


def _ideal(
    true: np.ndarray, noise: np.ndarray, distance: float, shares: np.ndarray, icbhi: bool
) -> tuple[float, float]:
    """Return the AUC and the best score at one distance."""
    k = len(shares)
    shift = distance / np.sqrt(2)  # along one axis a class, the means are this far from zero
    known = (np.eye(k)[true] * shift + noise) * shift
    odds = np.exp(known - known.max(1, keepdims=True)) * shares
    p = odds / odds.sum(1, keepdims=True)
    areas = []
    for code in range(k):
        won, met = pairs(p[:, code], true == code, np.zeros(len(true), np.int64))
        areas.append(won[true == code].sum() / met[true == code].sum())
    # a right cycle counts 1 / (cycles of its side)
    sides = np.where(np.arange(k) == 0, shares[0], 1 - shares[0]) if icbhi else shares
    right = (p / sides).argmax(1) == true
    weights = (1 / sides)[true]
    return float(np.mean(areas)), float((right * weights).sum() / weights.sum())
