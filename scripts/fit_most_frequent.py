"""Baseline: predict the most frequent class of the training part for every cycle.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np
from lib.fitting import run_fit
from lib.job import job_log
from lib.models import ConstantModel, save_arrays


def fit_most_frequent(X: np.ndarray, y: np.ndarray) -> ConstantModel:
    """Take the most frequent class (the lowest of several), and the classes' shares."""
    counts = np.bincount(y)
    return ConstantModel(counts.argmax(), counts / counts.sum())


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        run_fit(snakemake, fit_most_frequent, save_arrays, {})  # noqa: F821
