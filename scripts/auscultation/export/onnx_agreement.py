"""Whether an ONNX file predicts what its model predicts."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from auscultation.export.onnx_graph import INPUT, NotExported
from auscultation.fits.predict import predict
from auscultation.metrics.classes import to_class

TOLERANCE = 1e-5
CHUNK = 500  # cycles at a time: neighbours take memory for each pair of cycles
MOST = 10_000  # cycles to try, as their time grows with the pairs


class Agreement(NamedTuple):
    """How far an ONNX file is from its model, over some cycles."""

    cycles: int
    other_class: int  # cycles that get another class
    number: float  # largest difference of the number
    share: float  # largest difference of a probability

    @property
    def holds(self) -> bool:
        """Return whether classes are the same and numbers within the tolerance."""
        return self.other_class == 0 and max(self.number, self.share) <= TOLERANCE


def cycles_held(model: object) -> int:
    """Count the training cycles whose features are part of a model: neighbours, support vectors."""
    last = model.steps[0][1] if isinstance(model, Pipeline) else model
    names = ("_fit_X", "support_vectors_", "components_")
    return next((len(getattr(last, name)) for name in names if hasattr(last, name)), 0)


def agreement(
    file: bytes, model: Any, given: np.ndarray, X: np.ndarray, n_classes: int
) -> Agreement:
    """Run an ONNX file and its model over the same cycles, evenly chosen of very many.

    `given` is what the file takes, X what the model takes (scaled), shape (n, columns) each.
    NotExported where onnxruntime cannot run it.
    """
    import onnxruntime

    some = np.linspace(0, len(X) - 1, min(len(X), MOST)).round().astype(np.int64)
    given, X = given[some], X[some]
    raw, shares = predict(model, X, n_classes)
    parts = []
    try:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        for start in range(0, len(given), CHUNK):
            parts.append(session.run(names, {INPUT: given[start : start + CHUNK]}))
    except Exception as error:  # onnxruntime's errors have no class of their own
        raise NotExported(f"onnxruntime cannot run it: {str(error).splitlines()[0]}") from error
    said = {name: np.concatenate(values) for name, *values in zip(names, *parts, strict=True)}
    number = np.abs(said["number"] - raw).max() if "number" in said else 0.0
    share = 0.0
    if "probabilities" in said and shares is not None:
        own = shares[:, np.asarray(model.classes_, dtype=np.int64)]
        share = np.abs(said["probabilities"] - own).max()
    other = int(np.count_nonzero(said["class"] != to_class(raw, n_classes)))
    return Agreement(len(raw), other, float(number), float(share))
