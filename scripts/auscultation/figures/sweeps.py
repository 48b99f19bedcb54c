"""The figure of a sweep: score by one of its settings."""

import math
from functools import partial
from typing import Any, TypedDict

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auscultation.data.target import Target
from auscultation.figures.curves import DASHES
from auscultation.figures.layout import (
    DASHED,
    Looks,
    name_panels,
    split_panels,
    top_legend,
    unit_axis,
)
from auscultation.figures.scores import Limits, Values, limits_of, scores_of
from auscultation.figures.style import MUTED, PAPER, colour, short
from auscultation.scores.comparison import Row, wide


class Point(TypedDict):
    """One model of a sweep."""

    x: float  # the setting on the axis
    series: str  # the other swept settings


class Curve(TypedDict):
    """One setting of a sweep; see `auscultation.config.sweep.curves`."""

    sweep: str
    key: str
    algorithm: str
    points: dict[str, Point]  # by model


def sweep_figure(curve: Curve, rows: list[Row], order: list[str], target: Target) -> Figure:
    """Return the figure of the score of a sweep's models by one setting, one panel per split."""
    by_split, train = (wide(rows, part, target) for part in ("test", "train"))
    test = {split: by_split[split] for split in order}
    series = sorted({point["series"] for point in curve["points"].values()})
    xs = sorted({point["x"] for point in curve["points"].values()})
    ticks = xs if len(xs) <= 8 else xs[:: math.ceil(len(xs) / 8)]
    named = [text for text in series if text]
    top = 0.42 + 0.155 * math.ceil((2 + len(named)) / 3) + 0.1
    figure, all_axes = split_panels(len(test), 0.55, top, 1.75, (0.25, 0.85), 0.47)
    name_panels(all_axes, test, curve["key"], target.score_words)
    for i, (axes, split) in enumerate(zip(all_axes, test, strict=True)):
        if xs[0] > 0 and xs[-1] / xs[0] >= 20:
            axes.set_xscale("log")
            axes.minorticks_off()
        axes.set_xticks(ticks, [f"{x:g}" for x in ticks])
        unit_axis(axes, "y")
        if i % 3:
            axes.tick_params(axis="y", labelleft=False)
        axes.grid(axis="y")
        baselines = [row["values"][target.score] for row in test[split] if row["baseline"]]
        scores = [value for value in baselines if value is not None]
        if scores:
            axes.axhline(max(scores), color=MUTED, linewidth=0.9, linestyle=DASHED)
        on_test, on_train = scores_of(test[split], target), scores_of(train[split], target)
        limits = limits_of(test[split], target.score)
        for style, text in enumerate(series):
            draw = partial(_draw_series, axes, curve, text, linestyle=DASHES[style % 4])
            draw(on_train, {}, markersize=4.6, markerfacecolor=PAPER)
            draw(on_test, limits, markersize=4.2)
    _legend(figure, curve, series)
    return figure


def _draw_series(
    axes: Axes, curve: Curve, series: str, values: Values, limits: Limits, **look: Any
) -> None:
    """Draw the models of one series, and their intervals as a band."""
    points = sorted((p["x"], m) for m, p in curve["points"].items() if p["series"] == series)
    drawn = [(x, y, model) for x, model in points if (y := values.get(model)) is not None]
    paint = colour(curve["algorithm"])
    xs, ys = [x for x, _, _ in drawn], [y for _, y, _ in drawn]
    axes.plot(xs, ys, "o", color=paint, linewidth=1.1, clip_on=False, **look)
    ends = [(x, *limits[model]) for x, _, model in drawn if model in limits]
    if ends:
        x, low, high = (list(column) for column in zip(*ends, strict=True))
        axes.fill_between(x, low, high, color=paint, alpha=0.15, linewidth=0)


def _legend(figure: Figure, curve: Curve, series: list[str]) -> None:
    """Write the meaning of dots, rings, the dashed line and the series."""
    paint = colour(curve["algorithm"])
    dot: Looks = {"color": paint, "marker": "o", "linewidth": 1.1, "markersize": 4.4}
    handles = [Line2D([], [], **dot), Line2D([], [], **dot, markerfacecolor=PAPER)]
    handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=DASHED))
    labels = ["test part, 95 % interval", "training part", "best baseline, test part"]
    for style, text in enumerate(series):
        if text:
            handles.append(Line2D([], [], color=paint, linewidth=1.1, linestyle=DASHES[style % 4]))
            labels.append(short(text, 40))
    top_legend(figure, 0.55, 0.04, handles, labels, 3, handlelength=2)
