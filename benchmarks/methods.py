"""Ways to make 95 % intervals from values without each patient, or of draws of patients."""

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri, stdtrit

LEVEL = 0.95
SHARES = ("icbhi_score", "balanced_accuracy", "auc_ovr", "auc_abnormal")
Ends = tuple[np.ndarray, np.ndarray]


def spread_of(without: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the jackknife's standard error, and its degrees of freedom by Satterthwaite.

    Parameters
    ----------
    without
        The value without each patient, shape (trials, patients).

    Returns
    -------
    se, df
        Shape (trials,). The degrees of freedom are corrected for one each (von Davier 2024).
    """
    n = without.shape[1]
    squares = (without - without.mean(1, keepdims=True)) ** 2
    total, fourth = squares.sum(1), (squares**2).sum(1)
    carried = np.divide(total**2, fourth, out=np.ones(len(total)), where=fourth > 0)
    return np.sqrt((n - 1) / n * total), np.clip(3 * carried - 2, 1, n - 1)


def student(value: np.ndarray, se: np.ndarray, df: np.ndarray, scale: str = "") -> Ends:
    """Return Student's t interval, on the scale named."""
    reach = stdtrit(df, (1 + LEVEL) / 2) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "logit":
            middle, reach = logit(value), reach / (value * (1 - value))
            return expit(middle - reach), expit(middle + reach)
        if scale == "log":
            return value * np.exp(-reach / value), value * np.exp(reach / value)
    return value - reach, value + reach


def jackknives(name: str, value: np.ndarray, without: np.ndarray, side: np.ndarray) -> dict:
    """Return the interval of each way to use the values without each patient.

    Parameters
    ----------
    name
        Of the metric or the difference.
    value, without
        Shapes (trials,) and (trials, patients).
    side
        Patients of the rarer side, shape (trials,).
    """
    se, even = spread_of(without)
    most = np.full(len(value), without.shape[1] - 1.0)
    scale = "" if name.startswith("difference") else "logit" if name in SHARES else "log"
    found = {
        "jackknife, n - 1": student(value, se, most),
        "jackknife, side - 1": student(value, se, side - 1.0),
        "jackknife, Satterthwaite": student(value, se, np.minimum(even, side - 1.0)),
    }
    if scale:
        found |= {
            f"{scale}, n - 1": student(value, se, most, scale),
            f"{scale}, side - 1": student(value, se, side - 1.0, scale),
            f"{scale}, Satterthwaite": student(value, se, np.minimum(even, side - 1.0), scale),
        }
    return found


def bootstraps(value: np.ndarray, without: np.ndarray, drawn: np.ndarray, errors: Ends) -> dict:
    """Return the intervals of the bootstrap.

    Parameters
    ----------
    value, without
        As in `jackknives`.
    drawn
        The value of each draw of patients, shape (trials, draws).
    errors
        Standard errors of the value, shape (trials, 1), and of that of each draw.
    """
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (drawn - value[:, None]) / errors[1]
    below, above = np.nanquantile(np.where(np.isfinite(t), t, np.nan), tails, axis=1)
    # bias-corrected and accelerated: Efron 1987, J. Am. Stat. Assoc. 82:171-185
    share = ((drawn < value[:, None]).mean(1) + (drawn <= value[:, None]).mean(1)) / 2
    bias = ndtri(share.clip(1e-3, 1 - 1e-3))[:, None]
    skew = without.mean(1, keepdims=True) - without
    scale = 6 * (skew**2).sum(1) ** 1.5
    speed = np.divide((skew**3).sum(1), scale, out=np.zeros(len(scale)), where=scale > 0)[:, None]
    z = bias + ndtri(tails)
    place = np.rint(ndtr(bias + z / (1 - speed * z)) * (drawn.shape[1] - 1)).astype(int)
    return {
        "bootstrap, percentile": tuple(np.nanquantile(drawn, tails, axis=1)),
        "bootstrap, BCa": tuple(np.take_along_axis(np.sort(drawn, 1), place, 1).T),
        "bootstrap-t": (value - above * errors[0][:, 0], value - below * errors[0][:, 0]),
    }
