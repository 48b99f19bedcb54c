"""Baseline: predict the most frequent class of the training part for every cycle.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.models import ConstantModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.log import start


def fit_most_frequent(X: np.ndarray, y: np.ndarray) -> ConstantModel:
    """Take the most frequent class (the lowest of several), and the classes' shares."""
    counts = np.bincount(y)
    return ConstantModel(int(counts.argmax()), counts / counts.sum())


start(globals(), run_fit, fit_most_frequent, save_arrays, {})
