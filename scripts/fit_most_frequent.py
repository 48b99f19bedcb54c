"""Baseline: predict the most frequent class of the training part for every cycle.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.models import ConstantModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.log import job_log


def fit_most_frequent(X: np.ndarray, y: np.ndarray) -> ConstantModel:
    """Take the most frequent class (the lowest of several), and the classes' shares."""
    counts = np.bincount(y)
    return ConstantModel(counts.argmax(), counts / counts.sum())


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        run_fit(snakemake, fit_most_frequent, save_arrays, {})  # noqa: F821
