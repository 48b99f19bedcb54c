"""Intervals and comparisons that know that patients, not cycles, are the unit.

Cycles of one patient resemble each other, so an interval that treats them as independent is too
narrow. Here patients are drawn with replacement (the cluster bootstrap), each with all its cycles.
Every model of a split is given the same draws, so that differences between models are paired.
"""

from functools import lru_cache

import numpy as np
from lib.metrics import metrics

LEVEL = 0.95


@lru_cache(maxsize=2)  # training and test part of a split, of which every model has the same
def draws(n_patients: int, n_resamples: int, seed: int) -> np.ndarray:
    """Draw patients with replacement.

    Parameters
    ----------
    n_patients, n_resamples
        How many there are to draw from, and how often to draw as many again.
    seed
        Of the draws.

    Returns
    -------
    numpy.ndarray
        How often each patient was drawn, shape (n_resamples, n_patients), float64, read-only.
    """
    rng = np.random.default_rng(seed)
    chances = np.full(n_patients, 1 / n_patients)
    drawn = rng.multinomial(n_patients, chances, n_resamples).astype(float)
    drawn.flags.writeable = False
    return drawn


def resampled(sums: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Compute every metric of every draw.

    Parameters
    ----------
    sums
        Sums of each patient's cycles, shape (patients, 18), from `lib.metrics.group_sums`.
    weights
        From `draws`, shape (resamples, patients).

    Returns
    -------
    dict
        By metric, shape (resamples,); nan where a draw has nothing to compute it from.
    """
    # not `@`, whose last digits depend on the processor
    return metrics(np.einsum("rp,ps->rs", weights, sums))


def interval(values: np.ndarray, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Give the percentile interval of resampled values; (None, None) where there is none.

    Draws without a value (nan) are left out; with more than half of them there is no interval.
    """
    known = values[~np.isnan(values)]
    if known.size * 2 < values.size:
        return None, None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def p_value(differences: np.ndarray) -> float | None:
    """Give the two-sided bootstrap p value that a difference is zero.

    Twice the smaller share of draws on one side of zero, counting the sample itself as one more
    draw (Davison and Hinkley 1997, section 4.2), so that it is never below 2 / (resamples + 1).
    """
    known = differences[~np.isnan(differences)]
    if known.size * 2 < differences.size:
        return None
    side = min(np.count_nonzero(known <= 0), np.count_nonzero(known >= 0))
    return float(min(1.0, 2 * (side + 1) / (known.size + 1)))


def holm(p_values: list[float | None]) -> list[float | None]:
    """Correct p values for their number by Holm's step-down method (Holm 1979).

    Unknown p values (None) stay unknown and do not count.
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, i) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[i] = largest
    return corrected


def corrected_resampled_t(differences: np.ndarray, test_to_train: float) -> dict[str, float]:
    """Test the mean of the folds' differences, corrected for overlapping training parts.

    The corrected resampled t test of Nadeau and Bengio (2003, Machine Learning 52:239-281): the
    variance of the folds is multiplied by (1/n + n_test/n_train) instead of 1/n.

    Parameters
    ----------
    differences
        Difference in each of n folds (of all repeats), shape (n,), n >= 2.
    test_to_train
        Size of the test part over that of the training part.

    Returns
    -------
    dict
        mean, t, degrees of freedom `df`, two-sided `p`, `ci_low`, `ci_high` (95 %).
    """
    from scipy.special import stdtr, stdtrit  # scipy.stats has the same and takes 0.8 s to import

    n = len(differences)
    mean, variance = float(np.mean(differences)), float(np.var(differences, ddof=1))
    error = np.sqrt(variance * (1 / n + test_to_train))
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2) * error)
    if error == 0:
        statistic = 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    else:
        statistic = mean / float(error)
    p = float(2 * stdtr(n - 1, -abs(statistic)))
    return {
        "mean": mean,
        "t": statistic,
        "df": n - 1,
        "p": p,
        "ci_low": mean - reach,
        "ci_high": mean + reach,
    }
