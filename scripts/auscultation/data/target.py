"""The target of the models: a column of the table, its classes, its metrics and words.

A class is an integer from 0, its place in the list of the classes' names. 0 is normal: a cycle
without the sound in question, a healthy patient.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

STATES = ("normal", "crackles", "wheezes", "both")
# By target, the names of its classes; those of the diagnosis are read from the workbook.
CLASSES = {
    "state": STATES,
    "crackles": ("no crackles", "crackles"),
    "wheezes": ("no wheezes", "wheezes"),
    "Diagnosis": (),
}
HEALTHY = "Healthy"
KEY = b"target"  # in the metadata of a Parquet file


class Target(NamedTuple):
    """A column to predict, and the names of its classes in their order."""

    name: str = "state"
    classes: tuple[str, ...] = STATES

    @property
    def ordered(self) -> bool:
        """Return whether classes are numbers, so that errors and regressors are meaningful."""
        return self.name != "Diagnosis"

    @property
    def score(self) -> str:
        """Return the metric by which models are ranked."""
        return "icbhi_score" if self.name == "state" else "balanced_accuracy"

    @property
    def score_words(self) -> str:
        """Return the metric by which models are ranked, in words."""
        return "ICBHI score" if self.name == "state" else "balanced accuracy"

    @property
    def words(self) -> str:
        """Return what is to be recognised in a cycle, in words."""
        words = {"state": "crackles and wheezes", "Diagnosis": "the diagnosis"}
        return words.get(self.name, self.name)

    @property
    def labels(self) -> list[str]:
        """Return the names of the classes for an axis, with their numbers where these have a meaning."""
        if not self.ordered:
            return list(self.classes)
        return [f"{code} {name}" for code, name in enumerate(self.classes)]

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the classes of the column's values, int64, shape (n,)."""
        if self.ordered:
            return np.asarray(values, dtype=np.int64)
        names, position = np.unique(np.asarray(values, dtype=str), return_inverse=True)
        return np.array([self.classes.index(name) for name in names.tolist()])[position]

    def weights(self, weights: Mapping[str, float], present: np.ndarray) -> dict[int, float]:
        """Return the weights of the classes that are present, by the number of the class.

        `weights` are by the number of the class as text, or by the diagnosis; scikit-learn rejects
        the weight of a class that does not occur.

        Raises ValueError naming a diagnosis that the workbook does not have.
        """
        names = [str(code) for code in range(len(self.classes))] if self.ordered else self.classes
        unknown = [name for name in weights if name not in names]
        if unknown:
            raise ValueError(
                f"class_weight: no such class of {self.name}: {', '.join(unknown)}; there are "
                f"{', '.join(names)}"
            )
        return {k: weights[names[k]] for k in np.unique(present).tolist() if names[k] in weights}

    def to_metadata(self) -> dict[bytes, bytes]:
        """Return the metadata by which a Parquet file names its target."""
        return {KEY: json.dumps(self._asdict()).encode()}


def target_of(metadata: Mapping[bytes, bytes] | None) -> Target:
    """Return the target in a Parquet schema's metadata; `state` where there is none."""
    if not metadata or KEY not in metadata:
        return Target()
    kept = json.loads(metadata[KEY])
    return Target(kept["name"], tuple(kept["classes"]))


def make_target(name: str, values: np.ndarray) -> Target:
    """Return the target of a name, with the classes in the values of its column.

    Raises ValueError where the values are all the same.
    """
    names = sorted(set(np.asarray(values).tolist()))
    if len(names) < 2:
        raise ValueError(f"target: all cycles have the same {name}, {names[0]}: nothing to predict")
    if name != "Diagnosis":
        return Target(name, CLASSES[name])
    return Target(name, tuple(sorted(names, key=lambda value: (value != HEALTHY, value))))


def all_alike(target: Target) -> str:
    """Return a sentence: the score of predicting one class for every cycle, where it is fixed."""
    if not target.ordered:
        return ""
    every = f"Predicting {target.classes[0]} for every cycle"
    return f"{every} scores 0.500, with sensitivity 0 and specificity 1."
