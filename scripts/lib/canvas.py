"""The sheet that figures are drawn on: its width, the places of panels, the legend."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

WIDTH = 7.5  # inches: a page's text width


def panels(figure: Figure, boxes: list[tuple[float, float, float, float]]) -> list:
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


def legend(figure: Figure, left: float, edge: str, *entries: tuple[str, str, str]) -> None:
    """Put markers (label, shape, face) and what they mean on a figure's top edge."""
    shape = {"linestyle": "none", "markersize": 5, "markeredgecolor": edge}
    figure.legend(
        [Line2D([], [], marker=m, markerfacecolor=face, **shape) for _, m, face in entries],
        [label for label, _, _ in entries],
        loc="upper left",
        bbox_to_anchor=(left / figure.get_size_inches()[0], 0.985),
        ncols=len(entries),
    )
