"""What fitted models say of cycles they were not fitted on, and how far these are from those known."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.derived import SOURCES, derive, missing
from auscultation.data.features import is_category, near_columns
from auscultation.data.name_pattern import PARTS
from auscultation.data.target import Target
from auscultation.data.text import fold
from auscultation.fits.magnitude import largest_for
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import Preprocessor, columns_for, is_text, sources_of
from auscultation.job.errors import InputError
from auscultation.metrics.classes import to_class

OUTSIDE = "outside training"  # the column that flags cycles
# What a cycle may have of a feature that no training cycle has, in the words of that column.
FLAGS = {"other": "another {}", "below": "{} below", "above": "{} above", "missing": "no {}"}
SHOWN = 5  # flags of a cycle that are named; of more, how many there are


class Known(NamedTuple):
    """What the training cycles have of a feature: the ends of its range, or its categories."""

    low: float = -np.inf
    high: float = np.inf
    categories: tuple[str, ...] | None = None  # None for a number


class Said(NamedTuple):
    """What a model says of cycles; nan where a feature is missing."""

    raw: np.ndarray  # (n,), its prediction as it is
    called: np.ndarray  # (n,), class as a number, float64
    shares: np.ndarray | None  # (n, classes), probabilities, where it has them


def needed_columns(features: Collection[str], train: Collection[str]) -> set[str]:
    """Return the columns that a new workbook must have for features of a table with columns `train`.

    Not those that a recording's name may say, which are looked for when they are made of it.
    """
    names = {name for feature in features for name in sources_of(feature, train)}
    return names - {*PARTS, "recording"}


def new_columns(
    table: pa.Table, train: pa.Schema, features: Sequence[str], may_lack: Collection[str]
) -> dict[str, np.ndarray]:
    """Return the columns of a new table that the models' features are, or follow from.

    What it may lack and does is nan, or None. InputError, naming all of them, where it lacks others,
    or has texts where the models were fitted on numbers.
    """
    columns: dict[str, np.ndarray] = {}
    problems = []
    for feature in features:
        text = feature in train.names and is_category(feature, train.field(feature).type)
        try:
            columns |= columns_for(table, [feature])
        except ValueError:
            if feature not in table.column_names and feature in may_lack:
                nothing: list[object] = [None if text else np.nan] * table.num_rows
                columns[feature] = np.array(nothing, dtype=object if text else np.float64)
                continue
            problems.append(_lacking(feature, table))
            continue
        if feature in table.column_names and is_text(feature, columns[feature]) != text:
            if not text:
                problems.append(f"column {feature!r} holds texts, and was numbers in training")
            columns[feature] = table[feature].cast(pa.string()).to_numpy()
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise InputError(f"the models cannot score this workbook:{lines}")
    return columns


def _lacking(feature: str, table: pa.Table) -> str:
    """Return that a table lacks a feature, with the nearest of its columns."""
    if feature in table.column_names:
        kind = table.schema.field(feature).type
        return f"column {feature!r} holds {kind}, and a feature holds numbers or texts"
    hint = near_columns(feature, table.column_names)
    why = ", and no recording's name says it" if feature in PARTS else ""
    why = f", nor {' and '.join(SOURCES[feature])}" if feature in SOURCES else why
    return f"no column {feature!r}{why} ({hint})"


def known_features(train: pa.Table, features: Sequence[str]) -> dict[str, Known]:
    """Return what the training cycles have of each feature."""
    columns, known = columns_for(train, features), {}
    for name in features:
        values = derive(columns, name)
        values = values[~missing(values)]
        if is_text(name, values):
            known[name] = Known(categories=tuple(np.unique(values.astype(str)).tolist()))
        elif len(values):
            numbers = values.astype(np.float64)
            known[name] = Known(float(numbers.min()), float(numbers.max()))
    return known


def flags(cycles: Mapping[str, np.ndarray], known: Mapping[str, Known]) -> list[str]:
    """Return for each cycle what no training cycle has; nothing where all is within.

    `cycles` are columns, shape (n,), nan or None where missing; `known` is from `known_features`. Of
    many features the first are named.
    """
    n = len(next(iter(cycles.values())))
    said: list[list[str]] = [[] for _ in range(n)]
    more = np.zeros(n, dtype=int)
    for name, kind, mask in marks(cycles, known):
        for row in np.flatnonzero(mask):
            if len(said[row]) < SHOWN:
                said[row].append(FLAGS[kind].format(name))
            else:
                more[row] += 1
    return [
        "; ".join(words) + (f"; and {count} more of {len(known)} features" if count else "")
        for words, count in zip(said, more.tolist(), strict=True)
    ]


def marks(
    cycles: Mapping[str, np.ndarray], known: Mapping[str, Known]
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield of each feature, by each kind of `FLAGS` that it can have, which cycles have it, (n,)."""
    for name, about in known.items():
        values = derive(cycles, name)
        blank = missing(values)
        if about.categories is not None:
            yield name, "other", ~np.isin(values.astype(str), about.categories) & ~blank
        else:
            numbers = values.astype(np.float64)
            yield name, "below", (numbers < about.low) & ~blank
            yield name, "above", (numbers > about.high) & ~blank
        yield name, "missing", blank


class Outside(TypedDict):
    """How many cycles have of a feature what no training cycle has."""

    feature: str
    low: float | None  # ends of the range in training; None for a category
    high: float | None
    below: int
    above: int
    other: int
    missing: int


def outside_of(
    cycles: Mapping[str, np.ndarray], known: Mapping[str, Known]
) -> tuple[list[Outside], np.ndarray]:
    """Return how many cycles are outside training, by feature, and which are in any, shape (n,)."""
    rows: dict[str, Outside] = {}
    outside = np.zeros(len(next(iter(cycles.values()))), dtype=bool)
    for name, about in known.items():
        low, high = (float(end) if np.isfinite(end) else None for end in (about.low, about.high))
        rows[name] = Outside(feature=name, low=low, high=high, below=0, above=0, other=0, missing=0)
    for name, kind, mask in marks(cycles, known):
        rows[name][kind] = int(mask.sum())  # type: ignore[literal-required]
        outside |= mask
    return list(rows.values()), outside


def say(
    model: object, step: Preprocessor, cycles: Mapping[str, np.ndarray], target: Target
) -> Said:
    """Return what a model says of the cycles that have all its features, none too large for it.

    A feature whose blank cells the model imputes, or takes as they are, may be missing. `cycles` are
    columns, shape (n,).
    """
    n, n_classes = len(next(iter(cycles.values()))), len(target.classes)
    needed = [missing(derive(cycles, k)) for k in step.features if not step.takes_blank(k)]
    whole = ~np.any(needed, axis=0) if needed else np.ones(n, dtype=bool)
    raw, called = np.full((2, n), np.nan)
    shares = None
    if whole.any():
        X = step.transform({name: values[whole] for name, values in cycles.items()})
        kept = np.isnan(X) & (step.missing == "keep")
        small = (kept | (np.abs(X) <= largest_for(model))).all(axis=1)
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
        texts = column.cast(pa.string()).fill_null("")
        encoded = pa.concat_arrays(texts.chunks).dictionary_encode()
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
