"""Groups of features: against scipy's rank correlation and clusters known beforehand."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from auscultation.recordings.families.registry import FAMILIES
from auscultation.scores.feature_groups import correlated, of_families, of_sets, spearman


def names(groups):
    return [group.name for group in groups]


class TestSpearman:
    @pytest.mark.parametrize("decimals", [None, 1])
    def test_is_scipys_also_with_ties(self, decimals):
        values = np.random.default_rng(0).normal(size=(200, 5)) @ np.random.default_rng(1).normal(
            size=(5, 5)
        )
        values = values if decimals is None else values.round(decimals)
        np.testing.assert_allclose(spearman(values), spearmanr(values).statistic, atol=1e-12)

    def test_is_over_the_cycles_that_have_both(self):
        rng = np.random.default_rng(2)
        values = rng.normal(size=(4000, 1)) + rng.normal(size=(4000, 3)) * [0.5, 1, 2]
        holes = values.copy()
        holes[rng.random(holes.shape) < 0.3] = np.nan
        np.testing.assert_allclose(spearman(holes), spearman(values), atol=0.03)

    def test_of_gaps_where_values_are_large_is_the_correlation_of_the_ranks(self):
        """Ranks among all that a column has, then Pearson's over the cycles that have both."""
        x = np.random.default_rng(4).normal(size=(60, 2)) @ [[1, 0.5], [0, 1]]
        gaps = np.column_stack([x[:, 1] > 0.3, x[:, 0] < -0.5])
        x[gaps] = np.nan
        both = ~gaps.any(1)
        ranks = [rankdata(x[:, k], nan_policy="omit")[both] for k in (0, 1)]
        assert spearman(x)[0, 1] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-12)

    def test_of_what_does_not_vary_is_zero(self):
        values = np.column_stack([np.arange(5.0), np.full(5, 0.1), np.full(5, np.nan)])
        expected = np.zeros((3, 3))
        expected[0, 0] = 1
        np.testing.assert_allclose(spearman(values), expected, atol=1e-12)


class TestCorrelated:
    X = np.random.default_rng(3).normal(size=(500, 3))
    COLUMNS = {
        "a": X[:, 0],
        "b": X[:, 1],
        "minus a": -np.exp(X[:, 0]),
        "near a": X[:, 0] + 0.3 * X[:, 2],
        "c": X[:, 2] + 0.01 * X[:, 1],
    }

    def test_joins_what_is_above_the_limit_whatever_its_sign(self):
        groups = correlated(self.COLUMNS, ["a", "sex", "b", "minus a", "near a", "c"], 0.7)
        assert [*map(tuple, groups)] == [
            ("a + minus a + near a", ("a", "minus a", "near a")),
            ("sex", ("sex",)),
            ("b", ("b",)),
            ("c", ("c",)),
        ]

    def test_a_limit_of_1_joins_the_same_ranks_alone(self):
        assert names(correlated(self.COLUMNS, [*self.COLUMNS], 1.0)) == [
            "a + minus a",
            "b",
            "near a",
            "c",
        ]

    @pytest.mark.parametrize(("above", "joined"), [(0.0, True), (1e-6, False)])
    def test_the_limit_itself_joins(self, above, joined):
        pair = {name: self.COLUMNS[name] for name in ("a", "near a")}
        limit = float(np.abs(spearmanr(*pair.values()).statistic))
        assert (len(correlated(pair, [*pair], limit + above)) == 1) == joined

    def test_a_chain_is_no_group(self):
        """Neighbours are alike, and the ends are not: the mean over all pairs counts."""
        rng = np.random.default_rng(5)
        steps = rng.normal(size=(2000, 8))
        chain = {f"s{k}": steps[:, k : k + 3].sum(1) for k in range(6)}
        near = np.abs(spearman(np.column_stack([*chain.values()])))
        assert np.diag(near, 1).min() > 0.6 > 0.1 > near[0, 5]
        groups = correlated(chain, [*chain], 0.6)
        assert len(groups) > 1 and max(len(group.features) for group in groups) == 2

    def test_large_groups_are_named_by_their_first(self):
        columns = {f"m{k}": self.X[:, 0] * k for k in range(1, 6)}
        assert names(correlated(columns, [*columns], 0.7)) == ["m1 and 4 more like it"]

    @pytest.mark.parametrize("features", [["sex"], ["a"], ["sex", "a"]])
    def test_few_numbers_are_alone(self, features):
        assert names(correlated(self.COLUMNS, features, 0.1)) == features


def test_sets_are_groups_and_a_feature_of_two_is_in_the_smaller():
    columns = ["mfcc_1", "mfcc_2", "centroid", "age", "state"]
    sets = {"all": ["mfcc_*", "centroid"], "spectral": ["centroid", "mfcc_1"], "mel": ["mfcc_2"]}
    sets["absent"] = ["zero"]
    features = ["age", "mfcc_2", "mfcc_1", "centroid"]
    assert [*map(tuple, of_sets(features, sets, columns))] == [
        ("age", ("age",)),
        ("mel", ("mfcc_2",)),
        ("spectral", ("mfcc_1", "centroid")),
    ]


def test_a_set_with_the_name_of_a_lone_feature_is_another_group():
    groups = of_sets(["age", "Var"], {"age": ["Var"]}, ["age", "Var"])
    assert [*map(tuple, groups)] == [("age", ("age",)), ("age (group)", ("Var",))]


def test_every_feature_of_a_family_is_in_its_group():
    features = [name for family in FAMILIES.values() for name in family.NAMES] + ["Var", "device"]
    groups = {group.name: group.features for group in of_families(features, FAMILIES)}
    alone = {"Var": ("Var",), "device": ("device",)}
    assert groups == {name: family.NAMES for name, family in FAMILIES.items()} | alone
