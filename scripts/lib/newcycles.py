"""What fitted models say of cycles they were not fitted on, and how far these are from those known."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from lib.columns import CATEGORIES, SOURCES, derive
from lib.magnitude import largest_for
from lib.metrics import to_class
from lib.predicting import predict
from lib.preprocess import Preprocessor, columns_for
from lib.target import Target

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
        if name in CATEGORIES:
            known[name] = Known(categories=tuple(np.unique(values.astype(str)).tolist()))
        else:
            values = values.astype(np.float64)
            known[name] = Known(float(np.nanmin(values)), float(np.nanmax(values)))
    return known


def flags(cycles: Mapping[str, np.ndarray], known: Mapping[str, Known]) -> list[str]:
    """Say of each cycle what no training cycle has; nothing where all is within.

    Parameters
    ----------
    cycles
        Columns, nan or None where missing, shape (n,).
    known
        By feature, from `known_features`.
    """
    said: list[list[str]] = [[] for _ in range(len(next(iter(cycles.values()))))]
    for name, about in known.items():
        values = derive(cycles, name)
        blank = missing(values)
        if name in CATEGORIES:
            texts = values.astype(str)
            marks = ((~np.isin(texts, about.categories), "another {}"),)
        else:
            numbers = np.where(blank, np.nan, values).astype(np.float64)
            marks = ((numbers < about.low, "{} below"), (numbers > about.high, "{} above"))
        for where, words in (*((mark & ~blank, words) for mark, words in marks), (blank, "no {}")):
            for row in np.flatnonzero(where):
                said[row].append(words.format(name))
    return ["; ".join(words) for words in said]


def missing(values: np.ndarray) -> np.ndarray:
    """Say which values are None or nan, shape (n,)."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.array([value is None or value != value for value in values.tolist()], dtype=bool)


def say(
    model: object, step: Preprocessor, cycles: Mapping[str, np.ndarray], target: Target
) -> Said:
    """Let a model speak of the cycles that have all its features, none too large for it.

    Parameters
    ----------
    model, step
        As `lib.models.load` gives them for a fold.
    cycles
        Columns, shape (n,).
    target
        What it predicts.
    """
    n, n_classes = len(next(iter(cycles.values()))), len(target.classes)
    whole = ~np.any([missing(derive(cycles, name)) for name in step.features], axis=0)
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


def class_shares(called: np.ndarray, group: np.ndarray, n_classes: int) -> list[dict]:
    """Count, for each group, its cycles and the share called each class.

    Parameters
    ----------
    called
        Classes, nan where unknown, shape (n,).
    group
        Name of each cycle's group (a patient, a recording), shape (n,).
    n_classes
        How many classes there are.

    Returns
    -------
    list of dict
        In the order in which groups first appear: group, cycles (those with a class), shares.
    """
    names, first, number = np.unique(group, return_index=True, return_inverse=True)
    rows = []
    for k in np.argsort(first):
        own = called[number == k]
        own = own[~np.isnan(own)].astype(np.int64)
        counts = np.bincount(own, minlength=n_classes)
        shares = (counts / len(own)).tolist() if len(own) else [None] * n_classes
        rows.append({"group": names[k].item(), "cycles": len(own), "shares": shares})
    return rows
