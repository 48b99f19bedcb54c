"""The forest of several runs: score and AUC of each model under each run's split to rely on."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auscultation.figures.layout import (
    NO_RESULT,
    WIDTH,
    Looks,
    annotate,
    note_figure,
    panels,
    reference,
    top_legend,
)
from auscultation.figures.style import GRID, INK, MUTED, PAPER, colour, short, text_inches
from auscultation.scores.comparison import Ends

MARKERS = "osD^vP*Xhp<>"  # a run each; of more runs they begin again, and the names tell them apart
STEP, GAP = 0.165, 0.1  # inches: from line to line, and more from model to model


class Mark(NamedTuple):
    """A value with its interval; `open` where it is of another kind than most."""

    value: float | None
    ends: Ends
    open: bool = False


class RunLine(NamedTuple):
    """A line of the forest: a model, or the best of an algorithm, in a run."""

    group: str
    algorithm: str
    run: int  # its place in the legend
    marks: tuple[Mark, Mark]  # score, AUC


class Panel(NamedTuple):
    """A column of the forest: what is below its axis, and its dashed line (name, value) or none."""

    words: str
    reference: tuple[str, float] | None


def runs_figure(
    lines: Sequence[RunLine],
    runs: Sequence[str],
    legend: Sequence[str],
    columns: tuple[Panel, Panel],
) -> Figure:
    """Return the figure of lines grouped by model, in their order, of two columns.

    `runs` are the runs' names, `legend` what is said of each on top.
    """
    if not lines:
        return note_figure(NO_RESULT)
    groups = [*dict.fromkeys(line.group for line in lines)]
    ordered = sorted(lines, key=lambda line: (groups.index(line.group), line.run))
    heights, at, last = [], 0.0, ordered[0].group
    for line in ordered:
        at += GAP if line.group != last else 0.0
        heights.append(at + STEP / 2)
        at, last = at + STEP, line.group
    shapes = [MARKERS[n % len(MARKERS)] for n in range(len(runs))]
    names = [short(name, 18) for name in runs]
    names_width = max(text_inches(name, 7) for name in names) + 0.14
    left = max(text_inches(short(group, 24), 8) for group in groups) + 0.15 + names_width
    widest = max(text_inches(text, 7.5) for text in legend) + 0.3
    across = max(1, min(len(legend), int((WIDTH - 0.2) / widest)))
    top = 0.3 + 0.155 * -(-len(legend) // across)
    width = (WIDTH - left - 0.32) / 2
    figure = Figure(figsize=(WIDTH, top + at + 0.5))
    boxes = [(left + place * (width + 0.2), top, width, at) for place in range(2)]
    for place, (axes, column) in enumerate(zip(panels(figure, boxes), columns, strict=True)):
        marks = [line.marks[place] for line in ordered]
        axes.set_xlim(*_scale(marks, column))
        axes.set_ylim(at, 0)
        axes.set_yticks([])
        axes.spines.left.set_visible(False)
        axes.hlines(heights, *axes.get_xlim(), color=GRID, linewidth=0.6, zorder=0)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel(column.words)
        if column.reference:
            reference(axes, column.reference[1], column.reference[0])
        for line, mark, y in zip(ordered, marks, heights, strict=True):
            _draw(axes, mark, y, colour(line.algorithm), shapes[line.run])
    look: Looks = {"within": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
    look["ha"] = "right"
    axes = figure.axes[0]
    last = ""
    for line, y in zip(ordered, heights, strict=True):
        annotate(axes, names[line.run], (0, y), (-5, 0), fontsize=7, color=MUTED, **look)
        if line.group != last:
            away = (-72 * names_width, 0)
            annotate(axes, short(line.group, 24), (0, y), away, fontsize=8, color=INK, **look)
        last = line.group
    dot: Looks = {"color": MUTED, "linestyle": "none", "markersize": 5}
    handles = [Line2D([], [], marker=shape, **dot) for shape in shapes]
    top_legend(figure, 0.1, 0.03, handles, [*legend], across)
    return figure


def _draw(axes: Axes, mark: Mark, y: float, paint: str, marker: str) -> None:
    """Draw a mark on its interval."""
    low, high = mark.ends
    if low is not None and high is not None:
        axes.hlines(y, low, high, color=paint, linewidth=1.5, zorder=2)
    if mark.value is not None:
        face = PAPER if mark.open else paint
        look: Looks = {"markersize": 4.6, "markeredgecolor": paint, "markerfacecolor": face}
        axes.plot(mark.value, y, marker, clip_on=False, zorder=3, **look)


def _scale(marks: Sequence[Mark], column: Panel) -> tuple[float, float]:
    """Return the ends of an axis, between 0 and 1, that shows all that is drawn."""
    shown = [x for mark in marks for x in (mark.value, *mark.ends) if x is not None]
    shown += [column.reference[1]] if column.reference else []
    shown = shown or [0.0, 1.0]
    return max(0.0, min(shown) - 0.02), min(1.0, max(shown) + 0.02)
