"""Fit a linear support vector classifier on Nystroem features to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.skops`, `predictions.parquet`, `fit.json`.
The settings are those of scikit-learn's LinearSVC, and kernel, gamma and n_components of its
Nystroem. Its time grows with the cycles, that of a kernel machine (SVC) with their square.
"""

from auscultation.fits.estimators import fit_estimator
from auscultation.job.imports import lean
from auscultation.job.log import start

with lean():
    from sklearn.kernel_approximation import Nystroem
    from sklearn.pipeline import Pipeline
    from sklearn.svm import LinearSVC


def linear_svc(
    kernel: str = "rbf",
    gamma: float | None = None,
    n_components: int = 100,
    random_state: int = 0,
    **settings,
) -> Pipeline:
    """Make the pipeline: features that approximate a kernel, then a linear machine on them."""
    features = Nystroem(kernel, gamma=gamma, n_components=n_components, random_state=random_state)
    machine = LinearSVC(random_state=random_state, **settings)
    return Pipeline([("features", features), ("machine", machine)])


start(globals(), fit_estimator, linear_svc)
