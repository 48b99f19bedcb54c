"""Figures of curves: loss by iteration, calibration of probabilities."""

import math
from collections.abc import Mapping
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import best_of_each
from auscultation.figures.layout import (
    DASHED,
    Looks,
    colour_legend,
    name_panels,
    split_panels,
    square_panels,
)
from auscultation.figures.style import MUTED, colour, short
from auscultation.scores.comparison import Ranked, Row, wide
from auscultation.scores.fit_scores import Calibration
from auscultation.scores.wording import number, sought

DASHES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")


def losses_figure(
    losses: Mapping[str, Mapping[str, list[float]]], rows: list[Row], target: Target
) -> Figure:
    """Return the figure of the loss of each iteration, one panel per split, beside the mean's.

    Losses are by split, then model: the MSE (squares of the target) after each iteration.
    """
    train = wide(rows, "train", target)
    most = max(len(models) for models in losses.values()) + 1
    top = 0.3 + 0.15 * most
    figure, all_axes = split_panels(len(losses), 0.62, top, 1.9, (0.4, top + 0.5), 0.5)
    y = f"MSE on the training part ({target.name}²)"
    name_panels(all_axes, losses, "iteration", y, pad=8 + 10.8 * most)
    logarithmic = any(spans_decades(x) for models in losses.values() for x in models.values())
    for axes, split in zip(all_axes, losses, strict=True):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.set_yscale("log" if logarithmic else "linear")
        if logarithmic:
            axes.yaxis.set_major_formatter("{x:,.4g}")
        axes.minorticks_off()  # drawing them takes longer than all else
        axes.grid(axis="y")
        _draw_losses(axes, losses[split], train[split])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.03), handlelength=1.6)
    return figure


def _draw_losses(axes: Axes, losses: Mapping[str, list[float]], train: list[Ranked]) -> None:
    """Draw the losses of a split's models, and the MSE of predicting the mean."""
    mse = {row["model"]: row["values"]["mse"] for row in train}
    paint = colour("gradient_descent")
    for style, (model, loss) in enumerate(sorted(losses.items())):
        label = f"{short(model, 22)}: {number(mse[model], 4)} at the end"
        steps = range(1, len(loss) + 1)
        axes.plot(steps, loss, color=paint, linestyle=DASHES[style % 4], linewidth=1.6, label=label)
    mean = next((mse[row["model"]] for row in train if row["algorithm"] == "mean"), None)
    if mean is not None:
        label = f"predicting the mean: {number(mean, 4)}"
        axes.axhline(mean, color=MUTED, linewidth=0.9, linestyle=DASHED, label=label)


def spans_decades(loss: list[float]) -> bool:
    """Return whether losses are all above 0 and so different that they need a logarithmic axis."""
    finite = [value for value in loss if math.isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) > 100 * min(finite)


def calibration_figure(
    bins: list[Calibration], test: Mapping[str, list[Ranked]], order: list[str], target: Target
) -> Figure:
    """Return the figure of predicted and observed shares of abnormal cycles, one panel per split.

    Of each algorithm the best model of `test` (from `wide`) that has bins is drawn.
    """
    by_fit: dict[tuple[str, str], list[Calibration]] = {}
    for bin_ in bins:
        by_fit.setdefault((bin_["split"], bin_["model"]), []).append(bin_)
    splits = [split for split in order if any(name == split for name, _ in by_fit)]
    colours: dict[str, str] = {}
    curves: dict[str, dict[str, list[Calibration]]] = {}
    for split in splits:
        ranked = [row for row in test[split] if (split, row["model"]) in by_fit]
        for row in best_of_each([row for row in ranked if not row["baseline"]] or ranked):
            label = row["algorithm"].replace("_", " ")
            colours[label] = colour(row["algorithm"])
            curves.setdefault(split, {})[label] = by_fit[split, row["model"]]
    colours = dict(sorted(colours.items()))
    figure, squares = square_panels(len(splits), len(colours))
    x, y = (f"{share} share {sought(target)}" for share in ("predicted", "observed"))
    name_panels(squares, splits, x, y)
    for axes, split in zip(squares, splits, strict=True):
        axes.plot((0, 1), (0, 1), color=MUTED, linewidth=0.9, linestyle=DASHED, zorder=1)
        for label, points in curves[split].items():
            xs, ys = zip(*((b["mean_predicted"], b["observed"]) for b in points), strict=True)
            look: Looks = {"color": colours[label], "linewidth": 1.1, "markersize": 3.2}
            axes.plot(xs, ys, "o-", clip_on=False, **look)
    if not splits:
        figure.text(0.05, 0.5, "No model predicts probabilities.", color=MUTED)
    colour_legend(figure, 0.55, colours)
    return figure
