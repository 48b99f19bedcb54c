"""Recalibration of probabilities: the logistic regression of what is true on what was predicted."""

from typing import NamedTuple

import numpy as np

LIMIT = 1e-3  # probabilities are clipped to [LIMIT, 1 - LIMIT]; a forest's may be 0 or 1
ITERATIONS = 50
CLOSE = 1e-10  # a step of Newton's below this is the last
CONSTANT = 1e-9  # logits of a fold that differ by less are equal


class Valued(NamedTuple):
    """A number, and the same without each patient."""

    value: float  # nan where it does not exist
    without: np.ndarray  # (patients,)


def logits(p: np.ndarray) -> np.ndarray:
    """Return log(p / (1 - p)) of probabilities that are clipped first."""
    p = np.clip(p, LIMIT, 1 - LIMIT)
    return np.log(p / (1 - p))


def varies(logit: np.ndarray, fold: np.ndarray) -> bool:
    """Return whether the logits of any fold differ; those of a baseline are one number a fold."""
    n = int(fold.max(initial=-1)) + 1
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, fold, logit)
    np.maximum.at(high, fold, logit)
    return bool((high - low > CONSTANT).any())


def slope(logit: np.ndarray, positive: np.ndarray, patient: np.ndarray) -> Valued:
    """Return the calibration slope b of logit P(positive) = a + b logit(p); 1 is calibrated.

    Below 1, probabilities are too extreme: the models are too sure (Cox 1958, Biometrika
    45:562-565; Van Calster et al. 2019, BMC Medicine 17:230). All arguments have shape (n,);
    `patient` is an index from 0.
    """
    return _fit(np.column_stack([np.ones(len(logit)), logit]), 0 * logit, positive, patient)


def intercept(logit: np.ndarray, positive: np.ndarray, patient: np.ndarray) -> Valued:
    """Return the calibration in the large: a of logit P(positive) = a + logit(p); 0 is calibrated.

    Above 0, there are more positive cycles than the probabilities say.
    """
    return _fit(np.ones((len(logit), 1)), logit, positive, patient)


def _fit(X: np.ndarray, offset: np.ndarray, positive: np.ndarray, patient: np.ndarray) -> Valued:
    """Return the last coefficient of a logistic regression, whole and without each patient.

    Fitted by Newton's method. Without a patient it is one more of its steps from there: with g and
    H the score and the information of the patient's cycles, beta - (sum H - H)^-1 g.
    """
    n_patients, k = int(patient.max(initial=-1)) + 1, X.shape[1]
    none = Valued(np.nan, np.full(n_patients, np.nan))
    if positive.all() or not positive.any():
        return none
    beta = np.zeros(k)
    loss = _loss(offset, positive)
    for _ in range(ITERATIONS):
        score, information = _derivatives(X, offset + X @ beta, positive)
        total = X.T @ information
        step = _solve(total, score.sum(0))
        if np.isnan(step).any():
            return none
        if np.abs(step).max() <= CLOSE * max(1.0, np.abs(beta).max()):
            break
        while (new := _loss(offset + X @ (beta + step), positive)) > loss + CLOSE * abs(loss):
            step = step / 2  # ends: the step points downhill
        beta, loss = beta + step, new
    else:  # the classes are separate: ever larger coefficients fit ever better
        return none
    products = information[:, :, None] * X[:, None, :]
    g, H = (
        np.stack([np.bincount(patient, w, n_patients) for w in of.reshape(len(X), -1).T], 1)
        for of in (score, products)
    )
    steps = _solve(total - H.reshape(n_patients, k, k), g)
    return Valued(float(beta[-1]), beta[-1] - steps[:, -1])


def _loss(logit: np.ndarray, positive: np.ndarray) -> float:
    """Return minus the log likelihood."""
    return float(np.logaddexp(0, np.where(positive, -logit, logit)).sum())


def _derivatives(X: np.ndarray, logit: np.ndarray, positive: np.ndarray):
    """Return the score of each cycle, and what times X is its information; shape (n, k)."""
    mu = (1 + np.tanh(logit / 2)) / 2
    return X * (positive - mu)[:, None], X * (mu * (1 - mu))[:, None]


def _solve(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the solutions of linear equations; nan where one has none within rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.sqrt(np.einsum("...ii->...i", matrices))
        scaled = matrices / (scale[..., :, None] * scale[..., None, :])
        good = (np.linalg.det(scaled) > CLOSE)[..., None]  # False of nan
        scaled = np.where(good[..., None], scaled, np.eye(scaled.shape[-1]))
        solved = np.linalg.solve(scaled, (vectors / scale)[..., None])[..., 0] / scale
    return np.where(good, solved, np.nan)
