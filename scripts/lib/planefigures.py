"""Figures of two numbers a model: sensitivity and specificity, patients known and unknown."""

import math

from lib.canvas import (
    NO_RESULT,
    WIDTH,
    colour_legend,
    grid_boxes,
    guide_lines,
    legend,
    legend_height,
    name_lines,
    note_figure,
    panels,
    unit_axis,
)
from lib.comparison import wide
from lib.grouping import representatives
from lib.naming import interval, number
from lib.scorefigures import limits_of
from lib.style import GRID, INK, MUTED, PAPER, colour, short, text_inches
from lib.target import Target
from matplotlib.figure import Figure


def plane_figure(
    rows: list[dict],
    order: list[str],
    target: Target,
    published: dict[str, list[dict]] | None = None,
) -> Figure:
    """Draw sensitivity against specificity, a panel a split, with lines of equal score."""
    by_split = wide(rows, "test", target)
    test = {split: by_split[split] for split in order}
    ends = {name: limits_of(rows, name) for name in ("specificity", "sensitivity")}
    shown: dict[str, str] = {}
    for models in test.values():
        for row in models:
            label = "baselines" if row["baseline"] else row["algorithm"].replace("_", " ")
            shown[label] = colour(row["algorithm"])
    shown = dict(sorted(shown.items(), key=lambda item: (item[0] == "baselines", item[0])))
    top, gap = legend_height(len(shown)) + 0.38, 0.75
    left = 0.55
    across = 0.3
    side = (WIDTH - left - 0.12 - 2 * across) / 3
    boxes = grid_boxes(max(len(test), 3), left, top, side, (across, gap))[: len(test)]
    figure = Figure(figsize=(WIDTH, top + math.ceil(len(test) / 3) * (side + gap) - 0.27))
    for i, (axes, split) in enumerate(zip(panels(figure, boxes), test, strict=True)):
        unit_axis(axes, "x")
        unit_axis(axes, "y")
        for score in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            x = (max(0, 2 * score - 1), min(1, 2 * score))
            dash = {"color": MUTED, "linewidth": 0.9} if score == 0.5 else {"color": GRID}
            style = {
                "linewidth": 0.6,
                "zorder": 0,
                "linestyle": (0, (3, 2)) if score == 0.5 else "-",
            }
            axes.plot(x, [2 * score - v for v in x], **style | dash)
            if score in (0.3, 0.5, 0.7):
                at = {"textcoords": "offset points", "rotation": -45, "fontsize": 6}
                middle = (x[0] + 0.14, 2 * score - x[0] - 0.14)
                axes.annotate(
                    f"score {score}", middle, (3, 3), **at, color=MUTED, ha="center", va="center"
                )
        for other in (published or {}).get(split, ()):
            if other["sensitivity"] is not None:
                at = (other["specificity"] / 100, other["sensitivity"] / 100)
                axes.plot(*at, "x", color=MUTED, markersize=4, markeredgewidth=0.9)
        for row in reversed(test[split]):
            x, y = row["specificity"], row["sensitivity"]
            if x is None or y is None:
                continue
            paint = colour(row["algorithm"])
            spans = [ends[name].get(split, {}).get(row["model"]) for name in ends]
            thin = {"color": paint, "linewidth": 0.8, "alpha": 0.55, "zorder": 2}
            if spans[0] and row["model"] in set(representatives(test[split])):
                axes.hlines(y, *spans[0], **thin)
            if spans[1] and row["model"] in set(representatives(test[split])):
                axes.vlines(x, *spans[1], **thin)
            mark = "D" if row["baseline"] else "o"
            dot = {"markersize": 5, "markeredgecolor": PAPER, "markeredgewidth": 0.6}
            axes.plot(x, y, mark, color=paint, clip_on=False, zorder=3, **dot)
        axes.set_title(short(split, 30), pad=6)
        axes.set_xlabel("specificity: normal called normal")
        if i % 3 == 0:
            axes.set_ylabel("sensitivity: class of the others right")
    if any((published or {}).values()):
        shown = shown | {"× published, from audio": "none"}
    colour_legend(figure, left, shown)
    return figure


def leakage_figure(rows: list[dict], test: dict[str, list[dict]], target: Target) -> Figure:
    """Draw each model's score where it knows the patients and where not, and the difference.

    Parameters
    ----------
    rows
        Rows of the leakage.
    test
        Of `lib.comparison.wide`, for which models to name.
    target
        What was predicted.
    """
    rows = [row for row in rows if row["metric"] == target.score and row["difference"] is not None]
    pairs = sorted({(row["patient_split"], row["shuffled_split"]) for row in rows})
    groups = []
    for pair in pairs:
        named = set(representatives(test[pair[0]]))
        group = [r for r in rows if (r["patient_split"], r["shuffled_split"]) == pair]
        groups.append(sorted((r for r in group if r["model"] in named), key=_by_difference))
    pairs = [pair for pair, group in zip(pairs, groups, strict=True) if group]
    groups = [group for group in groups if group]
    if not groups:  # no model that is drawn has a result under both
        return note_figure(NO_RESULT)
    left = max(text_inches(short(row["model"]), 7.5) for group in groups for row in group) + 0.2
    right, line, top = 1.95, 0.23, 0.55
    heights = [line * len(group) + 0.1 for group in groups]
    figure = Figure(figsize=(WIDTH, 0.1 + sum(height + top + 0.4 for height in heights)))
    at = top
    for (patient, shuffled), group, height in zip(pairs, groups, heights, strict=True):
        (axes,) = panels(figure, [(left, at, WIDTH - left - right, height)])
        at += height + top + 0.4
        unit_axis(axes, "x")
        name_lines(axes, [short(row["model"]) for row in group])
        guide_lines(axes, len(group))
        for y, row in enumerate(group):
            paint = colour(row["algorithm"])
            axes.plot((row["patient"], row["shuffled"]), (y, y), color=paint, linewidth=1.6)
            for x, face in ((row["shuffled"], PAPER), (row["patient"], paint)):
                dot = {"markeredgecolor": paint, "markersize": 5.6, "linestyle": "none"}
                axes.plot(x, y, "o", markerfacecolor=face, clip_on=False, **dot)
            ends = interval(row["ci_low"], row["ci_high"])
            text = f"{number(row['difference'])} ({ends})" if ends else number(row["difference"])
            up = 1 - (y + 0.5) / len(group)
            place = {"xycoords": "axes fraction", "va": "center", "annotation_clip": False}
            axes.annotate(text, (1.04, up), **place, fontsize=7.5, color=INK)
        axes.annotate(
            "difference (95 % interval)",
            (1.04, 1 + 0.1 / height),
            **place,
            fontsize=6.8,
            color=MUTED,
        )
        axes.set_xlabel(f"{target.score_words} on the test part")
        axes.set_title(f"{short(shuffled, 30)} minus {short(patient, 30)}", pad=6)
    known = ("patients never heard", "o", MUTED), ("patients heard before", "o", PAPER)
    legend(figure, left, MUTED, *known)
    return figure


def _by_difference(row: dict) -> tuple:
    return (-row["difference"], row["model"])
