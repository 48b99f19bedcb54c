"""Fit a random forest to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's RandomForestClassifier.
"""

from lib.fitting import fit_estimator
from lib.imports import lean
from lib.job import job_log

with lean():
    from sklearn.ensemble import RandomForestClassifier

if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        fit_estimator(snakemake, RandomForestClassifier, parallel=True)  # noqa: F821
