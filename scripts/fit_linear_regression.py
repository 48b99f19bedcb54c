"""Fit a linear regression to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's LinearRegression.
"""

from auscultation.fits.estimators import fit_estimator
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.linear_model import LinearRegression

start(globals(), fit_estimator, LinearRegression)
