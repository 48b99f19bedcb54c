"""Cycles of patients with features, a model of them, and both as they are permuted."""

import numpy as np

from auscultation.data.target import Target
from auscultation.metrics.recalibration import Valued
from auscultation.scores.importance import Examined, HeldOut
from auscultation.scores.tested import Tested

TWO = Target("abnormal", ("normal", "abnormal"))
FIT = {"model": "mine", "algorithm": "logistic_regression", "split": "patient"}


def examined(predict, X, patient, true, fold=None, features=None, target=TWO, fit=FIT):
    """What is permuted, of a function from a matrix to predictions and probabilities.

    `predict` may be a list, one for each fold; the rows are sorted by fold.
    """
    fold = np.zeros(len(X), int) if fold is None else fold
    order = np.argsort(fold, kind="stable")
    X, patient, true, fold = X[order], patient[order], true[order], fold[order]
    n_folds = fold.max() + 1
    predicts = predict if isinstance(predict, list) else [predict] * n_folds
    features = features or tuple(f"x{k}" for k in range(X.shape[1]))
    folds = [HeldOut(f, X[fold == k], features) for k, f in enumerate(predicts)]
    made = [of.predict(of.X) for of in folds]
    prediction = np.concatenate([raw for raw, _ in made])
    p = None if made[0][1] is None else np.concatenate([shares for _, shares in made])
    ids, index = np.unique(patient, return_inverse=True)
    tested = Tested(fit, target, ids, order, index, fold, true, prediction, p)
    return Examined.of(tested, folds)


def linear(weights):
    """A model whose rating is a weighted sum of its features."""

    def predict(X):
        rating = X @ np.asarray(weights, dtype=float)
        share = 1 / (1 + np.exp(-rating))
        return (share > 0.5).astype(float), np.column_stack([1 - share, share])

    return predict


def number(weights):
    """A model that predicts a number, and has no probabilities."""
    return lambda X: (X @ np.asarray(weights, dtype=float), None)


def squared_error(y):
    """The mean squared error, as a value of what is tested; a loss of it is negative."""

    def values(tested):
        error = (tested.prediction - y) ** 2
        total, n = (np.bincount(tested.patient, weights=w) for w in (error, np.ones(len(y))))
        without = (total.sum() - total) / (n.sum() - n)
        return {"mse": Valued(error.mean(), without)}

    return values


def cycles(rng, n_patients, per_patient):
    """The patient of each cycle, ids from 101."""
    return np.repeat(np.arange(n_patients) + 101, per_patient)
