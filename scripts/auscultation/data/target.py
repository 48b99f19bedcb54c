"""What the models predict: a column of the table, its classes, the metrics and words that suit it.

A class is a whole number from 0, its place in the list of the classes' names. 0 is what is normal:
a cycle without what is looked for, a healthy patient.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

STATES = ("normal", "crackles", "wheezes", "both")
# By target, the names of its classes; those of the diagnosis are what the workbook has.
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
        """Return whether classes are numbers, so that an error has a size and a regressor a meaning."""
        return self.name != "Diagnosis"

    @property
    def score(self) -> str:
        """Name the metric that models are ranked by."""
        return "icbhi_score" if self.name == "state" else "balanced_accuracy"

    @property
    def score_words(self) -> str:
        """Name the metric that models are ranked by, in words."""
        return "ICBHI score" if self.name == "state" else "balanced accuracy"

    @property
    def words(self) -> str:
        """Say what is to be told from a cycle."""
        return {"state": "crackles and wheezes", "Diagnosis": "the diagnosis"}.get(
            self.name, self.name
        )

    @property
    def labels(self) -> list[str]:
        """Name the classes for an axis: with their numbers where these mean something."""
        if not self.ordered:
            return list(self.classes)
        return [f"{code} {name}" for code, name in enumerate(self.classes)]

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the classes of the column's values.

        Parameters
        ----------
        values
            Values of the column, shape (n,).

        Returns
        -------
        numpy.ndarray
            int64, shape (n,).
        """
        if self.ordered:
            return np.asarray(values, dtype=np.int64)
        found, position = np.unique(np.asarray(values, dtype=str), return_inverse=True)
        return np.array([self.classes.index(name) for name in found.tolist()])[position]

    def weights(self, weights: Mapping[str, float], present: np.ndarray) -> dict[int, float]:
        """Return the classes' weights by their numbers, of the classes that are present alone.

        Parameters
        ----------
        weights
            By the number of the class as text, or by the diagnosis.
        present
            Classes that occur; scikit-learn refuses the weight of one that does not.

        Raises
        ------
        ValueError
            Naming a diagnosis that the workbook does not have.
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
        """Return what a Parquet file says of its target."""
        return {KEY: json.dumps(self._asdict()).encode()}


def target_of(metadata: Mapping[bytes, bytes] | None) -> Target:
    """Read the target from a Parquet schema's metadata; `state` where they say nothing."""
    if not metadata or KEY not in metadata:
        return Target()
    kept = json.loads(metadata[KEY])
    return Target(kept["name"], tuple(kept["classes"]))


def make_target(name: str, values: np.ndarray) -> Target:
    """Make a target from the name and the values of its column.

    Raises
    ------
    ValueError
        Where the values are all the same.
    """
    found = sorted(set(np.asarray(values).tolist()))
    if len(found) < 2:
        raise ValueError(f"target: all cycles have the same {name}, {found[0]}: nothing to predict")
    if name != "Diagnosis":
        return Target(name, CLASSES[name])
    return Target(name, tuple(sorted(found, key=lambda value: (value != HEALTHY, value))))


def all_alike(target: Target) -> str:
    """Say what calling every cycle the same scores, where that is known beforehand."""
    if not target.ordered:
        return ""
    same = "normal" if target.name == "state" else f"one without {target.name}"
    return f"Calling every cycle {same} scores 0.500, with sensitivity 0 and specificity 1."
