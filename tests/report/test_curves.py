"""What the page says of thresholds and of the calibration."""

import pytest

from auscultation.report.curves import curves_context
from auscultation.scores.probabilities import probability_scores
from rated import DIAGNOSES, rated
from scored_rows import by_split
from verdicts import STATE, words

MODELS = {"mean": "mean", "b": "random_forest", "a": "knn"}


def rows_of(models=MODELS, target=None, probable=True):
    rows = []
    for seed, (model, algorithm) in enumerate(models.items()):
        tested = rated(n=1200, seed=seed, target=target, probable=probable)
        fit = {"model": model, "algorithm": algorithm, "split": "patient"}
        rows += probability_scores(tested._replace(fit=fit))
    return rows


def context(rows, models=MODELS):
    return curves_context(rows, by_split(models)["patient"], "patient")


def test_a_table_of_each_side_in_the_order_of_the_ranking():
    rows = rows_of()
    made = context([*rows, *({**row, "split": "half", "value": 9.0} for row in rows)])
    assert [t["side"] for t in made["probability_tables"]] == [
        "abnormal",
        "crackles",
        "wheezes",
        "both",
    ]
    first = made["probability_tables"][0]
    assert [row["cells"][0]["text"] for row in first["table"]["rows"]] == ["a", "b", "mean"]
    names = [head["names"] for head in first["table"]["head"]]
    shown = dict(zip(names, first["table"]["rows"][1]["cells"], strict=True))
    for row in rows:
        if (row["model"], row["positive"]) == ("b", "abnormal"):
            assert shown[row["metric"]]["exact"] == str(row["value"])
            assert shown[f"{row['metric']}_low|{row['metric']}_high"]["exact"] == (
                f"{row['ci_low']}|{row['ci_high']}"
            )
    assert first["n_cycles"] == 1200 and first["n_patients"] == 20


def test_numbers_have_no_column_of_calibration():
    made = context(rows_of(probable=False))
    (table,) = made["probability_tables"]
    assert len(table["table"]["head"]) == 5 and made["calibrated"] is None


def test_of_classes_without_order():
    made = context(rows_of(target=DIAGNOSES))
    assert [t["side"] for t in made["probability_tables"]] == ["Healthy", "COPD", "URTI"]


def test_without_a_result():
    assert context([]) == {"probability_tables": [], "calibrated": None}


def edited(metric, value, low, high):
    rows = rows_of({"a": "knn"})
    ends = {"value": value, "ci_low": low, "ci_high": high}
    rows = [{**row, **ends} if row["metric"] == metric else row for row in rows]
    said = context(rows, {"a": "knn"})["calibrated"]
    return words("say_calibration", said, file="sections/curves.j2")


@pytest.mark.parametrize(
    "metric, value, low, high, expected",
    [
        (
            "calibration_slope",
            0.4,
            0.2,
            0.6,
            "high probabilities are too high, its low ones too low",
        ),
        ("calibration_slope", 1.4, 1.2, 1.6, "too close to each other"),
        ("calibration_slope", 0.9, 0.4, 1.5, "is 0.90 (0.40 to 1.50), where 1 is calibrated. Its"),
        ("calibration_intercept", -0.5, -0.9, -0.1, "on average its probabilities are too high"),
        ("calibration_intercept", 0.5, 0.1, 0.9, "on average its probabilities are too low"),
        (
            "calibration_intercept",
            0.1,
            -0.1,
            0.3,
            "is 0.10 (−0.10 to 0.30), where 0 is calibrated.",
        ),
        ("calibration_intercept", 0.1, None, None, "is 0.10, where 0 is calibrated."),
    ],
)
def test_the_sentence(metric, value, low, high, expected):
    assert expected in edited(metric, value, low, high)


def test_the_best_model_with_a_slope_is_named():
    rows = rows_of()
    unknown = {"value": None, "ci_low": None, "ci_high": None}
    slope = ("a", "calibration_slope")
    rows = [{**r, **unknown} if (r["model"], r["metric"]) == slope else r for r in rows]
    assert context(rows)["calibrated"].slope["model"] == "b"
    assert STATE.name == "state"
