"""Figures of curves: loss by iteration, score by a swept setting, calibration of probabilities."""

import math

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from auscultation.data.target import Target
from auscultation.figures.grouping import best_of_each
from auscultation.figures.layout import (
    WIDTH,
    colour_legend,
    grid_boxes,
    legend_height,
    panels,
    unit_axis,
)
from auscultation.figures.scores import limits_of
from auscultation.figures.style import MUTED, PAPER, colour, short
from auscultation.scores.comparison import wide
from auscultation.scores.wording import number, sought

DASHES = ("-", "--", "-.", ":")


def losses_figure(
    losses: dict[str, dict[str, list[float]]], rows: list[dict], target: Target
) -> Figure:
    """Draw the loss of each iteration, a panel a split, with the mean's as a line.

    Parameters
    ----------
    losses
        By split, then model, the loss (MSE in squares of the target) of each iteration.
    rows
        Rows of the comparison, for the MSE on the training part.
    target
        What was predicted.
    """
    train = wide(rows, "train", target)
    most = max(len(models) for models in losses.values()) + 1
    top, height = 0.3 + 0.15 * most, 1.9
    lines = math.ceil(len(losses) / 3)
    figure = Figure(figsize=(WIDTH, lines * (top + height + 0.5)))
    boxes = grid_boxes(len(losses), 0.62, top, height, (0.4, top + 0.5))
    logarithmic = any(spans_decades(x) for models in losses.values() for x in models.values())
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), losses, strict=True)):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.set_yscale("log" if logarithmic else "linear")
        if logarithmic:
            axes.yaxis.set_major_formatter("{x:,.4g}")
        axes.minorticks_off()  # drawing them takes longer than all else
        axes.grid(axis="y")
        mse = {row["model"]: row["mse"] for row in train[split]}
        for style, (model, loss) in enumerate(sorted(losses[split].items())):
            label = f"{short(model, 22)}: {number(mse[model], 4)} at the end"
            paint, dashes = colour("gradient_descent"), DASHES[style % 4]
            steps = range(1, len(loss) + 1)
            axes.plot(steps, loss, color=paint, linestyle=dashes, linewidth=1.6, label=label)
        mean = [row["mse"] for row in train[split] if row["algorithm"] == "mean"]
        if mean and mean[0] is not None:
            label = f"predicting the mean: {number(mean[0], 4)}"
            axes.axhline(mean[0], color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), label=label)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.03), handlelength=1.6)
        axes.set_title(short(split, 30), pad=8 + 10.8 * most)
        axes.set_xlabel("iteration")
        if i % 3 == 0:
            axes.set_ylabel(f"MSE on the training part ({target.name}²)")
    return figure


def spans_decades(loss: list[float]) -> bool:
    """Return whether losses are so different, and all above 0, that an axis of logarithms shows more."""
    known = [value for value in loss if math.isfinite(value)]
    return bool(known) and min(known) > 0 and max(known) > 100 * min(known)


def sweep_figure(curve: dict, rows: list[dict], order: list[str], target: Target) -> Figure:
    """Draw the score of a sweep's models by one of its settings, a panel a split.

    Parameters
    ----------
    curve
        Of `auscultation.config.sweep.curves`: sweep, key, algorithm, and points, by model x and series.
    rows
        Rows of the comparison.
    order
        Names of the splits, in the order of the panels.
    target
        What was predicted.
    """
    by_split, train = (wide(rows, part, target) for part in ("test", "train"))
    test = {split: by_split[split] for split in order}
    limits = limits_of(rows, target.score)
    series = sorted({point["series"] for point in curve["points"].values()})
    known = [text for text in series if text]
    xs = sorted({point["x"] for point in curve["points"].values()})
    logarithmic = xs[0] > 0 and xs[-1] / xs[0] >= 20
    top, height = 0.42 + 0.155 * math.ceil((2 + len(known)) / 3) + 0.1, 1.75
    lines = math.ceil(len(test) / 3)
    figure = Figure(figsize=(WIDTH, top + lines * (height + 0.85) - 0.38))
    boxes = grid_boxes(len(test), 0.55, top, height, (0.25, 0.85))
    paint = colour(curve["algorithm"])
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), test, strict=True)):
        if logarithmic:
            axes.set_xscale("log")
            axes.minorticks_off()
        ticks = xs if len(xs) <= 8 else xs[:: math.ceil(len(xs) / 8)]
        axes.set_xticks(ticks, [f"{x:g}" for x in ticks])
        unit_axis(axes, "y")
        if i % 3:
            axes.tick_params(axis="y", labelleft=False)
        axes.grid(axis="y")
        baselines = [row[target.score] for row in test[split] if row["baseline"]]
        baselines = [value for value in baselines if value is not None]
        if baselines:
            axes.axhline(max(baselines), color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
        for style, text in enumerate(series):
            points = sorted(
                (point["x"], model)
                for model, point in curve["points"].items()
                if point["series"] == text
            )
            for by, face, size in ((train, PAPER, 4.6), (test, paint, 4.2)):
                values = {row["model"]: row[target.score] for row in by[split]}
                drawn = [(x, values[m], m) for x, m in points if values.get(m) is not None]
                xy = [x for x, _, _ in drawn], [y for _, y, _ in drawn]
                dot = {"markersize": size, "markerfacecolor": face, "clip_on": False}
                axes.plot(*xy, "o", color=paint, linestyle=DASHES[style % 4], linewidth=1.1, **dot)
                ends = [(x, *limits[split][m]) for x, _, m in drawn if m in limits[split]]
                if by is test and ends:
                    axes.fill_between(
                        *zip(*ends, strict=True), color=paint, alpha=0.15, linewidth=0
                    )
        axes.set_title(short(split, 30), pad=6)
        axes.set_xlabel(curve["key"])
        if i % 3 == 0:
            axes.set_ylabel(target.score_words)
    line = {"color": paint, "marker": "o", "linewidth": 1.1, "markersize": 4.4}
    handles = [Line2D([], [], **line), Line2D([], [], markerfacecolor=PAPER, **line)]
    handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=(0, (3, 2))))
    labels = ["test part, 95 % interval", "training part", "best baseline, test part"]
    for style, text in enumerate(series):
        if text:
            handles.append(Line2D([], [], color=paint, linewidth=1.1, linestyle=DASHES[style % 4]))
            labels.append(short(text, 40))
    at = (0.55 / WIDTH, 1 - 0.04 / figure.get_size_inches()[1])
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=at, ncols=3, handlelength=2)
    return figure


def calibration_figure(
    bins: list[dict], test: dict[str, list[dict]], order: list[str], target: Target
) -> Figure:
    """Draw predicted and observed shares of abnormal cycles, a panel a split.

    Parameters
    ----------
    bins
        Rows of the calibration.
    test
        Of `auscultation.scores.comparison.wide`: of each algorithm the best model is drawn.
    order
        Names of the splits, in the order of the panels.
    target
        What was predicted.
    """
    have = {(row["split"], row["model"]) for row in bins}
    splits = [split for split in order if any(name == split for name, _ in have)]
    shown: dict[str, str] = {}
    curves: dict[str, dict[str, list[dict]]] = {}
    for split in splits:
        ranked = [row for row in test[split] if (split, row["model"]) in have]
        ranked = [row for row in ranked if not row["baseline"]] or ranked
        for row in best_of_each(ranked):
            key = row["algorithm"].replace("_", " ")
            shown[key] = colour(row["algorithm"])
            curves.setdefault(split, {})[key] = [
                one for one in bins if (one["split"], one["model"]) == (split, row["model"])
            ]
    shown = dict(sorted(shown.items()))
    left, across, gap = 0.55, 0.3, 0.75
    side = (WIDTH - left - 0.12 - 2 * across) / 3
    top = legend_height(len(shown)) + 0.38
    boxes = grid_boxes(max(len(splits), 3), left, top, side, (across, gap))[: len(splits)]
    figure = Figure(figsize=(WIDTH, top + max(1, math.ceil(len(splits) / 3)) * (side + gap) - 0.27))
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), splits, strict=True)):
        unit_axis(axes, "x")
        unit_axis(axes, "y")
        axes.plot((0, 1), (0, 1), color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
        for label, points in curves[split].items():
            x, y = ([row[name] for row in points] for name in ("mean_predicted", "observed"))
            dot = {"color": shown[label], "linestyle": "-", "linewidth": 1.1}
            axes.plot(x, y, "o", markersize=3.2, clip_on=False, **dot)
        axes.set_title(short(split, 30), pad=6)
        axes.set_xlabel(f"predicted share {sought(target)}")
        if i % 3 == 0:
            axes.set_ylabel(f"observed share {sought(target)}")
    if not splits:
        figure.text(0.05, 0.5, "No model here gives probabilities.", color=MUTED)
    colour_legend(figure, left, shown)
    return figure
