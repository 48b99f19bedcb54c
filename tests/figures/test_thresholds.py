"""Figures of curves over thresholds: which lines are drawn, where, and what is said without any."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

import figures  # noqa: F401  # sets how figures look
from auscultation.data.target import Target
from auscultation.figures.style import METADATA, MUTED, colour, inline_svg
from auscultation.figures.thresholds import (
    MOST_LINES,
    MOST_PANELS,
    net_benefit_figure,
    precision_recall_figure,
    roc_figure,
)
from auscultation.scores.curves import curve_points, points_of_all
from rated import DIAGNOSES, rated
from scored_rows import by_split

FIGURES = {
    roc_figure: "roc",
    precision_recall_figure: "precision_recall",
    net_benefit_figure: "net_benefit",
}
EVERY = pytest.mark.parametrize("figure", FIGURES, ids=FIGURES.values())


def drawn(models, target=None, numbers=()):
    """Points of these models (by algorithm), each of its own predictions, and their ranking."""
    points = []
    for seed, (model, algorithm) in enumerate(models.items()):
        tested = rated(seed=seed, target=target, probable=model not in numbers)
        fit = {"model": model, "algorithm": algorithm, "split": "patient"}
        points += curve_points(tested._replace(fit=fit))
    return points + points_of_all(tested), by_split(models)["patient"]


def lines_of(axes):
    """Lines of models: colour, places up; without references, which are dashed or muted."""
    return [
        (to_hex(line.get_color()), np.asarray(line.get_ydata(), float))
        for line in axes.lines
        if to_hex(line.get_color()) != MUTED
    ]


MODELS = {"a": "knn", "b": "random_forest", "c": "random_forest", "mean": "mean"}


@EVERY
def test_draws_the_best_of_each_algorithm_and_no_baseline(figure):
    points, ranked = drawn(MODELS)
    made = figure(points, ranked)
    sides = ["abnormal", "crackles", "wheezes", "both"]
    assert [axes.get_title("left") for axes in made.axes] == sides
    for axes, side in zip(made.axes, sides, strict=True):
        lines = lines_of(axes)
        assert [paint for paint, _ in lines] == [colour("knn"), colour("random_forest")]
        for (_, y), model in zip(lines, "ab", strict=True):
            expected = [
                p["y"]
                for p in points
                if (p["model"], p["positive"], p["curve"]) == (model, side, FIGURES[figure])
            ]
            assert y[-len(expected) :] == pytest.approx(expected)
        assert len(axes.collections) == 1  # the band of the first alone
    said = {text.get_text() for text in made.findobj(Text)}
    assert {"knn", "random forest"} <= said and "mean" not in said


def test_dashed_lines_are_of_calling_all_positive():
    points, ranked = drawn(MODELS)
    for figure, curve in (
        (precision_recall_figure, "precision"),
        (net_benefit_figure, "net_benefit"),
    ):
        (line,) = (line for line in figure(points, ranked).axes[0].lines if line.is_dashed())
        expected = [
            p["y"] for p in points if (p["curve"], p["positive"]) == (f"{curve}_of_all", "abnormal")
        ]
        assert list(line.get_ydata()) == expected


def test_a_panel_of_what_models_without_probabilities_tell():
    points, ranked = drawn({"a": "svr", "b": "knn"}, numbers=("a",))
    counts = [len(lines_of(axes)) for axes in roc_figure(points, ranked).axes]
    assert counts == [2, 1, 1, 1]
    assert [len(lines_of(axes)) for axes in net_benefit_figure(points, ranked).axes] == [1] * 4


def test_baselines_are_drawn_where_there_is_nothing_else():
    points, ranked = drawn({"mean": "mean"})
    assert lines_of(roc_figure(points, ranked).axes[0])[0][0] == colour("mean")


def test_many_lines_and_panels_are_not_all_drawn():
    names = ("knn", "svc", "svr", "lstsq", "lda", "mlp", "random_forest", "extra_trees")
    points, ranked = drawn({name: name for name in names})
    assert len(lines_of(roc_figure(points, ranked).axes[0])) == MOST_LINES
    target = Target("Diagnosis", tuple("ABCDEFGHI"), tuple((letter,) for letter in "ABCDEFGHI"))
    points, ranked = drawn({"a": "knn"}, target)
    assert len(roc_figure(points, ranked).axes) == MOST_PANELS


@EVERY
@pytest.mark.parametrize(
    "target", [Target("wheezes", ("no wheezes", "wheezes")), DIAGNOSES], ids=["two", "unordered"]
)
def test_of_other_targets(figure, target):
    made = figure(*drawn(MODELS, target))
    assert len(made.axes) == (1 if len(target.classes) == 2 else 3)


@EVERY
def test_says_why_there_is_nothing(figure):
    made = figure([], by_split(MODELS)["patient"])
    assert any("No " in text.get_text() for text in made.findobj(Text))


@EVERY
def test_is_small_and_the_same_every_time(figure):
    points, ranked = drawn(MODELS)
    files = []
    for _ in range(2):
        file = io.StringIO()
        figure(points, ranked).savefig(file, format="svg", metadata=METADATA)
        files.append(file.getvalue())
    assert files[0] == files[1] and len(inline_svg(files[0], "f")) < 60_000
