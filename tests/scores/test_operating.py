"""Operating points: thresholds by brute force over roc_curve, scores by scikit-learn."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score, roc_curve

from auscultation.data.target import CLASSES, Target
from auscultation.scores.intervals import of_share
from auscultation.scores.operating import inner_of, operating_scores
from auscultation.scores.tested import Tested

ABNORMAL = Target("abnormal", CLASSES["abnormal"])
GOALS = [{"sensitivity": 0.9}, {"specificity": 0.8}, {"sensitivity": 0.5}]


def fit_of(algorithm="logistic_regression"):
    return {"model": "mine", "algorithm": algorithm, "split": "patient"}


def predicted(random, part, patients, fold, target=Target(), n=200, digits=2):
    """Predictions of one part: probabilities that say something, rounded so that some are equal."""
    k = len(target.classes)
    true = random.integers(0, k, n)
    p = random.dirichlet(np.ones(k), n) + 0.4 * np.eye(k)[true]
    p = np.round(p / p.sum(1)[:, None], digits)
    columns = {
        "cycle": np.arange(n) + 1000 * fold,
        "patient_ID": random.choice(patients, n),
        "fold": np.full(n, fold),
        "part": [part] * n,
        target.name: true,
        "prediction": p.argmax(1).astype(float),
        **{f"p{j}": p[:, j] for j in range(k)},
    }
    return pa.table(columns).replace_schema_metadata(target.to_metadata())


def both(seed, target=Target(), folds=3):
    """Predictions of a test part, and of the inner folds of its training parts."""
    random = np.random.default_rng(seed)
    own = [np.arange(101 + 8 * k, 109 + 8 * k) for k in range(folds)]
    test = [predicted(random, "test", own[k], k, target) for k in range(folds)]
    inner = [
        predicted(random, "inner", np.concatenate(own[:k] + own[k + 1 :]), k, target)
        for k in range(folds)
    ]
    return Tested.of(pa.concat_tables(test), fit_of()), pa.concat_tables(inner)


def by_roc(true, rating, goal):
    """The threshold of roc_curve that reaches the goal, and the shares reached there."""
    false, right, thresholds = roc_curve(true, rating, drop_intermediate=False)
    ((name, wanted),) = goal.items()
    if name == "sensitivity":
        at = np.flatnonzero(right >= wanted - 1e-12)[0]
    else:
        at = np.flatnonzero(1 - false >= wanted - 1e-12)[-1]
    return thresholds[at], right[at], 1 - false[at]


def values(rows):
    assert len({row["metric"] for row in rows}) == len(rows)
    return {row["metric"]: row["value"] for row in rows}


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("target", [Target(), ABNORMAL])
@pytest.mark.parametrize("seed", range(3))
def test_thresholds_are_those_of_the_roc_curve_and_scores_those_of_scikit_learn(goal, target, seed):
    tested, inner = both(seed, target)
    rows = operating_scores(tested, inner, goal)
    points, called = [], np.zeros(len(tested.true), bool)
    for fold in range(3):
        own = inner.filter(pa.array(inner["fold"].to_numpy() == fold))
        rating = 1 - own["p0"].to_numpy()
        points.append(by_roc(own[target.name].to_numpy() != 0, rating, goal))
        keep = tested.fold == fold
        called[keep] = 1 - tested.p[keep, 0] >= points[-1][0]
    true, given = tested.true != 0, values(rows)
    expected = {
        "sensitivity": recall_score(true, called),
        "specificity": recall_score(~true, ~called),
        "positive_predictive_value": precision_score(true, called),
        "negative_predictive_value": precision_score(~true, ~called),
    }
    expected["balanced_accuracy"] = (expected["sensitivity"] + expected["specificity"]) / 2
    names = ("threshold", "inner_sensitivity", "inner_specificity")
    expected |= dict(zip(names, np.mean(points, axis=0), strict=True))
    if target is ABNORMAL:
        assert given == pytest.approx(expected, rel=1e-12)
        return
    classes = np.where(called, 1 + tested.p[:, 1:].argmax(1), 0)
    counts = confusion_matrix(tested.true, classes, labels=range(4))
    exact = np.diag(counts)[1:].sum() / counts[1:].sum()
    expected["icbhi_score"] = (exact + expected["specificity"]) / 2
    assert given == pytest.approx(expected, rel=1e-12)
    by_name = {row["metric"]: row for row in rows}
    for place, name in enumerate(names):
        own = [point[place] for point in points]
        ends = by_name[name]["ci_low"], by_name[name]["ci_high"]
        assert ends == pytest.approx((min(own), max(own)))


def test_intervals_leave_out_each_patient_with_all_cycles():
    tested, inner = both(4)
    rows = {row["metric"]: row for row in operating_scores(tested, inner, {"sensitivity": 0.9})}
    thresholds = [
        by_roc(own.true != 0, 1 - own.p[:, 0], {"sensitivity": 0.9})[0]
        for own in (inner_of(inner, fit_of(), fold) for fold in range(3))
    ]
    called = 1 - tested.p[:, 0] >= np.array(thresholds)[tested.fold]
    true = tested.true != 0
    without = []
    for patient in range(len(tested.ids)):
        keep = tested.patient != patient
        without.append(precision_score(true[keep], called[keep]))
    name = "positive_predictive_value"
    error = of_share(precision_score(true, called), np.array(without), len(tested.ids))
    assert rows[name]["ci_low"] == pytest.approx(error.ci_low)
    assert rows[name]["ci_high"] == pytest.approx(error.ci_high)
    assert rows[name]["n_patients"] == 24 and rows[name]["n_cycles"] == 600
    assert rows[name]["goal"] == "sensitivity 0.9"


def test_a_known_threshold():
    """Ten abnormal cycles rated 1 to 10, ten normal ones rated a half less: 80 % are 3 and higher."""
    random = np.random.default_rng(0)
    table = predicted(random, "inner", np.arange(4), 0, ABNORMAL, 20)
    rating = np.concatenate([np.arange(1, 11), np.arange(1, 11) - 0.5]) / 20
    for name, column in (("abnormal", np.repeat([1, 0], 10)), ("p1", rating), ("p0", 1 - rating)):
        table = table.set_column(table.column_names.index(name), name, pa.array(column))
    test = table.set_column(3, "part", pa.array(["test"] * 20))
    given = values(operating_scores(Tested.of(test, fit_of()), table, {"sensitivity": 0.8}))
    assert given["threshold"] == pytest.approx(3 / 20)
    # 0.5 to 2.5 are below
    assert given["specificity"] == given["inner_specificity"] == pytest.approx(0.3)
    given = values(operating_scores(Tested.of(test, fit_of()), table, {"specificity": 0.8}))
    assert given["threshold"] == pytest.approx(8 / 20)
    assert given["sensitivity"] == given["inner_sensitivity"] == pytest.approx(0.3)


def test_without_abnormal_side_rating_or_inner_predictions_there_is_no_point():
    tested, inner = both(5)
    goal = {"sensitivity": 0.9}
    assert operating_scores(tested, inner, goal)
    assert operating_scores(tested, None, goal) == []
    assert operating_scores(tested, inner.slice(0, 0), goal) == []
    lacking = inner.filter(pa.array(inner["fold"].to_numpy() != 1))
    assert operating_scores(tested, lacking, goal) == []
    one_sided = inner.filter(
        pa.array((inner["fold"].to_numpy() != 1) | (inner["state"].to_numpy() > 0))
    )
    assert operating_scores(tested, one_sided, goal) == []
    assert operating_scores(tested._replace(p=None, fit=fit_of("svc")), inner, goal) == []
    names = Target("Diagnosis", ("Healthy", "COPD", "URTI"), (("Healthy",), ("COPD",), ("URTI",)))
    assert operating_scores(tested._replace(target=names), inner, goal) == []


def test_a_regressor_is_rated_by_its_number():
    tested, inner = both(6)
    for k in range(4):
        place = inner.column_names.index(f"p{k}")
        inner = inner.set_column(place, f"p{k}", pa.nulls(inner.num_rows, pa.float64()))
    number = inner["state"].to_numpy() + np.random.default_rng(0).normal(size=inner.num_rows)
    inner = inner.set_column(inner.column_names.index("prediction"), "prediction", pa.array(number))
    tested = tested._replace(p=None, fit=fit_of("lstsq"))
    given = values(operating_scores(tested, inner, {"sensitivity": 0.9}))
    expected = []
    for fold in range(3):
        keep = inner["fold"].to_numpy() == fold
        true = inner["state"].to_numpy()[keep] != 0
        expected.append(by_roc(true, number[keep], {"sensitivity": 0.9})[0])
    assert given["threshold"] == pytest.approx(np.mean(expected))
