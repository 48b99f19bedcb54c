"""What the page says of groups of cycles, of power and of luck: the same as the tables it is made from."""

import numpy as np
import pytest

from auscultation.data.target import Target
from auscultation.figures.grouping import most_informed
from auscultation.figures.subgroups import subgroups_figure
from auscultation.report.power import luck_table, power_of
from auscultation.report.subgroups import differences, groups_table, subgroups_of
from auscultation.scores.comparison import wide
from auscultation.scores.questions import ALPHA
from auscultation.scores.subgroups import subgroup_scores
from auscultation.scores.tested import Tested as Examined
from cohorts import cohort, probabilities, rows_of_part
from scored_rows import comparison

STATE = Target()
AREA = "auc_ovr_between_patients"
PATIENT, TRUE, FOLD, CALLED = cohort(3, 40)
SEX = np.where(PATIENT % 2 == 0, "F", "M")
WARD = np.where(PATIENT % 7 == 0, "", np.array(["a", "b", "c"])[PATIENT % 3])
# a model that is right about women, and wrong about men
SKILLED = np.where(SEX == "F", TRUE, 0)
MODELS = {"best": "random_forest", "other": "knn", "base": "by_device"}
ROWS = []
for number, (model, algorithm) in enumerate(MODELS.items()):
    fit = {"model": model, "algorithm": algorithm, "split": "patient"}
    called = CALLED[number] if number else SKILLED
    table = rows_of_part(PATIENT, TRUE, called, FOLD, "test", probabilities(TRUE, number))
    ROWS += subgroup_scores(Examined.of(table, fit), {"sex": SEX, "ward": WARD})
VALUES = {"best": 0.7, "other": 0.6, "base": 0.9}
COMPARED = [
    row | {"value": VALUES[row["model"]]} if row["metric"] == AREA else row
    for row in comparison(MODELS, ("patient",), {AREA: 0.5, "icbhi_score": 0.5, "accuracy": 0.5})
]
TEST = wide(COMPARED, "test", STATE)["patient"]


def test_the_model_with_the_highest_auc_is_described_and_its_large_differences_named():
    groups = subgroups_of(ROWS, "patient", TEST, STATE)
    assert (groups.model, groups.ways) == ("best", ["sex", "ward"])
    assert groups.n_differences == 8  # of three wards and one pair of sexes, two metrics
    (first, *_) = groups.different
    assert (first["by"], first["group"], first["metric"]) == ("sex", "F", "icbhi_score")
    assert first["difference"] > 0.4 and first["p_holm"] < ALPHA
    assert not [row for row in groups.different if row["group"] == "M"]
    assert groups.unknown == {"ward": (WARD == "").sum()}
    assert len(groups.table["rows"]) == 6 and groups.n_others == 1
    assert {row["cells"][0]["text"] for row in groups.others["rows"]} == {"other"}


def test_the_table_has_the_numbers_of_each_group():
    table = groups_table(ROWS, ["best"], STATE, named=False)
    names = [head["names"] for head in table["head"]]
    line = dict(zip(names, table["rows"][0]["cells"], strict=True))
    assert (line["by"]["text"], line["group"]["text"]) == ("sex", "F")
    own = [r for r in ROWS if (r["model"], r["by"], r["group"]) == ("best", "sex", "F")]
    for name, row in zip(("icbhi_score", "auc"), own, strict=True):
        assert line[name]["exact"] == str(row["value"])
        assert line[f"{name}_difference"]["exact"] == str(row["difference"])
        assert line[f"{name}_p_holm"]["exact"] == str(row["p_holm"])


@pytest.mark.parametrize("rows", [[], [row for row in ROWS if row["model"] == "base"]])
def test_nothing_without_groups_or_without_models(rows):
    test = TEST if not rows else [row for row in TEST if row["baseline"]]
    assert subgroups_of(rows, "patient", test, STATE) is None
    texts = [
        text.get_text() for text in subgroups_figure(rows, "patient", test, STATE).axes[0].texts
    ]
    assert "No groups" in texts[0]


def test_differences_that_are_unknown_are_not_counted():
    unknown = [row | {"p": None, "p_holm": None, "difference": None} for row in ROWS]
    assert differences(unknown) == []
    assert subgroups_of(unknown, "patient", TEST, STATE).different == []


def test_the_figure_has_a_line_for_each_group():
    figure = subgroups_figure(ROWS, "patient", TEST, STATE)
    labels = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    women = len(np.unique(PATIENT[SEX == "F"]))
    assert labels[0] == f"F ({women} patients)" and len(labels) == 5
    assert [row["model"] for row, _ in most_informed(TEST, STATE)] == ["best", "other"]


def test_power_and_luck_in_tables():
    row = {"split": "patient", "metric": "icbhi_score", "against": "best model", "error": "median"}
    row |= {"model": "knn", "n_models": 3, "se": 0.01, "df": 40.0, "n_patients": 50}
    row |= {"detectable": 0.03, "patients_002": 110.0, "patients_005": 20.0, "patients_010": None}
    shown = power_of([row, row | {"error": "largest"}], "patient", STATE)
    assert shown.median["patients_002"] == 110 and len(shown.table["rows"]) == 2
    assert [cell["text"] for cell in shown.table["rows"][0]["cells"][-3:]] == ["110", "20", "–"]
    assert power_of([row], "half", STATE) is None
    luck = {"model": "knn", "algorithm": "knn", "split": "patient", "of": "repeats", "n": 3}
    luck |= {"metric": AREA, "mean": 0.6, "sd": 0.01, "lowest": 0.59, "highest": 0.61}
    luck |= {"value": 0.6, "ci_low": None, "ci_high": None}
    table = luck_table([luck, luck | {"algorithm": "mean"}], STATE)
    assert len(table["rows"]) == 1  # baselines have no luck worth telling
    assert "0.590 to 0.610" in [cell["text"] for cell in table["rows"][0]["cells"]]
