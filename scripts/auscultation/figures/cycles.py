"""The figure of the first cycles of a fit: true class and prediction."""

from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.layout import WIDTH, Looks, sheet
from auscultation.figures.style import GRID, MUTED, colour, short, text_inches
from auscultation.scores.comparison import FIRST

TITLES = {"train": "Training part", "test": "Test part"}
Part = tuple[np.ndarray, np.ndarray]  # true class and prediction of the first cycles


def cycles_figure(parts: Mapping[str, Part], algorithm: str, target: Target) -> Figure:
    """Return the figure of true and predicted class, training and test part side by side."""
    names = [short(label, 18) for label in target.labels]
    top, height, gap = 0.52, max(1.3, 0.17 * len(names)), 0.2
    left = max(text_inches(name, 7.5) for name in names) + 0.15
    width = (WIDTH - left - 0.15 - gap) / 2
    figure, axes = sheet(top + height + 0.45)
    values = np.concatenate([prediction for _, prediction in parts.values()])
    low, high = min(0.0, float(values.min())), max(len(names) - 1.0, float(values.max()))
    margin = 0.08 * (high - low)

    def up(value: np.ndarray) -> np.ndarray:
        return top + height * (high + margin - value) / (high - low + 2 * margin)

    levels = up(np.arange(len(names)))
    guides = []
    ring: Looks = {"markersize": 5.6, "markerfacecolor": "none", "markeredgecolor": MUTED}
    dot: Looks = {"markersize": 3.6, "color": colour(algorithm), "markeredgewidth": 0}
    write = partial(axes.text, ha="center", color=MUTED)
    for i, (part, title) in enumerate(TITLES.items()):
        x0 = left + i * (width + gap)
        true, prediction = parts[part]
        x = x0 + width * np.arange(1, len(true) + 1) / (FIRST + 1)
        axes.text(x0, top - 0.1, f"{title}: first {len(true)} cycles", fontsize=8.5, weight="bold")
        guides += [[(x0, y), (x0 + width, y)] for y in levels]
        axes.plot(x, up(true), "o", clip_on=False, **ring)
        axes.plot(x, up(prediction), "o", clip_on=False, **dot)
        for cycle in (1, *range(10, FIRST + 1, 10)):
            at = x0 + width * cycle / (FIRST + 1)
            write(at, top + height + 0.16, str(cycle), fontsize=7.5)
        write(x0 + width / 2, top + height + 0.36, "cycle, in the order of the split", fontsize=8)
    lines = LineCollection(guides, colors=GRID, linewidths=0.6, zorder=0, clip_on=False)
    axes.add_collection(lines, autolim=False)
    for y, name in zip(levels, names, strict=True):
        axes.text(left - 0.08, y, name, ha="right", va="center", fontsize=7.5)
    first, second = left + 0.05, left + 1.05
    axes.plot(first, 0.13, "o", markersize=5.6, markeredgecolor=MUTED, color="none")
    axes.text(first + 0.1, 0.13, "true class", va="center", fontsize=7.5)
    axes.plot(second, 0.13, "o", markersize=3.6, color=colour(algorithm))
    axes.text(second + 0.1, 0.13, "prediction", va="center", fontsize=7.5)
    return figure
