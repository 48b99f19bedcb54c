"""Baseline: draw the class of every cycle, by the classes' shares of the training part.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.models import RandomModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.log import start


def fit_stratified(X: np.ndarray, y: np.ndarray, seed: int = 0) -> RandomModel:
    """Take the classes' shares; what is drawn by them knows how frequent each class is, no more."""
    counts = np.bincount(y)
    return RandomModel(counts / counts.sum(), seed)


start(globals(), run_fit, fit_stratified, save_arrays)
