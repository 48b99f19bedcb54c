"""Scores by group: against scikit-learn, against leaving out each patient, against the plain sums."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from auscultation.data.target import Target
from auscultation.scores.groups import age_bands, groups_of_cycles, in_order, texts_of_table
from auscultation.scores.subgroups import subgroup_scores
from auscultation.scores.tested import Tested as Examined
from cohorts import class_scores, cohort, mean_area, only, probabilities, rows_of_part

FIT = {"model": "m", "algorithm": "random_forest", "split": "patient"}
SCORE, AREA = "icbhi_score", "auc_ovr_between_patients"


def as_tested(patient, true, called, fold=None, p=None, target=None, algorithm="random_forest"):
    table = rows_of_part(patient, true, called, fold, "test", p, target)
    return Examined.of(table, FIT | {"algorithm": algorithm})


PATIENT, TRUE, FOLD, CALLED = cohort(3, 40)
P = probabilities(TRUE, 1, decimals=1)
TESTED = as_tested(PATIENT, TRUE, CALLED[0], FOLD, P)
RNG = np.random.default_rng(8)
# of a patient's cycles, most are of one device; some are not known
DEVICE = np.where(RNG.random(len(TRUE)) < 0.8, PATIENT % 3, RNG.integers(0, 3, len(TRUE)))
DEVICES = np.where(RNG.random(len(TRUE)) < 0.1, "", np.array(["a", "b", "c"])[DEVICE])
SEX = np.where(PATIENT % 2 == 0, "F", "M")
ROWS = subgroup_scores(TESTED, {"device": DEVICES, "sex": SEX})


def by_hand(metric, rows, group):
    """The metric of some rows, counted the long way; pairs are of cycles of one group."""
    if metric == SCORE:
        return class_scores(TRUE[rows], CALLED[0][rows])[SCORE]
    return mean_area(P[rows], TRUE[rows], FOLD[rows], group[rows], apart=PATIENT[rows])


def left_out(value, patients):
    """The jackknife's standard error: each patient left out once."""
    without = np.array([value(patient != PATIENT) for patient in np.unique(patients)])
    n = len(without)
    return np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()), without


@pytest.mark.parametrize("metric", [SCORE, AREA])
@pytest.mark.parametrize(("by", "texts", "group"), [("device", DEVICES, "b"), ("sex", SEX, "M")])
def test_values_and_errors_are_those_of_leaving_out_each_patient(metric, by, texts, group):
    row = only(ROWS, by=by, group=group, metric=metric)
    inside, outside = texts == group, (texts != group) & (texts != "")
    assert row["value"] == pytest.approx(by_hand(metric, inside, texts), abs=1e-12)
    assert row["n_cycles"] == inside.sum() and row["n_patients"] == len(np.unique(PATIENT[inside]))
    assert row["n_positive"] == (TRUE[inside] != 0).sum()

    se, _ = left_out(lambda rest: by_hand(metric, inside & rest, texts), PATIENT[inside])
    logit = np.log(row["value"] / (1 - row["value"]))
    reach = np.log(row["ci_high"] / (1 - row["ci_high"])) - logit
    t = reach * row["value"] * (1 - row["value"]) / se
    assert t > 1.96 and t == pytest.approx(1.96, rel=0.2)  # Student's, of some degrees of freedom

    gap = by_hand(metric, inside, texts) - by_hand(metric, outside, texts)
    se, without = left_out(
        lambda rest: by_hand(metric, inside & rest, texts) - by_hand(metric, outside & rest, texts),
        PATIENT,
    )
    squares = (without - without.mean()) ** 2
    sides = [np.unique(PATIENT[rows & (TRUE == 0)]) for rows in (inside, outside)]
    sides += [np.unique(PATIENT[rows & (TRUE != 0)]) for rows in (inside, outside)]
    df = min(min(map(len, sides)) - 1, 3 * squares.sum() ** 2 / (squares**2).sum() - 2)
    assert row["difference"] == pytest.approx(gap, abs=1e-12)
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(gap) / se, df), rel=1e-6)
    reach = stats.t.ppf(0.975, df) * se
    assert row["difference_high"] == pytest.approx(gap + reach, abs=1e-9)
    assert row["difference_low"] == pytest.approx(gap - reach, abs=1e-9)


def test_an_area_in_a_group_is_scikit_learns_where_each_patient_has_one_cycle():
    rng = np.random.default_rng(5)
    n = 400
    true, group = rng.integers(0, 2, n), rng.choice(["x", "y"], n)
    p = np.clip(0.5 + 0.1 * true + rng.normal(0, 0.2, n), 0.01, 0.99)
    target = Target("label", ("no", "yes"), (("no",), ("yes",)))
    tested = as_tested(np.arange(n), true, (p > 0.5) * 1, None, np.column_stack([1 - p, p]), target)
    rows = subgroup_scores(tested, {"place": group})
    for name in ("x", "y"):
        row = only(rows, group=name, metric="auc_abnormal_between_patients")
        own = group == name
        assert row["value"] == pytest.approx(roc_auc_score(true[own], p[own]), abs=1e-12)


def test_the_difference_of_two_groups_is_one_test_that_of_three_are_three():
    for metric in (SCORE, AREA):
        women, men = (only(ROWS, by="sex", group=sex, metric=metric) for sex in "FM")
        assert women["difference"] == pytest.approx(-men["difference"], abs=1e-12)
        assert women["p_holm"] == women["p"] == pytest.approx(men["p"])
        devices = [only(ROWS, by="device", group=name, metric=metric) for name in "abc"]
        smallest = min(devices, key=lambda row: row["p"])
        assert smallest["p_holm"] == pytest.approx(min(1, 3 * smallest["p"]))


def test_cycles_of_unknown_groups_are_counted_alone():
    row = only(ROWS, by="device", group="", metric=SCORE)
    assert row["n_cycles"] == (DEVICES == "").sum()
    assert row["value"] is None and row["difference"] is None and row["p_holm"] is None
    assert not [row for row in ROWS if row["by"] == "sex" and row["group"] == ""]


def test_no_difference_of_a_group_with_fewer_than_five_patients_of_a_side():
    small = np.where(np.isin(PATIENT, np.unique(PATIENT)[:4]), "few", "many")
    alone = np.where(PATIENT[0] == PATIENT, "one", "others")
    rows = subgroup_scores(TESTED, {"size": small, "alone": alone})
    for name in ("few", "many"):
        row = only(rows, group=name, metric=SCORE)
        assert row["value"] is not None and row["ci_low"] < row["value"] and row["p"] is None
    row = only(rows, group="one", metric=AREA)  # no pair of two patients
    assert row["value"] is None and row["ci_low"] is None and row["difference"] is None


def test_a_difference_of_balanced_accuracy_is_over_the_classes_of_both_sides():
    target = Target(
        "Diagnosis", ("Healthy", "COPD", "URTI", "LRTI"), (("a",), ("b",), ("c",), ("d",))
    )
    sex = np.where((TRUE == 3) | (PATIENT % 2 == 0), "F", "M")  # no man has the last class
    tested = as_tested(PATIENT, TRUE, CALLED[0], FOLD, P, target)
    row = only(
        subgroup_scores(tested, {"sex": sex}), by="sex", group="F", metric="balanced_accuracy"
    )
    women, men = sex == "F", sex == "M"
    assert row["value"] == pytest.approx(recalls(women, range(4)), abs=1e-12)
    gap = recalls(women, range(3)) - recalls(men, range(3))
    assert row["difference"] == pytest.approx(gap, abs=1e-12)


def recalls(rows, classes):
    """The mean of the recalls of some classes."""
    return np.mean([(CALLED[0][rows & (k == TRUE)] == k).mean() for k in classes])


@pytest.mark.parametrize(("algorithm", "metric"), [("svr", 1.0), ("linear_svc", 0.0)])
def test_models_without_probabilities_are_rated_by_their_number_or_class(algorithm, metric):
    number = TRUE + np.random.default_rng(2).normal(0, 1, len(TRUE))
    tested = as_tested(PATIENT, TRUE, number if metric else CALLED[0], FOLD, algorithm=algorithm)
    row = only(
        subgroup_scores(tested, {"sex": SEX}), group="F", metric="auc_abnormal_between_patients"
    )
    rating = number if metric else (CALLED[0] != 0) * 1.0
    own = SEX == "F"
    p = np.column_stack([rating, -rating])[own]
    expected = mean_area(p, np.where(TRUE[own] != 0, 0, 1), FOLD[own], apart=PATIENT[own])
    assert row["value"] == pytest.approx(expected, abs=1e-12)


def test_intervals_of_differences_cover_none_as_often_as_they_say():
    covered = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(50), 8)
        true = (rng.random(400) < rng.beta(2, 2, 50)[patient]) * 1
        called = np.where(rng.random(400) < rng.beta(6, 4, 50)[patient], true, 1 - true)
        target = Target("abnormal", ("normal", "abnormal"))
        tested = as_tested(patient, true, called, target=target, algorithm="svc")
        groups = {"place": np.where(patient < 12, "x", "y")}
        row = only(
            subgroup_scores(tested, groups), metric="balanced_accuracy", group="x", by="place"
        )
        covered.append(row["difference_low"] <= 0 <= row["difference_high"])
    assert 0.9 <= np.mean(covered) <= 0.99


def test_bands_of_ages():
    ages = np.array([0.5, 17.9, 18, 64, 64.5, 65, np.nan])
    bands = ["under 18", "under 18", "18 to 64", "18 to 64", "18 to 64", "65 and over", ""]
    assert age_bands(ages, [18, 65]).tolist() == bands
    assert age_bands(np.array([3.0, 0.2]), [0.5, 1, 5]).tolist() == ["1 to 4", "under 0.5"]
    assert in_order(["65 and over", "5 to 17", "under 5", "18 to 64"]) == [
        *("under 5", "5 to 17", "18 to 64", "65 and over")
    ]
    with pytest.raises(ValueError, match=r"age_bands: \[65, 18\]"):
        age_bands(ages, [65, 18])


def test_groups_are_those_of_the_tables_columns(caplog):
    n = 30
    table = {
        "cycle": np.arange(n)[::-1] + 7,
        "sex": np.array(["F", "M", None] * 10, object),
        "age": np.arange(n) + 50.0,
        "country": np.array(["x"] * n, object),
        "site": np.array([1.0, 2.0, np.nan] * 10),
    }
    cycle = np.array([7, 36, 20, 20])
    groups = groups_of_cycles(
        texts_of_table(table, ["sex", "age", "country", "site", "device"], [18, 65]), cycle
    )
    assert [*groups] == ["sex", "age", "site"]
    assert groups["sex"].tolist() == ["", "F", "M", "M"]
    assert groups["age"].tolist() == ["65 and over", "18 to 64", "65 and over", "65 and over"]
    assert groups["site"].tolist() == ["", "1", "2", "2"]
    assert "no scores by country: it has one value" in caplog.text


def test_a_column_with_many_values_makes_no_groups(caplog):
    table = {"cycle": np.arange(30), "ward": np.arange(30)}
    assert groups_of_cycles(texts_of_table(table, ["ward"], [18]), np.arange(30)) == {}
    assert "no scores by ward: it has 30 values, and 2 to 12 make groups" in caplog.text
