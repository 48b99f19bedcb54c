"""Calibration slope and intercept against statsmodels, and refitted without each patient."""

import numpy as np
import pytest
import statsmodels.api as sm

from auscultation.metrics.recalibration import LIMIT, intercept, logits, slope, varies
from rated import rated


def cycles(**drawn):
    tested = rated(**drawn)
    side = tested.sides()[0]
    return logits(side.share), side.positive, tested.patient, tested.fold


def models(logit, positive):
    """Both regressions, by statsmodels."""
    binomial, y = sm.families.Binomial(), positive.astype(float)
    line = sm.GLM(y, sm.add_constant(logit), family=binomial)
    return line, sm.GLM(y, np.ones(len(y)), family=binomial, offset=logit)


@pytest.mark.parametrize("seed", range(3))
def test_are_statsmodels(seed):
    logit, positive, patient, _ = cycles(n=1500, seed=seed)
    for of, model in zip((slope, intercept), models(logit, positive), strict=True):
        expected = model.fit(tol=1e-12).params[-1]
        assert of(logit, positive, patient).value == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("seed", range(2))
def test_without_each_patient_are_nearly_those_of_refitting(seed):
    logit, positive, patient, _ = cycles(n=1500, patients=25, seed=seed)
    for k, of in enumerate((slope, intercept)):
        got = of(logit, positive, patient)
        refitted = []
        for number in range(25):
            rows = patient != number
            refitted.append(models(logit[rows], positive[rows])[k].fit().params[-1])
        change = np.array(refitted) - got.value
        assert np.abs(change).max() > 0.005
        assert got.without - got.value == pytest.approx(change, abs=0.04 * np.abs(change).max())
        assert np.std(got.without) == pytest.approx(np.std(refitted), rel=0.02)


def test_error_is_nearly_the_cluster_robust_one():
    logit, positive, patient, _ = cycles(n=8000, patients=150)
    for of, model in zip((slope, intercept), models(logit, positive), strict=True):
        robust = model.fit(cov_type="cluster", cov_kwds={"groups": patient}).bse[-1]
        without = of(logit, positive, patient).without
        error = np.sqrt(149 / 150 * ((without - without.mean()) ** 2).sum())
        assert error == pytest.approx(robust, rel=0.03)
        assert error > 1.03 * model.fit().bse[-1]  # cycles of a patient are no news


def test_of_calibrated_probabilities():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1.5, 100_000)
    positive, patient = rng.random(len(logit)) < 1 / (1 + np.exp(-logit)), np.arange(100_000) % 50
    assert slope(logit, positive, patient).value == pytest.approx(1, abs=0.03)
    assert slope(2 * logit, positive, patient).value == pytest.approx(0.5, abs=0.02)
    assert intercept(logit, positive, patient).value == pytest.approx(0, abs=0.03)
    assert intercept(logit - 0.7, positive, patient).value == pytest.approx(0.7, abs=0.03)


def test_probabilities_are_clipped():
    assert logits(np.array([0, LIMIT / 2, LIMIT, 0.5, 1])) == pytest.approx(
        np.log(LIMIT / (1 - LIMIT)) * np.array([1, 1, 1, 0, -1]), abs=1e-12
    )


class TestNoSlope:
    NUMBER = np.arange(40)

    def test_where_classes_are_separate(self):
        logit = np.linspace(-2, 2, 40)
        assert np.isnan(slope(logit, logit > 0, self.NUMBER % 5).value)
        assert np.isnan(slope(-logit, logit > 0, self.NUMBER % 5).value)
        assert np.isfinite(intercept(logit, logit > 0, self.NUMBER % 5).value)

    def test_where_they_only_touch(self):
        logit = np.repeat([-1.0, 0, 1], (18, 4, 18))
        positive = (logit > 0) | ((logit == 0) & (self.NUMBER % 2 == 0))
        assert np.isnan(slope(logit, positive, self.NUMBER % 5).value)

    @pytest.mark.parametrize("positive", [np.zeros(40, bool), np.ones(40, bool)])
    def test_with_one_class(self, positive):
        for of in (slope, intercept):
            got = of(np.linspace(-2, 2, 40), positive, self.NUMBER % 5)
            assert np.isnan(got.value) and np.isnan(got.without).all()

    def test_of_equal_logits(self):
        got = slope(np.full(40, 0.3), self.NUMBER % 3 == 0, self.NUMBER % 5)
        assert np.isnan(got.value)

    def test_without_the_patient_who_has_all_cycles_that_differ(self):
        logit = np.where(self.NUMBER % 5 == 0, np.sin(self.NUMBER), 0.4)
        got = slope(logit, self.NUMBER % 3 == 0, self.NUMBER % 5)
        assert np.isfinite(got.value)
        assert np.isnan(got.without).tolist() == [True, False, False, False, False]


def test_variation_is_inside_folds():
    fold = np.arange(30) % 3
    assert not varies(fold / 7, fold) and not varies(fold / 7 + 1e-12 * np.arange(30), fold)
    assert varies(fold / 7 + (np.arange(30) == 5), fold)
