"""Kernel machines on many cycles: their time grows with the square, so above a limit less is done.

What is done instead of fitting all cycles is the config's choice, and the report says it.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa

from auscultation.fits.estimators import fit_estimator
from auscultation.fits.fold import Instead
from auscultation.job.errors import InputError
from auscultation.job.imports import lean

with lean():
    from sklearn.kernel_approximation import Nystroem
    from sklearn.pipeline import Pipeline

COMPONENTS = 300  # cycles that the approximated kernel is spanned by
SEED = 0


def some_patients(patient: np.ndarray, most: int, seed: int = SEED) -> np.ndarray:
    """Return positions of the cycles of patients drawn until no other fits in `most` cycles."""
    patients, index, counts = np.unique(patient, return_inverse=True, return_counts=True)
    drawn, total = np.zeros(len(patients), dtype=bool), 0
    for number in np.random.default_rng(seed).permutation(len(patients)):
        if total + counts[number] <= most:
            drawn[number], total = True, total + counts[number]
    return np.flatnonzero(drawn[index])


def approximate(machine: Callable, X: np.ndarray, y: np.ndarray, **settings) -> Pipeline:
    """Fit a linear machine by stochastic gradient descent on features that approximate the kernel.

    `machine` makes the one with the same loss, from settings, number of cycles and seed.
    """
    gamma = settings.get("gamma", "scale")
    if gamma == "scale":
        gamma = 1 / (X.shape[1] * X.var()) if X.var() else 1.0
    elif gamma == "auto":
        gamma = 1 / X.shape[1]
    features = Nystroem(
        kernel=settings.get("kernel", "rbf"),
        gamma=gamma,
        degree=settings.get("degree", 3),
        coef0=settings.get("coef0", 0.0),
        n_components=min(COMPONENTS, len(X)),
        random_state=SEED,
    )
    steps = [("features", features), ("machine", machine(settings, len(X), SEED))]
    return Pipeline(steps).fit(X, y)


def fit_kernel_machine(snakemake, estimator: Callable, machine: Callable) -> None:
    """Do the job of a rule whose algorithm is a kernel machine of scikit-learn.

    `snakemake` has the parameter `kernel`: `max_rows`, and what is done `above`. `machine` is as for
    `approximate`. InputError as `fit_estimator`, or for more training cycles than there may be.
    """
    most, above = snakemake.params.kernel["max_rows"], snakemake.params.kernel["above"]

    def large(train: pa.Table) -> Instead | None:
        n = train.num_rows
        if n <= most:
            return None
        if above == "error":
            raise InputError(
                f"model {snakemake.wildcards.model!r}: {n:,} training cycles are more than "
                f"max_kernel_rows ({most:,}), and the time of a kernel machine grows with their "
                "square. Raise it, or set above_max_kernel_rows to subsample or nystroem"
            )
        if above == "nystroem":
            part = min(COMPONENTS, n)
            done = f"the kernel approximated by Nystroem features of {part} of {n:,} cycles"
            return Instead(partial(approximate, machine), None, f"{done}, with a linear machine")
        patient = train["patient_ID"].to_numpy(zero_copy_only=False)
        rows = some_patients(patient, most)
        people = len(np.unique(patient[rows])), len(np.unique(patient))
        done = f"fitted on {len(rows):,} of {n:,} training cycles"
        return Instead(None, rows, f"{done}, of {people[0]:,} of {people[1]:,} patients")

    fit_estimator(snakemake, estimator, large=large)
