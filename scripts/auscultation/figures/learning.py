"""The figure of the learning curves: scores by the number of patients in training."""

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import best_of_each
from auscultation.figures.layout import (
    DASHED,
    NO_RESULT,
    colour_legend,
    legend_height,
    note_figure,
    panels,
)
from auscultation.figures.style import MUTED, colour
from auscultation.scores.comparison import Ranked
from auscultation.scores.learning import Learning
from auscultation.scores.questions import asked

HEIGHT = 2.3  # of a panel, in inches
PLACES = ((0.5, 3.1), (4.3, 3.1))  # left and width of the panels


def learning_figure(
    rows: Iterable[Learning], test: Mapping[str, Sequence[Ranked]], order: list[str], target: Target
) -> Figure:
    """Return the figure of the first split in `order` that has curves: one panel of scores, one of AUCs.

    Of each algorithm the best model of `test` (from `wide`) that has a curve is drawn, baselines only
    without other models. In each panel the model that ends highest has a band of its intervals.
    """
    by_split: dict[str, list[Learning]] = {}
    for row in rows:
        if row["value"] is not None:
            by_split.setdefault(row["split"], []).append(row)
    split = next((name for name in order if name in by_split), None)
    if split is None:
        return note_figure(NO_RESULT)
    curves: dict[str, list[Learning]] = {}
    for row in by_split[split]:
        curves.setdefault(row["model"], []).append(row)
    ranked = [model for model in test[split] if model["model"] in curves]
    drawn = best_of_each([model for model in ranked if not model["baseline"]] or ranked)
    colours = {model["algorithm"].replace("_", " "): colour(model["algorithm"]) for model in drawn}
    top = legend_height(len(colours)) + 0.38
    figure = Figure(figsize=(7.5, top + HEIGHT + 0.5))
    all_axes = panels(figure, [(left, top, width, HEIGHT) for left, width in PLACES])
    areas = asked("information", target)
    chance = 1 / (2 if target.ordered else len(target.classes))
    kinds = ((target.score_words, (target.score,), chance), ("AUC", areas, 0.5))
    for axes, (title, metrics, without_skill) in zip(all_axes, kinds, strict=True):
        axes.set_title(title)
        axes.set_xlabel("patients in training (mean of the folds)")
        axes.axhline(without_skill, color=MUTED, linewidth=0.9, linestyle=DASHED, zorder=1)
        axes.grid(axis="y")
        highest = _highest([curves[model["model"]] for model in drawn], metrics)
        for model in drawn:
            paint, curve = colour(model["algorithm"]), curves[model["model"]]
            _draw_curve(axes, curve, metrics, paint, with_band=model["model"] == highest)
        axes.set_xlim(left=0)
    colour_legend(figure, 0.5, dict(sorted(colours.items())))
    return figure


def _highest(curves: Iterable[list[Learning]], metrics: tuple[str, ...]) -> str | None:
    """Return the model with the highest value of all patients, by the first metric that one has."""
    ends = [
        row for curve in curves for row in curve if row["share"] == 1 and row["metric"] in metrics
    ]
    ends.sort(key=lambda row: (metrics.index(row["metric"]), -(row["value"] or 0)))
    return ends[0]["model"] if ends else None


def _draw_curve(
    axes: Axes, curve: list[Learning], metrics: tuple[str, ...], paint: str, with_band: bool
) -> None:
    """Draw one metric of a model's curve; dotted where it is not the first of those it may have."""
    points = sorted((row for row in curve if row["metric"] in metrics), key=lambda r: r["share"])
    if not points:
        return
    style = "-" if points[0]["metric"] == metrics[0] else ":"
    xs = [row["n_patients"] for row in points]
    ys = [row["value"] for row in points]
    axes.plot(xs, ys, "o", linestyle=style, color=paint, linewidth=1.1, markersize=3.2)  # type: ignore[arg-type]
    ends = [(row["n_patients"], row["ci_low"], row["ci_high"]) for row in points]
    known = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
    if with_band and known:
        x, low, high = (list(column) for column in zip(*known, strict=True))
        axes.fill_between(x, low, high, color=paint, alpha=0.15, linewidth=0)
