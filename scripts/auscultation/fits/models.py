"""Fitted models: those that are not scikit-learn's, and how all are kept and loaded again.

A model has `predict(X)` and, where it has probabilities, `predict_proba(X)` and `classes_`.
"""

import os
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from auscultation.fits.preprocess import Preprocessor
from auscultation.job.imports import without

# Parts of estimators that skops does not trust by itself: trees, and the distances of neighbours but
# the one that calls a function.
DISTANCES = [
    "BrayCurtis",
    "Canberra",
    "Chebyshev",
    "Dice",
    "Euclidean",
    "Hamming",
    "Haversine",
    "Jaccard",
    "Mahalanobis",
    "Manhattan",
    "Minkowski",
    "RogersTanimoto",
    "RussellRao",
    "SEuclidean",
    "SokalMichener",
    "SokalSneath",
]
TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
    *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in DISTANCES),
)
KEPT = ("theta", "loss", "value", "shares", "seed", "groups")


class LinearModel:
    """A linear model of the state: theta[0] + X @ theta[1:].

    Parameters
    ----------
    theta
        Intercept and coefficients, shape (1 + features,).
    loss
        Training loss of each iteration, where it was fitted by iterations.
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
    """A model that says the same of every cycle.

    Parameters
    ----------
    value
        The prediction.
    shares
        Probability of each class, where the model has such.
    """

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
    """A model that draws the class of each cycle.

    Parameters
    ----------
    shares
        Probability of each class.
    seed
        Of the draws; the same number of cycles gets the same draws.
    """

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
    """A model that says the same of every cycle of a group: of those with the same features.

    Parameters
    ----------
    groups
        The features of each group, shape (g, columns).
    shares
        Probability of each class, shape (g + 1, classes): of the groups, and of a cycle of none.
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


def describe(model: object) -> dict:
    """Say what a fitted model has that a reader wants to see: its theta, its iterations."""
    said = {}
    if isinstance(model, LinearModel):
        said["theta"] = [model.theta.tolist()]
        if model.loss is not None:
            said["loss"] = np.asarray(model.loss, dtype=np.float64).tolist()
    elif hasattr(model, "coef_") and hasattr(model, "intercept_"):
        coef = np.atleast_2d(model.coef_)
        said["theta"] = np.column_stack([np.ravel(model.intercept_), coef]).tolist()
        if hasattr(model, "classes_"):
            said["classes"] = np.asarray(model.classes_).tolist()
    if hasattr(model, "n_iter_"):
        said["iterations"] = np.ravel(model.n_iter_).tolist()
    return said


def stack(values: list) -> np.ndarray:
    """Stack the folds' arrays; smaller ones are filled up with nan.

    Their shapes differ where a fold has not seen some category or class, or has chosen fewer
    iterations.
    """
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


def save_arrays(path, models: list, steps: list[Preprocessor]) -> None:
    """Save linear, constant, random or group models as an .npz file without pickled objects.

    Each array has the folds in its first axis. What the preprocessing of a fold has learnt of a
    feature is under `preprocess.{fold}.{feature}`, in the order of the columns of `Preprocessor`.
    """
    arrays = {"features": np.array(steps[0].features), "scale": np.array(steps[0].scale)}
    for fold, step in enumerate(steps):
        arrays |= {f"preprocess.{fold}.{name}": known for name, known in step.fitted.items()}
    for key in KEPT:
        values = [getattr(model, key, None) for model in models]
        if values[0] is not None:
            arrays[key] = stack(values)
    np.savez_compressed(path, **arrays)


def save_estimators(path, models: list, steps: list[Preprocessor]) -> None:
    """Save scikit-learn estimators with skops, by fold, with the state of the preprocessing."""
    states = [step.state() for step in steps]
    for model in models:  # what early stopping leaves refers back to its model, and no file can
        for name in ("_scorer", "_raw_predict"):
            vars(model).pop(name, None)
    kept = {"features": steps[0].features, "preprocess": states, "folds": models}
    with without("pandas"):
        import skops.io
    skops.io.dump(kept, path)


def load(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    """Load what a fit has kept: for each fold the preprocessing and the model.

    Raises
    ------
    ValueError
        Where a file holds anything but arrays and the parts of scikit-learn's estimators, or has
        been damaged. Nothing in it is run.
    """
    if not os.path.getsize(path):
        raise ValueError(f"{path}: empty, its fit has no result; fit.json beside it says why")
    if Path(path).suffix == ".npz":
        return _load_arrays(path)
    with without("pandas"):
        import skops.io
    try:
        unknown = skops.io.get_untrusted_types(file=path)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"{path}: not a model that a fit has kept: {error}") from error
    foreign = sorted({*unknown} - {*TRUSTED})
    if foreign:
        raise ValueError(f"{path}: holds what no fit keeps: {', '.join(foreign)}")
    kept = skops.io.load(path, trusted=unknown)
    steps = map(Preprocessor.from_state, kept["preprocess"])
    return list(zip(steps, kept["folds"], strict=True))


def _load_arrays(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    with np.load(path, allow_pickle=False) as file:
        kept = dict(file)
    features, found = kept["features"].tolist(), []
    folds = next(kept[key] for key in KEPT if key in kept)
    for fold in range(len(folds)):
        prefix = f"preprocess.{fold}."
        fitted = {k.removeprefix(prefix): v for k, v in kept.items() if k.startswith(prefix)}
        state = {"features": features, "scale": str(kept["scale"]), "fitted": fitted}
        step = Preprocessor.from_state(state)
        own = {key: unstack(kept[key], fold) for key in KEPT if key in kept}
        if "theta" in own:
            model = LinearModel(own["theta"])
        elif "groups" in own:
            model = GroupModel(own["groups"], own["shares"])
        elif "value" in own:
            model = ConstantModel(own["value"], own.get("shares"))
        else:
            model = RandomModel(own["shares"], own["seed"])
        found.append((step, model))
    return found
