"""Figures of the data: missing values, and cycles and patients by state."""

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from auscultation.data.columns import WORKBOOK
from auscultation.data.target import STATES
from auscultation.figures.layout import WIDTH, Looks, annotate, panels, top_legend
from auscultation.figures.style import BAR, INK, MISSING, MUTED, TITLE_SIZE, short, text_inches

BINS = 100  # rows of a heat map
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


def missing_figure(raw: pa.Table, cycles: pa.Table) -> Figure:
    """Return the figure of missing values, before and after cleaning, side by side."""
    kept = [name for name in cycles.column_names if name in WORKBOOK]
    kept += [n for n in raw.column_names if n in cycles.column_names and n not in WORKBOOK]
    tables = [(raw, raw.column_names), (cycles, kept)]
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
    for axes, (table, names) in zip(panels(figure, boxes), tables, strict=True):
        draw_missing(axes, table, names)
        when = "Before" if table is raw else "After"
        title = f"{when} cleaning: {table.num_rows:,} cycles"
        fits = text_inches(title, TITLE_SIZE) <= column * len(names)
        axes.set_title(title, pad=6, loc="left" if fits else "right")  # few columns are narrow
    figure.axes[0].set_ylabel("cycle, in the workbook's order")
    names = ["none", *(f"up to {100 * step // STEPS} %" for step in range(1, STEPS + 1))]
    patches = [Patch(facecolor=c, edgecolor="none") for c in MISSING]
    look: Looks = {"title": "share of missing cells", "title_fontsize": 7.5, "alignment": "left"}
    top_legend(figure, left, 0.0, patches, names, len(names), handlelength=1.2, **look)
    return figure


def states_figure(cycles: pa.Table) -> Figure:
    """Return the figure of the cycles in each state, and of the patients who have such cycles."""
    state, patient = cycles["state"].to_numpy(), cycles["patient_ID"].to_numpy(zero_copy_only=False)
    counts = np.bincount(state, minlength=len(STATES))
    people = [len(set(patient[state == s].tolist())) for s in range(len(STATES))]
    everyone = len(set(patient.tolist()))
    figure = Figure(figsize=(WIDTH, 1.55))
    left, right = panels(figure, [(0.85, 0.3, 3.35, 1.2), (4.35, 0.3, 3.1, 1.2)])
    for axes, values, whole, unit in (
        (left, counts, len(state), "of cycles"),
        (right, people, everyone, "of patients"),
    ):
        axes.barh(range(len(STATES)), values, color=BAR, height=0.62)
        axes.set(xlim=(0, max(*values, 1) * 1.75), ylim=(len(STATES) - 0.4, -0.6), xticks=[])
        axes.spines[:].set_visible(False)
        for y, value in enumerate(values):
            share = f"{value:,} ({value / whole:.1%} {unit})".replace("%", " %")
            annotate(axes, share, (value, y), (4, 0), va="center", fontsize=7.5)
    codes = [f"{code} {name}" for code, name in enumerate(STATES)]
    left.set_yticks(range(len(STATES)), codes, color=INK)
    left.tick_params(length=0)
    right.set_yticks([])
    left.set_title("Cycles")
    right.set_title(f"Patients with such cycles, of {everyone:,}")
    return figure
