"""Scores of a fit's ratings and probabilities against scikit-learn's and statsmodels'."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from auscultation.metrics.recalibration import LIMIT
from auscultation.scores.intervals import of_error, of_number, of_share
from auscultation.scores.probabilities import PROBABILITIES, probability_scores
from auscultation.scores.tables import to_table
from rated import DIAGNOSES, rated, without

KINDS = {
    "auc": of_share,
    "average_precision": of_share,
    "brier_score": of_error,
    "calibration_slope": of_number,
    "calibration_intercept": of_number,
}


def by_library(tested, side):
    """Every score of a side, by these libraries."""
    y, rating, fold = side.positive, side.rating, tested.fold
    folds = [fold == k for k in np.unique(fold)]
    folds = [k for k in folds if 0 < y[k].sum() < k.sum()]
    areas = [roc_auc_score(y[k], rating[k]) for k in folds]
    precisions = [average_precision_score(y[k], rating[k]) for k in folds]
    p = np.clip(rating, LIMIT, 1 - LIMIT)
    logit, binomial = np.log(p / (1 - p)), sm.families.Binomial()
    line = sm.GLM(y.astype(float), sm.add_constant(logit), family=binomial)
    large = sm.GLM(y.astype(float), np.ones(len(y)), family=binomial, offset=logit)
    return {
        "auc": np.average(areas, weights=[y[k].sum() * (~y[k]).sum() for k in folds]),
        "average_precision": np.average(precisions, weights=[y[k].sum() for k in folds]),
        "brier_score": brier_score_loss(y, rating),
        "calibration_slope": line.fit(tol=1e-12).params[1],
        "calibration_intercept": large.fit(tol=1e-12).params[0],
    }


def by_metric(tested, side):
    return {row["metric"]: row for row in probability_scores(tested) if row["positive"] == side}


@pytest.mark.parametrize("drawn", [{}, {"decimals": 1}, {"repeats": 2}], ids=["", "0 and 1", "2"])
def test_are_the_libraries(drawn):
    tested = rated(n=1200, patients=30, **drawn)
    for side in tested.sides():
        got = by_metric(tested, side.name)
        assert {k: row["value"] for k, row in got.items()} == pytest.approx(
            by_library(tested, side), abs=1e-8
        )


def test_intervals_are_those_of_leaving_each_patient_out():
    tested = rated(n=2000, patients=25)
    side = tested.sides()[0]
    left = [by_library(t, t.sides()[0]) for t in (without(tested, i) for i in range(25))]
    for metric, row in by_metric(tested, side.name).items():
        values = np.array([other[metric] for other in left])
        expected = KINDS[metric](row["value"], values, side.fewest(tested.patient))
        # slope and intercept are one step towards their refits
        near = 0.04 if "calibration" in metric else 1e-6
        width = expected.ci_high - expected.ci_low
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected[2:4], abs=near * width)


def test_counts():
    tested = rated(n=200, repeats=3)
    for side, name in ((0, "abnormal"), (2, "wheezes")):
        row = by_metric(tested, name)["auc"]
        n_positive = tested.sides()[side].positive.sum() // 3
        assert (row["n_cycles"], row["n_positive"], row["n_patients"]) == (200, n_positive, 20)


def test_a_constant_of_each_fold_has_no_slope():
    tested = rated(n=500)
    shares = np.array([[0.5, 0.2, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.6, 0.2, 0.1, 0.1]])
    tested = tested._replace(p=shares[tested.fold % 3])
    got = by_metric(tested, "abnormal")
    assert got["calibration_slope"]["value"] is got["calibration_slope"]["ci_low"] is None
    assert got["auc"]["value"] == 0.5 and got["calibration_intercept"]["value"] is not None


def test_ratings_that_are_no_probabilities_have_two_scores():
    rows = probability_scores(rated(probable=False))
    assert [(row["positive"], row["metric"]) for row in rows] == [
        ("abnormal", "auc"),
        ("abnormal", "average_precision"),
    ]


def test_of_classes_without_order_each_is_a_side():
    rows = probability_scores(rated(target=DIAGNOSES))
    assert list(dict.fromkeys(row["positive"] for row in rows)) == ["Healthy", "COPD", "URTI"]
    assert to_table(rows, PROBABILITIES).num_rows == 15


def test_a_side_that_no_cycle_is_of_has_a_brier_score_only():
    tested = rated()
    tested = tested._replace(true=np.where(tested.true == 3, 0, tested.true))
    for metric, row in by_metric(tested, "both").items():
        assert (row["value"] is not None) == (metric == "brier_score")


def test_one_patient_has_no_intervals():
    for row in probability_scores(rated(patients=1, folds=1)):
        assert row["value"] is not None and row["ci_low"] is row["ci_high"] is None
