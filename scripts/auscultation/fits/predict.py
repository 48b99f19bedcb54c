"""What a fitted model says of rows: a number or class of each, and the classes' probabilities."""

from typing import Any

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target
from auscultation.fits.magnitude import SQUARED
from auscultation.job.errors import FitFailed


def predict(model: Any, X: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the prediction of each row, shape (n,), and p0, p1, .., shape (n, n_classes) or None.

    A class that the model has never seen in training has probability 0; ValueError where a model
    has probabilities of other classes than it was fitted on.
    """
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(X), dtype=np.float64), None
    known, classes = model.predict_proba(X), np.asarray(model.classes_, dtype=np.int64)
    if known.shape[1] != len(classes):  # histogram gradient boosting that was fitted on one class
        raise ValueError(
            f"{type(model).__name__} gives probabilities of {known.shape[1]} classes where it has "
            f"seen {len(classes)}"
        )
    full = np.zeros((len(X), n_classes))
    full[:, classes] = known
    # asked again, these would look for the neighbours, or go down the trees, a second time
    raw = classes[known.argmax(axis=1)] if most_probable(model) else model.predict(X)
    return np.asarray(raw, dtype=np.float64), full


def most_probable(model: Any) -> bool:
    """Return whether scikit-learn has the model predict the first of its most probable classes."""
    algorithm = type(model).__name__
    if algorithm == "KNeighborsClassifier":
        return model.weights == "uniform"
    return algorithm in ("ExtraTreesClassifier", "MultiLayerPerceptron", "RandomForestClassifier")


def predict_finite(
    model: object, X: np.ndarray, part: str, target: Target
) -> tuple[np.ndarray, np.ndarray | None]:
    """Predict a part of a fold, or raise FitFailed for a number that is not finite or too large."""
    raw, p = predict(model, X, len(target.classes))
    if not np.isfinite(raw).all():
        raise FitFailed(
            f"{np.count_nonzero(~np.isfinite(raw))} predictions on the {part} part are not finite "
            "numbers: the fit diverged (a smaller learning rate, or `scale: standard`, may help)"
        )
    if p is not None and not np.isfinite(p).all():
        raise FitFailed(f"probabilities on the {part} part are not finite numbers")
    large = np.abs(raw) > SQUARED
    if large.any():
        raise FitFailed(
            f"{np.count_nonzero(large)} predictions on the {part} part are larger than "
            f"{SQUARED:.0e}, too large for a squared error"
        )
    return raw, p


def as_table(
    cycles: pa.Table, part: str, target: Target, raw: np.ndarray, p: np.ndarray | None
) -> pa.Table:
    """Return the predictions of one part of a fold with the columns of the predictions' contract."""
    columns = {name: cycles[name] for name in ("cycle", "patient_ID", "fold")}
    columns["part"] = pa.array([part] * len(raw), pa.string())
    columns[target.name] = pa.array(true_classes(cycles, target))
    columns["prediction"] = pa.array(raw)
    nothing = pa.nulls(0 if p is not None else len(raw), pa.float64())  # of all classes at once
    for k in range(len(target.classes)):
        columns[f"p{k}"] = nothing if p is None else pa.array(p[:, k])
    return pa.table(columns).replace_schema_metadata(target.to_metadata())


def true_classes(cycles: pa.Table, target: Target) -> np.ndarray:
    """Return the class of each cycle, int64."""
    return target.encode(cycles[target.name].to_numpy())
