"""What fitted models say of cycles they were not fitted on, and how far these are from those known."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.derived import CATEGORIES, NAME_PARTS, SOURCES, derive, missing, named
from auscultation.data.target import Target
from auscultation.data.text import fold
from auscultation.fits.magnitude import largest_for
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.metrics.classes import to_class

OUTSIDE = "outside training"  # the column that flags cycles


class Known(NamedTuple):
    """What the training cycles have of a feature: the ends of its range, or its categories."""

    low: float = -np.inf
    high: float = np.inf
    categories: tuple[str, ...] = ()


class Said(NamedTuple):
    """What a model says of cycles; nan where a feature is missing."""

    raw: np.ndarray  # (n,), its prediction as it is
    called: np.ndarray  # (n,), class as a number, float64
    shares: np.ndarray | None  # (n, classes), probabilities, where it has them


def columns_of(features: list[str]) -> set[str]:
    """Name the workbook's columns that features are, or follow from."""
    names = {name for feature in features for name in SOURCES.get(feature, [feature])}
    return names - {"recording"}


def known_features(train: pa.Table, features: list[str]) -> dict[str, Known]:
    """Say what the training cycles have of each feature."""
    columns, known = columns_for(train, features), {}
    for name in features:
        values = derive(columns, name)
        values = values[~missing(values)]
        if name in CATEGORIES:
            known[name] = Known(categories=tuple(np.unique(values.astype(str)).tolist()))
        else:
            values = values.astype(np.float64)
            known[name] = Known(float(values.min()), float(values.max()))
    return known


def flags(cycles: Mapping[str, np.ndarray], known: Mapping[str, Known]) -> list[str]:
    """Return for each cycle what no training cycle has; nothing where all is within.

    `cycles` are columns, shape (n,), nan or None where missing; `known` is from `known_features`.
    """
    said: list[list[str]] = [[] for _ in range(len(next(iter(cycles.values()))))]
    for name, about in known.items():
        values = values_of(cycles, name)
        blank = missing(values)
        if name in CATEGORIES:
            texts = values.astype(str)
            marks = [(~np.isin(texts, about.categories), "another {}")]
        else:
            numbers = np.where(blank, np.nan, values).astype(np.float64)
            marks = [(numbers < about.low, "{} below"), (numbers > about.high, "{} above")]
        for where, words in (*((mark & ~blank, words) for mark, words in marks), (blank, "no {}")):
            for row in np.flatnonzero(where):
                said[row].append(words.format(name))
    return ["; ".join(words) for words in said]


def values_of(cycles: Mapping[str, np.ndarray], feature: str) -> np.ndarray:
    """Return the values of a feature; a device or location that a recording does not name is None."""
    if feature in NAME_PARTS and feature not in cycles:
        return named(cycles, feature)
    return derive(cycles, feature)


def say(
    model: object, step: Preprocessor, cycles: Mapping[str, np.ndarray], target: Target
) -> Said:
    """Return what a model says of the cycles that have all its features, none too large for it.

    A feature whose blank cells the model was fitted to impute may be missing. `cycles` are columns,
    shape (n,).
    """
    n, n_classes = len(next(iter(cycles.values()))), len(target.classes)
    needed = [missing(values_of(cycles, k)) for k in step.features if k not in step.imputed]
    whole = ~np.any(needed, axis=0) if needed else np.ones(n, dtype=bool)
    raw, called = np.full((2, n), np.nan)
    shares = None
    if whole.any():
        X = step.transform({name: values[whole] for name, values in cycles.items()})
        small = (np.abs(X) <= largest_for(model)).all(axis=1)
        whole[whole] = small
        if small.any():
            raw[whole], some = predict(model, X[small], n_classes)
            called[whole] = to_class(raw[whole], n_classes)
            if some is not None:
                shares = np.full((n, n_classes), np.nan)
                shares[whole] = some
    return Said(raw, called, shares)


class Groups(NamedTuple):
    """Cycles by what they belong to: a patient, a recording."""

    names: pa.Array  # of the groups, text, in the order in which they first appear
    number: np.ndarray  # (n,), the group of each cycle, its place in `names`

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> "Groups":
        """Group the cycles by a column."""
        encoded = pa.concat_arrays(column.cast(pa.string()).chunks).dictionary_encode()
        return cls(encoded.dictionary, encoded.indices.to_numpy())

    def counts(self, called: np.ndarray, n_classes: int) -> np.ndarray:
        """Count each group's cycles by class, shape (groups, classes); `called` is nan where unknown."""
        known = ~np.isnan(called)
        place = self.number[known] * np.int64(n_classes) + called[known].astype(np.int64)
        counts = np.bincount(place, minlength=len(self.names) * n_classes)
        return counts.reshape(len(self.names), n_classes)


def share_table(
    of: str, groups: Groups, counts: Mapping[str, np.ndarray], target: Target
) -> pa.Table:
    """Return for each group and model its cycles that have a class, and the share called each class.

    `of` is what the groups are; `counts` are by model, from `Groups.counts`.
    """
    n_groups, models = len(groups.names), list(counts)
    called = np.stack(list(counts.values()), axis=1)  # (groups, models, classes)
    cycles = called.sum(axis=2)
    shares = np.full(called.shape, np.nan)
    np.divide(called, cycles[:, :, None], out=shares, where=cycles[:, :, None] > 0)
    number = np.repeat(np.arange(n_groups, dtype=np.int32), len(models))
    model = np.tile(np.arange(len(models), dtype=np.int32), n_groups)
    columns = {
        "of": pa.DictionaryArray.from_arrays(np.zeros(len(number), dtype=np.int32), pa.array([of])),
        "name": pa.DictionaryArray.from_arrays(number, groups.names),
        "model": pa.DictionaryArray.from_arrays(model, pa.array(models)),
        "cycles": pa.array(cycles.ravel()),
    }
    for k, name in enumerate(target.classes):
        columns[f"called {name}"] = pa.array(shares[:, :, k].ravel(), from_pandas=True)
    return pa.table(columns)


def columns_said(model: str, said: Said, target: Target) -> dict[str, pa.Array]:
    """Return the columns that a model adds to the rows: the class by name, the raw number, shares."""
    names = [None if np.isnan(k) else target.classes[int(k)] for k in said.called]
    columns = {f"{model}: {target.name}": pa.array(names, pa.string())}
    if not np.array_equal(said.raw, said.called, equal_nan=True):
        columns[f"{model}: number"] = pa.array(said.raw, from_pandas=True)
    if said.shares is not None:
        for k, name in enumerate(target.classes):
            columns[f"{model}: p({name})"] = pa.array(said.shares[:, k], from_pandas=True)
    return columns


def add_columns(cycles: pa.Table, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Add columns whose names no other column has; what is there keeps its name.

    Names that look the same, or differ by case alone, are the same to many readers of Parquet: a
    column whose name is taken is called `{name} (2)`.
    """
    taken = {_seen(name) for name in cycles.column_names}
    for name, values in columns.items():
        own, number = name, 1
        while _seen(own) in taken:
            number += 1
            own = f"{name} ({number})"
        taken.add(_seen(own))
        cycles = cycles.append_column(own, values)
    return cycles


def _seen(name: str) -> str:
    return fold(name).casefold()
