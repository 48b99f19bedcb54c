"""Pairs of positive and negative cycles, counted one by one and by scikit-learn."""

import time

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from auscultation.metrics.pairs import pairs


def one_by_one(score, positive, stratum):
    won, met = np.zeros((2, len(score)))
    for i in range(len(score)):
        for j in range(len(score)):
            if stratum[i] == stratum[j] and positive[i] and not positive[j]:
                right = 1 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0
                for cycle in (i, j):
                    won[cycle] += right
                    met[cycle] += 1
    return won, met


RATINGS = {
    "all different": lambda rng, n: rng.normal(size=n),
    "many ties": lambda rng, n: rng.integers(0, 4, n).astype(float),
    "all equal": lambda rng, n: np.full(n, 0.3),
    "of both signs of zero": lambda rng, n: rng.choice([-0.0, 0.0, 1.0], n),
}


@pytest.mark.parametrize("n_strata", [1, 3, 40])
@pytest.mark.parametrize("ratings", RATINGS)
def test_pairs_are_counted(ratings, n_strata):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        score, positive = RATINGS[ratings](rng, 60), rng.random(60) < 0.3
        stratum = 5 * rng.integers(0, n_strata, 60)  # numbers that are left out do no harm
        got, expected = pairs(score, positive, stratum), one_by_one(score, positive, stratum)
        for counts, right in zip(got, expected, strict=True):
            assert counts.dtype == np.float64 and counts.tolist() == right.tolist()


@pytest.mark.parametrize("decimals", [9, 1])
def test_area_is_that_of_scikit_learn(decimals):
    rng = np.random.default_rng(1)
    positive = rng.random(5000) < 0.2
    score = np.round(rng.normal(0.5 * positive, 1), decimals)
    won, met = pairs(score, positive, np.zeros(5000, int))
    expected = roc_auc_score(positive, score)
    for side in (positive, ~positive):
        assert won[side].sum() / met[side].sum() == pytest.approx(expected, abs=1e-12)


def test_one_side_only_has_no_pairs():
    stratum = np.array([0, 0, 1, 1, 1])
    score = np.array([1.0, 2, 3, 4, 5])
    for positive in (np.ones(5, bool), np.zeros(5, bool), stratum == 1):
        assert np.array(pairs(score, positive, stratum)).tolist() == [[0] * 5] * 2


def test_no_cycles():
    nothing = np.array([])
    won, met = pairs(nothing, nothing.astype(bool), nothing.astype(int))
    assert won.shape == met.shape == (0,)


def test_many_cycles_are_counted_without_making_the_pairs():
    rng = np.random.default_rng(0)
    n = 500_000
    positive, score = rng.random(n) < 0.5, np.round(rng.normal(size=n), 3)
    began = time.perf_counter()
    won, met = pairs(score, positive, rng.integers(0, 1000, n))
    assert time.perf_counter() - began < 20
    assert won[positive].sum() / met[positive].sum() == pytest.approx(0.5, abs=0.01)
