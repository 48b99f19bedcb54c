"""The layout of figures: width, places of panels, axes with few ticks, legends."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auscultation.figures.style import GRID, INK, MUTED, PAPER, short

WIDTH = 7.5  # inches: a page's text width
DASHED = (0, (3, 2))  # line style of references
Box = tuple[float, float, float, float]  # left, top, width, height (inches)
Fill = Literal["none", "left", "full"]
Point = tuple[float, float]
Looks = dict[str, Any]  # settings of matplotlib
NO_RESULT = "No result: the fit failed. The report says why."


def panels(figure: Figure, boxes: list[Box]) -> list[Axes]:
    """Return new axes at these places, measured from the figure's upper left corner."""
    width, height = figure.get_size_inches()
    return [
        figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))
        for x, y, w, h in boxes
    ]


def split_panels(
    n: int, left: float, top: float, height: float | None, gaps: tuple[float, float], bottom: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its n panels, up to three per line; squares where there is no height.

    All in inches: `gaps` are across and down, `bottom` is what the last line has below it.
    """
    across, down = gaps
    columns = min(n, 3) if height else 3
    width = (WIDTH - left - 0.12 - across * (columns - 1)) / columns
    height = height or width
    lines = max(1, math.ceil(n / 3))
    figure = Figure(figsize=(WIDTH, top + lines * (height + down) - down + bottom))
    places = [(i % columns * (width + across), i // columns * (height + down)) for i in range(n)]
    return figure, panels(figure, [(left + x, top + y, width, height) for x, y in places])


def square_panels(n: int, n_colours: int) -> tuple[Figure, list[Axes]]:
    """Return a figure and its n square panels, whose axes are shares, below a legend of colours."""
    top = legend_height(n_colours) + 0.38
    figure, squares = split_panels(n, 0.55, top, None, (0.3, 0.75), 0.48)
    for axes in squares:
        unit_axis(axes, "x")
        unit_axis(axes, "y")
    return figure, squares


def name_panels(
    all_axes: list[Axes], splits: Iterable[str], x: str, y: str = "", pad: float = 6
) -> None:
    """Write the split above each panel, the name of its x axis, on the left that of the y axis."""
    for i, (axes, split) in enumerate(zip(all_axes, splits, strict=True)):
        axes.set_title(short(split, 30), pad=pad)
        axes.set_xlabel(x)
        if i % 3 == 0:
            axes.set_ylabel(y)


def sheet(height: float) -> tuple[Figure, Axes]:
    """Return a figure and one bare axes in inches from its upper left corner.

    Many small panels are drawn many times faster on one axes than on axes of their own.
    """
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def note_figure(text: str) -> Figure:
    """Return a figure with a sentence: why there is nothing to draw."""
    lines = textwrap.wrap(text, 105)
    figure, axes = sheet(0.36 + 0.14 * len(lines))
    axes.text(0.1, 0.18, "\n".join(lines), color=MUTED, va="top")
    return figure


def faces(paint: str, fill: Fill) -> Looks:
    """Return the colours of a marker: a ring (none), half filled (left) or full."""
    half = {"fillstyle": "left", "markerfacecoloralt": PAPER} if fill == "left" else {}
    face = PAPER if fill == "none" else paint
    return {"markeredgecolor": paint, "markerfacecolor": face, "linestyle": "none", **half}


def draw_dot(axes: Axes, x: float, y: float, paint: str, fill: Fill, size: float) -> None:
    """Draw a dot, half dot or ring of a size (points)."""
    axes.plot(x, y, "o", clip_on=False, markersize=size, **faces(paint, fill))


def legend(figure: Figure, left: float, *entries: tuple[str, Fill]) -> None:
    """Write the meaning of dots (label, fill as for `faces`) on a figure's top edge."""
    dots = [Line2D([], [], marker="o", markersize=5, **faces(MUTED, fill)) for _, fill in entries]
    labels = [label for label, _ in entries]
    top_legend(figure, left, 0.015 * figure.get_figheight(), dots, labels, len(entries))


def top_legend(
    figure: Figure,
    left: float,
    top: float,
    handles: Sequence[Artist],
    labels: list[str],
    columns: int,
    **looks: Any,
) -> None:
    """Write a legend whose upper left corner is so far from the figure's, in inches."""
    width, height = figure.get_size_inches()
    place = (left / width, 1 - top / height)
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=place, ncols=columns, **looks)


def colour_legend(figure: Figure, left: float, entries: dict[str, str], columns: int = 4) -> None:
    """Write the meaning of colours (label: colour) on a figure's top edge."""
    look: Looks = {"marker": "o", "linestyle": "none", "markersize": 5}
    dots = [Line2D([], [], color=paint, **look) for paint in entries.values()]
    top_legend(figure, left, 0.03, dots, list(entries), columns)


def legend_height(n: int, columns: int = 4) -> float:
    """Return the height of a legend of n colours, in inches."""
    return 0.06 + 0.155 * -(-n // columns)


def unit_axis(axes: Axes, which: Literal["x", "y"]) -> None:
    """Set an axis to run from 0 to 1 with few ticks."""
    ticks = {0: "0", 0.25: "0.25", 0.5: "0.5", 0.75: "0.75", 1: "1"}
    names = {"lim": (0, 1), "ticks": list(ticks), "ticklabels": list(ticks.values())}
    axes.set(**{f"{which}{name}": value for name, value in names.items()})  # type: ignore[arg-type]


def name_lines(axes: Axes, labels: list[str]) -> None:
    """Set the y axis to have a named line for each label, the first on top, all with faint guides.

    The ends of the x axis must be set before.
    """
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.spines.left.set_visible(False)
    axes.hlines(range(len(labels)), *axes.get_xlim(), color=GRID, linewidth=0.6, zorder=0)


def annotate(axes: Axes, text: str, at: Point, offset: Point, within="data", **looks: Any) -> None:
    """Write a text so many points from a place; `within` is what the place is measured in."""
    axes.annotate(text, at, offset, xycoords=within, textcoords="offset points", **looks)


def reference(axes: Axes, value: float, label: str, step: int = 0) -> None:
    """Draw a dashed line at a value of the x axis, named above the panel."""
    axes.axvline(value, color=MUTED, linewidth=0.9, linestyle=DASHED, zorder=1)
    low, high = axes.get_xlim()
    share = (value - low) / (high - low)
    side = "left" if share < 0.4 else "right" if share > 0.6 else "center"
    look: Looks = {"within": ("data", "axes fraction"), "fontsize": 6.8, "color": MUTED}
    annotate(axes, label, (value, 1), (0, 2 + 9 * step), ha=side, **look)


def write_columns(
    axes: Axes, columns: Sequence[tuple[int, str]], lines: Sequence[Sequence[str]], rise: int
) -> None:
    """Write the texts of each named line right of a panel.

    Columns are (points right of the panel, name); names stand so many points above the panel.
    """
    write = partial(annotate, axes, within="axes fraction", va="center", annotation_clip=False)
    for x, name in columns:
        write(name, (1, 1), (x, rise), fontsize=6.8, color=MUTED)
    for y, texts in enumerate(lines):
        for (x, _), text in zip(columns, texts, strict=True):
            write(text, (1, 1 - (y + 0.5) / len(lines)), (x, 0), fontsize=7.5, color=INK)
