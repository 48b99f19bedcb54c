"""Fit extremely randomised trees to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's ExtraTreesClassifier.
"""

from auscultation.fits.estimators import fit_estimator
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.ensemble import ExtraTreesClassifier

start(globals(), fit_estimator, ExtraTreesClassifier, parallel=True)
