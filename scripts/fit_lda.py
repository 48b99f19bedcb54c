"""Fit a linear discriminant analysis to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's LinearDiscriminantAnalysis.
"""

from auscultation.fits.estimators import fit_estimator
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

start(globals(), fit_estimator, LinearDiscriminantAnalysis)
