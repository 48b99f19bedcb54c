"""The figure of sensitivity against specificity, with lines of equal score."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import representatives
from auscultation.figures.layout import (
    DASHED,
    Looks,
    annotate,
    colour_legend,
    name_panels,
    square_panels,
)
from auscultation.figures.scores import limits_of
from auscultation.figures.style import GRID, MUTED, PAPER, colour, short
from auscultation.scores.comparison import Ranked, Row, wide
from auscultation.scores.published import Published

SCORES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # that have a line, every second a label


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
    colours = {}
    for row in (row for models in test.values() for row in models):
        label = "baselines" if row["baseline"] else row["algorithm"].replace("_", " ")
        colours[label] = colour(row["algorithm"])
    colours = dict(sorted(colours.items(), key=lambda item: (item[0] == "baselines", item[0])))
    figure, squares = square_panels(len(test), len(colours))
    names = ["normal cycles", "abnormal, class correct"]
    if len(target.classes) == 2:
        names = [short(name, 18) for name in target.classes]
    name_panels(squares, test, f"specificity ({names[0]})", f"sensitivity ({names[1]})")
    for axes, split in zip(squares, test, strict=True):
        _draw_equal_scores(axes)
        for other in (published or {}).get(split, ()):
            if other["sensitivity"] is not None and other["specificity"] is not None:
                x, y = other["specificity"] / 100, other["sensitivity"] / 100
                axes.plot(x, y, "x", color=MUTED, markersize=4, markeredgewidth=0.9)
        _draw_models(axes, test[split])
    if any((published or {}).values()):
        colours = colours | {"× published, from audio": "none"}
    colour_legend(figure, 0.55, colours)
    return figure


def _draw_equal_scores(axes: Axes) -> None:
    """Draw lines of equal score, that of a model without skill dashed."""
    for i, score in enumerate(SCORES):
        x = (max(0, 2 * score - 1), min(1, 2 * score))
        y = [2 * score - v for v in x]
        paint, width, style = (MUTED, 0.9, DASHED) if score == 0.5 else (GRID, 0.6, "-")
        axes.plot(x, y, color=paint, linewidth=width, linestyle=style, zorder=0)
        if i % 2:
            at = x[0] + 0.14, 2 * score - x[0] - 0.14
            look: Looks = {"rotation": -45, "fontsize": 6, "ha": "center", "va": "center"}
            annotate(axes, f"score {score}", at, (3, 3), color=MUTED, **look)


def _draw_models(axes: Axes, models: list[Ranked]) -> None:
    """Draw the models of a split, and the intervals of those that a figure names."""
    named = set(representatives(models))
    across_limits, up_limits = (limits_of(models, name) for name in ("specificity", "sensitivity"))
    for row in reversed(models):
        x, y = row["values"]["specificity"], row["values"]["sensitivity"]
        if x is None or y is None:
            continue
        model, paint = row["model"], colour(row["algorithm"])
        for at, limits, draw in ((y, across_limits, axes.hlines), (x, up_limits, axes.vlines)):
            if model in named and model in limits:
                draw(at, *limits[model], color=paint, linewidth=0.8, alpha=0.55, zorder=2)
        marker = "D" if row["baseline"] else "o"
        edge: Looks = {"markersize": 5, "markeredgecolor": PAPER, "markeredgewidth": 0.6}
        axes.plot(x, y, marker, color=paint, clip_on=False, zorder=3, **edge)
