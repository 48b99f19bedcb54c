"""Curves over thresholds against scikit-learn's, fold by fold, and with patients left out in turn."""

import time
import tracemalloc
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from auscultation.metrics import curves as module
from auscultation.metrics.curves import (
    STEPS,
    THRESHOLDS,
    average_precision,
    curves,
    net_benefit,
    precision_recall,
    roc,
)
from auscultation.metrics.probability import areas
from rated import rated

ALL = (roc, precision_recall, average_precision)
CASES = pytest.mark.parametrize(
    "drawn",
    [{}, {"decimals": 1}, {"repeats": 3, "n": 150}, {"patients": 8, "folds": 8}, {"seed": 5}],
    ids=["distinct", "ties", "repeats", "a patient a fold", "another seed"],
)


def cycles(**drawn):
    tested = rated(**drawn)
    side = tested.sides()[0]
    return side.rating, side.positive, tested.patient, tested.fold


def by_library(rating, positive, fold):
    """The three means over the folds, by scikit-learn; a fold that lacks a side has no weight."""
    sums, weights = [np.zeros(STEPS + 1), np.zeros(STEPS), np.zeros(1)], np.zeros(3)
    small = 1e-12  # what is read at a threshold is not left to rounding
    for number in np.unique(fold):
        y, score = positive[fold == number], rating[fold == number]
        n, m = y.sum(), (~y).sum()
        values = [0.0, 0.0, 0.0]
        if n and m:
            fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
            values[0] = np.interp(np.linspace(0, 1, STEPS + 1) + small, fpr, tpr)
        if n:
            precision, recall, _ = precision_recall_curve(y, score)
            precision, recall = precision[-2::-1], recall[-2::-1]
            at = np.searchsorted(recall, np.arange(1, STEPS + 1) / STEPS - small)
            values[1:] = precision[at], average_precision_score(y, score)
        for k, weight in enumerate((n * m, n, n)):
            sums[k] = sums[k] + weight * values[k]
            weights[k] += weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return [total / weight for total, weight in zip(sums, weights, strict=True)]


@CASES
def test_are_scikit_learns(drawn):
    rating, positive, patient, fold = cycles(**drawn)
    for got, expected in zip(
        curves(ALL, rating, positive, patient, fold),
        by_library(rating, positive, fold),
        strict=True,
    ):
        assert got.y == pytest.approx(expected, abs=1e-10)
        assert got.x.shape == got.y.shape == got.without.shape[1:]


@CASES
def test_without_each_patient_are_those_of_the_others(drawn):
    rating, positive, patient, fold = cycles(**drawn)
    got = curves(ALL, rating, positive, patient, fold)
    for number in range(patient.max() + 1):
        rows = patient != number
        for curve, expected in zip(
            got, by_library(rating[rows], positive[rows], fold[rows]), strict=True
        ):
            assert curve.without[number] == pytest.approx(expected, abs=1e-10, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_area_under_the_roc_curve_is_the_pooled_auc(seed):
    rating, positive, patient, fold = cycles(n=3000, seed=seed, decimals=2)
    x, y, without = curves((roc,), rating, positive, patient, fold)[0]
    expected = areas(rating[:, None], positive[:, None], patient, fold).every
    # read at 51 places only
    assert np.trapezoid(y, x) == pytest.approx(expected.value(), abs=0.002)
    assert np.trapezoid(without, x) == pytest.approx(expected.without(), abs=0.002)


def test_area_is_exact_where_folds_have_as_many_negative_cycles_as_steps():
    rng = np.random.default_rng(0)
    fold, positive = np.arange(400) // 100, np.arange(400) % 100 < 50
    rating, patient = rng.normal(0, 1, 400) + positive, np.arange(400) % 20
    x, y, _ = curves((roc,), rating, positive, patient, fold)[0]
    # without ties the curve is flat between two negative cycles, and its upper end is read
    steps = (y[:-1] * np.diff(x)).sum()
    expected = areas(rating[:, None], positive[:, None], patient, fold).every.value()
    assert steps == pytest.approx(expected, abs=1e-12)


def test_equal_ratings_are_a_diagonal_and_the_share_of_positive_cycles():
    positive, patient = np.arange(60) % 3 == 0, np.arange(60) % 6
    roc_, precision, mean = curves(ALL, np.ones(60), positive, patient, np.arange(60) % 2)
    assert roc_.y == pytest.approx(roc_.x, abs=1e-15)
    assert precision.y == pytest.approx(np.full(STEPS, 1 / 3)) and mean.y == pytest.approx(1 / 3)


class TestManyThresholds:
    def test_values_without_patients_are_from_quantiles(self):
        rating, positive, patient, fold = cycles(n=6000, folds=3)
        exact = curves(ALL, rating, positive, patient, fold)
        with mock.patch.object(module, "CELLS", 1):
            thinned = curves(ALL, rating, positive, patient, fold)
        for one, other in zip(exact, thinned, strict=True):
            assert one.y.tolist() == other.y.tolist()
            errors = [np.std(curve.without, axis=0) for curve in (one, other)]
            assert np.median(errors[1] / np.maximum(errors[0], 1e-9)) == pytest.approx(1, abs=0.05)

    def test_take_no_square_of_cycles_and_patients(self):
        n_patients = 20_000
        rng = np.random.default_rng(0)
        patient = np.repeat(np.arange(n_patients), 6)
        positive = rng.random(len(patient)) < 0.4
        rating = rng.normal(0, 1, len(patient)) + positive
        tracemalloc.start()
        began = time.perf_counter()
        curves(ALL, rating, positive, patient, patient % 5)
        seconds, most = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert seconds < 20 and most < 400e6


class TestNetBenefit:
    def test_of_a_tiny_table(self):
        # of four cycles two are called at 0.5 and above (one rightly), three at 0.2 and above
        p, positive = np.array([0.9, 0.5, 0.2, 0.1]), np.array([True, False, True, False])
        x, y, _ = net_benefit(p, positive, np.arange(4))
        at = {round(t, 2): value for t, value in zip(x.tolist(), y.tolist(), strict=True)}
        assert at[0.5] == pytest.approx(1 / 4 - 1 / 4 * 1)
        assert at[0.52] == pytest.approx(1 / 4)
        assert at[0.2] == pytest.approx(2 / 4 - 1 / 4 * 0.25)
        assert at[0.02] == pytest.approx(2 / 4 - 2 / 4 * 0.02 / 0.98)
        assert at[0.92] == 0

    @pytest.mark.parametrize("repeats", [1, 2])
    def test_is_by_counting(self, repeats):
        rating, positive, patient, _ = cycles(n=2000, decimals=2, repeats=repeats)

        def counted(rows):
            y, n = positive[rows], rows.sum()
            called = [np.round(rating[rows], 12) >= round(t, 12) for t in THRESHOLDS]
            return [
                (c & y).sum() / n - (c & ~y).sum() / n * t / (1 - t)
                for c, t in zip(called, THRESHOLDS, strict=True)
            ]

        got = net_benefit(rating, positive, patient)  # such as 1 - 0.62, which is below 0.38
        assert got.y == pytest.approx(counted(np.ones(len(rating), bool)), abs=1e-12)
        for number in (0, 3, 19):
            assert got.without[number] == pytest.approx(counted(patient != number), abs=1e-12)


class TestNothingToRead:
    def test_one_side_only(self):
        for positive in (np.ones(6, bool), np.zeros(6, bool)):
            got = curves(ALL, np.arange(6.0), positive, np.arange(6), np.zeros(6, int))
            assert np.isnan(got[0].y).all() and np.isnan(got[0].without).all()

    def test_no_cycles(self):
        none = np.array([], int)
        for curve in curves(ALL, none.astype(float), none.astype(bool), none, none):
            assert np.isnan(curve.y).all() and len(curve.without) == 0

    def test_a_fold_that_lacks_a_side_does_not_count(self):
        rating, positive, patient, fold = cycles(decimals=2)
        more = [np.concatenate(pair) for pair in ((rating, rating[:9]), (patient, patient[:9]))]
        y = np.concatenate([positive, np.zeros(9, bool)])
        other = curves((roc,), more[0], y, more[1], np.concatenate([fold, np.full(9, 7)]))[0]
        assert other.y.tolist() == curves((roc,), rating, positive, patient, fold)[0].y.tolist()


def test_roc_curves_rise():
    rating, positive, patient, fold = cycles(decimals=1)
    (curve,) = curves((roc,), rating, positive, patient, fold)
    assert all(low <= high for low, high in pairwise(curve.y)) and curve.y[-1] == 1
