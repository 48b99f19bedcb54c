"""Figures of single fits and of errors: confusion counts, first cycles, who is always wrong."""

import math

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.layout import WIDTH, sheet
from auscultation.figures.style import (
    CLASSES,
    GRID,
    HEAT,
    INK,
    MUTED,
    PAPER,
    colour,
    short,
    text_inches,
)
from auscultation.scores.comparison import FIRST

STEPS = len(HEAT)


def heat(share: float | None) -> int:
    """Return the step of a share, 0 to 1, on the scale of colours."""
    return 0 if share is None else min(STEPS - 1, int(share * STEPS))


def box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    """Return the corners of a rectangle by its upper left one."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def fill(axes, shapes: list, colours: list[str]) -> None:
    """Paint polygons."""
    shape = PolyCollection(shapes, facecolors=colours, edgecolors="none", clip_on=False)
    axes.add_collection(shape, autolim=False)


def confusion_figure(rows: list[dict], splits: list[str]) -> Figure:
    """Draw what each class was called by one model on the test part, a matrix a split.

    Parameters
    ----------
    rows
        Rows of the confusion counts of one model, test part.
    splits
        Names of the splits, in the order of the matrices.
    """
    by_class = {row["predicted"]: row["predicted_name"] for row in rows}
    names = [by_class[number] for number in sorted(by_class)]
    k = len(names)
    label = max(text_inches(short(name, 16), 7) for name in names) + 0.1
    left, gap = label + 0.22, 0.18
    fitting = max(1, int((WIDTH - left) // (0.36 * k + gap)))
    lines = math.ceil(len(splits) / fitting)
    per_line = math.ceil(len(splits) / lines)
    cell = min(0.42, ((WIDTH - left - 0.1) / per_line - gap) / k)
    side, top = cell * k, label + 0.32
    figure, axes = sheet(lines * (top + side + 0.12) + 0.18)
    small = {"ha": "center", "va": "center"}
    for i, split in enumerate(splits):
        x0 = left + i % per_line * (side + gap)
        y0 = top + i // per_line * (top + side + 0.12)
        axes.text(x0, y0 - top + 0.16, short(split, 22), fontsize=8.5, fontweight="bold")
        shapes, colours = [], []
        for row in (row for row in rows if row["split"] == split):
            x, y = x0 + row["predicted"] * cell, y0 + row["true"] * cell
            step = heat(row["share"])
            shapes.append(box(x + 0.01, y + 0.01, cell - 0.02, cell - 0.02))
            colours.append(HEAT[step])
            ink = PAPER if step >= STEPS // 2 + 1 else INK
            text = "–" if row["share"] is None else f"{100 * row['share']:.0f} %"
            axes.text(x + cell / 2, y + cell * 0.4, text, fontsize=6.8, color=ink, **small)
            axes.text(
                x + cell / 2, y + cell * 0.74, f"{row['n']:,}", fontsize=5.2, color=ink, **small
            )
        fill(axes, shapes, colours)
        for number, name in enumerate(names):
            at = (x0 + (number + 0.5) * cell, y0 - 0.05)
            axes.text(*at, short(name, 16), rotation=90, ha="center", va="bottom", fontsize=7)
            if i % per_line == 0:
                at = (x0 - 0.06, y0 + (number + 0.5) * cell)
                axes.text(*at, short(name, 16), ha="right", va="center", fontsize=7)
        if i % per_line == 0:
            at = (0.1, y0 + side / 2)
            axes.text(*at, "true", rotation=90, ha="center", va="center", fontsize=7, color=MUTED)
        axes.text(x0, y0 + side + 0.12, "called", fontsize=7, color=MUTED)
    return figure


def cycles_figure(
    parts: dict[str, tuple[np.ndarray, np.ndarray]], algorithm: str, target: Target
) -> Figure:
    """Draw the notebook's figure: true and predicted class, training and test part side by side.

    Parameters
    ----------
    parts
        train and test: true class and prediction of the first cycles.
    algorithm
        Of the model, for its colour.
    target
        What was predicted.
    """
    names = [short(label, 18) for label in target.labels]
    top, height, gap = 0.52, max(1.3, 0.17 * len(names)), 0.2
    left = max(text_inches(name, 7.5) for name in names) + 0.15
    wide = (WIDTH - left - 0.15 - gap) / 2
    figure, axes = sheet(top + height + 0.45)
    values = np.concatenate([prediction for _, prediction in parts.values()])
    most = len(names) - 1
    low, high = min(0.0, float(values.min())), max(float(most), float(values.max()))
    margin = 0.08 * (high - low)

    def up(value):
        return top + height * (high + margin - value) / (high - low + 2 * margin)

    guides = []
    for i, (part, title) in enumerate((("train", "Training part"), ("test", "Test part"))):
        x0 = left + i * (wide + gap)
        state, prediction = parts[part]
        x = x0 + wide * np.arange(1, len(state) + 1) / (FIRST + 1)
        axes.text(x0, top - 0.1, f"{title}: first {len(state)} cycles", fontsize=8.5, weight="bold")
        guides += [[(x0, up(c)), (x0 + wide, up(c))] for c in range(len(names))]
        hollow = {"markerfacecolor": "none", "markeredgecolor": MUTED}
        axes.plot(x, up(state), "o", markersize=5.6, clip_on=False, **hollow)
        full = {"color": colour(algorithm), "markeredgewidth": 0}
        axes.plot(x, up(prediction), "o", markersize=3.6, clip_on=False, **full)
        for cycle in (1, *range(10, FIRST + 1, 10)):
            at = (x0 + wide * cycle / (FIRST + 1), top + height + 0.16)
            axes.text(*at, str(cycle), ha="center", fontsize=7.5, color=MUTED)
        at = (x0 + wide / 2, top + height + 0.36)
        axes.text(*at, "cycle, in the order of the part", ha="center", fontsize=8, color=MUTED)
    lines = LineCollection(guides, colors=GRID, linewidths=0.6, zorder=0, clip_on=False)
    axes.add_collection(lines, autolim=False)
    for c, name in enumerate(names):
        axes.text(left - 0.08, up(c), name, ha="right", va="center", fontsize=7.5)
    for at, label, dot in (
        (left + 0.05, "true class", {"markersize": 5.6, "markeredgecolor": MUTED, "color": "none"}),
        (left + 1.05, "prediction", {"markersize": 3.6, "color": colour(algorithm)}),
    ):
        axes.plot(at, 0.13, "o", **dot)
        axes.text(at + 0.1, 0.13, label, va="center", fontsize=7.5)
    return figure


def patients_figure(
    errors: list[dict], hardest: list[dict], models: list[str], names: tuple[str, ...]
) -> Figure:
    """Draw how often each model is right about each patient, patients in the order of difficulty.

    Parameters
    ----------
    errors, hardest
        Rows of one split, by patient.
    models
        Which to draw, from top to bottom.
    names
        Of the classes.
    """
    order = sorted(hardest, key=lambda row: (row["mean_right"], row["group"]))
    place = {row["group"]: i for i, row in enumerate(order)}
    occurring = {row["main_class"] for row in order}
    left = (
        max(*(text_inches(short(m), 7.5) for m in models), text_inches("most cycles are", 7.5))
        + 0.15
    )
    line, top = 0.19, 0.62
    width = (WIDTH - left - 0.12) / len(order)
    first = top + line + 0.06
    figure, axes = sheet(first + line * len(models) + 0.42)
    shapes, colours = [], []
    side = {"ha": "right", "va": "center", "fontsize": 7.5}
    paints = {n: CLASSES[i % len(CLASSES)] for i, n in enumerate(names) if n in occurring}
    strips = [("most cycles are", top, [paints[row["main_class"]] for row in order])]
    for number, model in enumerate(models):
        shares = [0.0] * len(order)
        for row in errors:
            if row["model"] == model:
                shares[place[row["group"]]] = row["share_right"]
        strips.append((short(model), first + number * line, [HEAT[heat(s)] for s in shares]))
    for label, y, cells in strips:
        axes.text(left - 0.08, y + line / 2, label, **side)
        cuts = [0, *(i for i in range(1, len(cells)) if cells[i] != cells[i - 1]), len(cells)]
        for start, end in zip(cuts, cuts[1:], strict=False):
            shapes.append(box(left + start * width, y + 0.01, (end - start) * width, line - 0.02))
            colours.append(cells[start])
    fill(axes, shapes, colours)
    x, swatch = left, 0.14
    for label, paint in paints.items():
        fill(axes, [box(x, 0.06, swatch, 0.1)], [paint])
        axes.text(x + swatch + 0.05, 0.11, label, va="center", fontsize=7.5)
        x += swatch + 0.2 + text_inches(label, 7.5)
    x = left
    axes.text(left - 0.08, 0.36, "share right", **side)
    for step, paint in enumerate(HEAT):
        fill(axes, [box(x, 0.31, swatch, 0.1)], [paint])
        label = f"{100 * step // STEPS} to {100 * (step + 1) // STEPS} %"
        axes.text(x + swatch + 0.05, 0.36, label, va="center", fontsize=7.5)
        x += swatch + 0.2 + text_inches(label, 7.5)
    axes.text(left - 0.08, 0.11, "class", **side)
    end = first + line * len(models)
    axes.text(left, end + 0.16, "hardest", fontsize=7.5, color=MUTED)
    axes.text(WIDTH - 0.12, end + 0.16, "easiest", fontsize=7.5, color=MUTED, ha="right")
    note = f"{len(order):,} patients, each a column, by how often the models are right on average"
    axes.text((left + WIDTH) / 2, end + 0.16, note, fontsize=7.5, color=MUTED, ha="center")
    return figure
