"""Baseline: predict the mean state of the training part for every cycle.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.models import ConstantModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.log import start


def fit_mean(X: np.ndarray, y: np.ndarray) -> ConstantModel:
    """Take the mean of the state, the constant with the least squared error."""
    return ConstantModel(y.mean())


start(globals(), run_fit, fit_mean, save_arrays, {})
