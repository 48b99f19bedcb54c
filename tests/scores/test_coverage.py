"""Intervals over patients hold the truth about as often as they say, for few and many patients."""

import sys
from pathlib import Path

import numpy as np
import pytest

from auscultation.metrics.classes import group_sums, metrics
from auscultation.metrics.probability import areas, cycle_losses
from auscultation.scores.intervals import LEVEL, of_difference, of_share

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import methods
import population as simulated

SIZES = (12, 25, 50, 126)
TRIALS = 4000
LIMITS = (0.93, 0.97)
SAFE = 0.98  # of an AUC in folds of few patients, whose error comes out too large if anything
# three standard errors of a share of so many trials at the limit
SLACK = 3 * np.sqrt(LIMITS[0] * (1 - LIMITS[0]) / TRIALS)
SHARES = ("icbhi_score", "auc_ovr", "auc_abnormal")
DIFFERENCES = [
    f"difference of {name}" for name in ("icbhi_score", "auc_abnormal", "mse", "log_loss")
]
SCENARIOS = [name for name in simulated.SCENARIOS if name != "rare disease"]


def samples(everyone, n, trials, seed=0):
    """Give, of each metric, value, value without each patient, and rarer side of each sample."""
    rng = np.random.default_rng(seed)
    weights = np.ones((1, n)), 1 - np.eye(n)
    for some in np.array_split(np.arange(trials), max(1, trials * n // 20_000)):
        drawn = everyone.drawn(rng.integers(len(everyone.sides), size=(len(some), n)))
        value, without = (simulated.values(simulated.totals(drawn, w)) for w in weights)
        side = drawn.sides.sum(1).min(1)
        for name in (*SHARES, *DIFFERENCES):
            yield from (
                (name, *row) for row in zip(value[name][:, 0], without[name], side, strict=False)
            )


@pytest.mark.thorough
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_intervals_hold_the_truth_in_95_of_100_samples(scenario, n):
    everyone = simulated.population(scenario)
    true = simulated.truth(everyone)
    held = {name: [] for name in (*SHARES, *DIFFERENCES)}
    for name, value, without, side in samples(everyone, n, TRIALS):
        if name in SHARES:
            found = of_share(value, without, int(side), true[name])
            if found.p is not None and 0 < value < 1:  # the test says what the interval says
                assert (found.p >= 1 - LEVEL) == (found.ci_low <= true[name] <= found.ci_high)
        else:
            found = of_difference(value, without, int(side))
        if found.ci_low is not None:
            held[name].append(found.ci_low <= true[name] <= found.ci_high)
    for name, each in held.items():
        assert len(each) > 0.9 * TRIALS, name
        high = SAFE if "auc" in name else LIMITS[1]
        assert LIMITS[0] - SLACK <= np.mean(each) <= high + SLACK, (name, np.mean(each))


@pytest.mark.thorough
@pytest.mark.parametrize("n", SIZES)
def test_models_that_know_nothing_are_not_said_to_know_more_often_than_5_in_100(n):
    everyone = simulated.population("no information")
    true = simulated.truth(everyone)  # 0.5 but for the draw of the 20,000
    p = {name: [] for name in SHARES}
    for name, value, without, side in samples(everyone, n, TRIALS, seed=1):
        if name in SHARES:
            found = of_share(value, without, int(side), true[name])
            p[name] += [] if found.p is None else [found.p]
    for name in ("auc_ovr", "auc_abnormal"):
        assert true[name] == pytest.approx(0.5, abs=0.01)
        assert np.mean(np.array(p[name]) < 0.05) < 0.05 + SLACK, name


def cycles(seed=0, n=9):
    """Patient, true class and probabilities of cycles of patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n), rng.integers(2, 30, n))
    true = rng.choice(4, len(patient), p=[0.5, 0.25, 0.15, 0.1])
    return patient, true, rng.dirichlet(np.ones(4), len(patient))


def test_simulated_ratios_are_the_metrics_of_the_comparison():
    patient, true, p = cycles()
    parts = simulated.parts_of_wholes(true, p, patient, 9).sum(0)
    ratio = dict(zip(simulated.RATIOS, parts[:, 0] / parts[:, 1], strict=False))
    known = metrics(group_sums(true, p.argmax(1)))
    score = (ratio["sensitivity"] + ratio["recall 0"]) / 2
    assert score == pytest.approx(known["icbhi_score"].item())
    recalls = [ratio[f"recall {k}"] for k in range(4)]
    assert np.mean(recalls) == pytest.approx(known["balanced_accuracy"].item())
    assert ratio["mse"] == pytest.approx(metrics(group_sums(true, p @ np.arange(4)))["mse"].item())
    assert ratio["log_loss"] == pytest.approx(cycle_losses(true, p)[:, 0].mean())


@pytest.mark.parametrize("same", [True, False])
def test_simulated_areas_are_those_of_the_comparison_with_and_without_each_patient(same):
    patient, true, p = cycles()
    counts = simulated.histograms(true, p, patient, 9)
    edges = np.linspace(0, 1, simulated.LEVELS + 1)[1:-1]
    levels = [np.searchsorted(np.quantile(p[:, k], edges), p[:, k]) for k in range(4)]
    fold, rating = simulated.folds(9)[patient], np.column_stack(levels)
    positive = true[:, None] == np.arange(4)
    found, _, own = areas(rating, positive, patient, fold)
    linear = simulated.parts_of_wholes(true, p, patient, 9)
    both = [np.stack([part, part], 1)[None] for part in (linear, counts)]
    one = simulated.Patients(np.ones((1, 9, 2)), *both)
    for weights, drop in ((np.ones((1, 9)), 0), (1 - np.eye(9), 1)):
        got = simulated.totals(one, weights, same)[0, :, 0, simulated.LINEAR :]
        for place, (all_, all_of, own_, own_of) in enumerate(
            (
                (found.wins, found.wins_of, own.wins, own.wins_of),
                (found.pairs, found.pairs_of, own.pairs, own.pairs_of),
            )
        ):
            expected = all_.sum(1, keepdims=True) - drop * all_of
            if not same:
                expected = expected - (own_.sum(1, keepdims=True) - drop * own_of)
            assert pytest.approx(expected[:, : len(got)]) == got[..., place].T


@pytest.mark.parametrize("n", [5, 40])
def test_the_benchmarks_winner_is_what_the_comparison_uses(n):
    rng = np.random.default_rng(n)
    value, without = np.full(3, 0.7), 0.7 + rng.standard_t(3, (3, n)) / 100
    side = np.array([2, n // 2, n - 1])
    share = methods.jackknives("auc_ovr", value, without, side)["logit, Satterthwaite"]
    gap = methods.jackknives("difference of mse", value, without, side)["jackknife, side - 1"]
    for k in range(3):
        for found, ends in ((of_share, share), (of_difference, gap)):
            got = found(0.7, without[k], int(side[k]))
            assert (got.ci_low, got.ci_high) == pytest.approx((ends[0][k], ends[1][k]))
