"""Intervals and comparisons that know that patients, not cycles, are the unit.

Cycles of one patient resemble each other, so an interval that treats them as independent is too
narrow. Here each patient is left out once, with all cycles (the delete-one jackknife), and what that
changes says how far the value would be off with other patients. A difference between two models is
taken with the same patient left out of both, so that it is that of pairs.
"""

import math
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
POWER = 0.8
ROUNDING = 1e-12  # a spread below this is none


class Estimate(NamedTuple):
    """A value with what is known of its error; nothing where one patient decides whether it exists."""

    se: float | None = None  # standard error
    df: int | None = None  # degrees of freedom of Student's t
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None  # two-sided, that the value is zero


def jackknife(value: float, without: np.ndarray, n_patients: int) -> Estimate:
    """Give standard error, 95 % interval and p value of a value by leaving each patient out.

    The standard error is sqrt((n - 1) / n * sum((without - mean(without))^2)) (Efron and Stein 1981,
    Annals of Statistics 9(3):586-596); interval and p value are those of Student's t.

    Parameters
    ----------
    value
        Of all patients.
    without
        The same without each patient, shape (n,).
    n_patients
        Patients of the rarer side (with, or without what is looked for): the degrees of freedom
        are one less.

    Returns
    -------
    Estimate
        All None where the value, or that without some patient, is unknown, or where there are fewer
        than two patients on a side.
    """
    from scipy.special import stdtr  # scipy.stats has the same and takes 0.8 s to import

    n, df = len(without), n_patients - 1
    if df < 1 or not np.isfinite(value) or not np.isfinite(without).all():
        return Estimate()
    spread = without - without.mean()
    se = math.sqrt((n - 1) / n * float((spread**2).sum()))
    if se <= ROUNDING * max(1.0, abs(value)):
        # no patient differs: as for a coin that falls n times on one side
        p = 1.0 if abs(value) <= ROUNDING else min(1.0, 2.0 ** (1 - n))
        return Estimate(0.0, df, value, value, p)
    reach = quantile(df) * se
    return Estimate(se, df, value - reach, value + reach, float(2 * stdtr(df, -abs(value / se))))


def quantile(df: int, tests: int = 1, level: float = LEVEL) -> float:
    """Give the quantile of Student's t for a two-sided interval, shared by so many tests.

    With several tests, all their intervals hold together with the level's chance at least
    (Bonferroni), that of the best of them, too.
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - (1 - level) / 2 / tests))


def detectable(se: float, df: int, tests: int) -> float:
    """Give the difference that would be told from none with 80 % chance.

    At the level of 5 % divided by the number of tests, which is what Holm's method asks of the
    smallest p value.
    """
    return (quantile(df, tests) + quantile(df, level=2 * POWER - 1)) * se


def within(estimate: Estimate, low: float, high: float) -> Estimate:
    """Cut an interval at the ends of what its value can be."""
    if estimate.ci_low is None:
        return estimate
    return estimate._replace(ci_low=max(low, estimate.ci_low), ci_high=min(high, estimate.ci_high))


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
    from scipy.special import stdtr

    n = len(differences)
    mean, variance = float(np.mean(differences)), float(np.var(differences, ddof=1))
    error = np.sqrt(variance * (1 / n + test_to_train))
    reach = quantile(n - 1) * error
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
