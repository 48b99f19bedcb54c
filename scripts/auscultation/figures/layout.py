"""The sheet that figures are drawn on: its width, the places of panels, the legend."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auscultation.figures.style import GRID, INK, MUTED, PAPER

WIDTH = 7.5  # inches: a page's text width


def panels(figure: Figure, boxes: list[tuple[float, float, float, float]]) -> list[Axes]:
    """Add axes by left, top, width and height in inches from the figure's upper left corner."""
    width, height = figure.get_size_inches()
    return [
        figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))
        for x, y, w, h in boxes
    ]


def grid_boxes(n: int, left: float, top: float, height: float, gaps: tuple[float, float]) -> list:
    """Lay out n panels, up to three in a line."""
    columns = min(n, 3)
    across, down = gaps
    width = (WIDTH - left - 0.12 - across * (columns - 1)) / columns
    return [
        (left + i % columns * (width + across), top + i // columns * (height + down), width, height)
        for i in range(n)
    ]


def sheet(height: float) -> tuple[Figure, Axes]:
    """Return a figure and one bare axes that measures it in inches from the top left corner.

    Several small panels on one sheet are drawn many times faster than with axes of their own.
    """
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


NO_RESULT = "No result: the fit failed. The report says why."


def note_figure(text: str) -> Figure:
    """Return a figure that says in words why there is nothing to draw."""
    lines = textwrap.wrap(text, 105)
    figure, axes = sheet(0.36 + 0.14 * len(lines))
    axes.text(0.1, 0.18, "\n".join(lines), color=MUTED, va="top")
    return figure


def faces(paint: str, fill: str) -> dict[str, str]:
    """Return the colours of a marker: none (a ring), left (half of it) or full."""
    inside = PAPER if fill == "none" else paint
    style = {"markeredgecolor": paint, "markerfacecolor": inside, "linestyle": "none"}
    return style | ({"fillstyle": fill, "markerfacecoloralt": PAPER} if fill == "left" else {})


def legend(figure: Figure, left: float, *entries: tuple[str, str]) -> None:
    """Put dots (label, fill as for `faces`) and what they mean on a figure's top edge."""
    figure.legend(
        [Line2D([], [], marker="o", markersize=5, **faces(MUTED, fill)) for _, fill in entries],
        [label for label, _ in entries],
        loc="upper left",
        bbox_to_anchor=(left / figure.get_size_inches()[0], 0.985),
        ncols=len(entries),
    )


def colour_legend(figure: Figure, left: float, entries: dict[str, str], columns: int = 4) -> None:
    """Put colours and what they mean (label: colour) on a figure's top edge."""
    figure.legend(
        [
            Line2D([], [], marker="o", linestyle="none", markersize=5, color=c)
            for c in entries.values()
        ],
        list(entries),
        loc="upper left",
        bbox_to_anchor=(left / figure.get_size_inches()[0], 1 - 0.03 / figure.get_size_inches()[1]),
        ncols=columns,
    )


def legend_height(n: int, columns: int = 4) -> float:
    """Return the height of a legend of n colours, in inches."""
    return 0.06 + 0.155 * -(-n // columns)


def unit_axis(axes: Axes, which: str) -> None:
    """Let an axis run from 0 to 1 with few ticks."""
    ticks = {0: "0", 0.25: "0.25", 0.5: "0.5", 0.75: "0.75", 1: "1"}
    axes.set(**{f"{which}lim": (0, 1)})
    getattr(axes, f"set_{which}ticks")(list(ticks), list(ticks.values()))


def name_lines(axes: Axes, labels: list[str]) -> None:
    """Let the y axis have a named line for each label, the first on top."""
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.spines.left.set_visible(False)


def reference(axes: Axes, value: float, label: str, step: int = 0) -> None:
    """Draw a dashed line at a value of the x axis, named above the panel."""
    axes.axvline(value, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
    low, high = axes.get_xlim()
    share = (value - low) / (high - low)
    side = "left" if share < 0.4 else "right" if share > 0.6 else "center"
    at = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    axes.annotate(label, (value, 1), (0, 2 + 9 * step), **at, ha=side, fontsize=6.8, color=MUTED)


def guide_lines(axes: Axes, n: int) -> None:
    """Draw a faint line behind each of n named lines."""
    low, high = axes.get_xlim()
    axes.hlines(range(n), low, high, color=GRID, linewidth=0.6, zorder=0)
