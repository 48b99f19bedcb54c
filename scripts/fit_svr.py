"""Fit a support vector regression to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's SVR.
"""

from auscultation.fits.kernels import fit_kernel_machine
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.linear_model import SGDRegressor
    from sklearn.svm import SVR


def linear_machine(settings: dict, n: int, seed: int) -> SGDRegressor:
    """Make the linear machine with SVR's loss (epsilon-insensitive) and its C, for n cycles."""
    return SGDRegressor(
        loss="epsilon_insensitive",
        epsilon=settings.get("epsilon", 0.1),
        alpha=1 / (settings.get("C", 1.0) * n),
        average=True,
        random_state=seed,
    )


start(globals(), fit_kernel_machine, SVR, linear_machine)
