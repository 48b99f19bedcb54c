"""Fit gradient-boosted trees on binned features to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's HistGradientBoostingClassifier.
"""

from auscultation.fits.estimators import fit_estimator
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.ensemble import HistGradientBoostingClassifier


def hist_gradient_boosting(**settings) -> HistGradientBoostingClassifier:
    """Make the classifier; its `max_features` is a share, and 1.0 comes from the config as 1."""
    if "max_features" in settings:
        settings["max_features"] = float(settings["max_features"])
    return HistGradientBoostingClassifier(**settings)


start(globals(), fit_estimator, hist_gradient_boosting)
