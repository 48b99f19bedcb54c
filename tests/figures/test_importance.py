"""The figure of what models rely on: dots, rings and intervals follow the rows."""

import pytest

from auscultation.figures.importance import GROUPS, NOTHING, importance_figure
from auscultation.figures.style import PAPER
from importances import ABNORMAL, STATE, row

ORDER = ["patient", "shuffled"]
APART = {"patient": "patient", "shuffled": "cycle"}


def dots(axes):
    """The line and place of each dot, and whether it is a ring, from top to bottom."""
    return sorted(
        (
            int(line.get_ydata()[0]),
            round(line.get_xdata()[0], 3),
            line.get_markerfacecolor() == PAPER,
        )
        for line in axes.lines
        if line.get_marker() == "o"
    )


def names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_a_panel_of_each_algorithms_best_the_highest_auc_first():
    rows = [row("knn", "Var", 0.1, value=0.6), row("svc", "Var", 0.2, metric=ABNORMAL, value=0.9)]
    rows += [row("lda", "Var", 0.1, value=0.8), row("mean", "Var", 0.0, value=0.95)]
    rows += [row("lda 2", "Var", 0.1, value=0.7, algorithm="lda")]
    figure = importance_figure(rows, ORDER, APART, STATE)
    titles = [axes.get_title("left") or axes.get_title() for axes in figure.axes]
    assert titles == ["lda", "knn", "svc"]
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert labels[1:] == ["AUC over the four states: lost", "AUC of abnormal against normal: lost"]


def test_dots_are_losses_and_rings_those_of_known_patients():
    rows = [
        row("knn", "Var", 0.02),
        row("knn", "age", 0.1),
        row("knn", "Var", 0.3, split="shuffled"),
    ]
    (axes,) = importance_figure(rows, ORDER, APART, STATE).axes
    assert names(axes) == ["age", "Var"]
    assert dots(axes) == [(0, 0.1, False), (1, 0.02, False), (1, 0.3, True)]
    spans = [c.get_segments()[0][:, 0].round(3).tolist() for c in axes.collections[1:]]
    assert spans == [[0.09, 0.11], [0.01, 0.03]]


@pytest.mark.parametrize("apart", [{}, {"shuffled": "cycle"}])
def test_without_a_split_of_patients_there_are_no_rings(apart):
    rows = [row("knn", "Var", 0.02), row("knn", "Var", 0.3, split="shuffled")]
    (axes,) = importance_figure(rows, ORDER, apart, STATE).axes
    assert dots(axes) == [(0, 0.02, False)]


def test_of_many_groups_those_that_cost_most_are_drawn():
    rows = [row("knn", f"f{k}", k / 100) for k in range(30)]
    (axes,) = importance_figure(rows, ORDER, APART, STATE).axes
    assert names(axes) == [f"f{k}" for k in range(29, 29 - GROUPS, -1)]


@pytest.mark.parametrize("rows", [[], [row("knn", "Var", None)], [row("mean", "Var", 0.1)]])
def test_nothing_to_draw_is_said(rows):
    figure = importance_figure(rows, ORDER, APART, STATE)
    assert NOTHING in " ".join(t.get_text() for t in figure.axes[0].texts).replace("\n", " ")
