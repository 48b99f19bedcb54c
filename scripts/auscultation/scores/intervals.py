"""Intervals and tests whose unit is the patient, not the cycle.

Cycles of one patient resemble each other, so an interval that treats them as independent is too
narrow. Here each patient is left out once, with all cycles (the delete-one jackknife); the spread
of the value estimates its error over samples of test patients, with the models held fixed. A
difference between two models leaves the same patient out of both, so that it is paired.
"""

import math
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
POWER = 0.8
ROUNDING = 1e-12  # a spread below this is none


class Estimate(NamedTuple):
    """The error of a value; all None where the value does not exist without some patient."""

    se: float | None = None  # standard error
    df: float | None = None  # degrees of freedom of Student's t
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None  # two-sided, of the value being zero, or what it is tested against


def spread(without: np.ndarray, side: int) -> tuple[float, float] | None:
    """Return the jackknife standard error of a value, and its degrees of freedom.

    The standard error is sqrt((n - 1) / n * sum(d^2)), with d the values without each patient minus
    their mean (Efron and Stein 1981, Annals of Statistics 9(3):586-596). Few patients may carry it:
    with R = sum(d^2)^2 / sum(d^4), it has 3 R - 2 degrees of freedom (Satterthwaite's, corrected for
    few of them), at most one less than there are patients on the rarer side.

    `without` is the value without each patient, shape (n,); `side` the number of patients of the
    rarer side: those with an abnormal cycle, or those with a normal one. None where the value
    without some patient is undefined, or a side has fewer than two patients.
    """
    n = len(without)
    if side < 2 or not np.isfinite(without).all():
        return None
    squares = (without - without.mean()) ** 2
    total = float(squares.sum())
    fourth = float((squares**2).sum())
    df = min(side - 1.0, 3 * total**2 / fourth - 2) if fourth > 0 else side - 1.0
    return math.sqrt((n - 1) / n * total), max(1.0, df)


def of_error(value: float, without: np.ndarray, side: int) -> Estimate:
    """Return standard error and 95 % interval of an error or a loss, which is not negative.

    As `spread`; the interval is symmetric in log(value).
    """
    error = spread(without, side)
    if error is None or not math.isfinite(value):
        return Estimate()
    se, df = error
    factor = math.exp(quantile(df) * se / value) if value > 0 else 1.0
    return Estimate(se, df, value / factor, value * factor)


def of_number(value: float, without: np.ndarray, side: int) -> Estimate:
    """Return standard error and 95 % interval of a number of any sign; see `spread`."""
    error = spread(without, side)
    if error is None or not math.isfinite(value):
        return Estimate()
    se, df = error
    reach = quantile(df) * se
    return Estimate(se, df, value - reach, value + reach)


def of_difference(value: float, without: np.ndarray, side: int) -> Estimate:
    """Return standard error, 95 % interval and p value (of zero) of a difference of two models.

    As `spread`, with one degree of freedom less than patients on the rarer side: what two models
    have in common cancels, and what remains does not rest on a few patients.
    """
    error = spread(without, side)
    if error is None or not math.isfinite(value):
        return Estimate()
    se, df = error[0], side - 1.0
    if se <= ROUNDING * max(1.0, abs(value)):
        return Estimate(0.0, df, value, value, _coin(value, side))
    reach = quantile(df) * se
    return Estimate(se, df, value - reach, value + reach, two_sided(value / se, df))


def of_share(value: float, without: np.ndarray, side: int, against: float = 0.5) -> Estimate:
    """Return standard error, 95 % interval and p value of a share, such as a score or an AUC.

    As `spread`; the interval is symmetric in log(value / (1 - value)), so that it stays between 0
    and 1. Where all patients are always right (or always wrong), it is that of a coin that shows
    the same side once per patient of the rarer side. The p value is that of `against`.
    """
    error = spread(without, side)
    if error is None or not math.isfinite(value):
        return Estimate()
    se, df = error
    if se <= ROUNDING:
        if 0 < value < 1:
            return Estimate(0.0, df, value, value, _coin(value - against, side))
        end = ((1 - LEVEL) / 2) ** (1 / side)
        low, high = (end, 1.0) if value >= 1 else (0.0, 1 - end)
        return Estimate(0.0, df, low, high, _coin(value - against, side))
    if not 0 < value < 1:
        return Estimate()
    ends = share_interval(value, se, df)
    t = (_logit(value) - _logit(against)) * value * (1 - value) / se
    return Estimate(se, df, *ends, two_sided(t, df))


def share_interval(value: float, se: float, df: float, tests: int = 1) -> tuple[float, float]:
    """Return the interval of a share between 0 and 1, simultaneous for so many tests."""
    reach = quantile(df, tests) * se
    return _moved(value, -reach), _moved(value, reach)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _moved(share: float, by: float) -> float:
    """Return a share moved on the logit scale by what is `by` on the scale of the share."""
    # equal to 1 / (1 + exp(-x)), which overflows
    return (1 + math.tanh((_logit(share) + by / (share * (1 - share))) / 2)) / 2


def _coin(value: float, side: int) -> float:
    """Return the p value where no patient differs: that of a coin that shows one side each time."""
    return 1.0 if abs(value) <= ROUNDING else min(1.0, 2.0 ** (1 - side))


def two_sided(t: float, df: float) -> float:
    """Return the two-sided p value of Student's t."""
    from scipy.special import stdtr  # scipy.stats has the same and takes 0.8 s to import

    return float(2 * stdtr(df, -abs(t)))


def quantile(df: float, tests: int = 1, level: float = LEVEL) -> float:
    """Return the quantile of Student's t for a two-sided interval, corrected for so many tests.

    With several tests, all their intervals hold together with at least the level's probability
    (Bonferroni), and so does that of the best.
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - (1 - level) / 2 / tests))


def detectable(against: float, se: float, df: float, tests: int) -> float:
    """Return the share that would be found to be above `against` with a power of 80 %.

    At the level of 5 % divided by the number of tests, which Holm's method requires of the smallest
    p value; from the noncentral t distribution. Like the test, on the logit scale, so that it is
    below 1.
    """
    return _moved(against, powerful(df, tests) * se)


def powerful(df: float, tests: int) -> float:
    """Return by how many standard errors a value must differ to be shown with a power of 80 %."""
    from scipy.special import nctdtrinc

    return float(nctdtrinc(df, 1 - POWER, quantile(df, tests)))


def holm(p_values: list[float | None]) -> list[float | None]:
    """Return p values corrected for their number by Holm's step-down method (Holm 1979).

    Unknown p values (None) stay unknown and do not count.
    """
    ascending = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, i) in enumerate(ascending):
        largest = max(largest, min(1.0, p * (len(ascending) - rank)))
        corrected[i] = largest
    return corrected


def corrected_resampled_t(differences: np.ndarray, test_to_train: float) -> dict[str, float]:
    """Return a t test of the mean of the folds' differences, corrected for overlapping training parts.

    The corrected resampled t test of Nadeau and Bengio (2003, Machine Learning 52:239-281): the
    variance of the folds is multiplied by (1/n + n_test/n_train) instead of 1/n.

    `differences` are those of n >= 2 folds (of all repeats), shape (n,); `test_to_train` is the
    size of the test part over that of the training part. The interval is of 95 %, p two-sided.
    """
    n = len(differences)
    mean, variance = float(np.mean(differences)), float(np.var(differences, ddof=1))
    error = np.sqrt(variance * (1 / n + test_to_train))
    reach = quantile(n - 1) * error
    if error == 0:
        t = 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    else:
        t = mean / float(error)
    ends = {"ci_low": mean - reach, "ci_high": mean + reach}
    return {"mean": mean, "t": t, "df": n - 1, "p": two_sided(t, n - 1), **ends}
