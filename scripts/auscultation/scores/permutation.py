"""Permuting features between patients: each cycle takes values of a random cycle of another patient.

What is constant within a patient (age, device) stays so, and cycles of one patient keep resembling
each other, which permuting single cycles would undo.
"""

import numpy as np


def donors(n_patients: int, repeats: int, rng: np.random.Generator) -> np.ndarray:
    """Return for each draw the patient whose values each patient takes, shape (repeats, patients).

    Never itself: patients sit in a random circle, and each takes those of the one so many seats
    further; as long as there are others, another one in each draw. At least two patients.
    """
    if n_patients < 2:
        raise ValueError("one patient has none to take values of")
    drawn: list[np.ndarray] = []
    while len(drawn) < repeats:
        circle = rng.permutation(n_patients)
        seat = np.argsort(circle)
        steps = 1 + rng.permutation(n_patients - 1)
        drawn += [circle[(seat + step) % n_patients] for step in steps[: repeats - len(drawn)]]
    return np.array(drawn)


def donor_rows(patient: np.ndarray, fold: np.ndarray, repeats: int, seed: int) -> np.ndarray:
    """Return the row whose values each row takes, in each draw, shape (repeats, n).

    A random cycle of its patient's donor, of the same fold: each fold has a model and training part
    of its own. `patient` and `fold` are indices from 0, shape (n,). The draws of a fold depend on
    the seed and its number alone, and are the same for all features. Each fold has two patients.
    """
    rows = np.empty((repeats, len(patient)), dtype=np.int64)
    for number in np.unique(fold):
        own = np.flatnonzero(fold == number)
        rng = np.random.default_rng([seed, int(number)])
        _, of, counts = np.unique(patient[own], return_inverse=True, return_counts=True)
        by_patient = own[np.argsort(of, kind="stable")]
        first = np.cumsum(counts) - counts
        donor = donors(len(counts), repeats, rng)[:, of]
        rows[:, own] = by_patient[first[donor] + rng.integers(0, counts[donor])]
    return rows


def permuted(X: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return a copy of X, (n, k), in which each row has some columns, jointly, of another row.

    `columns` are positions, `rows` the other rows, shape (n,).
    """
    changed = X.copy()
    changed[:, columns] = X[np.ix_(rows, columns)]
    return changed
