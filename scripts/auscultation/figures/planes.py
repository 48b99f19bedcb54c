"""The figure of sensitivity against specificity, with lines of equal score."""

import math
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import representatives
from auscultation.figures.layout import (
    DASHED,
    WIDTH,
    colour_legend,
    grid_boxes,
    legend_height,
    panels,
    unit_axis,
)
from auscultation.figures.scores import Limits, limits_of
from auscultation.figures.style import GRID, MUTED, PAPER, colour, short
from auscultation.scores.comparison import Ranked, Row, wide
from auscultation.scores.published import Published

SCORES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # that have a line
LABELLED = (0.3, 0.5, 0.7)


def plane_figure(
    rows: list[Row],
    order: list[str],
    target: Target,
    published: Mapping[str, list[Published]] | None = None,
) -> Figure:
    """Return the figure of sensitivity against specificity, one panel per split of `order`.

    Published scores, by split, are marked.
    """
    by_split = wide(rows, "test", target)
    test = {split: by_split[split] for split in order}
    ends = [limits_of(rows, name) for name in ("specificity", "sensitivity")]
    colours = {}
    for models in test.values():
        for row in models:
            label = "baselines" if row["baseline"] else row["algorithm"].replace("_", " ")
            colours[label] = colour(row["algorithm"])
    colours = dict(sorted(colours.items(), key=lambda item: (item[0] == "baselines", item[0])))
    left, across, gap = 0.55, 0.3, 0.75
    top = legend_height(len(colours)) + 0.38
    side = (WIDTH - left - 0.12 - 2 * across) / 3
    boxes = grid_boxes(max(len(test), 3), left, top, side, (across, gap))[: len(test)]
    figure = Figure(figsize=(WIDTH, top + math.ceil(len(test) / 3) * (side + gap) - 0.27))
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), test, strict=True)):
        unit_axis(axes, "x")
        unit_axis(axes, "y")
        _draw_equal_scores(axes)
        for other in (published or {}).get(split, ()):
            if other["sensitivity"] is not None and other["specificity"] is not None:
                x, y = other["specificity"] / 100, other["sensitivity"] / 100
                axes.plot(x, y, "x", color=MUTED, markersize=4, markeredgewidth=0.9)
        across_limits, up_limits = (by_model.get(split, {}) for by_model in ends)
        _draw_models(axes, test[split], across_limits, up_limits)
        axes.set_title(short(split, 30), pad=6)
        axes.set_xlabel("specificity (normal cycles)")
        if i % 3 == 0:
            axes.set_ylabel("sensitivity (abnormal, class correct)")
    if any((published or {}).values()):
        colours = colours | {"× published, from audio": "none"}
    colour_legend(figure, left, colours)
    return figure


def _draw_equal_scores(axes: Axes) -> None:
    """Draw lines of equal score, that of a model without skill dashed."""
    for score in SCORES:
        x = (max(0, 2 * score - 1), min(1, 2 * score))
        y = [2 * score - v for v in x]
        if score == 0.5:
            axes.plot(x, y, color=MUTED, linewidth=0.9, linestyle=DASHED, zorder=0)
        else:
            axes.plot(x, y, color=GRID, linewidth=0.6, linestyle="-", zorder=0)
        if score in LABELLED:
            axes.annotate(
                f"score {score}",
                (x[0] + 0.14, 2 * score - x[0] - 0.14),
                (3, 3),
                textcoords="offset points",
                rotation=-45,
                fontsize=6,
                color=MUTED,
                ha="center",
                va="center",
            )


def _draw_models(
    axes: Axes, models: list[Ranked], across_limits: Limits, up_limits: Limits
) -> None:
    """Draw the models of a split, and the intervals of those that a figure names."""
    named = set(representatives(models))
    for row in reversed(models):
        x, y = row["values"]["specificity"], row["values"]["sensitivity"]
        if x is None or y is None:
            continue
        model, paint = row["model"], colour(row["algorithm"])
        if model in named and model in across_limits:
            ends = across_limits[model]
            axes.hlines(y, *ends, color=paint, linewidth=0.8, alpha=0.55, zorder=2)
        if model in named and model in up_limits:
            ends = up_limits[model]
            axes.vlines(x, *ends, color=paint, linewidth=0.8, alpha=0.55, zorder=2)
        axes.plot(
            x,
            y,
            "D" if row["baseline"] else "o",
            color=paint,
            clip_on=False,
            zorder=3,
            markersize=5,
            markeredgecolor=PAPER,
            markeredgewidth=0.6,
        )
