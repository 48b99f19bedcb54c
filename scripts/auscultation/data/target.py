"""The target of the models: what is predicted of a cycle, its classes, their words.

A class is an integer from 0, its place in the list of the classes' names. 0 is normal: a cycle
without the sound in question, a healthy patient.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

STATES = ("normal", "crackles", "wheezes", "both")
# Targets whose column holds the class as a number, and the names of the classes.
CLASSES = {
    "state": STATES,
    "abnormal": ("normal", "abnormal"),
    "crackles": ("no crackles", "crackles"),
    "wheezes": ("no wheezes", "wheezes"),
}
# By label, the columns that it follows from; the first that are there are taken.
BOTH = ("crackles", "wheezes")
FOLLOWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "state": (BOTH,),
    "crackles": (("state",),),
    "wheezes": (("state",),),
    "abnormal": (("state",), BOTH),
}
WORDS = {
    "state": "crackles and wheezes",
    "abnormal": "abnormal sounds",
    "Diagnosis": "the diagnosis",
}
HEALTHY = "Healthy"
MOST_CLASSES = 20
KEY = b"target"  # in the metadata of a Parquet file
Value = str | int | float


class Target(NamedTuple):
    """What is to be predicted, and the names of its classes in their order.

    `name` is the column; `values` are, by class, the column's values (empty where it holds the class
    as a number). Of two classes the second is the positive one; `positive` says why it is that one.
    """

    name: str = "state"
    classes: tuple[str, ...] = STATES
    values: tuple[tuple[Value, ...], ...] = ()
    positive: str = ""

    @property
    def ordered(self) -> bool:
        """Return whether classes are numbers, so that errors and regressors are meaningful."""
        return self.name in CLASSES or len(self.classes) == 2

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
        if self.name in WORDS and (self.name != "Diagnosis" or len(self.classes) > 2):
            return WORDS[self.name]
        return self.classes[1] if len(self.classes) == 2 else self.name

    @property
    def labels(self) -> list[str]:
        """Return the names of the classes for an axis, with their numbers where these have a meaning."""
        if not self.ordered:
            return list(self.classes)
        return [f"{code} {name}" for code, name in enumerate(self.classes)]

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the classes of the column's values, int64, shape (n,).

        Raises ValueError for a value that is of no class.
        """
        if not self.values:
            return np.asarray(values, dtype=np.int64)
        classes = {value: code for code, own in enumerate(self.values) for value in own}
        distinct, position = np.unique(values, return_inverse=True)
        unknown = [value for value in distinct.tolist() if value not in classes]
        if unknown:
            raise ValueError(f"target {self.name!r}: no class has the value {unknown[0]!r}")
        codes = [classes[value] for value in distinct.tolist()]
        return np.array(codes, dtype=np.int64)[position]

    def weights(self, weights: Mapping[str, float], present: np.ndarray) -> dict[int, float]:
        """Return the weights of the classes that are present, by the number of the class.

        `weights` are by the number of the class as text, or by its name; scikit-learn rejects the
        weight of a class that does not occur.

        Raises ValueError naming a class that there is not.
        """
        coded = self.name in CLASSES
        names = [str(code) for code in range(len(self.classes))] if coded else self.classes
        unknown = [name for name in weights if name not in names]
        if unknown:
            raise ValueError(
                f"class_weight: no such class of {self.name}: {', '.join(unknown)}; there are "
                f"{', '.join(names)}"
            )
        return {k: weights[names[k]] for k in np.unique(present).tolist() if names[k] in weights}

    def to_metadata(self) -> dict[bytes, bytes]:
        """Return the metadata by which a Parquet file names its target."""
        kept: dict[str, object] = {"name": self.name, "classes": self.classes}
        if self.name not in CLASSES:
            kept |= {"values": self.values, "positive": self.positive}
        return {KEY: json.dumps(kept).encode()}


class Wanted(NamedTuple):
    """A target as the config has it: its column, groups of values by class, the positive class.

    `classes` are empty where each value is a class; `positive` is None where the config names none.
    """

    column: str
    classes: Mapping[str, Sequence[Value]] = {}
    positive: Value | None = None

    @property
    def ordered(self) -> bool:
        """Return whether its classes are numbers, as far as is known before the table is read."""
        return self.column in CLASSES or self.positive is not None or len(self.classes) == 2


def wanted(target: str | Mapping) -> Wanted:
    """Return the target that config key `target` names; its classes may be a list of pairs."""
    if isinstance(target, str):
        return Wanted(target)
    return Wanted(**{**target, "classes": dict(target.get("classes", {}))})


def label_sources(target: str) -> list[tuple[str, ...]]:
    """Return the sets of columns of which any one has the target; none where it is a column of its own."""
    return [(target,), *FOLLOWS[target]] if target in FOLLOWS else []


def target_of(metadata: Mapping[bytes, bytes] | None) -> Target:
    """Return the target in a Parquet schema's metadata; `state` where there is none."""
    if not metadata or KEY not in metadata:
        return Target()
    kept = json.loads(metadata[KEY])
    values = tuple(map(tuple, kept.get("values", ())))
    return Target(kept["name"], tuple(kept["classes"]), values, kept.get("positive", ""))


def make_target(target: str | Mapping, values: np.ndarray) -> Target:
    """Return the target that the config names, with the classes in the values of its column.

    Raises ValueError where the values are all of one class, or are more than classes can be.
    """
    column, groups, positive = wanted(target)
    distinct, counts = np.unique(values, return_counts=True)
    count = dict(zip(distinct.tolist(), counts.tolist(), strict=True))
    if len(count) < 2:
        raise ValueError(
            f"target: all cycles have the same {column}, {next(iter(count))}: nothing to predict"
        )
    if column in CLASSES and not groups and positive is None:
        return Target(column, CLASSES[column])
    if not groups:
        groups = {str(v): [v] for v in sorted(count, key=lambda v: (v != HEALTHY, v))}
        if len(groups) > MOST_CLASSES and positive is None:
            raise ValueError(
                f"target: column {column!r} has {len(groups):,} values, and a target has 2 to "
                f"{MOST_CLASSES} classes; `target: {{column: {column}, classes: ..}}` groups them"
            )
    sizes = {name: sum(count.get(value, 0) for value in own) for name, own in groups.items()}
    absent = [name for name, size in sizes.items() if not size]
    if absent:
        raise ValueError(
            f"target.classes: no cycle is of class {', '.join(absent)}; column {column!r} has "
            f"{', '.join(map(str, count))}"
        )
    if positive is not None:
        return _with_positive(column, groups, str(positive))
    why = ""
    if len(groups) == 2:
        first, second = groups
        rarer = first if sizes[first] < sizes[second] else second
        why = "the rarer class"
        if first == HEALTHY and len(groups[first]) == 1:
            rarer, why = second, "the class of the ill"
        groups = {name: groups[name] for name in groups if name != rarer} | {rarer: groups[rarer]}
    return Target(column, tuple(groups), tuple(map(tuple, groups.values())), why)


def _with_positive(column: str, groups: Mapping[str, Sequence[Value]], positive: str) -> Target:
    """Return the target of two classes, the positive one and all others."""
    if positive not in groups:
        raise ValueError(
            f"target.positive: no class {positive!r} of column {column!r}; there are "
            f"{', '.join(groups)}"
        )
    others = {name: own for name, own in groups.items() if name != positive}
    name = next(iter(others)) if len(others) == 1 else f"not {positive}"
    rest = tuple(value for own in others.values() for value in own)
    values = (rest, tuple(groups[positive]))
    return Target(column, (name, positive), values, "as config key `target.positive` says")


def all_alike(target: Target) -> str:
    """Return a sentence: the score of predicting one class for every cycle, where it is fixed."""
    if not target.ordered:
        return ""
    every = f"Predicting {target.classes[0]} for every cycle"
    return f"{every} scores 0.500, with sensitivity 0 and specificity 1."
