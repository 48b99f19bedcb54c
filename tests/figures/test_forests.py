"""Forests and the figure of the leakage: what is drawn follows the rows, and what is not there is said."""

import pytest

from auscultation.data.target import Target
from auscultation.figures.forests import area_figure
from auscultation.figures.leakage import chains, leakage_figure
from auscultation.figures.style import PAPER
from scored_rows import BOTH, HEARD, STATE, areas, by_split, comparison, leaks


def said_by(figure):
    """What the texts of a figure say, those on the axes and its legends."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def dots(axes):
    """Where an axes has dots: (line, place, fill), from top to bottom, with the place rounded."""
    found = []
    for line in axes.lines:
        if line.get_marker() == "o":
            ring = line.get_markerfacecolor() == PAPER
            fill = "ring" if ring else {"left": "half"}.get(line.get_fillstyle(), "full")
            found.append((int(line.get_ydata()[0]), round(line.get_xdata()[0], 3), fill))
    return sorted(found)


def dashed(axes):
    return sorted(round(line.get_xdata()[0], 3) for line in axes.lines if line.is_dashed())


def test_leakage_has_a_dot_for_each_split_and_the_whole_difference():
    figure = leakage_figure(leaks({"a": "knn"}), by_split({"a": "knn"}), STATE)
    steps = [(0, 0.5, "full"), (0, 0.625, "half"), (0, 0.75, "ring")]
    assert [dots(axes) for axes in figure.axes] == [steps, steps]
    said = said_by(figure)
    assert said.count("0.250 (0.150 to 0.350)") == 2
    assert "ICBHI score: shuffled minus patient" in said
    assert "AUC over the four states: shuffled minus patient" in said
    assert {"cycles shuffled", "recordings apart", "patients apart"} <= set(said)


def test_leakage_without_a_split_of_recordings_has_two_dots():
    rows = leaks({"a": "knn"}, pairs=[("shuffled", "patient")])
    figure = leakage_figure(rows, by_split({"a": "knn"}), STATE)
    assert dots(figure.axes[0]) == [(0, 0.5, "full"), (0, 0.75, "ring")]
    assert "recordings apart" not in said_by(figure)


def test_leakage_of_a_model_that_has_failed_in_one_split_is_drawn_of_the_others():
    rows = leaks({"a": "knn"}) + leaks({"b": "svc"}, pairs=[("recording", "patient")])
    figure = leakage_figure(rows, by_split({"a": "knn", "b": "svc"}), STATE)
    assert dots(figure.axes[0])[3:] == [(1, 0.5, "full"), (1, 0.625, "half")]
    assert said_by(figure).count("–") == 2  # it has no whole difference


def test_leakage_shows_of_each_model_the_auc_that_answers():
    """Of one with probabilities that over the classes, of another that of not-normal."""
    rows = leaks(
        {"a": "knn"}, ("icbhi_score", "auc_ovr_between_patients", "auc_abnormal_between_patients")
    )
    rows += leaks({"b": "svr"}, ("icbhi_score", "auc_abnormal_between_patients"))
    models = {"a": "knn", "b": "svr"}
    figure = leakage_figure(rows, by_split(models), STATE)
    named = [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes]
    assert named == [["a", "b"], ["a"], ["b"]]


def test_each_chain_of_splits_has_its_panels():
    pairs = [("shuffled", "patient"), ("shuffled", "patient2")]
    rows = leaks({"a": "knn"}, ("icbhi_score",), pairs, {"patient2": 0.4})
    test = by_split({"a": "knn"}, ("shuffled", "patient", "patient2"))
    figure = leakage_figure(rows, test, STATE)
    assert [dots(axes)[0][1] for axes in figure.axes] == [0.5, 0.4]
    assert "ICBHI score: shuffled minus patient2" in said_by(figure)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (list(HEARD), [("shuffled", "recording", "patient")]),
        ([("recording", "patient")], [(None, "recording", "patient")]),
        ([("shuffled", "recording")], [("shuffled", "recording", None)]),
        # the split of recordings has folds of another size than one that keeps patients apart
        (
            [("shuffled", "recording"), ("shuffled", "patient")],
            [("shuffled", None, "patient"), ("shuffled", "recording", None)],
        ),
        (
            [*HEARD, ("shuffled", "recording2"), ("recording2", "patient")],
            [("shuffled", "recording", "patient"), ("shuffled", "recording2", "patient")],
        ),
        ([], []),
    ],
)
def test_splits_that_were_compared_are_chained(pairs, expected):
    assert chains(leaks({"a": "knn"}, pairs=pairs)) == expected


def test_leakage_says_which_splits_it_needs():
    for rows in ([], [leaks({"a": "knn"})[0] | {"difference": None}]):
        drawn = leakage_figure(rows, by_split({"a": "knn"}), STATE)
        assert "`shuffled: {}`" in " ".join(said_by(drawn))


def test_areas_stand_apart_by_what_they_tell_apart():
    figure = area_figure(BOTH, "patient", STATE)
    over, abnormal = figure.axes
    assert dots(over) == [(0, 0.55, "ring"), (0, 0.6, "full")]
    assert dots(abnormal) == [(0, 0.52, "ring"), (0, 0.65, "full")]
    assert dashed(over) == [0.5, 0.58] and dashed(abnormal) == [0.5, 0.61]
    said = said_by(figure)
    assert {"0.580 to 0.620", "0.630 to 0.670", "no information 0.500", "by_device 0.610"} <= {
        *said
    }
    assert "AUC over the four states: models with probabilities" in said
    assert "AUC of abnormal against normal: models without probabilities" in said
    assert over.get_xlim() == abnormal.get_xlim()


def test_areas_are_ranked_whatever_the_score_is():
    rows = areas({"a": "knn"}, {"auc_ovr_between_patients": 0.55}) + areas(
        {"b": "svc"}, {"auc_ovr_between_patients": 0.6}
    )
    (axes,) = area_figure(rows, "patient", STATE).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]


def test_of_two_classes_there_is_one_auc():
    target = Target("crackles", ("no crackles", "crackles"))
    score = {"balanced_accuracy": 0.5}
    rows = areas(
        {"a": "knn"},
        {"auc_ovr_between_patients": 0.7, "auc_abnormal_between_patients": 0.7} | score,
    )
    rows += areas({"b": "svr"}, {"auc_abnormal_between_patients": 0.6} | score)
    figure = area_figure(rows, "patient", target)
    (axes,) = figure.axes
    assert dots(axes) == [(0, 0.7, "full"), (1, 0.6, "full")]
    said = said_by(figure)
    assert any(text.startswith("AUC of crackles against no crackles on the test") for text in said)
    assert not any("probabilities" in text for text in said)
    assert "pairs of one device" not in said  # recordings do not name their device


def test_areas_that_are_not_there_are_said_to_be_so():
    """Where every fit has failed, and where all cycles tested on are of one class."""
    rows = areas({"a": "knn"}, {"auc_abnormal_between_patients": 0.5})
    for row in rows:
        if row["metric"] == "auc_abnormal_between_patients":
            row |= {"value": None, "ci_low": None, "ci_high": None}
    assert "No AUC" in said_by(area_figure(rows, "patient", STATE))[0]
    failed = [row | {"n_cycles": 0, "value": None} for row in comparison({"a": "knn"})]
    assert "No result" in said_by(area_figure(failed, "patient", STATE))[0]


def test_areas_of_baselines_alone_are_drawn():
    figure = area_figure(
        areas({"mean": "mean"}, {"auc_abnormal_between_patients": 0.5}), "patient", STATE
    )
    assert dots(figure.axes[0]) == [(0, 0.5, "full")]
