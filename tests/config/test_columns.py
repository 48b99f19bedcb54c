"""Columns that the workflow needs under a config."""

import pytest

from auscultation.config.columns import needed_columns
from configs import problem, problems, resolved


def test_columns_that_are_needed_cannot_be_dropped():
    models = {"knn": {"features": ["Var"]}, "svr": {"features": ["Range"]}}
    drop = ["IMC", "Range", "Fine_Av", "state"]
    assert problems(clean={"drop": drop}, models=models) == [
        "clean.drop: `Range` cannot be left out, it is a feature of model svr",
        "clean.drop: `state` cannot be left out, it is the target",
    ]
    assert "feature of model knn" in problem(clean={"drop": ["Fine_Av"]})
    assert resolved(clean={"drop": ["Fine_Av"]}, models=models)["clean"]["drop"] == ["Fine_Av"]


def test_columns_that_splits_group_by_cannot_be_dropped():
    """Fault 8: what a split needs is named by the config, before anything is read."""
    groups = {"old": {"protocol": "leave_group_out", "column": "age"}}
    groups |= {"box": {"protocol": "leave_group_out", "column": "device"}}
    assert problems(clean={"drop": ["age", "patient_ID", "Diagnosis"]}, splits=groups) == [
        "clean.drop: `age` cannot be left out, split old groups by it",
        "clean.drop: `patient_ID` cannot be left out, the workflow needs it",
    ]
    line = problem(clean={"drop": ["Diagnosis"]}, target="Diagnosis", models={"knn": {}})
    assert line == "clean.drop: `Diagnosis` cannot be left out, it is the target"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, []),
        ({"target": "Diagnosis"}, ["Diagnosis"]),
        ({"target": {"column": "label"}}, ["label"]),
        ({"target": "abnormal"}, []),  # follows from one of several columns
        (
            {"features": ["Var", "sex", "device"]},
            [],
        ),  # looked for later, so that nothing is read anew
        (
            {"splits": {"leave_group_out": {"column": "weight"}}, "clean": {"drop": []}},
            ["weight"],
        ),
        ({"splits": {"leave_group_out": {"column": "clinic"}}}, ["clinic"]),
        ({"splits": {"leave_group_out": {"column": "device"}}}, []),
    ],
)
def test_columns_that_a_workbook_may_not_lack(config, expected):
    """Fault 8: a column is needed only where the target or a split is made of it."""
    assert needed_columns(resolved(**config)) == expected
