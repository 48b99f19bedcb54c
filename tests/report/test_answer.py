"""The claims at the top of the page: they follow from the answer, and claim no more."""

import pytest

from auscultation.data.target import Target
from auscultation.report.answer import opposing
from auscultation.scores.wording import interval, number
from verdicts import (
    BASELINE,
    STATE,
    forest,
    gap,
    headline,
    rows,
    split_of,
    verdicts_of,
    words,
)


def questions(verdict):
    return {question.name: question for question in verdict.questions}


def paragraphs(verdict, name, target=STATE):
    """What the page says to one question."""
    return words("say_question", questions(verdict)[name], verdict, target)


def test_information_without_a_useful_classifier_is_both_said():
    """The ICBHI score of a weak rating stays below 0.5: "none" alone would be wrong."""
    comparison, gaps = forest(score=0.46, auc=0.61, score_p=0.02, auc_p=0.001)
    answer, made = verdicts_of(BASELINE + comparison, gaps)
    (verdict,) = made
    assert (answer["information"], answer["useful"]) == ("yes", "no")
    assert verdict.claim == "information" and verdict.useful == []
    text = headline(answer, made)
    assert "1 of 1 model carries some information" in text
    assert "(AUC 0.61)" in text and text.endswith("(split patient).")
    information = questions(verdict)["information"]
    assert information.answer == "yes" and information.best["value"] == 0.61
    assert "0.610" in paragraphs(verdict, "information")
    limit = questions(verdict)["useful"].limit
    assert f"{number(limit[0], 2)} would have been detected" in paragraphs(verdict, "useful")


def test_none_is_said_where_both_fail_with_what_would_have_been_seen():
    comparison, gaps = forest(score=0.5005, auc=0.51)
    answer, made = verdicts_of(BASELINE + comparison, gaps)
    (verdict,) = made
    assert (answer["information"], answer["useful"]) == ("no", "no")
    assert verdict.claim == "none" and headline(answer, made).startswith("No model")
    assert [question.answer for question in verdict.questions] == ["no", "no"]
    for question in verdict.questions:
        assert question.limit == answer["splits"][0]["answers"][question.name]["limit"]
        text = paragraphs(verdict, question.name)
        assert number(question.limit[0], 2) in text and "no better" not in text


def test_a_useful_classifier_is_named():
    comparison, gaps = forest(score=0.64, auc=0.8, score_p=0.001, auc_p=0.001)
    answer, made = verdicts_of(BASELINE + comparison, gaps)
    assert answer["useful"] == "yes"
    assert (made[0].claim, made[0].useful, made[0].kind) == ("useful", ["forest"], "new_patients")
    assert headline(answer, made).startswith("forest classifies better than any constant")


def test_a_win_that_does_not_survive_the_correction_is_none():
    """Holm over the models: the smallest of two p values counts twice."""
    comparison, gaps = forest(score=0.6, score_p=0.03)
    other = rows("knn", "knn", icbhi_score=0.4)
    gaps = [*gaps, gap("knn", "icbhi_score", -0.1, 0.2)]
    assert verdicts_of(BASELINE + comparison + other, gaps)[0]["useful"] == "no"
    assert verdicts_of(BASELINE + comparison, gaps[:-1])[0]["useful"] == "yes"


@pytest.mark.parametrize("folds", [0.3, 0.01])
def test_what_the_folds_say_stands_beside_what_the_patients_say(folds):
    comparison, gaps = forest(auc=0.61, auc_p=0.001, folds=folds)
    _, (verdict,) = verdicts_of(BASELINE + comparison, gaps)
    information = questions(verdict)["information"]
    agree, disagree = (
        [model["model"] for model in models]
        for models in (information.folds_agree, information.folds_disagree)
    )
    assert (agree, disagree) == ((["forest"], []) if folds < 0.05 else ([], ["forest"]))
    assert information.answer == ("yes" if folds < 0.05 else "no")
    assert f"forest (p = {number(folds)})" in paragraphs(verdict, "information")


def test_too_few_patients_are_no_verdict():
    comparison, gaps = forest(score=0.7, auc=0.9, score_p=0.001, auc_p=0.001)
    few = [row | {"n_patients": 9} for row in BASELINE + comparison]
    for (answer, made), numbers in (
        (verdicts_of(few, gaps), "9 patients"),
        (verdicts_of(BASELINE + comparison, gaps, sides={"patient": (4, 20)}), "4 have cycles"),
    ):
        assert answer["information"] == answer["useful"] == "unknown"
        assert made[0].claim == "too_few_patients"
        assert {question.unknown_because for question in made[0].questions} == {"too_few_patients"}
        for text in (headline(answer, made), paragraphs(made[0], "useful")):
            assert "No verdict" in text and numbers in text


@pytest.mark.parametrize(
    ("comparison", "claim"),
    [
        (BASELINE, "no_model"),
        (
            [row | {"value": None, "n_cycles": 0} for row in BASELINE + rows("knn", "knn")],
            "no_result",
        ),
        (BASELINE + rows("knn", "knn", icbhi_score=None), "no_interval"),
    ],
)
def test_incomplete_comparisons(comparison, claim):
    answer, made = verdicts_of(comparison, [])
    assert made[0].claim == claim and headline(answer, made).startswith("No ")
    for question in made[0].questions:
        assert paragraphs(made[0], question.name)


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
    comparison, gaps = base + few + many + known, few_gaps + many_gaps + known_gaps
    answer, made = verdicts_of(comparison, gaps, splits)
    assert [verdict.split for verdict in made] == ["b", "a", "c"]
    assert answer["split"] == "b" and answer["information"] == "no"
    assert answer["disagree"] == ["information"]
    assert [verdict.split for verdict in opposing(answer, made)] == ["a"]
    text = headline(answer, made)
    assert "Under a, which also keeps patients apart," in text and "Under c" not in text


def test_without_a_split_that_keeps_patients_apart_nothing_is_said_of_new_ones():
    comparison, gaps = forest(score=0.7, auc=0.9, score_p=0.001, auc_p=0.001)
    splits = {"patient": split_of("half", both=[1, 2, 3])}
    answer, made = verdicts_of(BASELINE + comparison, gaps, splits)
    assert answer["useful"] == answer["information"] == "unknown"
    assert opposing(answer, made) == [] and made[0].shared_patients == ["1", "2", "3"]
    assert "No split here keeps patients apart" in headline(answer, made)
    assert words("say_patients", made[0]).startswith("3 of 20 test patients (1, 2, 3)")


def test_a_few_known_patients_do_not_make_a_split_worthless():
    comparison, gaps = forest()
    splits = {"patient": split_of("published", both=[156, 218], tested=49)}
    _, (verdict,) = verdicts_of(BASELINE + comparison, gaps, splits)
    assert verdict.kind == "mostly_new_patients"
    assert "close to those for new patients" in words("say_patients", verdict)


def test_the_best_of_several_has_a_wider_interval():
    comparison, gaps = forest(auc=0.6, auc_p=0.001)
    other = rows("knn", "knn", auc_ovr_between_patients=0.55, icbhi_score=0.5)
    gaps += [gap("knn", "auc_ovr_between_patients", 0.05, 0.5)]
    _, (verdict,) = verdicts_of(BASELINE + comparison + other, gaps)
    information = questions(verdict)["information"]
    assert information.best["model"] == "forest" and information.n_models == 2
    low, high = information.of_best.low, information.of_best.high
    assert high - low > 4 * gaps[1]["se"]
    assert f"best of 2, {interval(low, high)}" in paragraphs(verdict, "information")


def test_the_device_alone_stands_beside_the_best_model_where_it_is_the_best_baseline():
    comparison, gaps = forest(auc=0.61, auc_p=0.001)
    device = rows("by_device", "by_device", auc_ovr_between_patients=0.58)
    against = gap("forest", "auc_ovr_between_patients", 0.03, 0.4)
    against |= {"against": "by_device", "against_is": "best baseline"}
    _, (verdict,) = verdicts_of(BASELINE + comparison + device, [*gaps, against])
    shown = questions(verdict)["beyond_device"].device
    assert (shown.model, shown.baseline, shown.baseline_value) == ("forest", "by_device", 0.58)
    assert "0.580" in paragraphs(verdict, "beyond_device")
    assert "+0.030" in paragraphs(verdict, "beyond_device")
    other = against | {"against": "constant"}
    _, (verdict,) = verdicts_of(BASELINE + comparison + device, [*gaps, other])
    assert questions(verdict)["beyond_device"].device is None


def test_what_is_no_state_is_not_called_normal():
    diagnosis = Target("Diagnosis", ("Healthy", "Asthma", "COPD"))
    knn = rows("knn", "knn", auc_ovr_between_patients=0.5, auc_abnormal_between_patients=0.5)
    without = ("mse", "specificity", "icbhi_score")
    comparison = [row for row in BASELINE + knn if row["metric"] not in without]
    gaps = [
        gap("knn", "balanced_accuracy", 0.01, 0.5),
        gap("knn", "auc_ovr_between_patients", 0.01, 0.5),
    ]
    answer, made = verdicts_of(comparison, gaps, target=diagnosis)
    text = headline(answer, made, diagnosis)
    assert "the diagnosis" in text and made[0].squared_error is None
    text += "".join(paragraphs(made[0], q.name, diagnosis) for q in made[0].questions)
    assert "balanced accuracy" in text and "normal" not in text
