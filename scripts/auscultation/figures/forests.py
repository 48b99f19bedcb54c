"""Forests: scores or AUCs of every model under one split, with their intervals, also as numbers."""

from collections.abc import Mapping
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.grouping import Line, informed, is_many, lines_of
from auscultation.figures.layout import (
    NO_RESULT,
    WIDTH,
    Box,
    Looks,
    annotate,
    legend,
    name_lines,
    note_figure,
    panels,
    reference,
    write_columns,
)
from auscultation.figures.scores import (
    Limits,
    Values,
    draw_band,
    draw_lines,
    known_limits,
    limits_of,
    reference_lines,
    scores_of,
)
from auscultation.figures.style import MUTED, short, text_inches
from auscultation.scores.comparison import Ranked, Row, wide
from auscultation.scores.published import ON_TEST, Published, band
from auscultation.scores.wording import area, interval, number

NO_INFORMATION = {"no information": 0.5}
ONE_SIDE = "No AUC: in no fold does the test part have cycles of different classes."
# The ends of the names of the AUC over pairs of different patients, and of that within devices.
DEVICE = ("_between_patients", "_within_device")
RIGHT = 1.75  # inches for the numbers


class Group(NamedTuple):
    """Lines of a forest whose values can be compared."""

    title: str  # may be empty
    lines: list[Line]
    values: Values
    limits: Limits
    references: Mapping[str, float]  # dashed lines, by name
    rings: Values


def forest_figure(
    rows: list[Row], split: str, target: Target, published: list[Published] | None = None
) -> Figure:
    """Return the figure of the scores of one split on the test part, with intervals and numbers."""
    test = wide(rows, "test", target)[split]
    lines = lines_of(test)
    names = {model for line in lines for model in line.models}
    references = reference_lines(test, names, target)
    limits = limits_of(test, target.score)
    group = Group("", lines, scores_of(test, target), limits, references, {})
    return draw_forest([group], "score", target.score_words, published)


def area_figure(rows: list[Row], split: str, target: Target) -> Figure:
    """Return the figure of the information that models carry in one split: AUCs on the test part.

    AUCs over the classes and those of models without probabilities have panels of their own. A ring is
    the AUC over pairs of cycles of one device, a dashed line that of a model that knows only the device.
    """
    test = wide(rows, "test", target)[split]
    drawn = [row for row in test if not row["baseline"]] or test
    by_words: dict[str, list[tuple[Ranked, str]]] = {}
    for row, metric in informed(drawn, target):
        by_words.setdefault(area(metric, target), []).append((row, metric))
    if not by_words:
        return note_figure(ONE_SIDE if any(row["n_cycles"] for row in drawn) else NO_RESULT)
    devices = [row for row in test if row["algorithm"] == "by_device"]
    groups = [_areas(words, of, devices, is_many(test)) for words, of in by_words.items()]
    if len(groups) > 1:
        return draw_forest(groups, "AUC", "AUC")
    return draw_forest([groups[0]._replace(title="")], "AUC", next(iter(by_words)))


def _areas(
    words: str, models: list[tuple[Ranked, str]], devices: list[Ranked], many: bool
) -> Group:
    """Return a group of models, best first, and the metrics that are drawn of them."""
    first = models[0][1]
    kind = "with" if first.startswith("auc_ovr") else "without"
    references = dict(NO_INFORMATION)
    for row in devices:
        value = row["values"].get(first)
        if value is not None and value not in references.values():
            references[short(row["model"])] = value
    return Group(
        f"{words}: models {kind} probabilities",
        lines_of([row for row, _ in models], many),
        {row["model"]: row["values"][metric] for row, metric in models},
        known_limits((row["model"], row["intervals"][metric]) for row, metric in models),
        references,
        {row["model"]: row["values"].get(metric.replace(*DEVICE)) for row, metric in models},
    )


def draw_forest(
    groups: list[Group], head: str, words: str, published: list[Published] | None = None
) -> Figure:
    """Return the figure of groups below each other, on one scale, with values and intervals.

    The values are called `head` above the column of numbers, `words` below the axis.
    """
    ringed = any(value is not None for group in groups for value in group.rings.values())
    boxes, height = _boxes(groups, 0.2 if ringed else 0.0)
    figure = Figure(figsize=(WIDTH, height + (0.42 if published else 0.22)))
    low, high = _scale(groups, published)
    for axes, group in zip(panels(figure, boxes), groups, strict=True):
        axes.set_xlim(low, high)
        _draw_group(axes, group, head)
        if published:
            draw_band(axes, published)
            look: Looks = {"within": ("data", "axes fraction"), "ha": "right", "fontsize": 6.8}
            annotate(axes, "published, from audio", (band(published)[1], 0), (-3, 8), **look)
            _mark_published(axes, published)
    figure.axes[-1].set_xlabel(f"{words} on the test part; 95 % interval over patients")
    if ringed:
        left = boxes[0][0]
        legend(figure, left, ("pairs of all devices", "full"), ("pairs of one device", "none"))
    return figure


def _mark_published(axes: Axes, published: list[Published]) -> None:
    """Mark each published score on the x axis; a cross where the epoch was chosen on the test part."""
    marks = {"|": "published score", "x": "of an epoch chosen on the test part"}
    for marker, words in marks.items():
        own = [row for row in published if (row["chosen_on"] == ON_TEST) == (marker == "x")]
        scores = [row["icbhi_score"] / 100 for row in own]
        look: Looks = {"marker": marker, "color": MUTED, "linestyle": "none", "markersize": 4}
        where = axes.get_xaxis_transform()
        axes.plot(scores, [0] * len(own), label=words, transform=where, clip_on=False, **look)
    below = {"bbox_to_anchor": (1, -0.42 / axes.bbox.height * axes.figure.dpi), "borderaxespad": 0}
    axes.legend(loc="upper right", ncols=2, fontsize=6.8, **below)


def _scale(groups: list[Group], published: list[Published] | None) -> tuple[float, float]:
    """Return the ends of an axis, between 0 and 1, that shows all that is drawn."""
    shown = [*band(published)] if published else []
    for group in groups:
        shown += [end for ends in group.limits.values() for end in ends]
        by_model = (group.values, group.references, group.rings)
        shown += [v for values in by_model for v in values.values() if v is not None]
    shown = shown or [0.0, 1.0]  # every fit has failed
    return max(0.0, min(shown) - 0.02), min(1.0, max(shown) + 0.02)


def _boxes(groups: list[Group], top: float) -> tuple[list[Box], float]:
    """Return the places of the groups' panels, and where they end."""
    left = max(text_inches(line.label, 8) for group in groups for line in group.lines) + 0.2
    boxes, at = [], top
    for group in groups:
        at += 0.14 + 0.125 * len(group.references) + (0.24 if group.title else 0)
        boxes.append((left, at, WIDTH - left - RIGHT, 0.26 * len(group.lines) + 0.1))
        at += boxes[-1][-1] + 0.26
    return boxes, at


def _draw_group(axes: Axes, group: Group, head: str) -> None:
    """Draw a group's title, lines and numbers."""
    name_lines(axes, [line.label for line in group.lines])
    axes.tick_params(axis="y", labelsize=8)
    for step, (label, value) in enumerate(group.references.items()):
        reference(axes, value, f"{label} {number(value)}", step)
    draw_lines(axes, group.lines, group.values, group.limits, group.rings)
    look: Looks = {"within": ("figure fraction", "axes fraction"), "annotation_clip": False}
    look |= {"va": "center", "weight": "bold", "fontsize": 8.5}
    annotate(axes, group.title, (0.1 / WIDTH, 1), (0, 12 + 9 * len(group.references)), **look)
    texts = [
        (number(group.values[model]), interval(*group.limits.get(model, (None, None))))
        for model in (line.models[0] for line in group.lines)
    ]
    write_columns(axes, ((10, head), (46, "95 % interval")), texts, 9)
