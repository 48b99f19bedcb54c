"""What a model loses where features are permuted, against closed forms, scikit-learn and counting."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from auscultation.data.target import STATES, Target
from auscultation.scores.feature_groups import FeatureGroup, correlated
from auscultation.scores.importance import (
    ALONE,
    IMPORTANCE,
    importance_rows,
    losses,
    values_of,
    without_table,
)
from auscultation.scores.intervals import of_difference
from cohorts import area, mean_area, only
from permutable import FIT, cycles, examined, linear, number, squared_error

SINGLE = [FeatureGroup(f"x{k}", (f"x{k}",)) for k in range(3)]
AREA = "auc_abnormal_between_patients"


def lost(of, groups, repeats=5, seed=0, **more):
    """The losses of groups by (group, metric)."""
    worth = losses(of, groups, repeats, seed, **more)
    return {(one.group.name, one.metric): one.before.value - one.after.value for one in worth}


class TestTruth:
    def test_squared_error_rises_by_twice_the_variance_that_a_feature_brings(self):
        """Also where most of the feature's variance lies between patients."""
        rng = np.random.default_rng(0)
        patient = cycles(rng, 3000, 4)
        x1 = 1.5 * rng.normal(size=3000)[patient - 101] + rng.normal(size=len(patient))
        x2, a, b = rng.normal(size=len(patient)), 0.8, -0.5
        y = a * x1 + b * x2 + rng.normal(size=len(patient))
        of = examined(number([a, b]), np.column_stack([x1, x2]), patient, (y > 0).astype(int))
        found = lost(of, SINGLE[:2], 4, values=squared_error(y))
        assert -found["x0", "mse"] == pytest.approx(2 * a**2 * (1.5**2 + 1), rel=0.04)
        assert -found["x1", "mse"] == pytest.approx(2 * b**2, rel=0.04)

    def test_auc_falls_to_that_of_a_model_with_the_value_of_another(self):
        """Binormal: the sum of two features, one of which is that of a cycle of any class."""
        rng = np.random.default_rng(1)
        patient, share, shifts = cycles(rng, 1200, 5), 0.3, np.array([1.0, 0.6, 0.0])
        true = (rng.random(len(patient)) < share).astype(int)
        X = rng.normal(size=(len(true), 3)) + true[:, None] * shifts
        of = examined(linear([1, 1, 0]), X, patient, true)
        whole = norm.cdf(1.6 / 2)
        mixed = share * (1 - share)
        weights = ((-1, mixed), (0, 1 - 2 * mixed), (1, mixed))
        found = lost(of, SINGLE)
        for name, own, rest in (("x0", 1.0, 0.6), ("x1", 0.6, 1.0)):
            after = sum(w * norm.cdf((rest + k * own) / 2) for k, w in weights)
            assert found[name, AREA] == pytest.approx(whole - after, abs=0.01)
        assert found["x2", AREA] == 0

    def test_an_irrelevant_feature_loses_nothing_beyond_its_error(self):
        rng = np.random.default_rng(2)
        patient = cycles(rng, 80, 12)
        true = (rng.random(len(patient)) < 0.4).astype(int)
        X = rng.normal(size=(len(true), 2)) + true[:, None] * [1, 0]
        fitted = LogisticRegression().fit(X, true)
        of = examined(lambda M: (fitted.predict(M), fitted.predict_proba(M)), X, patient, true)
        rows = importance_rows(of, [*losses(of, SINGLE[:2], 20, 0)], 20)
        kept, noise = (only(rows, group=name, metric=AREA) for name in ("x0", "x1"))
        assert kept["ci_low"] > 0.1 and kept["p_holm"] < 1e-6
        assert abs(noise["loss"]) < 0.005 and noise["ci_low"] < 0.002


class Linear(ClassifierMixin, RegressorMixin, BaseEstimator):
    """The same model for scikit-learn."""

    def __init__(self, weights=(1, 1, 0)):
        self.weights, self.classes_ = weights, np.array([0, 1])

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X @ np.asarray(self.weights, dtype=float)

    decision_function = predict


def test_patients_of_one_cycle_are_permuted_as_by_scikit_learn():
    """But for its draws in which a cycle keeps its own value, one in n."""
    rng = np.random.default_rng(3)
    n = 150
    true = (rng.random(n) < 0.5).astype(int)
    X = rng.normal(size=(n, 3)) + true[:, None] * [1, 0.5, 0]
    y = X @ [1, 1, 0] + rng.normal(size=n)
    theirs = {
        name: permutation_importance(
            Linear(), X, values, scoring=score, n_repeats=200, random_state=0
        ).importances
        for name, values, score in (
            ("mse", y, "neg_mean_squared_error"),
            (AREA, true, "roc_auc"),
        )
    }
    of = examined(number([1, 1, 0]), X, np.arange(n), true, fit=FIT | {"algorithm": "lstsq"})
    ours = lost(of, SINGLE, n - 1) | lost(of, SINGLE, n - 1, values=squared_error(y))
    for k, group in enumerate(SINGLE):
        for name, sign in (("mse", -1), (AREA, 1)):
            drawn = theirs[name][k]
            error = drawn.std() / np.sqrt(len(drawn))
            scaled = sign * ours[group.name, name] * (n - 1) / n
            assert scaled == pytest.approx(drawn.mean(), abs=3 * error + 1e-12), (group, name)


def test_correlated_copies_are_permuted_together():
    """So that a model that uses both loses as much as one that uses the first twice."""
    rng = np.random.default_rng(4)
    patient = cycles(rng, 60, 8)
    true = (rng.random(len(patient)) < 0.5).astype(int)
    x = rng.normal(size=len(patient)) + true
    X = np.column_stack([x, x**3, rng.normal(size=len(x))])
    names = ("x0", "x1", "x2")
    groups = correlated(dict(zip(names, X.T, strict=True)), names, 1.0)
    assert groups == [("x0 + x1", ("x0", "x1")), ("x2", ("x2",))]
    both = lost(examined(linear([1, 1, 1]), X, patient, true), groups)
    X[:, 1] = 0

    def doubled(M):
        return linear([1, 1, 1])(np.column_stack([M[:, 0], M[:, 0] ** 3, M[:, 2]]))

    once = lost(examined(doubled, X, patient, true), SINGLE)
    assert both["x0 + x1", AREA] == once["x0", AREA] > 0.1
    apart = lost(examined(linear([1, 1, 1]), X, patient, true), SINGLE)
    assert apart["x0", AREA] < both["x0 + x1", AREA]


def four_states(seed=5, n_patients=14):
    """Cycles of four states in three folds, repeated, with a model of three features."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients) + 101, rng.integers(3, 9, n_patients))
    true = rng.choice(4, len(patient), p=(0.4, 0.3, 0.2, 0.1))
    X = rng.normal(size=(len(true), 3)) + np.eye(4)[true][:, :3]
    patient, true, X = (np.concatenate([values, values]) for values in (patient, true, X))
    fold = patient % 3 + 3 * (np.arange(len(true)) >= len(true) // 2)

    def predict(M):
        p = np.exp(np.column_stack([M, np.zeros(len(M))]))
        p /= p.sum(1, keepdims=True)
        return p.argmax(1).astype(float), p

    return examined(predict, X, patient, true, fold, target=Target("state", STATES))


class TestValues:
    def test_are_those_of_counting(self):
        tested = four_states().tested
        values = values_of(tested)
        assert [*values] == ["auc_ovr_between_patients", "icbhi_score"]
        counted = mean_area(tested.p, tested.true, tested.fold, apart=tested.patient)
        assert values["auc_ovr_between_patients"].value == pytest.approx(counted, abs=1e-12)
        normal = tested.true == 0
        hit = tested.prediction == tested.true
        score = (hit[normal].mean() + hit[~normal].mean()) / 2
        assert values["icbhi_score"].value == pytest.approx(score, abs=1e-12)

    @pytest.mark.parametrize("algorithm", ["svr", "svc"])
    def test_without_probabilities_rate_by_number_or_class(self, algorithm):
        rng = np.random.default_rng(6)
        patient, X = cycles(rng, 10, 5), rng.normal(size=(50, 3))
        true = rng.integers(0, 2, 50)
        predict = number([1, 0, 0]) if algorithm == "svr" else (lambda M: linear([1, 0, 0])(M)[0])
        model = predict if algorithm == "svr" else (lambda M: (predict(M), None))
        of = examined(model, X, patient, true, fit=FIT | {"algorithm": algorithm})
        rating = X[:, 0] if algorithm == "svr" else (X[:, 0] > 0).astype(float)
        values = values_of(of.tested)
        assert [*values] == [AREA, "balanced_accuracy"]
        counted = area(rating, true == 1, apart=patient)
        assert values[AREA].value == pytest.approx(counted, abs=1e-12)
        called = np.clip(np.rint(of.tested.prediction), 0, 1)
        score = balanced_accuracy_score(true, called)
        assert values["balanced_accuracy"].value == pytest.approx(score, abs=1e-12)


def test_interval_is_the_jackknife_of_scoring_without_each_patient():
    """Counted by leaving the patient's rows out of what was predicted before and after."""
    of = four_states()
    tested, repeats = of.tested, 3
    drawn = []

    def spy(examined):
        drawn.append(examined)
        return values_of(examined)

    worth = [*losses(of, SINGLE[:1], repeats, 0, spy)]
    assert len(drawn) == 1 + repeats
    left = []
    for k in range(len(tested.ids)):
        rows = tested.patient != k
        values = [
            mean_area(t.p[rows], t.true[rows], t.fold[rows], apart=t.patient[rows]) for t in drawn
        ]
        left.append(values[0] - np.mean(values[1:]))
    table = without_table(tested, worth, pa.int64())
    own = table.filter(pa.compute.equal(table["metric"], "auc_ovr_between_patients"))
    assert own["patient_ID"].to_pylist() == tested.ids.tolist()
    np.testing.assert_allclose(own["loss"].to_numpy(), left, atol=1e-12)
    row = only(importance_rows(of, worth, repeats), metric="auc_ovr_between_patients")
    assert set(row) == set(IMPORTANCE.names)
    side = own["side"][0].as_py()
    error = of_difference(row["loss"], np.array(left), side)
    found = [row[name] for name in ("ci_low", "ci_high", "p")]
    np.testing.assert_allclose(found, error[2:], rtol=1e-9)
    assert row["loss"] == row["value"] - row["permuted"]


def test_rows_are_corrected_for_groups_and_the_greatest_loss_is_first():
    of = four_states()
    rows = importance_rows(of, [*losses(of, SINGLE, 2, 0)], 2)
    for metric in ("auc_ovr_between_patients", "icbhi_score"):
        own = [row for row in rows if row["metric"] == metric]
        assert [row["loss"] for row in own] == sorted((r["loss"] for r in own), reverse=True)
        smallest = min(own, key=lambda row: row["p"])
        assert smallest["p_holm"] == pytest.approx(min(1, 3 * smallest["p"]))


class TestOnePatientInAFold:
    @staticmethod
    def made(fold_of):
        rng = np.random.default_rng(7)
        patient = cycles(rng, 8, 6)
        true = rng.integers(0, 2, len(patient))
        X = rng.normal(size=(len(true), 3)) + true[:, None]
        return examined(linear([1, 1, 1]), X, patient, true, fold_of(patient))

    def test_nothing_can_be_permuted(self):
        of = self.made(lambda patient: patient - 101)
        rows = importance_rows(of, [*losses(of, SINGLE, 2, 0)], 2)
        assert len(rows) == 6
        assert {(row["permuted"], row["loss"], row["p"], row["note"]) for row in rows} == {
            (None, None, None, ALONE)
        }

    def test_such_folds_are_left_out(self):
        of = self.made(lambda patient: np.where(patient == 101, 0, 1 + patient % 2))
        assert of.tested.ids.tolist() == [*range(102, 109)]
        assert of.note == "without 1 of 3 folds, which test on one patient"
        rest = np.unique(of.tested.patient)
        assert rest.tolist() == [*range(7)] and len(of.folds) == 2
        assert sum(len(fold.X) for fold in of.folds) == len(of.tested.true)
        assert lost(of, SINGLE, 2)["x0", AREA] > 0


def test_a_feature_that_a_fold_does_not_use_costs_nothing_there():
    of = four_states()
    folds = [fold._replace(features=("x0", "x1", "other")) for fold in of.folds]
    found = lost(of._replace(folds=folds), SINGLE, 2)
    assert found["x2", "icbhi_score"] == 0 < found["x0", "icbhi_score"]
