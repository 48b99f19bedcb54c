"""Fit a support vector classifier to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's SVC.
"""

from auscultation.fits.kernels import fit_kernel_machine
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.linear_model import SGDClassifier
    from sklearn.svm import SVC


def linear_machine(settings: dict, n: int, seed: int) -> SGDClassifier:
    """Make the linear machine with SVC's loss (hinge) and its C, for n cycles."""
    return SGDClassifier(
        loss="hinge",
        alpha=1 / (settings.get("C", 1.0) * n),
        class_weight=settings.get("class_weight"),
        average=True,
        random_state=seed,
    )


start(globals(), fit_kernel_machine, SVC, linear_machine)
