"""Fit a linear model of the state by numpy's least squares to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.magnitude import SQUARED
from auscultation.fits.models import LinearModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.log import start


def fit_lstsq(X: np.ndarray, y: np.ndarray, rcond: float | None = None) -> LinearModel:
    """Solve least squares with an intercept column, in float64: X (n, features), state y (n,).

    Singular values below `rcond` of the largest count as zero (numpy.linalg.lstsq). The features
    differ by ten orders of magnitude, so a large value would drop some of them.
    """
    design = np.column_stack([np.ones(len(X)), X])
    theta, *_ = np.linalg.lstsq(design, y.astype(np.float64), rcond=rcond)
    return LinearModel(theta)


start(globals(), run_fit, fit_lstsq, save_arrays, largest=SQUARED)
