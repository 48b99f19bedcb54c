"""Figures of curves over thresholds: ROC, precision and recall, net benefit; one panel per side.

Each draws the best models of one split, of each algorithm one, and the band of the first of them.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.figures.grouping import best_of_each
from auscultation.figures.layout import (
    DASHED,
    WIDTH,
    Looks,
    colour_legend,
    legend_height,
    note_figure,
    panels,
    unit_axis,
)
from auscultation.figures.style import MUTED, colour, short
from auscultation.scores.comparison import Ranked
from auscultation.scores.curves import CurvePoint

MOST_LINES, MOST_PANELS = 6, 6
NO_CURVE = "No curve: no model has a result, or each fold has cycles of one side only."
NO_BENEFIT = "No model predicts probabilities."
Line = list[CurvePoint]


def roc_figure(points: list[CurvePoint], ranked: list[Ranked]) -> Figure:
    """Return the figure of the sensitivity by the false positive rate.

    Points are those of one split, `ranked` its models, the best first.
    """
    found = _by_side(points, "roc")
    figure, drawn = _panels(found, ranked, "false positive rate", "sensitivity", NO_CURVE)
    for axes, lines in drawn.values():
        unit_axis(axes, "y")
        axes.plot((0, 1), (0, 1), **_REFERENCE)
        _draw(axes, lines, start=(0, 0))
    return figure


def precision_recall_figure(points: list[CurvePoint], ranked: list[Ranked]) -> Figure:
    """Return the figure of the precision by the recall, with that of calling all positive dashed."""
    found = _by_side(points, "precision_recall")
    shares = _by_side(points, "precision_of_all")
    figure, drawn = _panels(found, ranked, "recall (sensitivity)", "precision", NO_CURVE)
    for side, (axes, lines) in drawn.items():
        unit_axis(axes, "y")
        for line in shares.get(side, {}).values():
            axes.plot(*_places(line), **_REFERENCE)
        _draw(axes, lines)
    return figure


def net_benefit_figure(points: list[CurvePoint], ranked: list[Ranked]) -> Figure:
    """Return the figure of the net benefit by the threshold, beside calling all or none positive."""
    found = _by_side(points, "net_benefit")
    every = _by_side(points, "net_benefit_of_all")
    figure, drawn = _panels(found, ranked, "threshold", "net benefit", NO_BENEFIT, 0.42)
    for side, (axes, lines) in drawn.items():
        of_all = every.get(side, {}).get("", [])
        highest = [point["y"] for line in (*lines.values(), of_all) for point in line]
        best = next(iter(lines.values()))
        top = 1.05 * max(*highest, *(point["ci_high"] or 0 for point in best))
        axes.set_ylim(-0.2 * top, top)
        axes.locator_params(axis="y", nbins=5)
        axes.axhline(0, color=MUTED, linewidth=0.9, zorder=1)
        if of_all:
            axes.plot(*_places(of_all), **_REFERENCE)
        _draw(axes, lines)
    return figure


_REFERENCE: Looks = {"color": MUTED, "linewidth": 0.9, "linestyle": DASHED, "zorder": 1}


def _by_side(points: list[CurvePoint], curve: str) -> dict[str, dict[str, Line]]:
    """Return the points of one kind of curve, by side, then model."""
    found: dict[str, dict[str, Line]] = {}
    for point in points:
        if point["curve"] == curve:
            found.setdefault(point["positive"], {}).setdefault(point["model"], []).append(point)
    return found


def _panels(
    found: Mapping[str, Mapping[str, Line]],
    ranked: list[Ranked],
    x: str,
    y: str,
    why: str,
    gap: float = 0.3,
) -> tuple[Figure, dict[str, tuple[Axes, dict[str, Line]]]]:
    """Return a figure, and by side its panel with the lines to draw, by algorithm.

    The first line is that of the best model. Without a line the figure says why.
    """
    shown: dict[str, dict[str, Line]] = {}
    for side, lines in found.items():
        rows = [row for row in ranked if row["model"] in lines]
        best = best_of_each([row for row in rows if not row["baseline"]] or rows)[:MOST_LINES]
        if best and len(shown) < MOST_PANELS:
            shown[side] = {row["algorithm"]: lines[row["model"]] for row in best}
    if not shown:
        return note_figure(why), {}
    algorithms = sorted({name for lines in shown.values() for name in lines})
    left, top, n = 0.55, legend_height(len(algorithms)) + 0.38, len(shown)
    columns = 4 if n == 4 else 3  # the four sides of states on one line
    width = (WIDTH - left - 0.12 - gap * (columns - 1)) / columns
    lines_down = -(-n // columns)
    figure = Figure(figsize=(WIDTH, top + lines_down * (width + 0.75) - 0.27))
    colour_legend(figure, left, {name.replace("_", " "): colour(name) for name in algorithms})
    places = [divmod(number, columns) for number in range(n)]
    boxes = [(left + i * (width + gap), top + j * (width + 0.75), width, width) for j, i in places]
    all_axes = panels(figure, boxes)
    for (_, across), axes, side in zip(places, all_axes, shown, strict=True):
        axes.set_title(short(side, 24))
        axes.set_xlabel(x)
        axes.set_ylabel("" if across else y)
        unit_axis(axes, "x")
    drawn = zip(all_axes, shown.values(), strict=True)
    return figure, dict(zip(shown, drawn, strict=True))


def _places(line: Line) -> tuple[list[float], list[float]]:
    """Return the points of a line, across and up."""
    return [point["x"] for point in line], [point["y"] for point in line]


def _draw(axes: Axes, lines: Mapping[str, Line], start: tuple[float, float] | None = None) -> None:
    """Draw the lines of a panel, the first on top and with its band."""
    for place, (algorithm, line) in enumerate(lines.items()):
        draw = partial(axes.plot, color=colour(algorithm), zorder=3 - place / 10)
        x, y = _places(line)
        if start:
            x, y = [start[0], *x], [start[1], *y]
        draw(x, y, linewidth=1.1 if place else 1.6)
        if not place:
            band = [(p["x"], p["ci_low"], p["ci_high"]) for p in line if p["ci_low"] is not None]
            across, low, high = np.array(band, dtype=float).reshape(-1, 3).T
            axes.fill_between(across, low, high, color=colour(algorithm), alpha=0.15, linewidth=0)
