"""Figures of the data: missing values, and cycles and patients by class."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from auscultation.data.target import Target
from auscultation.figures.layout import WIDTH, Looks, annotate, panels, top_legend
from auscultation.figures.style import BAR, INK, MISSING, MUTED, TITLE_SIZE, short, text_inches

BINS = 100  # rows of a heat map
MOST = 24  # columns of it, before and after cleaning
STEPS = len(MISSING) - 1


def missing_steps(table: pa.Table, names: list[str], bins: int = BINS) -> np.ndarray:
    """Return the share of missing cells in bins of rows, in steps: 0 none, then of 20 % each.

    Shape (bins or the number of rows if that is less, columns), int.
    """
    edges = np.linspace(0, table.num_rows, min(bins, table.num_rows) + 1).astype(int)
    blank = [table[name].is_null().to_numpy().astype(float) for name in names]
    sums = [np.add.reduceat(column, edges[:-1]) for column in blank]
    return np.ceil(np.column_stack(sums) / np.diff(edges)[:, None] * STEPS).astype(int)


def missing_label(table: pa.Table, name: str) -> str:
    """Return the name of a column with the number of its missing cells."""
    return f"{short(name, 22)} {table[name].null_count:,}"


def draw_missing(axes: Axes, table: pa.Table, names: list[str]) -> None:
    """Draw the missing cells of a table: one bar per column, from its first row down."""
    steps = missing_steps(table, names)
    scale = table.num_rows / len(steps)
    shapes, colours = [], []
    for x in range(len(names)):
        cuts = np.flatnonzero(np.diff(steps[:, x])) + 1
        for top, bottom in zip([0, *cuts], [*cuts, len(steps)], strict=True):
            left, right, y0, y1 = x + 0.06, x + 0.94, top * scale, bottom * scale
            shapes.append([(left, y0), (right, y0), (right, y1), (left, y1)])
            colours.append(MISSING[steps[top, x]])
    axes.add_collection(PolyCollection(shapes, facecolors=colours, edgecolors="none"))
    axes.set(xlim=(0, len(names)), ylim=(table.num_rows, 0))
    labels = [missing_label(table, name) for name in names]
    axes.set_xticks(np.arange(len(names)) + 0.5, labels, rotation=90)
    axes.tick_params(axis="x", length=0)
    for label, name in zip(axes.get_xticklabels(), names, strict=True):
        label.set_color(INK if table[name].null_count else MUTED)
    axes.spines[:].set_visible(False)
    axes.yaxis.set_major_formatter("{x:,.0f}")


class Drawn(NamedTuple):
    """The columns of a table whose missing values are drawn, and how many it has."""

    table: pa.Table
    n_columns: int


def drawn_columns(counts: Mapping[str, int]) -> list[str]:
    """Return the columns to draw, by their missing values: all, or of many those with the most."""
    ranked = sorted(counts, key=lambda name: -counts[name])
    return [name for name in counts if name in {*ranked[:MOST]}]


def missing_figure(raw: Drawn, cycles: Drawn) -> Figure:
    """Return the figure of missing values, before and after cleaning, side by side."""
    tables = [(drawn.table, drawn.table.column_names) for drawn in (raw, cycles)]
    total = sum(len(names) for _, names in tables)
    width = max(WIDTH, 0.18 * total + 1.4)
    labels = [missing_label(table, name) for table, names in tables for name in names]
    height, bottom = 2.6, text_inches(max(labels, key=len), 7.5) + 0.1
    left, gap = 0.62, 0.62
    column = (width - left - gap - 0.05) / total
    figure = Figure(figsize=(width, 0.62 + height + bottom))
    boxes, x = [], left
    for _, names in tables:
        boxes.append((x, 0.62, column * len(names), height))
        x += column * len(names) + gap
    drawn = zip(panels(figure, boxes), ("Before", "After"), (raw, cycles), strict=True)
    for axes, when, (table, n_columns) in drawn:
        names = table.column_names
        draw_missing(axes, table, names)
        title = f"{when} cleaning: {table.num_rows:,} cycles"
        title += f", {len(names)} of {n_columns:,} columns" * (len(names) < n_columns)
        fits = text_inches(title, TITLE_SIZE) <= column * len(names)
        axes.set_title(title, pad=6, loc="left" if fits else "right")  # few columns are narrow
    figure.axes[0].set_ylabel("cycle, in the table's order")
    names = ["none", *(f"up to {100 * step // STEPS} %" for step in range(1, STEPS + 1))]
    patches = [Patch(facecolor=c, edgecolor="none") for c in MISSING]
    look: Looks = {"title": "share of missing cells", "title_fontsize": 7.5, "alignment": "left"}
    top_legend(figure, left, 0.0, patches, names, len(names), handlelength=1.2, **look)
    return figure


def states_figure(cycles: pa.Table, target: Target) -> Figure:
    """Return the figure of the cycles in each class, and of the patients who have such cycles.

    The classes are the states where the table has them and they are the target.
    """
    names = [short(label, 24) for label in target.labels]
    classes = target.encode(cycles[target.name].to_numpy())
    patient = cycles["patient_ID"].to_numpy(zero_copy_only=False)
    counts = np.bincount(classes, minlength=len(names))
    people = [len(set(patient[classes == k].tolist())) for k in range(len(names))]
    everyone = len(set(patient.tolist()))
    height = 0.3 * len(names)
    label = max(0.85, *(text_inches(name, 7.5) + 0.12 for name in names))
    width = (WIDTH - label - 0.2) / 2
    figure = Figure(figsize=(WIDTH, 0.35 + height))
    boxes = [(label, 0.3, width, height), (label + width + 0.15, 0.3, width, height)]
    left, right = panels(figure, boxes)
    for axes, values, whole, unit in (
        (left, counts, len(classes), "of cycles"),
        (right, people, everyone, "of patients"),
    ):
        axes.barh(range(len(names)), values, color=BAR, height=0.62)
        axes.set(xlim=(0, max(*values, 1) * 1.75), ylim=(len(names) - 0.4, -0.6), xticks=[])
        axes.spines[:].set_visible(False)
        for y, value in enumerate(values):
            share = f"{value:,} ({value / whole:.1%} {unit})".replace("%", " %")
            annotate(axes, share, (value, y), (4, 0), va="center", fontsize=7.5)
    left.set_yticks(range(len(names)), names, color=INK)
    left.tick_params(length=0)
    right.set_yticks([])
    left.set_title("Cycles")
    right.set_title(f"Patients with such cycles, of {everyone:,}")
    return figure
