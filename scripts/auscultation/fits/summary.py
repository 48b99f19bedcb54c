"""What a fit says of itself: the JSON file beside its model."""

import json
import math
import os

import numpy as np

from auscultation.fits.models import LinearModel, MultiLayerPerceptron
from auscultation.job.files import write_text


def describe(model: object) -> dict:
    """Say what a fitted model has that a reader wants to see: theta, losses, iterations."""
    said = {}
    if isinstance(model, LinearModel):
        said["theta"] = [model.theta.tolist()]
    elif hasattr(model, "coef_") and hasattr(model, "intercept_"):
        coef = np.atleast_2d(model.coef_)
        said["theta"] = np.column_stack([np.ravel(model.intercept_), coef]).tolist()
        if hasattr(model, "classes_"):
            said["classes"] = np.asarray(model.classes_).tolist()
    ours = isinstance(model, LinearModel | MultiLayerPerceptron)
    for key in ("loss", "inner_loss") if ours else ():
        if (loss := getattr(model, key, None)) is not None:
            said[key] = np.asarray(loss, dtype=np.float64).tolist()
    if hasattr(model, "n_iter_"):
        said["iterations"] = np.ravel(model.n_iter_).tolist()
    return said


def write_summary(summary: dict, path: str | os.PathLike) -> None:
    """Write `fit.json`."""
    write_text(path, json.dumps(plain(summary), indent=2, default=str, allow_nan=False) + "\n")


def plain(value: object) -> object:
    """Return what JSON takes: nothing in place of numbers that are not finite."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
