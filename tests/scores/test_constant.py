"""The best constant, beside scikit-learn's scores of constants."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_squared_error

from auscultation.data.target import Target
from auscultation.scores.constant import constant
from auscultation.scores.fit_scores import AREAS
from cohorts import cohort, part_of

TARGET = Target()
DIAGNOSIS = Target("Diagnosis", ("Healthy", "COPD", "URTI"))


class TestConstant:
    """The best that can be said without looking at a cycle, metric by metric."""

    @pytest.fixture(params=[0, 1])
    def made(self, request):
        """A constant's scores, and the true classes of all, without a patient, and of a fold."""
        patient, true, fold, _ = cohort(request.param, 12)
        found = constant(part_of(patient, true, np.zeros(len(true)), fold=fold), TARGET)
        rows = [(found.values, None, true)]
        rows += [(found.without, k, true[patient != 101 + k]) for k in range(12)]
        rows += [(found.by_fold, k, true[fold == k]) for k in range(5)]
        return rows

    def check(self, made, metric, expected):
        for values, place, true in made:
            got = values[metric] if place is None else values[metric][place]
            assert float(got) == pytest.approx(expected(true), abs=1e-12)

    def test_scores_half_and_a_share_of_the_classes_and_half(self, made):
        self.check(made, "icbhi_score", lambda true: 0.5)
        self.check(made, "balanced_accuracy", lambda true: 1 / len(np.unique(true)))
        for name in AREAS:
            self.check(made, name, lambda true: 0.5)

    def test_is_right_about_the_most_frequent_class(self, made):
        self.check(made, "accuracy", lambda true: np.mean(true == 0))
        self.check(
            made, "macro_f1", lambda true: f1_score(true, np.zeros_like(true), average="macro")
        )

    def test_says_the_mean_and_the_shares(self, made):
        self.check(made, "mse", np.var)
        self.check(made, "mse_expected", np.var)
        self.check(made, "log_loss", lambda true: stats.entropy(np.bincount(true)))
        self.check(
            made, "brier_score", lambda true: 1 - np.sum((np.bincount(true) / len(true)) ** 2)
        )

    def test_none_scores_better(self, made):
        """Of a hundred constants of each kind."""
        values, _, true = made[0]
        rng = np.random.default_rng(0)
        for p in rng.dirichlet(4 * np.bincount(true) / len(true), 100):
            said = np.tile(p, (len(true), 1))
            assert log_loss(true, said) >= values["log_loss"]
            assert mean_squared_error(true, said @ np.arange(4)) >= values["mse"]
        for k in range(4):
            assert accuracy_score(true, np.full(len(true), k)) <= values["accuracy"]

    def test_of_a_class_that_is_not_there(self):
        """Three classes of four: the balanced accuracy is over these."""
        patient, true = np.repeat(np.arange(6), 4), np.tile([0, 0, 1, 3], 6)
        found = constant(part_of(patient, true, true), TARGET)
        assert found.values["balanced_accuracy"] == pytest.approx(1 / 3, abs=1e-15)
        share = np.array([0.5, 0.25, 0.25])
        assert found.values["log_loss"] == pytest.approx(-(share @ np.log(share)), abs=1e-15)

    def test_of_a_diagnosis(self):
        patient, true = np.repeat(np.arange(6), 4), np.repeat([0, 0, 1, 1, 1, 2], 4)
        found = constant(part_of(patient, true, true, target=DIAGNOSIS), DIAGNOSIS)
        assert "mse" not in found.values and "icbhi_score" not in found.values
        assert found.values["balanced_accuracy"] == pytest.approx(1 / 3, abs=1e-15)
        assert found.values["accuracy"] == 0.5
        # one patient has the third diagnosis
        assert found.without["balanced_accuracy"].tolist() == pytest.approx([1 / 3] * 5 + [1 / 2])
