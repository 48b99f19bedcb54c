"""Fitted models that are not scikit-learn's, and how they are kept as arrays and loaded again.

A model has `predict(X)` and, where it has probabilities, `predict_proba(X)` and `classes_`.
"""

import os
from functools import partial
from typing import Any

import numpy as np

from auscultation.fits.kept_steps import arrays_of_steps, step_of
from auscultation.fits.preprocess import Preprocessor

KEPT = ("theta", "loss", "value", "shares", "seed", "groups", "inner_loss")
LAYERS = ("classes", "weights.", "biases.")  # of a perceptron; the last two with a layer's number


class LinearModel:
    """A linear model of the state: theta[0] + X @ theta[1:], theta of shape (1 + features,).

    `loss` is the training loss of each iteration, where it was fitted by iterations.
    """

    def __init__(self, theta: np.ndarray, loss: np.ndarray | None = None):
        self.theta = np.asarray(theta, dtype=np.float64)
        self.loss = loss

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the state of each row of X, shape (n, features), as a real number."""
        return self.theta[0] + X @ self.theta[1:]


def repeat(shares: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return the shares for each row of X."""
    return np.tile(shares, (len(X), 1))


class ConstantModel:
    """A model that predicts the same, and the same shares of the classes if any, for every cycle."""

    def __init__(self, value: float, shares: np.ndarray | None = None):
        self.value = float(value)
        self.shares = shares
        if shares is not None:
            self.classes_ = np.arange(len(shares))
            self.predict_proba = partial(repeat, shares)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the constant for each row of X."""
        return np.full(len(X), self.value)


class RandomModel:
    """A model that draws the class of each cycle; as many cycles get the same draws."""

    def __init__(self, shares: np.ndarray, seed: int):
        self.shares = np.asarray(shares, dtype=np.float64)
        self.seed = int(seed)
        self.classes_ = np.arange(len(self.shares))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Draw a class for each row of X."""
        rng = np.random.default_rng(self.seed)
        return rng.choice(len(self.shares), len(X), p=self.shares)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the shares for each row of X."""
        return repeat(self.shares, X)


class GroupModel:
    """A model that predicts the same for all cycles of a group: of those with the same features.

    `groups` has shape (g, columns), `shares` (g + 1, classes): the last for a cycle of no group.
    """

    def __init__(self, groups: np.ndarray, shares: np.ndarray):
        self.groups = np.asarray(groups, dtype=np.float64)
        self.shares = np.asarray(shares, dtype=np.float64)
        self.classes_ = np.arange(self.shares.shape[1])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the most frequent class (the lowest of several) of the group of each row of X."""
        return self.shares.argmax(axis=1)[self._place(X)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the shares of the group of each row of X."""
        return self.shares[self._place(X)]

    def _place(self, X: np.ndarray) -> list[int]:
        """Return the row of the shares for each row of X."""
        place = {row.tobytes(): number for number, row in enumerate(self.groups + 0.0)}
        # adding 0 makes -0 a 0, which has other bytes
        return [place.get(row.tobytes(), len(self.groups)) for row in X + 0.0]


class MultiLayerPerceptron:
    """Layers with weights, shape (columns, outputs), and biases, (outputs,): ReLU, at the end softmax.

    `classes`, shape (k,), are those of the last layer's outputs; `epoch` is the one, from 1, whose
    weights these are; `loss` and `inner_loss`, shape (epochs,), those of the cycles trained on and
    of the patients that are kept out of it.
    """

    def __init__(
        self,
        weights: list[np.ndarray],
        biases: list[np.ndarray],
        classes: np.ndarray,
        epoch: int = 0,
        loss: np.ndarray | None = None,
        inner_loss: np.ndarray | None = None,
    ):
        # the same order in memory, so that a model that was loaded has the same last digits
        self.weights = [np.ascontiguousarray(part, dtype=np.float64) for part in weights]
        self.biases = [np.asarray(part, dtype=np.float64) for part in biases]
        self.classes_ = np.asarray(classes).astype(np.int64)
        self.n_iter_ = epoch
        self.loss = loss
        self.inner_loss = inner_loss

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict the most probable class (the lowest of several) of each row of X."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probability of each class, shape (n, k), for X of shape (n, columns)."""
        scores = X @ self.weights[0] + self.biases[0]
        for weights, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            scores = np.maximum(scores, 0) @ weights + bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)


def arrays_of(model: object) -> dict[str, np.ndarray]:
    """Return what is kept of a model, by name."""
    values = {key: getattr(model, key, None) for key in KEPT}
    arrays = {key: value for key, value in values.items() if value is not None}
    if isinstance(model, MultiLayerPerceptron):
        arrays["classes"] = model.classes_
        for number, (weights, bias) in enumerate(zip(model.weights, model.biases, strict=True)):
            arrays |= {f"weights.{number}": weights, f"biases.{number}": bias}
    return arrays


def stack(values: list) -> np.ndarray:
    """Stack the folds' arrays, smaller ones (fewer categories, iterations) filled up with nan."""
    shapes = [np.shape(value) for value in values]
    if len(set(shapes)) == 1:
        return np.stack(values)
    filled = np.full((len(values), *np.max(shapes, axis=0)), np.nan)
    for whole, value, shape in zip(filled, values, shapes, strict=True):
        whole[tuple(map(slice, shape))] = value
    return filled


def unstack(stacked: np.ndarray, fold: int) -> np.ndarray:
    """Return the array of a fold as it was before `stack` filled it up."""
    known = ~np.isnan(stacked[fold])
    axes = range(known.ndim)
    keep = [known.any(axis=tuple(other for other in axes if other != axis)) for axis in axes]
    return stacked[fold][np.ix_(*keep)]


def save_arrays(path: str | os.PathLike, models: list, steps: list[Preprocessor]) -> None:
    """Save models of this module, all of one class, as an .npz file without pickled objects.

    Each array has the folds in its first axis; what the preprocessing has learnt is beside them, as
    `arrays_of_steps` has it.
    """
    arrays: dict[str, Any] = dict(arrays_of_steps(steps))
    kept = [arrays_of(model) for model in models]
    arrays |= {key: stack([own[key] for own in kept]) for key in kept[0]}
    np.savez_compressed(path, **arrays)


def load_arrays(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    """Return for each fold the preprocessing and the model that `save_arrays` has kept; run nothing."""
    with np.load(path, allow_pickle=False) as file:
        kept = dict(file)
    stacked = {k: v for k, v in kept.items() if k in KEPT or k.startswith(LAYERS)}
    return [
        (step_of(kept, fold), _model_of({k: unstack(v, fold) for k, v in stacked.items()}))
        for fold in range(len(next(iter(stacked.values()))))
    ]


def _model_of(own: dict[str, np.ndarray]) -> object:
    """Return the model that was kept as these arrays."""
    if "classes" in own:
        numbers = range(sum(key.startswith("weights.") for key in own))
        weights, biases = ([own[f"{part}.{k}"] for k in numbers] for part in ("weights", "biases"))
        return MultiLayerPerceptron(weights, biases, own["classes"])
    if "theta" in own:
        return LinearModel(own["theta"])
    if "groups" in own:
        return GroupModel(own["groups"], own["shares"])
    if "value" in own:
        return ConstantModel(float(own["value"]), own.get("shares"))
    return RandomModel(own["shares"], int(own["seed"]))
