"""The sentences at the top of the page: they follow from the answer, and claim no more."""

import pytest

from auscultation.data.target import Target
from auscultation.metrics.names import METRICS
from auscultation.report.conclusions import verdicts, whole_answer
from auscultation.report.differences import is_better, rounding_sentence
from auscultation.report.notes import imputed_features, leakage_sentences
from auscultation.scores.answer import answers
from auscultation.scores.comparison import wide
from auscultation.scores.differences import CONSTANT
from auscultation.scores.wording import interval, listed, number, signed

STATE = Target()
SIDES = (15, 18)


def rows(model, algorithm, split="patient", n_patients=20, **values):
    """Rows of the comparison for both parts of one fit."""
    base = dict.fromkeys(METRICS, 0.5) | values
    return [
        {"model": model, "algorithm": algorithm, "split": split, "part": part, "metric": metric}
        | {"value": value}
        | dict.fromkeys(("ci_low", "ci_high"), value)
        | {"n_folds": 5, "n_cycles": 100, "n_patients": n_patients}
        for part in ("train", "test")
        for metric, value in base.items()
    ]


def gap(model, metric, difference, p, folds=None, split="patient"):
    """A row of the differences from the best constant."""
    se = abs(difference) / 3 + 0.01
    return {
        **{"split": split, "metric": metric, "model": model, "against": "constant"},
        **{"against_is": CONSTANT, "difference": difference, "se": se, "df": 14},
        **{"ci_low": difference - 2 * se, "ci_high": difference + 2 * se, "p": p, "p_holm": p},
        **{"fold_t_p": folds, "fold_t_p_holm": folds},
    }


def split_of(protocol="patient", both=(), tested=20):
    fold = {"fold": 0, "test": {"patients": tested}, "patients_on_both_sides": list(both)}
    return {"protocol": protocol, "settings": {}, "folds": [fold]}


BASELINE = rows(
    "most_frequent",
    "most_frequent",
    icbhi_score=0.5,
    auc_abnormal_between_patients=0.5,
    auc_ovr_between_patients=0.5,
)


def said_of(comparison, gaps, splits=None, sides=None, target=STATE):
    """The answer, and what is said of each split."""
    splits = splits or {"patient": split_of()}
    answer = answers(comparison, gaps, splits, sides or dict.fromkeys(splits, SIDES), target)
    return answer, verdicts(answer, wide(comparison, "test", target), gaps, splits, target)


def forest(score=0.5, auc=0.5, score_p=0.5, auc_p=0.5, folds=None, split="patient"):
    """A model with probabilities, and its differences from the best constant."""
    values = {
        "icbhi_score": score,
        "auc_ovr_between_patients": auc,
        "auc_abnormal_between_patients": auc,
    }
    values |= {"sensitivity": 0.2, "specificity": 2 * score - 0.2}
    gaps = [
        gap("forest", "icbhi_score", score - 0.5, score_p, folds, split),
        gap("forest", "auc_ovr_between_patients", auc - 0.5, auc_p, folds, split),
    ]
    return rows("forest", "random_forest", split, **values), gaps


def test_information_without_a_useful_classifier_is_both_said():
    """The ICBHI score of a weak rating stays below 0.5: "none" alone would be wrong."""
    comparison, gaps = forest(score=0.46, auc=0.61, score_p=0.02, auc_p=0.001)
    answer, (said,) = said_of(BASELINE + comparison, gaps)
    assert (answer["information"], answer["useful"]) == ("yes", "no")
    text = whole_answer(answer, [said])
    assert text.startswith("None as a classifier") and "1 of 1 model carries" in text
    assert "(AUC 0.61)" in text and "(split patient)" in text
    by_question = {one["question"]: one for one in said["said"]}
    assert by_question["information"]["word"] == "Yes"
    assert "0.610" in by_question["information"]["sentences"][0]
    assert "chance of 80 %" in by_question["useful"]["sentences"][1]


def test_none_is_said_where_both_fail_with_what_would_have_been_seen():
    comparison, gaps = forest(score=0.5005, auc=0.51)
    answer, (said,) = said_of(BASELINE + comparison, gaps)
    assert (answer["information"], answer["useful"]) == ("no", "no")
    assert whole_answer(answer, [said]).startswith("None, on this evidence")
    assert [one["word"] for one in said["said"]] == ["Not shown", "Not shown"]
    for one in said["said"]:
        limit = answer["splits"][0]["answers"][one["question"]]["limit"]
        assert number(limit[0], 2) in one["sentences"][1]
        assert "no better" not in " ".join(one["sentences"])


def test_a_useful_classifier_is_named():
    comparison, gaps = forest(score=0.64, auc=0.8, score_p=0.001, auc_p=0.001)
    answer, (said,) = said_of(BASELINE + comparison, gaps)
    assert answer["useful"] == "yes"
    assert said["headline"].startswith("forest classifies better than any constant")
    assert "never heard" in said["headline"]


def test_a_win_that_does_not_survive_the_correction_is_none():
    """Holm over the models: the smallest of two p values counts twice."""
    one, gaps = forest(score=0.6, score_p=0.03)
    other = rows("knn", "knn", icbhi_score=0.4)
    gaps = [*gaps, gap("knn", "icbhi_score", -0.1, 0.2)]
    assert said_of(BASELINE + one + other, gaps)[0]["useful"] == "no"
    assert said_of(BASELINE + one, gaps[:-1])[0]["useful"] == "yes"


@pytest.mark.parametrize(("folds", "words"), [(0.3, "by folds no"), (0.01, "by folds yes")])
def test_what_the_folds_say_stands_beside_what_the_patients_say(folds, words):
    comparison, gaps = forest(auc=0.61, auc_p=0.001, folds=folds)
    _, (said,) = said_of(BASELINE + comparison, gaps)
    (information,) = [one for one in said["said"] if one["question"] == "information"]
    assert "By patients yes" in information["sentences"][1]
    assert words in information["sentences"][1]
    assert information["answer"] == ("no" if folds > 0.05 else "yes")


def test_too_few_patients_are_no_verdict():
    comparison, gaps = forest(score=0.7, auc=0.9, score_p=0.001, auc_p=0.001)
    comparison = [row | {"n_patients": 9} for row in BASELINE + comparison]
    answer, (said,) = said_of(comparison, gaps)
    assert answer["information"] == answer["useful"] == "unknown"
    assert "No verdict" in said["headline"] and "9 patients" in said["headline"]
    answer, (said,) = said_of(BASELINE + forest()[0], gaps, sides={"patient": (4, 20)})
    assert answer["useful"] == "unknown" and "4 have cycles" in said["headline"]


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (BASELINE, "No model was fitted"),
        (
            [row | {"value": None, "n_cycles": 0} for row in BASELINE + rows("knn", "knn")],
            "No model has a result",
        ),
        (BASELINE + rows("knn", "knn", icbhi_score=None), "No verdict"),
    ],
)
def test_incomplete_comparisons(comparison, expected):
    _, (said,) = said_of(comparison, [])
    assert said["headline"].startswith(expected)


def test_the_answer_is_that_of_the_split_with_more_patients_and_says_where_another_differs():
    splits = {
        "a": split_of("listed_folds", tested=20),
        "b": split_of("patient", tested=60),
        "c": split_of("half", both=range(60), tested=60),
    }
    few, few_gaps = forest(auc=0.7, auc_p=0.001, split="a")
    many, many_gaps = forest(auc=0.51, auc_p=0.5, split="b")
    known, known_gaps = forest(score=0.7, auc=0.8, score_p=0.001, auc_p=0.001, split="c")
    base = [row | {"split": name} for name in splits for row in BASELINE]
    answer, said = said_of(base + few + many + known, few_gaps + many_gaps + known_gaps, splits)
    assert [one["split"] for one in said] == ["b", "a", "c"]
    assert answer["split"] == "b" and answer["information"] == "no"
    assert answer["disagree"] == ["information"]
    text = whole_answer(answer, said)
    assert "Under a, which keeps patients apart too, the answer is another" in text
    assert "Under c" not in text


def test_without_a_split_that_keeps_patients_apart_nothing_is_said_of_new_ones():
    comparison, gaps = forest(score=0.7, auc=0.9, score_p=0.001, auc_p=0.001)
    splits = {"patient": split_of("half", both=[1, 2, 3])}
    answer, said = said_of(BASELINE + comparison, gaps, splits)
    assert answer["useful"] == answer["information"] == "unknown"
    assert "nothing can be said about a patient whom" in whole_answer(answer, said)
    assert "3 of 20 test patients (1, 2, 3) have cycles on both sides" in said[0]["details"][-1]


def test_a_few_known_patients_do_not_make_a_split_worthless():
    comparison, gaps = forest()
    splits = {"patient": split_of("published", both=[156, 218], tested=49)}
    _, (said,) = said_of(BASELINE + comparison, gaps, splits)
    assert said["kind"] == "mostly_new_patients"
    assert "nearly those of new patients" in said["details"][-1]


def test_the_best_of_several_has_a_wider_interval():
    one, gaps = forest(auc=0.6, auc_p=0.001)
    other = rows("knn", "knn", auc_ovr_between_patients=0.55, icbhi_score=0.5)
    gaps += [gap("knn", "auc_ovr_between_patients", 0.05, 0.5)]
    answer, (said,) = said_of(BASELINE + one + other, gaps)
    best = answer["splits"][0]["answers"]["information"]["models"][0]
    assert best["model"] == "forest"
    assert best["best_high"] - best["best_low"] > 4 * gaps[1]["se"]
    assert f"as the best of 2, {interval(best['best_low'], best['best_high'])}" in str(said["said"])


def test_gradient_descent_beside_the_mean():
    comparison = rows("mean", "mean") + rows("descent", "gradient_descent", mse=0.865, r2=0.024)
    _, (said,) = said_of(comparison, [gap("descent", "mse", -0.021, 0.3)])
    for words in (
        "descent is 0.865",
        "0.886",
        "2.4 % of the variance",
        "not distinguishable from none",
        "typically 0.930 off, where the mean is 0.941 off",
    ):
        assert words in said["squared"]
    _, (said,) = said_of(comparison, [gap("descent", "mse", 0.02, 0.3)])
    assert "the model does no better" in said["squared"]


def test_the_squared_error_of_probabilities_is_that_of_what_they_expect():
    comparison = rows("forest", "random_forest", mse=1.2, mse_expected=0.8)
    gaps = [gap("forest", "mse", 0.3, 0.01), gap("forest", "mse_expected", -0.1, 0.01)]
    _, (said,) = said_of(BASELINE + comparison, gaps)
    assert "forest is 0.800" in said["squared"] and "1.2" not in said["squared"]


def test_what_differs_is_named_with_its_sign():
    """Better first, with numbers; a lower error is better; none of it without the p value."""
    models = {"forest": "random_forest", "knn": "knn", "a": "svc", "b": "svc", "c": "svc"}
    comparison = [*BASELINE]
    for model, algorithm in models.items():
        values = {
            "balanced_accuracy": 0.31,
            "mse": 0.7,
            "icbhi_score": 0.4,
            "auc_ovr_between_patients": 0.6,
        }
        comparison += rows(model, algorithm, **values)
    gaps = [
        gap("forest", "balanced_accuracy", 0.06, 0.01, folds=0.2),
        gap("knn", "balanced_accuracy", 0.05, 0.06),
        gap("knn", "mse", -0.1, 0.01),
        *(gap(m, "icbhi_score", -0.1 - i / 100, 0.01) for i, m in enumerate(models)),
        gap("forest", "auc_ovr_between_patients", 0.1, 0.001),
    ]
    _, (said,) = said_of(comparison, gaps)
    better, squared, worse = said["differs"]
    assert "forest (+0.060" in better and "knn" not in better and "(0.250)" in better
    assert "by patients yes, by folds no" in better
    assert squared.startswith("On the MSE, knn (−0.100") and "better" in squared
    assert worse.startswith("On the ICBHI score, c, b, a and 2 more are worse")


def test_a_regressor_is_not_called_worse_for_its_rounding():
    comparison = rows("svr", "svr", icbhi_score=0.286, auc_abnormal_between_patients=0.952)
    _, (said,) = said_of(BASELINE + comparison, [gap("svr", "icbhi_score", -0.214, 0.001)])
    assert said["differs"] == []
    text = said["details"][0]
    assert "0.952" in text and "0.286" in text and "rounding" in text
    assert rounding_sentence(wide(BASELINE, "test", STATE)["patient"], STATE) is None


def test_a_regressors_number_carries_information():
    comparison = rows("svr", "svr", icbhi_score=0.286, auc_abnormal_between_patients=0.952)
    gaps = [
        gap("svr", "icbhi_score", -0.214, 0.001),
        gap("svr", "auc_abnormal_between_patients", 0.452, 0.001),
    ]
    answer, _ = said_of(BASELINE + comparison, gaps)
    assert (answer["information"], answer["useful"]) == ("yes", "no")


def test_leakage_is_told_of_models_that_have_skill_where_they_have_heard_the_patients():
    def row(model, difference, p, metric="icbhi_score", heard="patient or recording", other="p"):
        names = {"model": model, "metric": metric, "heard": heard, "split": "s"}
        ends = {"ci_low": difference - 0.03, "ci_high": difference + 0.03, "p_holm": p}
        return names | ends | {"other_split": other, "difference": difference}

    one = {"metric": "icbhi_score", "yes": True}
    asked = {"models": [one | {"model": "forest"}, one | {"model": "knn", "yes": False}]}
    answers_of = {"useful": asked, "information": {"models": []}}
    answer = {"splits": [{"split": "s", "answers": answers_of}]}
    answer["leakage"] = [
        row("forest", 0.1, 0.001, heard="recording", other="r"),
        row("forest", 0.13, 0.001),
        row("knn", 0.2, 0.001),
    ]
    (text,) = leakage_sentences(answer, STATE)
    assert "forest" in text and "0.130 higher" in text and "heard the patient or recording" in text
    assert "0.100 of that is the recording" in text
    answer["leakage"] = [row("forest", 0.13, 0.2), row("knn", 0.2, 0.001)]
    (text,) = leakage_sentences(answer, STATE)
    assert text.startswith("No model that is better than a constant could be shown")
    assert leakage_sentences(answer | {"leakage": []}, STATE) == []


def test_imputed_features_are_warned_of():
    quality = {"imputed": {"age": {"cells": 61, "value": 75.0}, "Var": {"cells": 2, "value": 0.1}}}
    (text,) = imputed_features(quality, ["Var", "Range"])
    assert text.startswith("Var is a feature") and "2 of its values" in text


def test_better_needs_the_corrected_p_value():
    assert is_better(gap("m", "mse", 0.1, 0.01))
    assert not is_better(gap("m", "mse", 0.1, 0.06))
    assert not is_better(gap("m", "mse", 0.1, None))
    assert not is_better(gap("m", "mse", -0.1, 0.01))
    assert is_better(gap("m", "mse", -0.1, 0.01), sign=-1)


def test_what_is_no_state_is_not_called_normal():
    diagnosis = Target("Diagnosis", ("Healthy", "COPD"))
    comparison = [
        row
        for row in BASELINE
        + rows("knn", "knn", auc_ovr_between_patients=0.5, auc_abnormal_between_patients=0.5)
        if row["metric"] not in ("mse", "specificity", "icbhi_score")
    ]
    gaps = [
        gap("knn", "balanced_accuracy", 0.01, 0.5),
        gap("knn", "auc_ovr_between_patients", 0.01, 0.5),
    ]
    _, (said,) = said_of(comparison, gaps, target=diagnosis)
    assert "balanced accuracy" in str(said["said"]) and "the diagnosis" in said["headline"]
    assert said["squared"] is None and "normal" not in str(said["said"])


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
