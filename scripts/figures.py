"""Draw all figures: missing values, states, scores, losses, and one of every fit.

In: the raw and the cleaned table, the comparison, predictions, summaries of gradient descent. Out:
SVG files whose text is text and whose bytes are the same every time. One job draws them all, since
starting matplotlib costs more than drawing.
"""

import json
import logging
import math
from pathlib import Path

import matplotlib
import numpy as np
import pyarrow.parquet as pq
from lib.canvas import WIDTH, grid_boxes, legend, panels
from lib.comparison import BASELINES, wide
from lib.datafigures import missing_figure, states_figure
from lib.job import atomic_path, job_log
from lib.style import GRID, INK, METADATA, MUTED, PAPER, RC, colour, short, text_inches
from lib.table import row_groups
from lib.target import Target, target_of
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

matplotlib.rcParams.update(RC)

CYCLES = 50  # cycles in a model's figure


def save(figure: Figure, path: str) -> None:
    """Write a figure as SVG, whole or not at all."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="svg", metadata=METADATA)


def reference_lines(models: list[dict], names: list[str], target: Target) -> dict[str, float]:
    """Give the baselines' scores in a split by what they are called, those not drawn as dots."""
    same = {"state": "all called normal"}.get(target.name, f"all without {target.name}")
    lines = {same: 0.5} if target.ordered else {}
    for row in models:
        known = row[target.score] not in (None, *lines.values())
        if row["baseline"] and row["model"] not in names and known:
            lines.setdefault(row["algorithm"].replace("_", " "), row[target.score])
    return lines


def scores_figure(rows: list[dict], target: Target) -> Figure:
    """Draw the score of every model on both parts, a panel a split, baselines as lines."""
    test, train = (wide(rows, part, target) for part in ("test", "train"))
    limits = {
        (row["split"], row["model"]): (row["ci_low"], row["ci_high"])
        for row in rows
        if (row["part"], row["metric"]) == ("test", target.score) and row["ci_low"] is not None
    }
    algorithms = {row["model"]: row["algorithm"] for models in test.values() for row in models}
    names = [m for m, algorithm in algorithms.items() if algorithm not in BASELINES]
    names = names or list(algorithms)
    score = {
        (part, split, row["model"]): row[target.score]
        for part, by_split in (("test", test), ("train", train))
        for split, models in by_split.items()
        for row in models
        if row[target.score] is not None
    }
    names.sort(key=lambda m: (-sum(score.get(("test", split, m), 0) for split in test), m))
    references = {split: reference_lines(models, names, target) for split, models in test.items()}
    labels = 0.125 * max(map(len, references.values()))  # inches above each panel
    left = max(text_inches(short(name), 7.5) for name in names) + 0.15
    height, top, gap = 0.21 * len(names) + 0.1, 0.5 + labels, 0.7 + labels
    lines = math.ceil(len(test) / 3)
    figure = Figure(figsize=(WIDTH, top + lines * (height + gap) - 0.45))
    boxes = grid_boxes(len(test), left, top, height, (0.22, gap))
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), test, strict=True)):
        axes.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        axes.set_yticks(
            range(len(names)), [short(n) for n in names] if i % 3 == 0 else [], color=INK
        )
        axes.tick_params(axis="y", length=0)
        axes.spines.left.set_visible(False)
        axes.hlines(range(len(names)), 0, 1, color=GRID, linewidth=0.6, zorder=0)
        for step, (label, value) in enumerate(references[split].items()):
            axes.axvline(value, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
            side = "left" if value < 0.4 else "right" if value > 0.6 else "center"
            at = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            up = (0, 2 + 9 * step)
            axes.annotate(label, (value, 1), up, **at, ha=side, fontsize=6.8, color=MUTED)
        axes.set_title(short(split, 30), pad=16 + 9 * (len(references[split]) - 1))
        axes.set_xlabel(target.score_words)
        for y, name in enumerate(names):
            paint = colour(algorithms[name])
            if (split, name) in limits:
                axes.hlines(y, *limits[split, name], color=paint, linewidth=1.6)
            for part, face, size in (("train", PAPER, 6.2), ("test", paint, 4.4)):
                if (part, split, name) in score:
                    dot = {"markeredgecolor": paint, "markersize": size, "linestyle": "none"}
                    x = score[part, split, name]
                    axes.plot(x, y, "o", markerfacecolor=face, clip_on=False, **dot)
    legend(figure, left, MUTED, ("test part", "o", MUTED), ("training part", "o", PAPER))
    return figure


def losses_figure(
    losses: dict[str, dict[str, list[float]]], rows: list[dict], target: Target
) -> Figure:
    """Draw the loss of each iteration, a panel a split, with the mean's as a line.

    Parameters
    ----------
    losses
        By split, then model, the loss (MSE in squared states) of each iteration.
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
    logarithmic = max(max(x) / min(x) for models in losses.values() for x in models.values()) > 100
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), losses, strict=True)):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yscale("log" if logarithmic else "linear")
        if logarithmic:
            axes.yaxis.set_major_formatter("{x:,.4g}")
        axes.grid(axis="y")
        mse = {row["model"]: row["mse"] for row in train[split]}
        for style, (model, loss) in enumerate(sorted(losses[split].items())):
            dashes = ("-", "--", "-.", ":")[style % 4]
            label = f"{short(model, 22)}: {mse[model]:.4f} at the end"
            paint = colour("gradient_descent")
            steps = range(1, len(loss) + 1)
            axes.plot(steps, loss, color=paint, linestyle=dashes, linewidth=1.6, label=label)
        mean = [row["mse"] for row in train[split] if row["algorithm"] == "mean"]
        if mean:
            label = f"predicting the mean: {mean[0]:.4f}"
            axes.axhline(mean[0], color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), label=label)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.03), handlelength=1.6)
        axes.set_title(short(split, 30), pad=8 + 10.8 * most)
        axes.set_xlabel("iteration")
        if i % 3 == 0:
            axes.set_ylabel(f"MSE on the training part ({target.name}²)")
    return figure


def first_cycles(path: str, n: int = CYCLES) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read state and prediction of the first cycles of both parts, of the first fold."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for group in row_groups(path):
        target = target_of(group.schema.metadata)
        part = group["part"].to_numpy(zero_copy_only=False)
        for name in set(part[:].tolist()) - set(found):
            here = np.flatnonzero(part == name)[:n]
            found[name] = tuple(group[c].to_numpy()[here] for c in (target.name, "prediction"))
        if len(found) == 2:
            break
    return found


def model_figure(
    parts: dict[str, tuple[np.ndarray, np.ndarray]], algorithm: str, target: Target
) -> Figure:
    """Draw the notebook's figure: true and predicted class, training and test part side by side."""
    figure = Figure(figsize=(WIDTH, 2.35))
    axes = panels(figure, [(0.78, 0.48, 3.22, 1.48), (4.18, 0.48, 3.22, 1.48)])
    paint = colour(algorithm)
    values = np.concatenate([prediction for _, prediction in parts.values()])
    codes = range(len(target.classes))
    low, high = min(0.0, values.min()), max(float(codes[-1]), values.max())
    margin = 0.08 * (high - low)
    for ax, part, title in zip(
        axes, ("train", "test"), ("Training part", "Test part"), strict=True
    ):
        state, prediction = parts[part]
        x = np.arange(1, len(state) + 1)
        ax.set(xlim=(0, CYCLES + 1), ylim=(low - margin, high + margin))
        ax.set_yticks(codes, [short(n, 14) for n in target.labels] if ax is axes[0] else [])
        ax.set_xticks([1, *range(10, CYCLES + 1, 10)])
        ax.hlines(codes, 0, CYCLES + 1, color=GRID, linewidth=0.6, zorder=0)
        ax.spines.left.set_visible(False)
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        ax.plot(x, state, "o", markersize=5.6, markerfacecolor="none", markeredgecolor=MUTED)
        ax.plot(x, prediction, "o", markersize=3.6, markerfacecolor=paint, markeredgewidth=0)
        ax.set_title(f"{title}: first {len(state)} cycles", pad=5)
        ax.set_xlabel("cycle, in the order of the part")
    legend(figure, 0.78, MUTED, (f"true {target.name}", "o", "none"))
    entry = Line2D([], [], marker="o", linestyle="none", markersize=3.6, color=paint)
    entry.set_markeredgewidth(0)
    at = ((0.78 + 1.1) / WIDTH, 0.985)
    figure.legend([entry], ["prediction"], loc="upper left", bbox_to_anchor=at)
    return figure


def main(snakemake) -> None:
    """Draw every figure the rule promises."""
    inputs, outputs = snakemake.input, snakemake.output
    raw, cycles = pq.read_table(inputs.raw), pq.read_table(inputs.cycles)
    comparison = pq.read_table(inputs.comparison)
    rows, target = comparison.to_pylist(), target_of(comparison.schema.metadata)
    save(missing_figure(raw, cycles), outputs.missing)
    save(states_figure(cycles), outputs.states)
    save(scores_figure(rows, target), outputs.scores)
    losses: dict[str, dict[str, list[float]]] = {}
    descents = [fit for fit in snakemake.params.fits if fit["algorithm"] == "gradient_descent"]
    for fit, path in zip(descents, inputs.descents, strict=True):
        summary = json.loads(Path(path).read_text(encoding="utf-8"))
        losses.setdefault(fit["split"], {})[fit["model"]] = summary["folds"][0]["loss"]
    for path in outputs.losses:
        save(losses_figure(losses, rows, target), path)
    jobs = zip(snakemake.params.fits, inputs.predictions, outputs.models, strict=True)
    for fit, predictions, path in jobs:
        logging.info("drawing %s under %s", fit["model"], fit["split"])
        save(model_figure(first_cycles(predictions), fit["algorithm"], target), path)


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        main(snakemake)  # noqa: F821
