"""Scores of probabilities and ratings, against scikit-learn and against pairs counted one by one."""

import ast
import math
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import calibration_curve as scikit_learns_curve
from sklearn.metrics import brier_score_loss, log_loss, mean_squared_error, roc_auc_score

from auscultation.metrics import pairs, probability
from auscultation.metrics.pairs import ranked_classes
from auscultation.metrics.probability import areas, areas_within, calibration_curve, cycle_losses
from cohorts import area, mean_area, probabilities

SEEDS = range(4)
STATES = [0, 1, 2, 3]


def random_predictions(n, seed, decimals=None, shares=(0.53, 0.27, 0.13, 0.07)):
    """States, and probabilities that know something of them."""
    state = np.random.default_rng(seed).choice(4, n, p=shares)
    return state, probabilities(state, seed, decimals=decimals)


def neighbours(n, seed):
    """Probabilities of five nearest neighbours: fifths, often 0 or 1."""
    rng = np.random.default_rng(seed)
    state = rng.choice(4, n, p=(0.53, 0.27, 0.13, 0.07))
    return state, rng.multinomial(5, (0.55, 0.25, 0.15, 0.05), n) / 5


KINDS = {
    "smooth": lambda seed: random_predictions(3000, seed),
    "rounded": lambda seed: random_predictions(3000, seed, decimals=1),
    "neighbours": lambda seed: neighbours(3000, seed),
    "few": lambda seed: random_predictions(60, seed, shares=(0.25, 0.25, 0.25, 0.25)),
}


def areas_of(state, p, patient=None, fold=None, within=None):
    """Areas of each of four states against the rest; one patient and one fold unless given."""
    none = np.zeros(len(state), int)
    patient, fold = (none if given is None else given for given in (patient, fold))
    return areas(p, state[:, None] == np.arange(4), patient, fold, within).every


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
class TestAgainstScikitLearn:
    def test_means_of_the_losses(self, kind, seed):
        state, p = KINDS[kind](seed)
        expected = [
            log_loss(state, p, labels=STATES),
            brier_score_loss(state, p, labels=STATES, scale_by_half=False),
            mean_squared_error(state, p @ STATES),
        ]
        assert cycle_losses(state, p).mean(0).tolist() == pytest.approx(expected, abs=1e-12)

    def test_area(self, kind, seed):
        state, p = KINDS[kind](seed)
        expected = roc_auc_score(state, p, multi_class="ovr", average="macro", labels=STATES)
        assert areas_of(state, p).value() == pytest.approx(expected, abs=1e-12)

    def test_calibration_curve(self, kind, seed):
        state, p = KINDS[kind](seed)
        rows = calibration_curve(state, p)
        observed, predicted = scikit_learns_curve(
            state != 0, 1 - p[:, 0], n_bins=10, strategy="quantile"
        )
        assert [row["mean_predicted"] for row in rows] == pytest.approx(predicted, abs=1e-10)
        assert [row["observed"] for row in rows] == pytest.approx(observed, abs=1e-10)
        assert sum(row["n_cycles"] for row in rows) == len(state)
        numbers = [row["bin"] for row in rows]
        assert numbers == sorted(set(numbers)) and set(numbers) <= set(range(1, 11))
        if kind == "smooth":
            assert [row["n_cycles"] for row in rows] == [300] * 10


class TestLosses:
    def test_of_a_cycle(self):
        p = np.array([[0.7, 0.2, 0.1, 0.0], [0.7, 0.2, 0.1, 0.0], [0, 0, 0, 1.0]])
        got = cycle_losses(np.array([0, 3, 3]), p)
        eps = np.finfo(np.float64).eps
        # (0.3^2 + 0.2^2 + 0.1^2); (0.7^2 + 0.2^2 + 0.1^2 + 1); the class expected is 0.4
        expected = [-np.log(0.7), 0.14, 0.4**2, -np.log(eps), 1.54, 2.6**2, -np.log(1 - eps), 0, 0]
        assert got.ravel().tolist() == pytest.approx(expected, abs=1e-15)

    def test_knowing_nothing_and_everything(self):
        state = np.array([0, 1, 2, 3])
        nothing = cycle_losses(state, np.full((4, 4), 0.25)).mean(0)
        assert nothing.tolist() == pytest.approx([np.log(4), 0.75, 1.25], abs=1e-15)
        assert cycle_losses(state, np.eye(4)).mean(0) == pytest.approx([0, 0, 0], abs=1e-15)
        assert areas_of(state, np.full((4, 4), 0.25)).value() == 0.5
        assert areas_of(state, np.eye(4)).value() == 1


def cycles_of(seed, n=500, n_patients=23, n_folds=3):
    """States and probabilities with ties, patients and folds; a patient may be in several folds."""
    state, p = random_predictions(n, seed, decimals=1)
    rng = np.random.default_rng(seed)
    return state, p, rng.integers(0, n_patients, n), rng.integers(0, n_folds, n)


class TestPairsOfCycles:
    """All pairs of two cycles of the same fold count, those of one patient too."""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_value_is_that_of_the_pairs(self, seed):
        state, p, patient, fold = cycles_of(seed)
        got = areas_of(state, p, patient, fold)
        assert got.value() == pytest.approx(mean_area(p, state, fold), abs=1e-14)
        by_fold = [mean_area(p[fold == k], state[fold == k]) for k in range(3)]
        assert got.by_fold().tolist() == pytest.approx(by_fold, abs=1e-14)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_value_without_a_patient_is_exactly_that_of_the_others(self, seed):
        state, p, patient, fold = cycles_of(seed)
        device = patient % 4
        for within in (None, device, patient):
            without = areas_of(state, p, patient, fold, within).without()
            assert without.shape == (23,)
            for number, value in enumerate(without):
                rows = patient != number
                group = None if within is None else within[rows]
                others = areas_of(state[rows], p[rows], patient[rows], fold[rows], group)
                assert value == others.value()  # exactly: counts of pairs, and of halves

    @pytest.mark.parametrize("seed", SEEDS)
    def test_within_a_group_its_cycles_are_paired_alone(self, seed):
        state, p, patient, fold = cycles_of(seed)
        device = patient % 4
        for group in (device, patient):
            got = areas_of(state, p, patient, fold, group)
            assert got.value() == pytest.approx(mean_area(p, state, fold, group), abs=1e-14)
            for number in (0, 9):
                rows = patient != number
                expected = mean_area(p[rows], state[rows], fold[rows], group[rows])
                assert got.without()[number] == pytest.approx(expected, abs=1e-14)
            folds = [mean_area(p[f], state[f], group[f]) for f in (fold == k for k in range(3))]
            assert got.by_fold().tolist() == pytest.approx(folds, abs=1e-14)

    def test_what_a_group_alone_tells_is_nothing_within_it(self):
        state, _, patient, fold = cycles_of(0)
        device = patient % 4
        p = np.array([[0.7, 0.1, 0.1, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.4, 0.3, 0.2], [0.25] * 4])
        assert areas_of(state, p[device], patient, fold, device).value() == 0.5

    def test_one_rating(self):
        state, p, patient, fold = cycles_of(5)
        got = areas(-p[:, :1], state[:, None] != 0, patient, fold).every
        assert got.value() == pytest.approx(area(-p[:, 0], state != 0, fold), abs=1e-14)


def counted_one_by_one(rating, positive, patient, fold, within):
    """Pairs won and pairs: of any two cycles, of two patients, of one; by fold and by patient."""
    of_class = np.flatnonzero(positive)[:, None], np.flatnonzero(~positive)[None, :]
    one, other = of_class
    met = (fold[one] == fold[other]) & (within[one] == within[other])
    won = np.where(rating[one] == rating[other], 0.5, rating[one] > rating[other]) * met
    same = patient[one] == patient[other]
    kinds = []
    for kind in (met, met & ~same, met & same):
        by_fold = [[(of * kind)[fold[one[:, 0]] == k].sum() for k in range(3)] for of in (won, met)]
        by_patient = [
            [(of * kind)[(patient[one] == k) | (patient[other] == k)].sum() for k in range(23)]
            for of in (won, met)
        ]
        kinds.append([*by_fold, *by_patient])
    return kinds


@pytest.mark.parametrize("decimals", [9, 1, 0])  # all different; few, and two different ratings
@pytest.mark.parametrize("device", ["one", "some patients have two", "any"])
def test_all_kinds_of_pairs_are_counted_at_once(device, decimals):
    state, p, patient, fold = cycles_of(4)
    p = np.round(probabilities(state, 4), decimals)
    group = patient % 4
    if device == "some patients have two":
        group = np.where(patient < 3, np.arange(len(state)) % 2, group)
    elif device == "any":
        group = np.random.default_rng(4).integers(0, 4, len(state))
    positive = state[:, None] == np.arange(4)
    for found, within in zip(
        areas_within(ranked_classes(p, positive), patient, fold, [None, group]),
        (np.zeros(len(state), int), group),
        strict=True,
    ):
        for k in range(4):
            expected = counted_one_by_one(p[:, k], positive[:, k], patient, fold, within)
            assert [[counts[k].tolist() for counts in kind] for kind in found] == expected


class TestConstants:
    def test_have_no_skill_within_folds(self):
        # each fold says the shares of its training part, as the most frequent state's model does
        state, _ = random_predictions(600, 0)
        fold, patient = np.arange(600) % 5, np.arange(600) % 30
        p = np.empty((600, 4))
        for k in range(5):
            p[fold == k] = np.bincount(state[fold != k], minlength=4) / np.count_nonzero(fold != k)
        got = areas_of(state, p, patient, fold)
        assert got.value() == 0.5
        assert set(got.by_fold().tolist()) == set(got.without().tolist()) == {0.5}
        assert areas_of(state, p).value() < 0.49  # what pairs across folds make of it


class TestClassesThatDoNotOccur:
    def test_area_is_over_those_that_do(self):
        state, p = random_predictions(500, 0, shares=(0.6, 0, 0.3, 0.1))
        by_state = [roc_auc_score(state == s, p[:, s]) for s in (0, 2, 3)]
        assert areas_of(state, p).value() == pytest.approx(np.mean(by_state), abs=1e-12)

    def test_one_class_has_no_area(self):
        got = areas_of(np.ones(3, int), np.array([[0.5, 0.5, 0, 0]] * 3), fold=np.array([0, 1, 1]))
        assert math.isnan(got.value())
        assert np.isnan(got.without()).all() and np.isnan(got.by_fold()).all()

    def test_one_class_without_some_patient(self):
        state = np.array([0, 0, 1])
        got = areas_of(state, np.eye(4)[state], patient=np.array([0, 1, 2]))
        assert got.value() == 1
        assert np.isnan(got.without()).tolist() == [False, False, True]

    def test_no_cycles(self):
        nothing = np.array([], int)
        got = areas_of(nothing, np.empty((0, 4)))
        assert math.isnan(got.value()) and got.without().shape == got.by_fold().shape == (0,)


def test_many_patients_take_no_square_of_them():
    n_patients = 20_000
    patient = np.repeat(np.arange(n_patients), 6)
    state, p = random_predictions(len(patient), 2, decimals=3)
    began = time.perf_counter()
    tracemalloc.start()
    got = areas_of(state, p, patient, patient % 5)
    without = got.without()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - began < 30
    assert most < 200e6  # a square of the patients has 3.2 GB
    for number in (0, 7):
        rows = patient != number
        others = areas_of(state[rows], p[rows], patient[rows], (patient % 5)[rows])
        assert without[number] == others.value()


class TestCalibration:
    def test_equal_predictions_share_a_bin(self):
        state = np.array([0, 0, 1, 2])
        rows = calibration_curve(state, np.tile([0.6, 0.2, 0.1, 0.1], (4, 1)))
        (row,) = rows
        assert row == {
            "bin": 1,
            "mean_predicted": pytest.approx(0.4, abs=1e-15),
            "observed": 0.5,
            "n_cycles": 4,
        }

    def test_calibrated_probabilities_lie_on_the_diagonal(self):
        rng = np.random.default_rng(0)
        abnormal = rng.random(200_000)
        state = np.where(rng.random(len(abnormal)) < abnormal, rng.integers(1, 4, len(abnormal)), 0)
        p = np.column_stack([1 - abnormal, *[abnormal / 3] * 3])
        for row in calibration_curve(state, p):
            share = row["mean_predicted"]
            error = math.sqrt(share * (1 - share) / row["n_cycles"])
            assert abs(row["observed"] - share) < 5 * error


def test_the_modules_need_numpy_only():
    modules = set()
    for module in (pairs, probability):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {
            a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
        }
    assert modules == {"collections.abc", "typing", "numpy", "auscultation.metrics.pairs"}
