"""Scores of probabilities, against scikit-learn."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from lib import probability
from lib.intervals import draws
from lib.probability import (
    PROBABILITY_METRICS,
    calibration_curve,
    cycle_losses,
    pair_wins,
    probability_metrics,
    probability_sums,
)
from sklearn.calibration import calibration_curve as scikit_learns_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

SEEDS = range(4)
STATES = [0, 1, 2, 3]


def random_predictions(n, seed, decimals=None, shares=(0.53, 0.27, 0.13, 0.07)):
    """States, and probabilities that know something of them; rounded ones have many ties."""
    rng = np.random.default_rng(seed)
    state = rng.choice(4, n, p=shares)
    p = rng.dirichlet(np.ones(4), n) + 0.3 * np.eye(4)[state] * rng.random((n, 1))
    p /= p.sum(1, keepdims=True)
    if decimals is not None:
        p[:, 1:] = np.floor(p[:, 1:] * 10**decimals) / 10**decimals
        p[:, 0] = 1 - p[:, 1:].sum(1)
    return state, p


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


def of(state, p, **groups):
    got = probability_metrics(probability_sums(np.asarray(state), np.asarray(p, float), **groups))
    assert tuple(got) == PROBABILITY_METRICS
    return {name: float(value) for name, value in got.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
class TestAgainstScikitLearn:
    def test_metrics(self, kind, seed):
        state, p = KINDS[kind](seed)
        got = of(state, p)
        expected = {
            "log_loss": log_loss(state, p, labels=STATES),
            "brier_score": brier_score_loss(state, p, labels=STATES, scale_by_half=False),
            "auc_ovr": roc_auc_score(state, p, multi_class="ovr", average="macro", labels=STATES),
        }
        assert got == pytest.approx(expected, abs=1e-10)

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

    def test_draws_of_patients_are_draws_of_their_rows(self, kind, seed):
        state, p = KINDS[kind](seed)
        rng = np.random.default_rng(seed)
        group = rng.integers(0, 12, len(state))
        weights = draws(12, 10, seed)
        got = probability_metrics(probability_sums(state, p, group, 12), weights)
        members = [np.flatnonzero(group == g) for g in range(12)]
        for number, weight in enumerate(weights):
            rows = np.concatenate(
                [np.tile(m, int(w)) for m, w in zip(members, weight, strict=True)]
            )
            if len(np.unique(state[rows])) < 4:
                continue  # scikit-learn gives no macro AUC then
            auc = roc_auc_score(state[rows], p[rows], multi_class="ovr", labels=STATES)
            loss = log_loss(state[rows], p[rows], labels=STATES)
            assert got["auc_ovr"][number] == pytest.approx(auc, abs=1e-10)
            assert got["log_loss"][number] == pytest.approx(loss, abs=1e-10)


class TestByHand:
    def test_losses_of_a_cycle(self):
        p = np.array([[0.7, 0.2, 0.1, 0.0], [0.7, 0.2, 0.1, 0.0], [0, 0, 0, 1.0]])
        got = cycle_losses(np.array([0, 3, 3]), p)
        eps = np.finfo(np.float64).eps
        # (0.3^2 + 0.2^2 + 0.1^2); (0.7^2 + 0.2^2 + 0.1^2 + 1)
        expected = [[-np.log(0.7), 0.14], [-np.log(eps), 1.54], [-np.log(1 - eps), 0]]
        assert got.ravel().tolist() == pytest.approx(np.ravel(expected).tolist(), abs=1e-15)

    def test_knowing_nothing_and_everything(self):
        state = np.array([0, 1, 2, 3])
        nothing = of(state, np.full((4, 4), 0.25))
        expected = {"log_loss": np.log(4), "brier_score": 0.75, "auc_ovr": 0.5}
        assert nothing == pytest.approx(expected, abs=1e-15)
        everything = of(state, np.eye(4))
        expected = {"log_loss": 0, "brier_score": 0, "auc_ovr": 1}
        assert everything == pytest.approx(expected, abs=1e-15)

    def test_pairs_of_patients(self):
        # positive: 0.9 and 0.2 of patient 0, 0.5 of 1; negative: 0.2 and 0.1 of 0, 0.6 of 1
        score = np.array([0.9, 0.2, 0.5, 0.2, 0.1, 0.6])
        positive = np.array([True, True, True, False, False, False])
        group = np.array([0, 0, 1, 0, 0, 1])
        wins = pair_wins(score, positive, group, 3)
        assert wins.tolist() == [[2 + 1.5, 1, 0], [2, 0, 0], [0, 0, 0]]
        assert wins.sum() / 9 == pytest.approx(roc_auc_score(positive, score), abs=1e-15)


class TestFolds:
    def test_a_constant_has_no_skill(self):
        # each fold says the shares of its training part, as the most frequent state's model does
        state, _ = random_predictions(600, 0)
        fold, group = np.arange(600) % 5, np.arange(600) % 30
        p = np.empty((600, 4))
        for k in range(5):
            p[fold == k] = np.bincount(state[fold != k], minlength=4) / np.count_nonzero(fold != k)
        assert of(state, p, fold=fold)["auc_ovr"] == pytest.approx(0.5, abs=1e-15)
        assert of(state, p)["auc_ovr"] < 0.49
        sums = probability_sums(state, p, group, 30, fold)
        drawn = probability_metrics(sums, draws(30, 50, 0))["auc_ovr"]
        assert drawn.tolist() == pytest.approx([0.5] * 50, abs=1e-12)

    def test_pairs_are_of_one_fold(self):
        state, p = random_predictions(800, 1)
        fold = np.arange(800) % 3
        areas = []
        for s in STATES:
            pairs = [np.count_nonzero(state[fold == k] == s) for k in range(3)]
            pairs = [n * (np.count_nonzero(fold == k) - n) for k, n in enumerate(pairs)]
            area = [roc_auc_score(state[fold == k] == s, p[fold == k, s]) for k in range(3)]
            areas.append(np.average(area, weights=pairs))
        got = of(state, p, fold=fold)
        assert got["auc_ovr"] == pytest.approx(np.mean(areas), abs=1e-12)
        whole = of(state, p)
        for name in ("log_loss", "brier_score"):
            assert got[name] == pytest.approx(whole[name], abs=1e-12)


class TestStatesThatDoNotOccur:
    def test_auc_is_over_those_that_do(self):
        state, p = random_predictions(500, 0, shares=(0.6, 0, 0.3, 0.1))
        by_state = [roc_auc_score(state == s, p[:, s]) for s in (0, 2, 3)]
        assert of(state, p)["auc_ovr"] == pytest.approx(np.mean(by_state), abs=1e-10)

    def test_one_state_has_no_auc(self):
        got = of(np.ones(3, int), [[0.5, 0.5, 0, 0]] * 3)
        assert math.isnan(got["auc_ovr"])
        expected = {"log_loss": np.log(2), "brier_score": 0.5}
        assert {k: got[k] for k in expected} == pytest.approx(expected, abs=1e-15)

    def test_one_state_in_some_draws(self):
        sums = probability_sums(np.array([0, 0, 1]), np.eye(4)[[0, 0, 1]], np.array([0, 0, 1]), 2)
        got = probability_metrics(sums, np.array([[2.0, 0], [1, 1], [0, 2]]))["auc_ovr"]
        assert np.isnan(got).tolist() == [True, False, True] and got[1] == 1


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


class TestManyPatients:
    """Above `PAIRED` patients no pairs are kept: the value is the same, the draws almost."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_area_is_the_same(self, monkeypatch, kind):
        state, p = KINDS[kind](7)
        groups = {"group": np.arange(len(p)) % 20, "n_groups": 20, "fold": np.arange(len(p)) % 3}
        expected = of(state, p, **groups)
        monkeypatch.setattr(probability, "PAIRED", 19)
        assert probability_sums(state, p, **groups).wins is None
        assert of(state, p, **groups) == pytest.approx(expected, rel=1e-13)

    def test_slopes_are_the_change_of_a_weight(self):
        state, p = random_predictions(400, 3, decimals=1)
        group, fold = np.arange(400) % 9, np.arange(400) % 2
        area, slopes = probability.areas(p[:, 2], state == 2, group, 9, fold)
        step, sums = 1e-6, probability_sums(state, p, group, 9, fold)
        for k in range(9):
            weights = 1 + step * (np.arange(9) == k)
            wins, pairs = (weights @ sums.wins[2]) @ weights, (sums.sides[2] @ weights).prod(1)
            assert (wins / pairs.sum() - area) / step == pytest.approx(slopes[k], abs=1e-5)

    def test_draws_have_the_same_spread(self, monkeypatch):
        state, p = random_predictions(9000, 5)
        groups = {"group": np.arange(9000) // 30, "n_groups": 300}
        weights = draws(300, 2000, 1)
        exact = probability_metrics(probability_sums(state, p, **groups), weights)["auc_ovr"]
        monkeypatch.setattr(probability, "PAIRED", 299)
        drawn = probability_metrics(probability_sums(state, p, **groups), weights)["auc_ovr"]
        ends, expected = (np.quantile(values, [0.025, 0.975]) for values in (drawn, exact))
        np.testing.assert_allclose(ends, expected, atol=0.05 * np.ptp(expected))

    def test_a_class_that_none_has_does_not_count(self, monkeypatch):
        state, p = random_predictions(300, 5)
        state[state == 3] = 0
        expected = of(state, p, group=np.arange(300) % 30, n_groups=30)
        monkeypatch.setattr(probability, "PAIRED", 29)
        assert of(state, p, group=np.arange(300) % 30, n_groups=30) == pytest.approx(expected)


def test_the_module_needs_numpy_only():
    tree = ast.parse(Path(probability.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    }
    assert modules == {"typing", "numpy"}
