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
    """Draw patients, with all their cycles, until no other fits.

    Parameters
    ----------
    patient
        Patient of each cycle, shape (n,).
    most
        How many cycles there may be in the end.
    seed
        Of the order in which patients are drawn.

    Returns
    -------
    numpy.ndarray
        Positions of the cycles drawn, in their order.
    """
    patients, index, counts = np.unique(patient, return_inverse=True, return_counts=True)
    drawn, total = np.zeros(len(patients), dtype=bool), 0
    for number in np.random.default_rng(seed).permutation(len(patients)):
        if total + counts[number] <= most:
            drawn[number], total = True, total + counts[number]
    return np.flatnonzero(drawn[index])


def approximate(machine: Callable, X: np.ndarray, y: np.ndarray, **settings) -> Pipeline:
    """Fit a linear machine by stochastic gradient descent on features that approximate the kernel.

    Parameters
    ----------
    machine
        Of settings, number of cycles and seed: makes the linear machine with the same loss.
    X, y
        Features and classes, shape (n, columns) and (n,).
    settings
        Of the kernel machine: its kernel's and the loss's count here.
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

    Parameters
    ----------
    snakemake
        As for `run_fit`, with the parameter `kernel`: `max_rows`, and what is done `above`.
    estimator
        The kernel machine's class.
    machine
        As for `approximate`.

    Raises
    ------
    InputError
        As `fit_estimator`; and where there are more training cycles than there may be.
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
