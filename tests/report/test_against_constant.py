"""How models compare with the best constant: what differs, rounding, the squared error."""

import pytest

from auscultation.report.against_constant import rounding_of
from auscultation.scores.comparison import wide
from verdicts import BASELINE, STATE, forest, gap, rows, verdicts_of, words


def test_gradient_descent_beside_the_mean():
    comparison = rows("mean", "mean") + rows("descent", "gradient_descent", mse=0.865, r2=0.024)
    _, (verdict,) = verdicts_of(comparison, [gap("descent", "mse", -0.021, 0.3)])
    error = verdict.squared_error
    assert (error.model, error.error, error.shown) == ("descent", 0.865, "no")
    assert error.mean_error == pytest.approx(0.886)
    assert error.explained == pytest.approx(0.0237, abs=1e-4)
    text = words("say_squared", error, STATE)
    for number in ("descent is 0.865", "0.886", "2.4 %", "0.930", "0.941", "−0.021"):
        assert number in text
    _, (verdict,) = verdicts_of(comparison, [gap("descent", "mse", 0.02, 0.3)])
    assert verdict.squared_error.explained is None
    assert "does no better" in words("say_squared", verdict.squared_error, STATE)


@pytest.mark.parametrize(("p", "shown"), [(0.2, "not_corrected"), (0.01, "yes"), (1e-5, "yes")])
def test_a_squared_error_is_shown_to_differ_once_corrected(p, shown):
    row = gap("descent", "mse", -0.1, p) | {"ci_low": -0.15, "ci_high": -0.05}
    comparison = rows("descent", "gradient_descent", mse=0.8)
    error = verdicts_of(BASELINE + comparison, [row])[1][0].squared_error
    assert error.shown == shown
    text = words("say_squared", error, STATE)
    assert ("&lt; 0.001" if p < 0.001 else f"p = {p:.3f}") in text


def test_the_squared_error_of_probabilities_is_that_of_what_they_expect():
    comparison = rows("forest", "random_forest", mse=1.2, mse_expected=0.8)
    gaps = [gap("forest", "mse", 0.3, 0.01), gap("forest", "mse_expected", -0.1, 0.01)]
    _, (verdict,) = verdicts_of(BASELINE + comparison, gaps)
    assert (verdict.squared_error.model, verdict.squared_error.error) == ("forest", 0.8)


def test_what_differs_is_named_with_its_sign():
    """Better first, with numbers; a lower error is better; none of it without the p value."""
    models = {"forest": "random_forest", "knn": "knn", "a": "svc", "b": "svc", "c": "svc"}
    values = {"balanced_accuracy": 0.31, "mse": 0.7, "icbhi_score": 0.4}
    comparison = [*BASELINE]
    for model, algorithm in models.items():
        comparison += rows(model, algorithm, **values, auc_ovr_between_patients=0.6)
    gaps = [
        gap("forest", "balanced_accuracy", 0.06, 0.01, folds=0.2),
        gap("knn", "balanced_accuracy", 0.05, 0.06),
        gap("knn", "mse", -0.1, 0.01),
        *(gap(m, "icbhi_score", -0.1 - i / 100, 0.01) for i, m in enumerate(models)),
        gap("forest", "auc_ovr_between_patients", 0.1, 0.001),
    ]
    _, (verdict,) = verdicts_of(comparison, gaps)
    shown = [
        (row.metric, row.better, [model["model"] for model in row.models])
        for row in verdict.differing
    ]
    assert shown == [
        ("balanced_accuracy", True, ["forest"]),
        ("mse", True, ["knn"]),
        ("icbhi_score", False, ["c", "b", "a", "knn", "forest"]),
    ]
    better, squared, worse = (words("say_differing", row, STATE) for row in verdict.differing)
    assert verdict.differing[0].constant == pytest.approx(0.25)
    assert "forest (+0.060" in better and "(0.250)" in better and "not significant" in better
    assert "knn (−0.100" in squared
    assert "c, b, a and 2 more are worse" in worse


def test_a_regressor_is_not_called_worse_for_its_rounding():
    comparison = rows("svr", "svr", icbhi_score=0.286, auc_abnormal_between_patients=0.952)
    _, (verdict,) = verdicts_of(BASELINE + comparison, [gap("svr", "icbhi_score", -0.214, 0.001)])
    assert verdict.differing == []
    rounding = verdict.rounding
    assert (rounding.models, rounding.area, rounding.score) == (["svr"], 0.952, 0.286)
    text = words("say_rounding", rounding, STATE)
    assert "0.952" in text and "0.286" in text and "svr predicts a number" in text
    assert rounding_of(wide(BASELINE, "test", STATE)["patient"], STATE) is None


def test_a_regressors_number_carries_information():
    comparison = rows("svr", "svr", icbhi_score=0.286, auc_abnormal_between_patients=0.952)
    gaps = [
        gap("svr", "icbhi_score", -0.214, 0.001),
        gap("svr", "auc_abnormal_between_patients", 0.452, 0.001),
    ]
    answer, _ = verdicts_of(BASELINE + comparison, gaps)
    assert (answer["information"], answer["useful"]) == ("yes", "no")


def test_of_a_model_without_an_interval_the_squared_error_alone_is_said():
    comparison, gaps = forest()
    row = gap("forest", "mse", -0.1, None) | {"ci_low": None, "ci_high": None}
    _, (verdict,) = verdicts_of(BASELINE + comparison, [*gaps, row])
    assert verdict.squared_error.difference.low is None
    assert words("say_squared", verdict.squared_error, STATE).endswith("of the variance (R²).")
