"""Figures of errors: confusion counts, and how often models are right about each patient."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from auscultation.figures.layout import WIDTH, sheet
from auscultation.figures.style import CLASSES, HEAT, INK, MUTED, PAPER, short, text_inches
from auscultation.scores.confusion import Confusion

STEPS = len(HEAT)
LINE = 0.19  # inches, the height of a strip
COLUMNS = 500  # of patients; of more, several share one
SWATCH = 0.14  # inches, the width of a legend's sample
Corners = list[tuple[float, float]]
Strip = tuple[str, float, list[str]]  # label, y (inches), and a colour for each column


def heat(share: float | None) -> int:
    """Return the step of a share, 0 to 1, on the scale of colours."""
    return 0 if share is None else min(STEPS - 1, int(share * STEPS))


def box(x: float, y: float, width: float, height: float) -> Corners:
    """Return the corners of a rectangle by its upper left one."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def fill(axes: Axes, shapes: list[Corners], colours: list[str]) -> None:
    """Draw filled polygons."""
    shape = PolyCollection(shapes, facecolors=colours, edgecolors="none", clip_on=False)
    axes.add_collection(shape, autolim=False)


def confusion_figure(rows: list[Confusion], splits: list[str]) -> Figure:
    """Return the figure of a model's predictions on the test part by true class, split by split."""
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
    write = partial(axes.text, fontsize=7)
    for i, split in enumerate(splits):
        x0 = left + i % per_line * (side + gap)
        y0 = top + i // per_line * (top + side + 0.12)
        axes.text(x0, y0 - top + 0.16, short(split, 22), fontsize=8.5, fontweight="bold")
        _draw_matrix(axes, [row for row in rows if row["split"] == split], (x0, y0), cell)
        for number, name in enumerate(names):
            x = x0 + (number + 0.5) * cell
            write(x, y0 - 0.05, short(name, 16), rotation=90, ha="center", va="bottom")
            if i % per_line == 0:
                y = y0 + (number + 0.5) * cell
                write(x0 - 0.06, y, short(name, 16), ha="right", va="center")
        if i % per_line == 0:
            write(0.1, y0 + side / 2, "true", color=MUTED, rotation=90, ha="center", va="center")
        write(x0, y0 + side + 0.12, "predicted", color=MUTED)
    return figure


def _draw_matrix(
    axes: Axes, rows: list[Confusion], corner: tuple[float, float], cell: float
) -> None:
    """Draw one confusion matrix: share of the true class, and number of predictions."""
    shapes, colours = [], []
    write = partial(axes.text, ha="center", va="center")
    for row in rows:
        x, y = corner[0] + row["predicted"] * cell, corner[1] + row["true"] * cell
        step = heat(row["share"])
        shapes.append(box(x + 0.01, y + 0.01, cell - 0.02, cell - 0.02))
        colours.append(HEAT[step])
        ink = PAPER if step >= STEPS // 2 + 1 else INK
        text = "–" if row["share"] is None else f"{100 * row['share']:.0f} %"
        write(x + cell / 2, y + cell * 0.4, text, fontsize=6.8, color=ink)
        write(x + cell / 2, y + cell * 0.74, f"{row['n']:,}", fontsize=5.2, color=ink)
    fill(axes, shapes, colours)


class People(NamedTuple):
    """How often models are right about patients, the hardest first; of many, about some at a time."""

    n: int
    per_column: int  # patients
    classes: list[int]  # number of the most frequent class of each column
    shares: dict[str, list[float]]  # right, by model: of each column, the mean of its patients


def people_of(
    errors: pa.Table, hardest: pa.Table, models: Sequence[str], names: Sequence[str]
) -> People:
    """Return what is drawn of patients, from the rows by patient of one split; `names` are of classes."""
    hardest = hardest.sort_by([("mean_right", "ascending"), ("group", "ascending")])
    per_column = -(-hardest.num_rows // COLUMNS)
    starts = np.arange(0, hardest.num_rows, per_column)
    main = pc.index_in(hardest["main_class"], pa.array(names)).to_numpy()
    counts = np.add.reduceat(main[:, None] == np.arange(len(names)), starts, dtype=int)
    shares = {}
    for model in models:
        own = errors.filter(pc.equal(errors["model"], model))
        own = own.take(pc.index_in(hardest["group"], own["group"].combine_chunks()))
        sums = np.add.reduceat(own["share_right"].to_numpy(), starts)
        shares[model] = (sums / np.diff(starts, append=hardest.num_rows)).tolist()
    return People(hardest.num_rows, per_column, counts.argmax(1).tolist(), shares)


def patients_figure(people: People, names: Sequence[str]) -> Figure:
    """Return the figure of how often each model is right about each patient, the hardest first.

    `names` are of the classes; models are drawn from top to bottom.
    """
    labels = [short(model) for model in people.shares] + ["most cycles are"]
    left = max(text_inches(label, 7.5) for label in labels) + 0.15
    top = 0.62
    first = top + LINE + 0.06
    figure, axes = sheet(first + LINE * len(people.shares) + 0.42)
    paints = {names[k]: CLASSES[k % len(CLASSES)] for k in sorted({*people.classes})}
    strips: list[Strip] = [("most cycles are", top, [paints[names[k]] for k in people.classes])]
    for number, (model, shares) in enumerate(people.shares.items()):
        colours = [HEAT[heat(share)] for share in shares]
        strips.append((short(model), first + number * LINE, colours))
    _draw_strips(axes, strips, left, (WIDTH - left - 0.12) / len(people.classes))
    _legends(axes, left, paints)
    end = first + LINE * len(people.shares) + 0.16
    axes.text(left, end, "hardest", fontsize=7.5, color=MUTED)
    axes.text(WIDTH - 0.12, end, "easiest", fontsize=7.5, color=MUTED, ha="right")
    per_column = "one" if people.per_column == 1 else f"{people.per_column:,}"
    note = f"patients, {per_column} per column, ordered by the mean share correct of the models"
    middle = (left + WIDTH) / 2
    axes.text(middle, end, f"{people.n:,} {note}", fontsize=7.5, color=MUTED, ha="center")
    return figure


def _draw_strips(axes: Axes, strips: list[Strip], left: float, width: float) -> None:
    """Draw strips of cells of a width (inches), neighbours of one colour as one rectangle."""
    shapes, colours = [], []
    for label, y, cells in strips:
        axes.text(left - 0.08, y + LINE / 2, label, ha="right", va="center", fontsize=7.5)
        cuts = [0, *(i for i in range(1, len(cells)) if cells[i] != cells[i - 1]), len(cells)]
        for start, end in zip(cuts, cuts[1:], strict=False):
            shapes.append(box(left + start * width, y + 0.01, (end - start) * width, LINE - 0.02))
            colours.append(cells[start])
    fill(axes, shapes, colours)


def _legends(axes: Axes, left: float, classes: dict[str, str]) -> None:
    """Write the meaning of the colours of classes, and of shares, on the top edge."""
    shares = {
        f"{100 * step // STEPS} to {100 * (step + 1) // STEPS} %": paint
        for step, paint in enumerate(HEAT)
    }
    for title, y, entries in (("class", 0.11, classes), ("share correct", 0.36, shares)):
        axes.text(left - 0.08, y, title, ha="right", va="center", fontsize=7.5)
        x = left
        for label, paint in entries.items():
            fill(axes, [box(x, y - 0.05, SWATCH, 0.1)], [paint])
            axes.text(x + SWATCH + 0.05, y, label, va="center", fontsize=7.5)
            x += SWATCH + 0.2 + text_inches(label, 7.5)
