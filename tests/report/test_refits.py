"""What the page says of learning curves and operating points: the model, the numbers, yes or no."""

import re

import pytest

from auscultation.data.target import Target
from auscultation.figures.learning import learning_figure
from auscultation.report.learning import learning_verdict
from auscultation.report.operating import operating_point
from auscultation.report.render import environment
from auscultation.scores.comparison import wide
from harness import ROOT
from scored_rows import comparison

STATE = Target()
OVR, ABNORMAL = "auc_ovr_between_patients", "auc_abnormal_between_patients"
SCORED = {"sensitivity": 0.88, "specificity": 0.3, "balanced_accuracy": 0.59}
SCORED |= {"positive_predictive_value": 0.6, "negative_predictive_value": 0.7, "threshold": 0.4}
SCORED |= {"inner_sensitivity": 0.9, "inner_specificity": 0.25, "icbhi_score": 0.41}


def curve(model, algorithm, gains, metric=OVR, values=(0.55, 0.58, 0.6)):
    """Rows of one model: at a quarter, at half, at all of 100 patients."""
    rows = []
    for name in (metric, "icbhi_score"):
        for share, value, gain in zip((0.25, 0.5, 1), values, (*gains, None), strict=True):
            ends = (None, None) if gain is None else (gain - 0.02, gain + 0.02)
            row = {"model": model, "algorithm": algorithm, "split": "patient", "share": share}
            row |= {"n_patients": 100 * share, "metric": name, "value": value, "n_folds": 5}
            row |= {"ci_low": value - 0.05, "ci_high": value + 0.05, "gain": gain}
            rows.append(row | {"gain_low": ends[0], "gain_high": ends[1]})
    return rows


ROWS = [
    *curve("forest", "random_forest", (0.1, 0.03)),
    *curve("knn", "knn", (0.01, 0.01)),
    *curve("line", "lstsq", (0.05, 0.05), ABNORMAL, (0.6, 0.65, 0.7)),
    *curve("most_frequent", "most_frequent", (0.0, 0.0), values=(0.5, 0.5, 0.5)),
]


def section(name, **context):
    """Text of a section of the page."""
    template = environment(ROOT / "report").get_template(f"sections/{name}.html.j2")
    figure = {"svg": "", "file": "figures/learning.svg"}
    text = template.render(target=STATE, learning_figure=figure, **context)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize(
    "first, said",
    [
        (
            "forest",
            "The curve still rises: twice as many (100 patients in training instead of "
            "50) raised the AUC of forest, the model with the highest, by +0.030 (95 % interval 0.010 "
            "to 0.050), with the patients that were drawn. Of 2 other models, the AUC of 1 still rises",
        ),
        (
            "knn",
            "Not shown: twice as many patients (100 patients in training instead of 50) changed the "
            "AUC of knn, the model with the highest, by +0.010 (95 % interval −0.010 to 0.030). Of 2 "
            "other models, the AUC of 2 still rises",
        ),
    ],
)
def test_the_first_sentence_is_about_half_of_the_patients_and_the_best_model(first, said):
    models = [first, *({"forest", "knn", "line"} - {first})]
    verdict = learning_verdict(ROWS, "patient", models, STATE)
    text = section("learning", learning=verdict)
    assert said in text and "Dotted curves belong to models without probabilities" in text
    head, *lines = [[cell["text"] for cell in row["cells"]] for row in verdict.table["rows"]]
    assert len(lines) + 1 == 12 and head[:4] == [first, "0.25", "25", head[3]]
    assert lines[-1][0] == "most_frequent"


def test_falling_curves_missing_curves_and_no_curves():
    verdict = learning_verdict(curve("knn", "knn", (-0.1, -0.1)), "patient", ["knn"], STATE)
    text = section("learning", learning=verdict)
    assert "More patients did not help" in text and "other model" not in text
    alone = [row for row in ROWS if row["share"] == 1]
    verdict = learning_verdict(alone, "patient", ["forest"], STATE)
    assert "no model has an AUC both with all patients and with fewer" in section(
        "learning", learning=verdict
    )
    assert learning_verdict(ROWS, "other", ["forest"], STATE) is None


def test_all_patients_are_called_twice_as_many_only_if_they_are():
    rows = [row for row in ROWS if row["share"] != 0.5]
    text = section("learning", learning=learning_verdict(rows, "patient", ["forest"], STATE))
    assert "rises: more (100 patients in training instead of 25) raised" in text


def operating(model, algorithm, **changes):
    row = {"model": model, "algorithm": algorithm, "split": "patient", "goal": "sensitivity 0.9"}
    row |= {"n_cycles": 100, "n_patients": 20}
    ends = {"ci_low": 0.2, "ci_high": 0.95}
    return [row | ends | {"metric": k, "value": v} for k, v in (SCORED | changes).items()]


def test_the_operating_point_names_the_model_that_gives_up_least():
    rows = operating("knn", "knn") + operating(
        "svr", "svr", balanced_accuracy=0.61, specificity=0.4
    )
    rows += operating("mean", "mean", balanced_accuracy=0.7)
    point = operating_point(rows, "patient")
    text = section("operating", operating=point)
    assert (
        "With a threshold that reached a sensitivity of 0.9 inside the training part, svr has a "
        "sensitivity of 0.880 (95 % interval 0.200 to 0.950) and a specificity of 0.400 (95 % interval "
        "0.200 to 0.950) on the test part, the highest balanced accuracy of 2 models."
    ) in text
    assert "the ICBHI score counts their exact class" in text
    names = [row["cells"][0]["text"] for row in point.table["rows"]]
    assert names == ["mean", "svr", "knn"]
    assert "No model has an operating point" in section("operating", operating=None)


def test_the_figure_draws_each_model_once_a_panel_and_one_band():
    models = {
        "forest": "random_forest",
        "knn": "knn",
        "line": "lstsq",
        "most_frequent": "most_frequent",
    }
    test = wide(comparison(models, ["patient"]), "test", STATE)
    figure = learning_figure(ROWS, test, ["half", "patient"], STATE)
    score, area = figure.axes
    for axes in (score, area):
        drawn = [line for line in axes.lines if len(line.get_xdata()) == 3]
        assert len(drawn) == 3 and len(axes.collections) == 1
        assert [list(line.get_xdata()) for line in drawn] == [[25, 50, 100]] * 3
    styles = {line.get_linestyle() for line in area.lines if len(line.get_xdata()) == 3}
    assert styles == {"-", ":"}
    assert "No result" in learning_figure([], test, ["patient"], STATE).axes[0].texts[0].get_text()
