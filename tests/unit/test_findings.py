"""The sentences at the top of the page: they follow from the numbers, and claim no more."""

import pytest
from lib.findings import answer, is_better, kind_of, split_order, verdicts
from lib.metrics import METRICS
from lib.naming import interval, listed, number, signed
from lib.remarks import imputed_features, leakage_sentences
from lib.target import Target

STATE = Target()


def rows(model, algorithm, split="patient", **values):
    """Rows of the comparison for both parts of one fit."""
    base = dict.fromkeys(METRICS, 0.5) | values
    ends = {"icbhi_score": (0.4, 0.6)}
    return [
        {
            "model": model,
            "algorithm": algorithm,
            "split": split,
            "part": part,
            "metric": metric,
            "value": value,
            "ci_low": ends.get(metric, (None, None))[0],
            "ci_high": ends.get(metric, (None, None))[1],
            "n_folds": 1,
            "n_cycles": 100,
            "n_patients": 20,
        }
        for part in ("train", "test")
        for metric, value in base.items()
    ]


def gap(model, difference, low, high, p, metric="icbhi_score", against="most_frequent"):
    return {
        "split": "patient",
        "metric": metric,
        "model": model,
        "against": against,
        "against_is": "best baseline",
        "difference": difference,
        "ci_low": low,
        "ci_high": high,
        "p": p,
        "p_holm": p,
    }


def split_of(protocol="patient", both=()):
    fold = {"fold": 0, "test": {"patients": 20}, "patients_on_both_sides": list(both)}
    return {"protocol": protocol, "settings": {}, "folds": [fold]}


BASELINE = rows("most_frequent", "most_frequent", icbhi_score=0.5, sensitivity=0, specificity=1)


def verdict(comparison, differences=(), split=None):
    (one,) = verdicts(comparison, list(differences), {"patient": split or split_of()}, STATE)
    return one


def test_a_tie_is_no_win():
    knn = rows("knn", "knn", icbhi_score=0.5005)
    said = verdict(BASELINE + knn, [gap("knn", 0.0005, -0.01, 0.011, 0.9)])
    assert said["headline"].startswith(
        "No model beats calling everything normal on the ICBHI score"
    )
    assert "not distinguishable from none" in said["details"][0]
    assert "0.0005" not in said["headline"] and "beats" not in " ".join(said["details"])


def test_a_clear_win_is_said():
    knn = rows("knn", "knn", icbhi_score=0.61, sensitivity=0.4, specificity=0.82)
    said = verdict(BASELINE + knn, [gap("knn", 0.11, 0.08, 0.14, 0.001)])
    assert said["headline"].startswith("knn beats calling everything normal")
    assert "never heard" in said["headline"]
    assert "sensitivity 0.400, specificity 0.820" in said["details"][0]
    assert "p = 0.001" in said["details"][0]


def test_a_win_that_does_not_survive_the_correction_is_none():
    knn = rows("knn", "knn", icbhi_score=0.55)
    said = verdict(BASELINE + knn, [gap("knn", 0.05, 0.01, 0.09, 0.2)])
    assert said["headline"].startswith("No model beats")
    assert "once corrected for the number of models, p = 0.200" in said["details"][0]


def test_being_worse_is_no_win():
    knn = rows("knn", "knn", icbhi_score=0.4)
    said = verdict(BASELINE + knn, [gap("knn", -0.1, -0.14, -0.06, 0.001)])
    assert said["headline"].startswith("No model beats")
    assert "−0.100" in said["details"][0]


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (BASELINE, "No model was fitted"),
        (rows("knn", "knn"), "There is no baseline"),
        (BASELINE + rows("knn", "knn", icbhi_score=None), "No model beats"),
    ],
)
def test_incomplete_comparisons(comparison, expected):
    assert verdict(comparison)["headline"].startswith(expected)


def test_gradient_descent_beside_the_mean():
    comparison = rows("mean", "mean", mse=0.886, rmse=0.941)
    comparison += rows("descent", "gradient_descent", mse=0.865, rmse=0.93, r2=0.024)
    against = gap("descent", -0.021, -0.047, 0.002, 0.3, metric="mse", against="mean")
    text = verdict(comparison, [against])["squared"]
    for words in (
        "descent is 0.865",
        "0.886",
        "2.4 % of the variance",
        "not distinguishable from none",
        "typically 0.930 off, where the mean is 0.941 off",
    ):
        assert words in text


def test_a_model_no_better_than_the_mean():
    comparison = rows("mean", "mean", mse=0.886) + rows("lstsq", "lstsq", mse=0.9)
    assert "the model does no better" in verdict(comparison)["squared"]


def test_kinds_and_their_order():
    splits = {
        "a": split_of("final"),
        "b": split_of("half", both=[101, 102, 103]),
        "c": split_of("patient"),
    }
    assert [kind_of(splits[name]) for name in "abc"] == [
        "known_cycles",
        "known_patients",
        "new_patients",
    ]
    comparison = [row | {"split": name} for name in "abc" for row in BASELINE + rows("knn", "knn")]
    said = verdicts(comparison, [], splits, STATE)
    assert [one["split"] for one in said] == ["c", "b", "a"]
    assert (
        "3 of 20 test patients (101, 102, 103) have cycles on both sides" in said[1]["details"][-1]
    )
    assert "trained and tested on" in said[2]["details"][-1]


def test_the_answer_is_that_of_the_strictest_split():
    comparison = BASELINE + rows("knn", "knn", icbhi_score=0.5005)
    tie = [gap("knn", 0.0005, -0.01, 0.011, 0.9)]
    apart = answer([verdict(comparison, tie)])
    assert apart.startswith("None, on this evidence.") and "(split patient)" in apart
    won = answer([verdict(comparison, [gap("knn", 0.1, 0.05, 0.15, 0.001)])])
    assert won.startswith("knn beats calling everything normal")
    mixed = answer([verdict(comparison, tie, split_of("half", both=[1, 2]))])
    assert "None" not in mixed and "never heard" in mixed


def test_leakage_is_said_where_its_interval_is_above_zero():
    def row(model, low, high):
        ends = {"ci_low": low, "ci_high": high, "difference": (low + high) / 2}
        names = {"shuffled_split": "half", "patient_split": "patient", "metric": "icbhi_score"}
        return {"model": model} | names | ends

    (text,) = leakage_sentences([row("forest", 0.1, 0.16), row("knn", -0.01, 0.03)], STATE)
    assert text.startswith("forest scores 0.130 higher") and "under half than under" in text
    assert leakage_sentences([row("knn", -0.01, 0.03)], STATE)[0].startswith(
        "No model's ICBHI score"
    )
    assert leakage_sentences([], STATE) == []


def test_imputed_features_are_warned_of():
    quality = {"imputed": {"age": {"cells": 61, "value": 75.0}, "Var": {"cells": 2, "value": 0.1}}}
    (text,) = imputed_features(quality, ["Var", "Range"])
    assert text.startswith("Var is a feature") and "2 of its values" in text


def test_better_needs_interval_and_p_value():
    assert is_better(gap("m", 0.1, 0.05, 0.2, 0.01))
    assert not is_better(gap("m", 0.1, 0.05, 0.2, 0.06))
    assert not is_better(gap("m", 0.1, -0.01, 0.2, 0.01))
    assert not is_better(gap("m", 0.1, None, None, None))
    assert is_better(gap("m", -0.1, -0.2, -0.05, 0.01), sign=-1)


def test_what_differs_is_named_with_its_sign():
    """Better first, with numbers; a lower error is better; none of it without the p value."""
    models = {"forest": "random_forest", "knn": "knn", "a": "svc", "b": "svc", "c": "svc"}
    comparison = BASELINE + rows("mean", "mean")
    comparison += [row for m, algorithm in models.items() for row in rows(m, algorithm)]
    gaps = [
        gap("forest", 0.06, 0.04, 0.09, 0.01, "balanced_accuracy"),
        gap("knn", 0.05, 0.01, 0.09, 0.06, "balanced_accuracy"),
        gap("knn", -0.1, -0.2, -0.05, 0.01, "mse", "mean"),
        *(gap(m, -0.1 - i / 100, -0.2, -0.05, 0.01) for i, m in enumerate(models)),
    ]
    assert verdict(comparison, gaps)["differs"] == [
        "On balanced accuracy, forest (+0.060, 0.040 to 0.090) is better than calling everything "
        "normal.",
        "On the MSE, knn (−0.100, −0.200 to −0.050) is better than predicting the mean state for "
        "everyone.",
        "On the ICBHI score, c, b, a and 2 more are worse than calling everything normal.",
    ]


def test_what_is_no_state_is_not_called_normal():
    diagnosis = Target("Diagnosis", ("Healthy", "COPD"))
    comparison = [
        row | {"metric": row["metric"].replace("icbhi_score", "unknown")}
        for row in rows("most_frequent", "most_frequent") + rows("knn", "knn")
        if row["metric"] not in ("mse", "specificity")
    ]
    (said,) = verdicts(comparison, [], {"patient": split_of()}, diagnosis)
    assert "calling everything the most frequent class on balanced accuracy" in said["headline"]
    assert said["squared"] is None and "normal" not in str(said)


def test_splits_with_fewer_patients_on_both_sides_come_first():
    splits = {
        "half": split_of("half", both=range(100)),
        "published": split_of("published", both=[156, 218]),
        "patient": split_of("patient"),
        "final": split_of("final", both=range(100)),
    }
    assert split_order(splits) == ["patient", "published", "half", "final"]


def test_numbers_for_reading():
    assert number(-0.0001) == "0.000"
    assert number(-0.25, 2) == "−0.25"
    assert number(None) == "–"
    assert interval(-0.1, 0.25) == "−0.100 to 0.250"
    assert interval(None, None) == ""
    assert (signed(0.05), signed(-0.05)) == ("+0.050", "−0.050")
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d"], 3) == "a, b and 2 more"
