"""Groups of features that are permuted together: correlated ones, those of a set, those of a family.

Where two features say the same, a model that has lost the one still has the other, and each alone
seems to matter to nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from auscultation.data.features import FeatureError, resolve_features

NAMED = 3  # features that the name of a group lists
DIGITS = 12  # of a correlation: what is behind them is rounding


class FeatureGroup(NamedTuple):
    """Features that are permuted together."""

    name: str
    features: tuple[str, ...]


def correlated(
    columns: Mapping[str, np.ndarray], features: Sequence[str], limit: float
) -> list[FeatureGroup]:
    """Return groups of features whose mean |Spearman correlation| is at least `limit`.

    Clusters by average linkage (Sokal and Michener 1958, University of Kansas Science Bulletin
    38:1409-1438) of 1 - |rho|, cut at 1 - `limit`: of two features, these are one group where |rho|
    is at least `limit`. `columns` has the numbers, shape (n,), nan where missing; features that
    are not there (categories) are alone.
    """
    numbers = [name for name in features if name in columns]
    if len(numbers) < 2:
        return groups_by(features, {})
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    rho = np.abs(spearman(np.column_stack([columns[name] for name in numbers])))
    apart = np.round(1 - rho, DIGITS).clip(0)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    tree[:, 2] = np.round(tree[:, 2], DIGITS)
    clusters = fcluster(tree, round(1 - limit, DIGITS), "distance")
    members: dict[int, list[str]] = {}
    for name, cluster in zip(numbers, clusters.tolist(), strict=True):
        members.setdefault(cluster, []).append(name)
    return groups_by(
        features, {name: joined(own) for own in members.values() for name in own if len(own) > 1}
    )


def of_sets(
    features: Sequence[str],
    sets: Mapping[str, Sequence[str]],
    columns: Sequence[str],
    target: str = "state",
) -> list[FeatureGroup]:
    """Return a group for each set that has some of the features, and one for each other feature.

    `sets` are entries of the config, without names of other sets, `columns` those of the table. A
    feature of several sets is in the smallest, of equal ones in the first by name. A set whose
    entries the table lacks has no features.
    """
    members: dict[str, list[str]] = {}
    for name in sorted(sets):
        with suppress(FeatureError):  # a set that no model uses may name anything
            members[name] = resolve_features(sets[name], columns, target)
    named: dict[str, str] = {}
    for name in sorted(members, key=lambda name: len(members[name])):
        named = dict.fromkeys(members[name], name) | named
    return groups_by(features, named)


def of_families(features: Sequence[str], families: Iterable[str]) -> list[FeatureGroup]:
    """Return a group for each family of features from recordings, and one for each other feature.

    The name of such a feature begins with its family's and an underscore.
    """
    named = {
        feature: family
        for family in sorted(families, key=len)  # the longest prefix counts
        for feature in features
        if feature.startswith(f"{family}_")
    }
    return groups_by(features, named)


def groups_by(features: Sequence[str], named: Mapping[str, str]) -> list[FeatureGroup]:
    """Return groups in the order of their first features; `named` has the group of a feature."""
    alone = {feature for feature in features if feature not in named}
    members: dict[str, list[str]] = {}
    for feature in features:
        name = named.get(feature, feature)
        own = f"{name} (group)" if feature in named and name in alone else name
        members.setdefault(own, []).append(feature)
    return [FeatureGroup(name, tuple(own)) for name, own in members.items()]


def joined(features: Sequence[str]) -> str:
    """Return a name for features that resemble each other."""
    if len(features) <= NAMED:
        return " + ".join(features)
    return f"{features[0]} and {len(features) - 1} more like it"


def spearman(values: np.ndarray) -> np.ndarray:
    """Return the rank correlations of columns, shape (k, k), from values of shape (n, k).

    Tied values have the mean of their ranks. Ranks are among the cycles that have a value (not
    nan), and a correlation is over the cycles that have both. 0 where a column does not vary.
    """
    ranks = np.apply_along_axis(_ranks, 0, np.asarray(values, dtype=np.float64))
    there = (~np.isnan(ranks)).astype(np.float64)
    ranks = np.where(there > 0, ranks - np.nanmean(np.where(there.any(0), ranks, 0.0), 0), 0.0)
    n = np.maximum(there.T @ there, 1)
    sums, squares = ranks.T @ there, (ranks**2).T @ there
    together = ranks.T @ ranks - sums * sums.T / n
    spread = squares - sums**2 / n
    size = np.sqrt(np.maximum(spread * spread.T, 0))
    # the rounding of a column that does not vary is no spread
    constant = spread <= 1e-9 * np.maximum(squares, 1)
    varies = ~(constant | constant.T)
    return np.divide(together, size, out=np.zeros_like(size), where=varies).clip(-1, 1)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value, from 1, equal ones their mean; nan stays nan."""
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ranks[known] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks
