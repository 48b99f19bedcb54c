"""What the models rely on: the AUC they lose where groups of features are permuted between patients."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.layout import (
    DASHED,
    WIDTH,
    Box,
    draw_dot,
    legend,
    name_lines,
    note_figure,
    panels,
)
from auscultation.figures.style import MUTED, colour, short, text_inches
from auscultation.scores.importance import Importance
from auscultation.scores.reliance import best_models, rows_of_model
from auscultation.scores.wording import area

PANELS, GROUPS = 4, 12  # of most models, and groups of a model, that are drawn
NOTHING = "Nothing could be permuted: no model has a result, or every fold tests on one patient."
LABEL, LINE = 7.5, 0.19  # points, inches
LETTERS = 24  # of a group's name


def importance_figure(
    rows: Sequence[Importance], order: Sequence[str], apart: Mapping[str, str], target: Target
) -> Figure:
    """Return the figure of the best model of each algorithm, its groups from the greatest loss.

    Dots are under the first split of `order` that has losses, rings under one of single cycles
    where the first keeps patients together; `apart` says what each split keeps together.
    """
    ranked = {split: best_models(rows, split, target)[:PANELS] for split in order}
    split = next((split for split in order if ranked[split]), None)
    if split is None:
        return note_figure(NOTHING)
    models = ranked[split]
    cycles = sorted(name for name, unit in apart.items() if unit == "cycle")
    known = cycles[0] if cycles and apart.get(split) == "patient" else None
    shown = [rows_of_model(rows, model, split, target)[:GROUPS] for model in models]
    rings = {
        (row["model"], row["metric"], row["group"]): row["loss"]
        for row in rows
        if row["split"] == known and row["loss"] is not None
    }
    ends = [0.0, 0.01]
    for row in (row for own in shown for row in own):
        ring = rings.get((row["model"], row["metric"], row["group"]))
        values = (row["loss"], row["ci_low"], row["ci_high"], ring)
        ends += [value for value in values if value is not None]
    margin = 0.03 * (max(ends) - min(ends))
    boxes, height = _boxes(shown, 0.45 if rings else 0.25)
    figure = Figure(figsize=(WIDTH, height))
    for axes, own in zip(panels(figure, boxes), shown, strict=True):
        axes.set_xlim(min(ends) - margin, max(ends) + margin)
        _draw_model(axes, own, rings)
        axes.set_xlabel(f"{area(own[0]['metric'], target)}: lost", fontsize=7)
    if rings:
        legend(figure, boxes[0][0], (f"under {split}", "full"), (f"under {known}", "none"))
    return figure


def _boxes(shown: list[list[Importance]], top: float) -> tuple[list[Box], float]:
    """Return the places of the panels, two in a line, and the height of the figure (inches)."""
    columns = min(2, len(shown))
    left = max(text_inches(label(row), LABEL) for own in shown for row in own) + 0.15
    across = WIDTH / columns
    boxes: list[Box] = []
    for first in range(0, len(shown), columns):
        line = shown[first : first + columns]
        boxes += [
            (k * across + left, top, across - left - 0.15, LINE * len(own) + 0.08)
            for k, own in enumerate(line)
        ]
        top += LINE * max(map(len, line)) + 0.08 + 0.75
    return boxes, top - 0.3


def _draw_model(axes: Axes, rows: list[Importance], rings: dict) -> None:
    """Draw a model's groups: a dot on its interval, and a ring."""
    name_lines(axes, [label(row) for row in rows])
    axes.tick_params(axis="y", labelsize=LABEL)
    axes.axvline(0, color=MUTED, linewidth=0.9, linestyle=DASHED, zorder=1)
    axes.set_title(short(rows[0]["model"], 30), pad=4)
    paint = colour(rows[0]["algorithm"])
    for y, row in enumerate(rows):
        if row["ci_low"] is not None and row["ci_high"] is not None:
            axes.hlines(y, row["ci_low"], row["ci_high"], color=paint, linewidth=1.8, zorder=2)
        ring = rings.get((row["model"], row["metric"], row["group"]))
        if ring is not None:
            draw_dot(axes, ring, y, paint, "none", 5.4)
        if row["loss"] is not None:
            draw_dot(axes, row["loss"], y, paint, "full", 4.4)


def label(row: Importance) -> str:
    """Return the name of a group, as short as a panel needs it."""
    return short(row["group"], LETTERS)
