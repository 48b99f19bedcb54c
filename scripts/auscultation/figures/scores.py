"""The figure of scores, every model under every split, and what other figures share with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import Line, lines_of
from auscultation.figures.layout import (
    draw_dot,
    legend,
    name_lines,
    reference,
    split_panels,
    unit_axis,
)
from auscultation.figures.style import CELL, colour, short, text_inches
from auscultation.scores.comparison import Ends, Ranked, Row, wide
from auscultation.scores.published import Published, band

Limits = Mapping[str, tuple[float, float]]  # ends of intervals, by model
Values = Mapping[str, float | None]  # by model


def without_skill(target: Target) -> dict[str, float]:
    """Return the score of predicting one class for every cycle, by its name, where it is fixed."""
    if not target.ordered:
        return {}
    by_name = target.name in ("crackles", "wheezes")
    name = f"all without {target.name}" if by_name else f"all predicted {short(target.classes[0])}"
    return {name: 0.5}


def reference_lines(models: list[Ranked], names: set[str], target: Target) -> dict[str, float]:
    """Return the scores, by name, of the baselines in a split that are not drawn as dots."""
    lines = without_skill(target)
    for row in models:
        value = row["values"][target.score]
        drawn = not row["baseline"] or row["model"] in names
        if not drawn and value is not None and value not in lines.values():
            lines.setdefault(row["algorithm"].replace("_", " "), value)
    return lines


def draw_band(axes: Axes, published: list[Published]) -> None:
    """Shade the range of published scores."""
    axes.axvspan(*band(published), color=CELL, zorder=0, linewidth=0)


def draw_lines(
    axes: Axes, lines: Sequence[Line], values: Values, limits: Limits, rings: Values
) -> None:
    """Draw each line's first model (dot on its interval, ring) and its other models (ticks)."""
    for y, line in enumerate(lines):
        paint = colour(line.algorithm)
        first, *others = line.models
        if first in limits:
            axes.hlines(y, *limits[first], color=paint, linewidth=1.8, zorder=2)
        for model in others:
            value = values.get(model)
            if value is not None:
                axes.plot(value, y, "|", color=paint, markersize=6, alpha=0.55)
        ring, dot = rings.get(first), values.get(first)
        if ring is not None:
            draw_dot(axes, ring, y, paint, "none", 6.2)
        if dot is not None:
            draw_dot(axes, dot, y, paint, "full", 5.0)


def scores_figure(
    rows: list[Row],
    order: list[str],
    target: Target,
    published: Mapping[str, list[Published]] | None = None,
) -> Figure:
    """Return the figure of every model's score on both parts, one panel per split of `order`.

    Published scores, by split, are shaded behind.
    """
    by_split, train = (wide(rows, part, target) for part in ("test", "train"))
    test = {split: by_split[split] for split in order}
    first = next(iter(test.values()))
    sums: dict[str, float] = defaultdict(float)  # minus the scores of all splits
    for row in (row for models in test.values() for row in models):
        sums[row["model"]] -= row["values"][target.score] or 0.0
    lines = lines_of(sorted(first, key=lambda row: (sums[row["model"]], row["model"])))
    names = {model for line in lines for model in line.models}
    references = {split: reference_lines(models, names, target) for split, models in test.items()}
    labels = 0.125 * max(map(len, references.values()))  # inches above each panel
    left = max(text_inches(line.label, 7.5) for line in lines) + 0.15
    height, top, gap = 0.21 * len(lines) + 0.1, 0.5 + labels, 0.7 + labels
    figure, all_axes = split_panels(len(test), left, top, height, (0.22, gap), 0.4)
    for i, (axes, split) in enumerate(zip(all_axes, test, strict=True)):
        unit_axis(axes, "x")
        name_lines(axes, [line.label for line in lines])
        if i % 3:
            axes.set_yticks([])
        for step, (label, value) in enumerate(references[split].items()):
            reference(axes, value, label, step)
        if published and published.get(split):
            draw_band(axes, published[split])
        axes.set_title(short(split, 30), pad=16 + 9 * (len(references[split]) - 1))
        axes.set_xlabel(target.score_words)
        on_test, on_train = scores_of(test[split], target), scores_of(train[split], target)
        draw_lines(axes, lines, on_test, limits_of(test[split], target.score), on_train)
    legend(figure, left, ("test part", "full"), ("training part", "none"))
    return figure


def scores_of(models: list[Ranked], target: Target) -> dict[str, float | None]:
    """Return the score of each model."""
    return {row["model"]: row["values"][target.score] for row in models}


def limits_of(models: list[Ranked], metric: str) -> dict[str, tuple[float, float]]:
    """Return the intervals of a metric, by model."""
    return known_limits((row["model"], row["intervals"][metric]) for row in models)


def known_limits(ends: Iterable[tuple[str, Ends]]) -> dict[str, tuple[float, float]]:
    """Return intervals by what they are of, without those that have no ends."""
    return {of: (low, high) for of, (low, high) in ends if low is not None and high is not None}
