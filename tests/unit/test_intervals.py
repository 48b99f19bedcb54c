"""Intervals over patients, p values and their corrections, against direct or published results."""

import itertools

import numpy as np
import pytest
from lib.intervals import corrected_resampled_t, draws, holm, interval, p_value, resampled
from lib.metrics import group_sums
from scipy import stats
from sklearn import metrics as scikit_learn


class TestDraws:
    def test_shape_and_sums(self):
        got = draws(30, 500, 0)
        assert got.shape == (500, 30) and got.dtype == np.float64
        assert (got.sum(1) == 30).all()
        assert (got >= 0).all() and (got == np.rint(got)).all()

    def test_seeded(self):
        assert (draws(9, 50, 4) == draws(9, 50, 4)).all()
        assert (draws(9, 50, 4) != draws(9, 50, 5)).any()

    def test_every_patient_as_often(self):
        n, r = 20, 20_000
        got = draws(n, r, 1)
        # of a multinomial with n trials: mean 1, variance 1 - 1/n
        assert np.abs(got.mean(0) - 1).max() < 5 * np.sqrt((1 - 1 / n) / r)
        assert got.var(0) == pytest.approx(np.full(n, 1 - 1 / n), rel=0.06)

    def test_one_patient(self):
        assert draws(1, 3, 0).tolist() == [[1], [1], [1]]


def cycles_of_patients(seed, n_patients=25):
    """State and prediction of cycles of patients, some called by number, few wheezes."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 40, n_patients))
    state = rng.choice(4, len(patient), p=[0.5, 0.3, 0.15, 0.05])
    prediction = np.where(rng.random(len(state)) < 0.4, state, rng.normal(1, 1, len(state)))
    return patient, state, prediction


def by_rows(state, prediction):
    """Metrics of rows of cycles by scikit-learn, Se and Sp by their definition."""
    called = np.clip(np.rint(prediction), 0, 3).astype(int)
    normal = state == 0
    se, sp = (called == state)[~normal].mean(), (called == 0)[normal].mean()
    return {
        "mse": scikit_learn.mean_squared_error(state, prediction),
        "rmse": scikit_learn.root_mean_squared_error(state, prediction),
        "mae": scikit_learn.mean_absolute_error(state, prediction),
        "r2": scikit_learn.r2_score(state, prediction),
        "accuracy": scikit_learn.accuracy_score(state, called),
        "balanced_accuracy": scikit_learn.recall_score(
            state, called, labels=np.unique(state), average="macro"
        ),
        "macro_f1": scikit_learn.f1_score(state, called, average="macro"),
        "sensitivity": se,
        "specificity": sp,
        "icbhi_score": (se + sp) / 2,
    }


class TestInterval:
    @pytest.mark.parametrize("seed", [0, 1])
    def test_is_that_of_a_bootstrap_of_rows(self, seed):
        patient, state, prediction = cycles_of_patients(seed)
        weights = draws(25, 150, seed)
        got = resampled(group_sums(state, prediction, patient, 25), weights)
        expected = {name: [] for name in got}
        for weight in weights:
            rows = np.concatenate(
                [np.tile(np.flatnonzero(patient == i), int(weight[i])) for i in range(25)]
            )
            for name, value in by_rows(state[rows], prediction[rows]).items():
                expected[name].append(value)
        for name, values in expected.items():
            assert got[name].tolist() == pytest.approx(values, abs=1e-12), name
            limits = np.percentile(values, [2.5, 97.5])
            assert interval(got[name]) == pytest.approx(tuple(limits), abs=1e-12), name

    def test_percentiles(self):
        values = np.random.default_rng(0).permutation(1001) / 1000
        assert interval(values) == pytest.approx((0.025, 0.975), abs=1e-15)
        assert interval(values, level=0.9) == pytest.approx((0.05, 0.95), abs=1e-15)
        assert all(type(end) is float for end in interval(values))

    def test_draws_without_a_value_are_left_out(self):
        values = np.append(np.arange(1001.0), np.full(1001, np.nan))
        assert interval(values) == pytest.approx((25, 975), abs=1e-12)
        assert interval(np.append(values, np.nan)) == (None, None)
        assert interval(np.full(5, np.nan)) == (None, None)

    def test_state_that_one_patient_has(self):
        # specificity is unknown in draws without patient 0
        sums = group_sums(np.array([0, 1, 1]), np.array([0.0, 1, 0]), np.array([0, 1, 2]), 3)
        got = resampled(sums, np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0]]))
        assert np.isnan(got["specificity"]).tolist() == [False, True, False]
        assert np.isnan(got["icbhi_score"]).tolist() == [False, True, True]
        assert got["accuracy"].tolist() == pytest.approx([2 / 3, 2 / 3, 1])

    def test_is_wider_than_that_of_cycles(self):
        patient, state, prediction = random_patients(np.random.default_rng(0), 100)
        n = len(state)
        by_patient = resampled(group_sums(state, prediction, patient, 100), draws(100, 2000, 0))
        by_cycle = resampled(group_sums(state, prediction, np.arange(n), n), draws(n, 2000, 0))
        for name in ("accuracy", "icbhi_score", "sensitivity", "specificity"):
            wide, narrow = (np.ptp(interval(drawn[name])) for drawn in (by_patient, by_cycle))
            assert wide > 1.5 * narrow, name


SPECIFICITY, SENSITIVITY = 6 / 8, 2 / 7  # means of Beta(6, 2) and Beta(2, 5)


def random_patients(rng, n_patients):
    """Cycles of patients of whom each has own chances of being called right.

    How many cycles a patient has is independent of the chances, so that the true values are the
    means of the chances.
    """
    sizes = rng.integers(5, 46, n_patients)
    patient = np.repeat(np.arange(n_patients), sizes)
    state = np.where(rng.random(len(patient)) < 0.5, 0, rng.integers(1, 4, len(patient)))
    right_normal, right_abnormal = rng.beta(6, 2, n_patients), rng.beta(2, 5, n_patients)
    chance = np.where(state == 0, right_normal[patient], right_abnormal[patient])
    right = rng.random(len(patient)) < chance
    return patient, state, np.where(right, state, np.where(state == 0, 1, 0)).astype(float)


@pytest.mark.slow
def test_coverage():
    truth = {
        "accuracy": (SPECIFICITY + SENSITIVITY) / 2,
        "icbhi_score": (SPECIFICITY + SENSITIVITY) / 2,
        "specificity": SPECIFICITY,
        "sensitivity": SENSITIVITY,
    }
    rng = np.random.default_rng(2026)
    trials, n_patients, r = 500, 100, 400
    by_patient, by_cycle = (dict.fromkeys(truth, 0) for _ in range(2))
    for trial in range(trials):
        patient, state, prediction = random_patients(rng, n_patients)
        sums = group_sums(state, prediction, patient, n_patients)
        # drawing cycles one by one is drawing counts of the cells of the confusion matrix
        n, total = len(state), sums.sum(0)
        cells = np.hstack([rng.multinomial(n, total[:16] / n, r), np.zeros((r, 2))])
        for covered, drawn in (
            (by_patient, resampled(sums, draws(n_patients, r, trial))),
            (by_cycle, resampled(cells, np.eye(r))),
        ):
            for name, value in truth.items():
                low, high = interval(drawn[name])
                covered[name] += low <= value <= high
    low, high = stats.binom.interval(0.999, trials, 0.95)
    for name in truth:
        assert low <= by_patient[name] <= high, (name, by_patient[name])
        assert by_cycle[name] < 0.85 * trials, (name, by_cycle[name])


class TestPValue:
    def test_limits(self):
        assert p_value(np.full(1999, 0.1)) == pytest.approx(2 / 2000, abs=1e-15)
        assert p_value(np.full(1999, -0.1)) == pytest.approx(2 / 2000, abs=1e-15)
        assert p_value(np.zeros(1999)) == 1
        assert p_value(np.array([-1.0, 1.0] * 500)) == 1

    def test_counted(self):
        # 3 of 99 draws at or below zero, and the sample itself
        differences = np.append(np.full(96, 0.2), [-0.1, 0.0, -3])
        assert p_value(differences) == pytest.approx(2 * 4 / 100, abs=1e-15)
        assert p_value(-differences) == p_value(differences)

    def test_unknown(self):
        assert p_value(np.full(10, np.nan)) is None
        half = np.append(np.full(9, 1.0), np.full(9, np.nan))
        assert p_value(half) == pytest.approx(2 / 10, abs=1e-15)
        assert p_value(np.append(half, np.nan)) is None

    @pytest.mark.parametrize("z", [0.3, 1.0, 1.96, 2.6])
    def test_of_normal_draws_is_that_of_the_z_test(self, z):
        values = np.random.default_rng(0).normal(z, 1, 400_000)
        assert p_value(values) == pytest.approx(2 * stats.norm.sf(z), abs=0.003)


def closed_bonferroni(p):
    """The closure of Bonferroni's test, which is Holm's: the worst of all sets that hold each."""
    n = len(p)
    sets = [s for k in range(1, n + 1) for s in itertools.combinations(range(n), k)]
    return [max(min(1, len(s) * min(p[i] for i in s)) for s in sets if j in s) for j in range(n)]


class TestHolm:
    def test_worked_example(self):
        got = holm([0.01, 0.04, 0.03, 0.005])
        assert got == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)

    @pytest.mark.parametrize("seed", range(5))
    def test_is_the_closure_of_bonferroni(self, seed):
        p = np.round(np.random.default_rng(seed).beta(0.4, 2, 8), 2).tolist()
        assert holm(p) == pytest.approx(closed_bonferroni(p), abs=1e-15)

    def test_small_families(self):
        assert holm([]) == []
        assert holm([0.2]) == [0.2]
        assert holm([0.7, 0.8]) == [1, 1]

    def test_unknown_stay_unknown_and_do_not_count(self):
        assert holm([0.02, None, 0.01, None]) == [0.02, None, 0.02, None]
        assert holm([None]) == [None]


class TestCorrectedResampledT:
    def test_worked_by_hand(self):
        # mean 0.03, variance 0.00025, five folds of a fifth: 0.00025 (1/5 + 1/4) = 0.0001125
        got = corrected_resampled_t(np.array([0.01, 0.02, 0.03, 0.04, 0.05]), 1 / 4)
        # 0.03 / sqrt(0.0001125) = sqrt(8); Student's distribution with 4 degrees has a closed form
        p = 2 * (1 / 2 - 3 / 8 * np.sqrt(8 / 3) * (1 - 1 / 12 * 8 / 3))
        reach = 2.7764451051977987 * np.sqrt(0.0001125)
        expected = {"mean": 0.03, "t": np.sqrt(8), "df": 4, "p": p}
        expected |= {"ci_low": 0.03 - reach, "ci_high": 0.03 + reach}
        assert got == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("n", [2, 5, 30])
    def test_without_correction_is_the_paired_t_test(self, n):
        rng = np.random.default_rng(n)
        one, other = rng.normal(0.5, 0.1, n), rng.normal(0.45, 0.1, n)
        got = corrected_resampled_t(one - other, 0)
        expected = stats.ttest_rel(one, other)
        assert got["t"] == pytest.approx(expected.statistic, rel=1e-12)
        assert got["p"] == pytest.approx(expected.pvalue, rel=1e-10)
        limits = expected.confidence_interval(0.95)
        assert (got["ci_low"], got["ci_high"]) == pytest.approx(
            (limits.low, limits.high), rel=1e-10
        )

    @pytest.mark.parametrize("ratio", [1 / 9, 1 / 4, 1])
    def test_shrinks_t_by_the_published_factor(self, ratio):
        differences = np.random.default_rng(0).normal(0.02, 0.03, 10)
        plain, corrected = (corrected_resampled_t(differences, r) for r in (0, ratio))
        assert plain["t"] / corrected["t"] == pytest.approx(np.sqrt(1 + 10 * ratio), rel=1e-12)
        assert corrected["p"] > plain["p"]

    def test_no_spread(self):
        assert corrected_resampled_t(np.zeros(5), 0.25)["p"] == 1
        got = corrected_resampled_t(np.full(4, -0.5), 0.25)
        assert got["p"] == 0 and got["t"] == -np.inf
        assert got["ci_low"] == got["ci_high"] == -0.5
