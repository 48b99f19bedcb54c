"""Figures of the data: missing values, and cycles and patients by class."""

from collections.abc import Iterable, Mapping
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


class Drawn(NamedTuple):
    """The missing cells of the columns of a table that are drawn."""

    blank: dict[str, int]  # of each column
    steps: np.ndarray  # (bins, columns), see `missing_steps`
    n_rows: int
    n_columns: int  # of the table, all


def drawn_of(columns: Iterable[tuple[str, pa.ChunkedArray]], n_columns: int) -> Drawn:
    """Return what is drawn of columns, by name; a table has so many of them."""
    blank, steps, n_rows = {}, [], 0
    for name, column in columns:
        n_rows, blank[name] = len(column), column.null_count
        steps.append(missing_steps(column))
    return Drawn(blank, np.column_stack(steps), n_rows, n_columns)


def missing_steps(column: pa.ChunkedArray, bins: int = BINS) -> np.ndarray:
    """Return the share of missing cells in bins of rows, in steps: 0 none, then of 20 % each.

    Shape (bins or the number of rows if that is less,), int.
    """
    edges = np.linspace(0, len(column), min(bins, len(column)) + 1).astype(int)
    blank = np.add.reduceat(column.is_null().to_numpy().astype(float), edges[:-1])
    return np.ceil(blank / np.diff(edges) * STEPS).astype(int)


def draw_missing(axes: Axes, drawn: Drawn) -> None:
    """Draw the missing cells of a table: one bar per column, from its first row down."""
    n, steps = len(drawn.blank), drawn.steps
    scale = drawn.n_rows / len(steps)
    shapes, colours = [], []
    for x in range(n):
        cuts = np.flatnonzero(np.diff(steps[:, x])) + 1
        for top, bottom in zip([0, *cuts], [*cuts, len(steps)], strict=True):
            left, right, y0, y1 = x + 0.06, x + 0.94, top * scale, bottom * scale
            shapes.append([(left, y0), (right, y0), (right, y1), (left, y1)])
            colours.append(MISSING[steps[top, x]])
    axes.add_collection(PolyCollection(shapes, facecolors=colours, edgecolors="none"))
    axes.set(xlim=(0, n), ylim=(drawn.n_rows, 0))
    axes.set_xticks(np.arange(n) + 0.5, missing_labels(drawn), rotation=90)
    axes.tick_params(axis="x", length=0)
    for label, blank in zip(axes.get_xticklabels(), drawn.blank.values(), strict=True):
        label.set_color(INK if blank else MUTED)
    axes.spines[:].set_visible(False)
    axes.yaxis.set_major_formatter("{x:,.0f}")


def missing_labels(drawn: Drawn) -> list[str]:
    """Return the names of the columns with the numbers of their missing cells."""
    return [f"{short(name, 22)} {blank:,}" for name, blank in drawn.blank.items()]


def drawn_columns(counts: Mapping[str, int]) -> list[str]:
    """Return the columns to draw, by their missing values: all, or of many those with the most."""
    ranked = sorted(counts, key=lambda name: -counts[name])
    return [name for name in counts if name in {*ranked[:MOST]}]


def missing_figure(raw: Drawn, cycles: Drawn) -> Figure:
    """Return the figure of missing values, before and after cleaning, side by side."""
    both = raw, cycles
    total = sum(len(drawn.blank) for drawn in both)
    width = max(WIDTH, 0.18 * total + 1.4)
    labels = [label for drawn in both for label in missing_labels(drawn)]
    height, bottom = 2.6, text_inches(max(labels, key=len), 7.5) + 0.1
    left = gap = text_inches(f"{max(drawn.n_rows for drawn in both):,}", 7.5) + 0.32
    column = (width - left - gap - 0.05) / total
    figure = Figure(figsize=(width, 0.62 + height + bottom))
    boxes, x = [], left
    for drawn in both:
        boxes.append((x, 0.62, column * len(drawn.blank), height))
        x += column * len(drawn.blank) + gap
    for axes, when, drawn in zip(panels(figure, boxes), ("Before", "After"), both, strict=True):
        n = len(drawn.blank)
        draw_missing(axes, drawn)
        title = f"{when} cleaning: {drawn.n_rows:,} cycles"
        title += f", {n} of {drawn.n_columns:,} columns" * (n < drawn.n_columns)
        fits = text_inches(title, TITLE_SIZE) <= column * n
        axes.set_title(title, pad=6, loc="left" if fits else "right")  # few columns are narrow
    figure.axes[0].set_ylabel("cycle, in the table's order")
    names = ["none", *(f"up to {100 * step // STEPS} %" for step in range(1, STEPS + 1))]
    patches = [Patch(facecolor=c, edgecolor="none") for c in MISSING]
    look: Looks = {"title": "share of missing cells", "title_fontsize": 7.5, "alignment": "left"}
    top_legend(figure, left, 0.0, patches, names, len(names), handlelength=1.2, **look)
    return figure


class States(NamedTuple):
    """The cycles in each class, and the patients who have such cycles."""

    cycles: list[int]
    patients: list[int]
    n_patients: int  # in all


def states_of(cycles: pa.Table, target: Target) -> States:
    """Return the cycles in each class, and the patients who have such cycles, of the cleaned table."""
    n = len(target.labels)
    classes = target.encode(cycles[target.name].to_numpy())
    patients = cycles["patient_ID"].combine_chunks().dictionary_encode()
    has = np.zeros((len(patients.dictionary), n), bool)
    has[patients.indices.to_numpy(), classes] = True
    counts = np.bincount(classes, minlength=n)
    return States(counts.tolist(), has.sum(0).tolist(), len(has))


def states_figure(states: States, target: Target) -> Figure:
    """Return the figure of the cycles in each class, and of the patients who have such cycles.

    The classes are the states where the table has them and they are the target.
    """
    names = [short(label, 24) for label in target.labels]
    counts, people, everyone = states
    height = 0.3 * len(names)
    label = max(0.85, *(text_inches(name, 7.5) + 0.12 for name in names))
    width = (WIDTH - label - 0.2) / 2
    figure = Figure(figsize=(WIDTH, 0.35 + height))
    boxes = [(label, 0.3, width, height), (label + width + 0.15, 0.3, width, height)]
    left, right = panels(figure, boxes)
    for axes, values, whole, unit in (
        (left, counts, sum(counts), "of cycles"),
        (right, people, everyone, "of patients"),
    ):
        shares = [f"{n:,} ({n / whole:.1%} {unit})".replace("%", " %") for n in values]
        # as long as the text behind each bar allows
        room = [width - text_inches(share, 7.5) - 0.12 for share in shares]
        end = max(n * width / left_over for n, left_over in zip(values, room, strict=True))
        axes.barh(range(len(names)), values, color=BAR, height=0.62)
        axes.set(xlim=(0, end or 1), ylim=(len(names) - 0.4, -0.6), xticks=[])
        axes.spines[:].set_visible(False)
        for y, (value, share) in enumerate(zip(values, shares, strict=True)):
            annotate(axes, share, (value, y), (4, 0), va="center", fontsize=7.5)
    left.set_yticks(range(len(names)), names, color=INK)
    left.tick_params(length=0)
    right.set_yticks([])
    left.set_title("Cycles")
    right.set_title(f"Patients with such cycles, of {everyone:,}")
    return figure
