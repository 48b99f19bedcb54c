"""Intervals over patients, p values and their corrections, against direct or published results."""

import itertools

import numpy as np
import pytest
from scipy import stats

from auscultation.metrics.classes import group_sums, metrics
from auscultation.scores.intervals import (
    Estimate,
    corrected_resampled_t,
    detectable,
    holm,
    of_difference,
    of_number,
    of_share,
    quantile,
    share_interval,
    spread,
)
from cohorts import class_scores


def means_without(values):
    """The mean without each of the values: patients with one cycle each."""
    return (values.sum() - values) / (len(values) - 1)


@pytest.fixture(params=[0, 1, 2], ids="seed {}".format)
def gaps(request):
    """Differences of twelve patients."""
    return np.random.default_rng(request.param).normal(0.1, 0.2, 12)


class TestStandardError:
    def test_of_a_mean_is_that_of_the_textbook(self, gaps):
        se, _ = spread(means_without(gaps), 12)
        assert se == pytest.approx(stats.sem(gaps), rel=1e-12)

    def test_of_the_icbhi_score_is_that_of_leaving_rows_out(self):
        rng = np.random.default_rng(0)
        patient = np.repeat(np.arange(25), rng.integers(1, 40, 25))
        state = rng.choice(4, len(patient), p=[0.5, 0.3, 0.15, 0.05])
        said = np.where(rng.random(len(state)) < 0.4, state, rng.normal(1, 1, len(state)))
        sums = group_sums(state, said, patient, 25)
        without = metrics(sums.sum(0) - sums)
        for name, values in without.items():
            expected = [
                class_scores(state[patient != i], said[patient != i])[name] for i in range(25)
            ]
            assert values.tolist() == pytest.approx(expected, abs=1e-12), name
            expected = np.sqrt(24 / 25 * np.sum((np.array(expected) - np.mean(expected)) ** 2))
            assert spread(values, 25)[0] == pytest.approx(expected, rel=1e-9), name

    def test_weighs_patients_by_what_they_change(self):
        """Cycles of one patient are no news: each of them ten times leaves the error as it is."""
        rng = np.random.default_rng(3)
        state, said = rng.integers(0, 4, 40), rng.integers(0, 4, 40).astype(float)
        patient = np.arange(40) // 2
        errors = []
        for times in (1, 10):
            rows = np.repeat(np.arange(40), times)
            sums = group_sums(state[rows], said[rows], patient[rows], 20)
            errors.append(spread(metrics(sums.sum(0) - sums)["accuracy"], 20)[0])
        assert errors[0] == pytest.approx(errors[1], rel=1e-12)


class TestDegreesOfFreedom:
    """Of a value: 3 R - 2, with R = sum(d^2)^2 / sum(d^4), and at most one less than the side."""

    def test_are_those_of_the_side_where_all_patients_carry_the_value(self):
        without = np.tile([0.4, 0.6], 10)  # R is 20
        assert [spread(without, side)[1] for side in (20, 7, 2)] == [19, 6, 1]

    def test_are_few_where_few_carry_it(self):
        # the d are 8, -1, ... -1 over nine patients: R = (64 + 8)^2 / (4096 + 8)
        without = 0.5 + 0.01 * np.array([8, *[-1] * 8])
        assert spread(without, 9)[1] == pytest.approx(3 * 72**2 / 4104 - 2, rel=1e-9)
        # of one hundred patients one alone counts; the d are 0.99, -0.01, ... -0.01
        ratio = 0.99**2 / (0.99**4 + 99 * 0.01**4)
        assert spread(np.array([1.0] + [0] * 99), 100)[1] == pytest.approx(3 * ratio - 2, rel=1e-9)

    def test_are_never_below_one(self):
        assert spread(np.array([1.0] + [0] * 10**5), 10**5)[1] == pytest.approx(1, abs=1e-4)

    @pytest.mark.parametrize("n", [30, 100])
    def test_of_normal_patients_are_one_less_than_these(self, n):
        """On average, and about: nothing cuts them here."""
        drawn = np.random.default_rng(n).normal(0, 1, (4000, n))
        found = [spread(row, 1000)[1] for row in drawn]
        assert np.mean(found) == pytest.approx(n - 1, rel=0.1)


class TestDifference:
    def test_is_students_t_test_of_equal_patients(self, gaps):
        got = of_difference(gaps.mean(), means_without(gaps), 12)
        expected = stats.ttest_1samp(gaps, 0)
        assert got.p == pytest.approx(expected.pvalue, rel=1e-10) and got.df == 11
        limits = expected.confidence_interval(0.95)
        assert (got.ci_low, got.ci_high) == pytest.approx((limits.low, limits.high), rel=1e-10)

    def test_counts_the_patients_of_the_rarer_side(self, gaps):
        got = of_difference(gaps.mean(), means_without(gaps), 5)
        t = gaps.mean() / stats.sem(gaps)
        assert got.df == 4 and got.p == pytest.approx(2 * stats.t.sf(abs(t), 4), rel=1e-10)

    def test_without_spread(self):
        same = np.full(10, 0.2)
        assert of_difference(0.0, 0 * same, 10) == Estimate(0, 9, 0, 0, 1)
        # as a coin that falls on one side for each patient
        assert of_difference(0.2, same, 10) == Estimate(0, 9, 0.2, 0.2, 2 / 2**10)
        assert of_difference(0.2, same + 1e-16 * np.arange(10), 10).se == 0


class TestNumber:
    def test_interval(self):
        values = np.random.default_rng(0).uniform(0.5, 1.5, 40)
        got = of_number(values.mean(), means_without(values), 40)
        reach = stats.t.ppf(0.975, got.df) * stats.sem(values)
        ends = (values.mean() - reach, values.mean() + reach)
        assert (got.ci_low, got.ci_high) == pytest.approx(ends, rel=1e-10)
        assert 30 < got.df <= 39 and got.p is None


class TestShare:
    WITHOUT = 0.6 + 0.01 * np.array([3, -1, -2, 1, -1, 2, -2, 0, 1, -1])

    def test_interval_is_symmetric_in_the_log_odds(self):
        se, df = spread(self.WITHOUT, 10)
        got = of_share(0.6, self.WITHOUT, 10)
        assert (got.se, got.df) == (se, df)
        odds = np.log(1.5)  # 0.6 to 0.4
        reach = stats.t.ppf(0.975, df) * se / 0.24
        ends = (np.log(end / (1 - end)) for end in (got.ci_low, got.ci_high))
        assert tuple(ends) == pytest.approx((odds - reach, odds + reach), rel=1e-10)

    @pytest.mark.parametrize("against", np.linspace(0.3, 0.8, 51).tolist())
    def test_p_says_what_the_interval_says(self, against):
        got = of_share(0.6, self.WITHOUT, 10, against)
        assert (got.p < 0.05) == (not got.ci_low <= against <= got.ci_high)

    def test_p_at_the_interval_s_end_is_the_level(self):
        ends = of_share(0.6, self.WITHOUT, 10)[2:4]
        for end in ends:
            assert of_share(0.6, self.WITHOUT, 10, end).p == pytest.approx(0.05, abs=1e-10)
        assert of_share(0.6, self.WITHOUT, 10, 0.6).p == 1

    @pytest.mark.parametrize("value", [0.001, 0.5, 0.999])
    def test_stays_between_0_and_1(self, value):
        without = np.full(12, value)
        without[0] = 0.5 if value != 0.5 else 0.9
        got = of_share(value, without, 12)
        assert 0 <= got.ci_low <= value <= got.ci_high <= 1

    def test_is_the_mirror_of_its_complement(self):
        got, other = of_share(0.6, self.WITHOUT, 10), of_share(0.4, 1 - self.WITHOUT, 10)
        assert (1 - other.ci_high, 1 - other.ci_low, other.p) == pytest.approx(
            (got.ci_low, got.ci_high, got.p), rel=1e-10
        )

    def test_that_no_patient_changes(self):
        assert of_share(0.5, np.full(9, 0.5), 9) == Estimate(0, 8, 0.5, 0.5, 1)
        assert of_share(0.7, np.full(9, 0.7), 9) == Estimate(0, 8, 0.7, 0.7, 2 / 2**9)

    def test_of_none_wrong_reaches_as_far_as_a_coin_s(self):
        """Right of nine patients of nine: the interval is Clopper's and Pearson's."""
        low, high = stats.binomtest(9, 9).proportion_ci(0.95, method="exact")
        got = of_share(1.0, np.ones(9), 9)
        assert (got.ci_low, got.ci_high, got.se) == (pytest.approx(low, abs=1e-12), high, 0)
        assert got.p == stats.binomtest(9, 9).pvalue
        none = of_share(0.0, np.zeros(9), 9)
        assert (none.ci_low, none.ci_high) == pytest.approx((0, 1 - low), abs=1e-12)

    @pytest.mark.parametrize("tests", [1, 8, 10_000])
    def test_interval_of_the_best_of_many_does_not_overflow(self, tests):
        """One patient with nearly all cycles, and a sweep of many models."""
        low, high = share_interval(0.5, 0.4, 1.0, tests)
        assert 0 <= low < 0.5 < high <= 1 and low == pytest.approx(1 - high, abs=1e-15)
        assert low == pytest.approx(0, abs=0.001)


class TestUnknown:
    ALL = pytest.mark.parametrize("of", [of_number, of_difference, of_share])

    @ALL
    def test_where_one_patient_decides_whether_there_is_a_value(self, of):
        assert of(0.4, np.array([0.4, np.nan, 0.5, 0.3]), 4) == Estimate()

    @ALL
    def test_where_there_is_no_value(self, of):
        assert of(np.nan, np.array([0.4, 0.2, 0.5]), 3) == Estimate()

    @ALL
    @pytest.mark.parametrize("side", [0, 1])
    def test_with_one_patient_on_a_side(self, of, side):
        assert of(0.4, np.array([0.4, 0.2, 0.5]), side) == Estimate()
        assert of(0.4, np.array([0.4]), side) == Estimate()


def drawn_patients(rng, n_patients):
    """Cycles of patients of whom each has own chances of being called right.

    How many cycles a patient has is independent of the chances, so that the true values are the
    means of the chances: specificity 6/8, sensitivity 2/7.
    """
    sizes = rng.integers(5, 46, n_patients)
    patient = np.repeat(np.arange(n_patients), sizes)
    state = np.where(rng.random(len(patient)) < 0.5, 0, rng.integers(1, 4, len(patient)))
    normal, abnormal = rng.beta(6, 2, n_patients), rng.beta(2, 5, n_patients)
    chance = np.where(state == 0, normal[patient], abnormal[patient])
    right = rng.random(len(patient)) < chance
    return patient, state, np.where(right, state, np.where(state == 0, 1, 0)).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [12, 40])
def test_intervals_hold_the_truth_as_often_as_they_say(n_patients):
    truth = {"specificity": 6 / 8, "sensitivity": 2 / 7, "icbhi_score": (6 / 8 + 2 / 7) / 2}
    rng = np.random.default_rng(2026)
    trials, held, of_cycles = 1000, dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for _ in range(trials):
        patient, state, said = drawn_patients(rng, n_patients)
        for counts, group in ((held, patient), (of_cycles, np.arange(len(state)))):
            n = int(group.max()) + 1
            sums = group_sums(state, said, group, n)
            without, value = metrics(sums.sum(0) - sums), metrics(sums.sum(0))
            for name, true in truth.items():
                got = of_share(float(value[name]), without[name], n)
                counts[name] += got.ci_low <= true <= got.ci_high
    for name in truth:
        assert 0.93 * trials <= held[name] <= 0.985 * trials, (name, held[name])
        assert of_cycles[name] < 0.85 * trials, (name, of_cycles[name])


class TestQuantile:
    @pytest.mark.parametrize("df", [1, 3.7, 91])
    def test_of_several_tests_is_bonferronis(self, df):
        for tests in (1, 8, 40):
            expected = stats.t.isf(0.05 / 2 / tests, df)
            assert quantile(df, tests) == pytest.approx(expected, rel=1e-9)
        assert quantile(df, level=0.6) == pytest.approx(stats.t.ppf(0.8, df), rel=1e-9)


class TestDetectable:
    @pytest.mark.parametrize("tests", [1, 8])
    @pytest.mark.parametrize("df", [1.3, 4, 9, 30, 91])
    def test_is_seen_with_the_power_of_the_t_test(self, df, tests):
        se = 1e-6  # so small that the logit is straight
        shift = (detectable(0.5, se, df, tests) - 0.5) / se
        power = stats.nct.sf(stats.t.isf(0.025 / tests, df), df, shift)
        assert power == pytest.approx(0.8, abs=1e-4)

    def test_is_seen_that_often(self):
        """A t test of patients whose mean is what is said to be seen, drawn many times."""
        rng, n, sd = np.random.default_rng(0), 25, 0.01
        mean = detectable(0.5, sd / np.sqrt(n), n - 1, 8)
        p = stats.ttest_1samp(rng.normal(mean, sd, (20_000, n)), 0.5, axis=1).pvalue
        assert (p < 0.05 / 8).mean() == pytest.approx(0.8, abs=0.01)

    def test_is_a_share(self):
        assert detectable(0.5, 0.3, 1, 8) <= 1
        assert 0.25 < detectable(0.25, 0.05, 20, 1) < detectable(0.25, 0.05, 5, 8) < 1

    def test_is_on_the_scale_of_the_test(self):
        """A share at what is said to be seen is off by its noncentrality, in standard errors."""
        found = detectable(0.25, 0.01, 20, 1)
        gap = np.log(found / (1 - found)) - np.log(0.25 / 0.75)
        shift = gap * 0.25 * 0.75 / 0.01
        assert stats.nct.sf(stats.t.isf(0.025, 20), 20, shift) == pytest.approx(0.8, abs=1e-6)


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
