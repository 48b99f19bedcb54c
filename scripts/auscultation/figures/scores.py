"""The figure of scores, every model under every split, and what it shares with others."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import lines_of
from auscultation.figures.layout import (
    WIDTH,
    faces,
    grid_boxes,
    guide_lines,
    legend,
    name_lines,
    panels,
    reference,
    unit_axis,
)
from auscultation.figures.style import CELL, colour, short, text_inches
from auscultation.scores.comparison import wide
from auscultation.scores.published import band


def without_skill(target: Target) -> dict[str, float]:
    """Return the score of calling every cycle the same by its name, where it is known beforehand."""
    same = {"state": "all called normal"}.get(target.name, f"all without {target.name}")
    return {same: 0.5} if target.ordered else {}


def reference_lines(models: list[dict], names: set[str], target: Target) -> dict[str, float]:
    """Return the baselines' scores in a split by what they are called, those not drawn as dots."""
    lines = without_skill(target)
    for row in models:
        known = row[target.score] not in (None, *lines.values())
        if row["baseline"] and row["model"] not in names and known:
            lines.setdefault(row["algorithm"].replace("_", " "), row[target.score])
    return lines


def draw_band(axes: Axes, published: list[dict]) -> None:
    """Shade what others published, from the lowest to the highest score."""
    axes.axvspan(*band(published), color=CELL, zorder=0, linewidth=0)


def draw_lines(
    axes: Axes, lines: list[dict], values: dict, limits: dict, rings: dict | None = None
) -> None:
    """Draw a dot for each model of each line, and the interval of the first.

    Parameters
    ----------
    lines
        Of `auscultation.figures.grouping.lines_of`.
    values, limits
        Score on the test part and its interval, by model.
    rings
        What is drawn as rings beside them, by model.
    """
    for y, line in enumerate(lines):
        paint = colour(line["algorithm"])
        first, *others = line["models"]
        if first in limits:
            axes.hlines(y, *limits[first], color=paint, linewidth=1.8, zorder=2)
        for model in others:
            if values.get(model) is not None:
                axes.plot(values[model], y, "|", color=paint, markersize=6, alpha=0.55)
        for where, fill, size in ((rings or {}, "none", 6.2), (values, "full", 5.0)):
            if where.get(first) is not None:
                dot = faces(paint, fill) | {"markersize": size}
                axes.plot(where[first], y, "o", clip_on=False, **dot)


def scores_figure(
    rows: list[dict],
    order: list[str],
    target: Target,
    published: dict[str, list[dict]] | None = None,
) -> Figure:
    """Draw the score of every model on both parts, a panel a split, baselines as lines.

    Parameters
    ----------
    rows
        Rows of the comparison.
    order
        Names of the splits, in the order of the panels.
    target
        What was predicted.
    published
        By split, the published scores to be shaded behind it.
    """
    by_split, train = (wide(rows, part, target) for part in ("test", "train"))
    test = {split: by_split[split] for split in order}
    limits = limits_of(rows, target.score)
    mean = mean_ranks(test, target)
    first = next(iter(test.values()))
    lines = lines_of(sorted(first, key=lambda row: mean[row["model"]]))
    names = {model for line in lines for model in line["models"]}
    references = {split: reference_lines(models, names, target) for split, models in test.items()}
    labels = 0.125 * max(map(len, references.values()))  # inches above each panel
    left = max(text_inches(line["label"], 7.5) for line in lines) + 0.15
    height, top, gap = 0.21 * len(lines) + 0.1, 0.5 + labels, 0.7 + labels
    figure = Figure(figsize=(WIDTH, top + math.ceil(len(test) / 3) * (height + gap) - gap + 0.4))
    boxes = grid_boxes(len(test), left, top, height, (0.22, gap))
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), test, strict=True)):
        unit_axis(axes, "x")
        name_lines(axes, [line["label"] for line in lines])
        if i % 3:
            axes.set_yticks([])
        guide_lines(axes, len(lines))
        for step, (label, value) in enumerate(references[split].items()):
            reference(axes, value, label, step)
        if (published or {}).get(split):
            draw_band(axes, published[split])
        axes.set_title(short(split, 30), pad=16 + 9 * (len(references[split]) - 1))
        axes.set_xlabel(target.score_words)
        values, known = (
            {row["model"]: row[target.score] for row in by[split]} for by in (test, train)
        )
        draw_lines(axes, lines, values, limits[split], known)
    legend(figure, left, ("test part", "full"), ("training part", "none"))
    return figure


def limits_of(rows: list[dict], metric: str) -> dict[str, dict[str, tuple]]:
    """Return the intervals of a metric on the test part, by split and model."""
    limits: dict[str, dict[str, tuple]] = {}
    for row in rows:
        ends = limits.setdefault(row["split"], {})
        if (row["part"], row["metric"]) == ("test", metric) and row["ci_low"] is not None:
            ends[row["model"]] = (row["ci_low"], row["ci_high"])
    return limits


def mean_ranks(test: dict[str, list[dict]], target: Target) -> dict[str, tuple]:
    """Return what orders models over all splits, best first: minus the sum of scores, name."""
    sums: dict[str, float] = {}
    for models in test.values():
        for row in models:
            sums[row["model"]] = sums.get(row["model"], 0.0) - (row[target.score] or 0.0)
    return {model: (value, model) for model, value in sums.items()}
