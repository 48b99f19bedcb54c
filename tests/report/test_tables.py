"""Tables of the page."""

from auscultation.data.target import Target
from auscultation.report.tables import (
    coefficient,
    costs_table,
    quality_table,
    splits_table,
    theta_table,
)

STATE = Target()


def texts(shown):
    return [[c["text"] for c in row["cells"]] for row in shown["rows"]]


def fit(features, *theta, classes=None):
    fold = {"fold": 0, "theta": list(theta)} | ({"classes": classes} if classes else {})
    return {"features": features, "folds": [fold]}


def test_theta_of_splits_that_know_different_categories():
    shown, left = theta_table(
        [
            ("device", fit(["Var", "device=Meditron"], [0.5, -2.0, 3.0])),
            ("half", fit(["Var", "device=AKGC417L", "device=Meditron"], [0.25, 1e-12, 4.0, 5.0])),
        ],
        STATE,
    )
    assert left == 0
    assert texts(shown) == [
        ["intercept", "0.5", "0.25"],
        ["Var", "−2", "1e−12"],
        ["device=Meditron", "3", "5"],
        ["device=AKGC417L", "–", "4"],
    ]


def test_theta_of_classes_and_of_models_without():
    shown, _ = theta_table([("half", fit(["Var"], [1.0, 2.0], [3.0, 4.0], classes=[0, 3]))], STATE)
    assert [h["text"] for h in shown["head"]] == ["coefficient of", "half, normal", "half, both"]
    assert texts(shown) == [["intercept", "1", "3"], ["Var", "2", "4"]]
    assert theta_table([("half", {"features": ["Var"], "folds": [{"fold": 0}]})], STATE) is None


def test_of_many_coefficients_the_largest_are_shown():
    sizes = [0.0, *(i if i % 2 else -i for i in range(1, 501))]
    shown, left = theta_table([("half", fit([f"f{i}" for i in range(1, 501)], sizes))], STATE)
    names = [row[0] for row in texts(shown)]
    assert names == ["intercept", *(f"f{i}" for i in range(500, 470, -1))] and left == 470


def test_columns_without_gaps_are_one_line_where_there_are_many():
    before = {f"mfcc_{i}": 5 * (i < 3) for i in range(2000)} | {"age": 7}
    quality = {"missing_before": before, "missing_after": before | {"age": 0}, "missing": "impute"}
    quality |= {"imputed": {"age": {"cells": 7, "value": 70}}, "dropped_columns": []}
    lines = texts(quality_table(quality | {"empty_columns": []}))
    assert [line[:3] for line in lines] == [
        *([f"mfcc_{i}", "5", "5"] for i in range(3)),
        ["age", "7", "0"],
        ["1,997 other columns", "0", "0"],
    ]


def test_coefficients_keep_nine_digits():
    assert coefficient(386809.0051234) == "386809.005"
    assert coefficient(None) == "–"


def test_folds_are_summed_up_as_ranges():
    def side(n):
        states = {"normal": n, "crackles": 0, "wheezes": 0, "both": 0}
        return {"patients": n // 10, "recordings": n // 5, "cycles": n, "classes": states}

    folds = [
        {"fold": i, "train": side(1000 - n), "test": side(n), "patients_on_both_sides": both}
        for i, (n, both) in enumerate([(200, [101]), (220, [101, 102])])
    ]
    split = {"protocol": "patient", "settings": {"folds": 2}, "folds": folds}
    train, test = texts(splits_table({"mine": split}, {"mine": 42}, STATE))
    assert train[:3] == ["mine", "patient: folds 2", "2"]
    assert train[4:7] == ["78 to 80", "156 to 160", "780 to 800"]
    assert test[6] == "200 to 220" and test[-1] == "2 of 42"
    for fold in folds:  # of a table that does not name recordings
        fold["train"]["recordings"] = fold["test"]["recordings"] = None
    shown = splits_table({"mine": split}, {"mine": 42}, STATE)
    assert "recordings" not in [head["text"] for head in shown["head"]]
    assert texts(shown)[0][4:6] == ["78 to 80", "780 to 800"]


def test_costs_that_were_not_measured_are_dashes():
    """Fault 5: a cost that is not known is a dash, never a number."""
    names = ("fit_seconds", "predict_seconds", "peak_memory_mb")
    rows = [
        {"model": "knn", "split": "half"} | dict(zip(names, (2.34, 0.0123, None), strict=True)),
        {"model": "knn", "split": "final"} | dict(zip(names, (1.0, None, 250.4), strict=True)),
    ]
    assert texts(costs_table(rows)) == [["knn", "1.000", "–", "250", "2.340", "0.012", "–"]]
