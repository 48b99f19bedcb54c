"""Forests: scores or AUCs of every model under one split, with their intervals, as numbers too."""

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import is_many, lines_of
from auscultation.figures.layout import (
    NO_RESULT,
    WIDTH,
    guide_lines,
    legend,
    name_lines,
    note_figure,
    panels,
    reference,
)
from auscultation.figures.scores import draw_band, draw_lines, limits_of, reference_lines
from auscultation.figures.style import INK, MUTED, short, text_inches
from auscultation.scores.answer import asked, metric_of
from auscultation.scores.comparison import wide
from auscultation.scores.published import band
from auscultation.scores.wording import area, interval, number

NO_INFORMATION = {"no information": 0.5}
ONE_SIDE = "No AUC: no two cycles of one fold's test part are of different classes."

# What names the AUC of pairs of different patients, and that of those of one device.
DEVICE = ("_between_patients", "_within_device")


class Group(NamedTuple):
    """Lines of a forest whose values can be compared."""

    title: str  # may be empty
    lines: list[dict]  # of `auscultation.figures.grouping.lines_of`
    values: dict[str, float | None]  # by model
    limits: dict[str, tuple]  # of the intervals, by model
    references: dict[str, float]  # dashed lines, by name
    rings: dict[str, float]  # by model


def forest_figure(
    rows: list[dict], split: str, target: Target, published: list[dict] | None = None
) -> Figure:
    """Draw the scores of one split on the test part with their intervals, as numbers too."""
    test = wide(rows, "test", target)[split]
    lines = lines_of(test)
    names = {model for line in lines for model in line["models"]}
    values = {row["model"]: row[target.score] for row in test}
    references = reference_lines(test, names, target)
    group = Group("", lines, values, limits_of(rows, target.score)[split], references, {})
    return draw_forest([group], "score", target.score_words, published)


def area_figure(rows: list[dict], split: str, target: Target) -> Figure:
    """Draw what information models carry in one split: their AUCs on the test part.

    Those over the classes and those of models without probabilities stand apart. A ring is the AUC of
    pairs of cycles of one device, a dashed line what a device alone tells.
    """
    test = wide(rows, "test", target)[split]
    drawn = [row for row in test if not row["baseline"]] or test
    found: dict[str, list[tuple[dict, str]]] = {}
    for metric in asked("information", target):
        of = found.setdefault(area(metric, target), [])  # of two classes both are the same
        of += [
            (row, metric)
            for row in drawn
            if metric_of(known_of(row), "information", target) == metric
        ]
    found = {words: of for words, of in found.items() if of}
    if not found:
        return note_figure(ONE_SIDE if any(row["n_cycles"] for row in drawn) else NO_RESULT)
    devices = [row for row in test if row["algorithm"] == "by_device"]
    groups = [_areas(words, of, devices, is_many(test)) for words, of in found.items()]
    words = "AUC" if len(groups) > 1 else groups[0].title.partition(":")[0]
    if len(groups) == 1:
        groups = [groups[0]._replace(title="")]
    return draw_forest(groups, "AUC", words)


def known_of(row: dict) -> set[str]:
    """Name what a row of `auscultation.scores.comparison.wide` has a value of."""
    return {name for name, value in row.items() if value is not None}


def _areas(words: str, of: list[tuple[dict, str]], devices: list[dict], many: bool) -> Group:
    """Make a group of models and the metrics that are drawn of them."""
    ranked = sorted(of, key=lambda one: (-one[0][one[1]], one[0]["model"]))
    title = f"{words}: models with{'' if of[0][1].startswith('auc_ovr') else 'out'} probabilities"
    references = dict(NO_INFORMATION)
    for row in devices:
        value = row.get(of[0][1])
        if value not in (None, *references.values()):
            references[short(row["model"])] = value
    ends = {row["model"]: row["intervals"][metric] for row, metric in of}
    return Group(
        title,
        lines_of([row for row, _ in ranked], many),
        {row["model"]: row[metric] for row, metric in of},
        {model: limits for model, limits in ends.items() if None not in limits},
        references,
        {row["model"]: row.get(metric.replace(*DEVICE)) for row, metric in of},
    )


def draw_forest(
    groups: list[Group], head: str, words: str, published: list[dict] | None = None
) -> Figure:
    """Draw groups below each other, on one scale, with the values and intervals as numbers.

    Parameters
    ----------
    groups
        What to draw.
    head, words
        The values' name, above the column of numbers and below the axis.
    published
        Scores to be shaded behind the dots.
    """
    shown = [end for group in groups for ends in group.limits.values() for end in ends]
    for group in groups:
        of_group = (group.values, group.references, group.rings)
        shown += [v for of in of_group for v in of.values() if v is not None]
    if published:
        shown += band(published)
    shown = shown or [0.0, 1.0]  # every fit has failed
    low, high = max(0.0, min(shown) - 0.02), min(1.0, max(shown) + 0.02)
    left = max(text_inches(line["label"], 8) for group in groups for line in group.lines) + 0.2
    right = 1.75
    ringed = any(value is not None for group in groups for value in group.rings.values())
    boxes, at = [], 0.2 if ringed else 0.0
    for group in groups:
        at += 0.14 + 0.125 * len(group.references) + (0.24 if group.title else 0)
        boxes.append((left, at, WIDTH - left - right, 0.26 * len(group.lines) + 0.1))
        at += boxes[-1][-1] + 0.26
    figure = Figure(figsize=(WIDTH, at + 0.22))
    for axes, group in zip(panels(figure, boxes), groups, strict=True):
        axes.set_xlim(low, high)
        _draw_group(axes, group, head)
        if published:
            draw_band(axes, published)
            place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            end = band(published)[1], 0
            axes.annotate("published, from audio", end, (-3, 4), **place, ha="right", fontsize=6.8)
    axes.set_xlabel(f"{words} on the test part, with its 95 % interval over patients")
    if ringed:
        legend(figure, left, ("pairs of all devices", "full"), ("pairs of one device", "none"))
    return figure


def _draw_group(axes: Axes, group: Group, head: str) -> None:
    """Draw a group's title, lines and numbers."""
    name_lines(axes, [line["label"] for line in group.lines])
    axes.tick_params(axis="y", labelsize=8)
    guide_lines(axes, len(group.lines))
    for step, (label, value) in enumerate(group.references.items()):
        reference(axes, value, f"{label} {number(value)}", step)
    draw_lines(axes, group.lines, group.values, group.limits, group.rings)
    at = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
    title = {"xycoords": ("figure fraction", "axes fraction"), "weight": "bold", "fontsize": 8.5}
    axes.annotate(group.title, (0.1 / WIDTH, 1), (0, 12 + 9 * len(group.references)), **at | title)
    at["xycoords"] = "axes fraction"
    columns = ((10, head), (46, "95 % interval"))  # points right of the panel
    for x, name in columns:
        axes.annotate(name, (1, 1), (x, 9), **at, fontsize=6.8, color=MUTED)
    for y, line in enumerate(group.lines):
        model = line["models"][0]
        up = 1 - (y + 0.5) / len(group.lines)
        ends = interval(*group.limits.get(model, (None, None)))
        for (x, _), text in zip(columns, (number(group.values[model]), ends), strict=True):
            axes.annotate(text, (1, up), (x, 0), **at, fontsize=7.5, color=INK)
