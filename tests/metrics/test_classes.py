"""Every metric against scikit-learn, or its definition where scikit-learn does not have it."""

import math
import warnings

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

from auscultation.metrics.classes import group_sums, metrics, to_class
from auscultation.metrics.names import METRICS

SEEDS = range(4)
SHARES = {
    "all states": [0.53, 0.27, 0.13, 0.07],
    "no wheezes": [0.6, 0.3, 0, 0.1],
    "no normal": [0, 0.5, 0.3, 0.2],
    "two states": [0.5, 0, 0, 0.5],
}


def scores(state, prediction):
    got = metrics(group_sums(np.asarray(state), np.asarray(prediction))[0])
    assert tuple(got) == METRICS
    return {name: float(value) for name, value in got.items()}


def by_scikit_learn(state, prediction, called):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "y_pred contains classes not in y_true"
        return {
            "mse": mean_squared_error(state, prediction),
            "rmse": root_mean_squared_error(state, prediction),
            "mae": mean_absolute_error(state, prediction),
            "r2": r2_score(state, prediction),
            "accuracy": accuracy_score(state, called),
            "balanced_accuracy": balanced_accuracy_score(state, called),
            "macro_f1": f1_score(state, called, average="macro"),
        }


def by_definition(state, called):
    """Sensitivity, specificity and score as Rocha et al. 2019 define them, counted one by one."""
    normal = [c == 0 for s, c in zip(state, called, strict=True) if s == 0]
    abnormal = [c == s for s, c in zip(state, called, strict=True) if s != 0]
    sensitivity = sum(abnormal) / len(abnormal) if abnormal else math.nan
    specificity = sum(normal) / len(normal) if normal else math.nan
    return {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "icbhi_score": (sensitivity + specificity) / 2,
    }


def agree(got, expected):
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, abs=1e-12, rel=1e-12, nan_ok=True), name


class TestAgainstScikitLearn:
    @pytest.mark.parametrize("seed", SEEDS)
    @pytest.mark.parametrize("true", SHARES)
    @pytest.mark.parametrize("predicted", SHARES)
    def test_classifiers(self, seed, true, predicted):
        random = np.random.default_rng(seed)
        state = random.choice(4, 300, p=SHARES[true])
        called = random.choice(4, 300, p=SHARES[predicted])
        called = np.where(random.random(300) < 0.4, state, called)
        expected = by_scikit_learn(state, called, called) | by_definition(state, called)
        agree(scores(state, called.astype(np.float64)), expected)

    @pytest.mark.parametrize("seed", SEEDS)
    @pytest.mark.parametrize("true", SHARES)
    def test_regressors(self, seed, true):
        random = np.random.default_rng(seed)
        state = random.choice(4, 300, p=SHARES[true])
        prediction = state * 0.5 + random.normal(0.4, 1.2, 300)  # some beyond 0 and 3
        assert prediction.min() < -0.5 and prediction.max() > 3.5
        called = np.abs(prediction[:, None] - np.arange(4)).argmin(1)  # the nearest state
        expected = by_scikit_learn(state, prediction, called) | by_definition(state, called)
        agree(scores(state, prediction), expected)

    @pytest.mark.parametrize("only", range(4))
    def test_one_state_only(self, only):
        state = np.full(20, only)
        called = np.arange(20) % 4
        expected = by_scikit_learn(state, called, called) | by_definition(state, called)
        expected["r2"] = math.nan  # scikit-learn says 0 by convention
        agree(scores(state, called.astype(np.float64)), expected)

    def test_perfect_and_a_single_cycle(self):
        state = np.array([0, 1, 2, 3])
        perfect = dict.fromkeys(METRICS, 1.0) | {"mse": 0.0, "rmse": 0.0, "mae": 0.0}
        agree(scores(state, state.astype(float)), perfect)
        got = scores([1], [1.0])
        assert got["accuracy"] == got["sensitivity"] == 1.0
        assert math.isnan(got["r2"]) and math.isnan(got["specificity"])


class TestByHand:
    def test_a_few_cycles(self):
        # normal 3 of which 2 called normal; abnormal 5 of which 2 exactly right
        state = np.array([0, 0, 0, 1, 1, 2, 3, 3])
        called = np.array([0, 0, 1, 1, 2, 0, 3, 1])
        got = scores(state, called.astype(np.float64))
        assert got["specificity"] == pytest.approx(2 / 3, abs=1e-15)
        assert got["sensitivity"] == pytest.approx(2 / 5, abs=1e-15)
        assert got["icbhi_score"] == pytest.approx(8 / 15, abs=1e-15)
        assert got["accuracy"] == 0.5
        assert got["balanced_accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 0 + 1 / 2) / 4, abs=1e-15)
        # F1: 2x2/(3+3), 2x1/(2+3), 0, 2x1/(2+1)
        assert got["macro_f1"] == pytest.approx((2 / 3 + 2 / 5 + 0 + 2 / 3) / 4, abs=1e-15)
        assert got["mse"] == pytest.approx((1 + 1 + 4 + 4) / 8, abs=1e-15)
        assert got["mae"] == pytest.approx((1 + 1 + 2 + 2) / 8, abs=1e-15)

    def test_wrong_kind_of_abnormal_does_not_count(self):
        got = scores([1, 2, 3, 0], [2.0, 3.0, 1.0, 0.0])
        assert got["sensitivity"] == 0.0 and got["specificity"] == 1.0

    def test_calling_everything_normal(self):
        state = np.repeat([0, 1, 2, 3], [3642, 1864, 886, 506])
        got = scores(state, np.zeros(6898))
        assert got["icbhi_score"] == 0.5
        assert got["specificity"] == 1.0
        assert got["sensitivity"] == 0.0
        assert got["accuracy"] == 3642 / 6898
        assert got["balanced_accuracy"] == 0.25

    def test_the_notebooks_mean(self):
        state = np.repeat([0, 1, 2, 3], [3642, 1864, 886, 506])
        got = scores(state, np.full(6898, state.mean()))
        assert got["mse"] == pytest.approx(0.886, abs=5e-4)
        assert got["r2"] == pytest.approx(0, abs=1e-12)

    def test_undefined_is_nan(self):
        nothing = scores(np.array([], dtype=np.int64), np.array([]))
        assert all(math.isnan(value) for value in nothing.values())
        healthy = scores([0, 0], [0.0, 1.0])
        unknown = {name for name, value in healthy.items() if math.isnan(value)}
        assert unknown == {"r2", "sensitivity", "icbhi_score"}
        ill = scores([1, 2], [0.0, 2.0])
        unknown = {name for name, value in ill.items() if math.isnan(value)}
        assert unknown == {"specificity", "icbhi_score"}

    def test_nothing_warns(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scores(np.array([], dtype=np.int64), np.array([]))
            scores([1], [1.0])


class TestGroups:
    @pytest.fixture
    def cycles(self):
        random = np.random.default_rng(5)
        state, group = random.integers(0, 4, 400), random.integers(0, 7, 400)
        group[group == 3] = 2  # a group without cycles
        return state, random.normal(1, 1.5, 400), group

    def test_groups_add_up(self, cycles):
        state, prediction, group = cycles
        sums = group_sums(state, prediction, group, 7)
        assert sums.shape == (7, 18)
        everything = group_sums(state, prediction)
        np.testing.assert_allclose(sums.sum(0), everything[0], rtol=1e-12)
        assert sums[:, :16].sum(1).tolist() == np.bincount(group, minlength=7).tolist()
        assert not sums[3].any()

    def test_each_group_is_as_if_alone(self, cycles):
        state, prediction, group = cycles
        got = metrics(group_sums(state, prediction, group, 7))
        for g in set(group):
            alone = scores(state[group == g], prediction[group == g])
            agree({name: float(values[g]) for name, values in got.items()}, alone)
        assert all(values.shape == (7,) and np.isnan(values[3]) for values in got.values())

    def test_counting_a_group_twice_is_as_having_its_cycles_twice(self, cycles):
        state, prediction, group = cycles
        weights = np.array([2, 0, 1, 0, 3, 1, 0])
        sums = weights @ group_sums(state, prediction, group, 7)
        often = np.repeat(np.arange(400), weights[group])
        got = {name: float(value) for name, value in metrics(sums).items()}
        agree(got, scores(state[often], prediction[often]))

    def test_any_leading_shape(self, cycles):
        sums = group_sums(*cycles, 7)
        got = metrics(np.stack([sums, sums * 2])[:, None])
        flat = metrics(sums)
        for name in METRICS:
            assert got[name].shape == (2, 1, 7)
            for twice in (0, 1):  # as a mean, no metric changes where every cycle counts twice
                np.testing.assert_allclose(got[name][twice, 0], flat[name], rtol=1e-12)


class TestToState:
    def test_nearest_state_clipped(self):
        raw = np.array([-1e9, -0.6, -0.5, 0.49, 0.51, 1.49, 1.51, 2.51, 3.0, 3.5, 17.0])
        got = to_class(raw)
        assert got.tolist() == [0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 3]
        assert got.dtype == np.int64

    def test_half_way_goes_to_the_even_state(self):
        assert to_class(np.array([0.5, 1.5, 2.5])).tolist() == [0, 2, 2]

    def test_any_shape_and_whole_numbers(self):
        assert to_class(np.array([[0, 1], [2, 5]])).tolist() == [[0, 1], [2, 3]]
        assert to_class(np.array([])).shape == (0,)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_refuses_what_is_no_number(self, bad):
        with pytest.raises(ValueError, match="not a finite number"):
            to_class(np.array([0.0, bad]))
        with pytest.raises(ValueError, match="not a finite number"):
            group_sums(np.array([0, 1]), np.array([0.0, bad]))
