"""Figures of several numbers a model: sensitivity and specificity, patients heard and not."""

import math
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.forests import NO_INFORMATION
from auscultation.figures.grouping import representatives
from auscultation.figures.layout import (
    WIDTH,
    colour_legend,
    faces,
    grid_boxes,
    guide_lines,
    legend,
    legend_height,
    name_lines,
    note_figure,
    panels,
    reference,
    unit_axis,
)
from auscultation.figures.scores import limits_of, without_skill
from auscultation.figures.style import GRID, INK, MUTED, PAPER, colour, short, text_inches
from auscultation.scores.answer import asked, metric_of
from auscultation.scores.comparison import wide
from auscultation.scores.wording import area, interval, number

# What the splits of a step keep apart (places in `APART`), by what was heard.
STEPS = {"recording": (0, 1), "patient": (1, 2), "patient or recording": (0, 2)}
APART = (("cycles shuffled", "none"), ("recordings apart", "left"), ("patients apart", "full"))
NO_STEPS = (
    "Nothing to compare: no two splits of equal folds, with models that have a result under both, differ "
    "in what they keep apart. Such are `shuffled: {}` and `recording: {}` beside `patient: {}`."
)
Chain = tuple[str | None, str | None, str | None]  # splits by the places in `APART`


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


def chains(rows: list[dict]) -> list[Chain]:
    """Return splits that keep more and more apart, step by step; None for a step that is not there."""

    def pairs(step: tuple[int, int]) -> list[tuple[str, str]]:
        of = {(r["split"], r["other_split"]) for r in rows if STEPS[r["heard"]] == step}
        return sorted(of)

    found: list[Chain] = []
    for shuffled, patient in pairs((0, 2)):
        between = [
            recording
            for split, recording in pairs((0, 1))
            if split == shuffled and (recording, patient) in pairs((1, 2))
        ]
        found += [(shuffled, recording, patient) for recording in between or [None]]
    known = [(chain[:2], chain[1:]) for chain in found]
    found += [(None, *pair) for pair in pairs((1, 2)) if all(pair != last for _, last in known)]
    found += [(*pair, None) for pair in pairs((0, 1)) if all(pair != first for first, _ in known)]
    return found


class Steps(NamedTuple):
    """One model in the splits of a chain."""

    model: str
    algorithm: str
    scores: dict[str, float]  # by split
    whole: dict | None  # the row of the leakage from the first split to the last


def steps_of(rows: list[dict], chain: Chain, target: Target) -> dict[str, list[Steps]]:
    """Return the models in a chain by what is drawn of them: the score, and the AUC of each."""
    splits = [split for split in chain if split]
    ends = (splits[0], splits[-1])
    by_model: dict[str, dict[str, list[dict]]] = {}
    for row in rows:
        if {row["split"], row["other_split"]} <= {*splits}:
            by_model.setdefault(row["model"], {}).setdefault(row["metric"], []).append(row)
    names = (target.score, *asked("information", target))
    found = {target.score_words if n == target.score else area(n, target): [] for n in names}
    for model, by_metric in sorted(by_model.items()):
        for metric in (target.score, metric_of(by_metric, "information", target)):
            its = by_metric.get(metric)
            if not its:
                continue
            scores = {row["split"]: row["score"] for row in its}
            scores |= {row["other_split"]: row["other_score"] for row in its}
            whole = [row for row in its if (row["split"], row["other_split"]) == ends]
            words = target.score_words if metric == target.score else area(metric, target)
            found[words].append(Steps(model, its[0]["algorithm"], scores, next(iter(whole), None)))
    for models in found.values():
        models.sort(key=lambda one: -one.whole["difference"] if one.whole else math.inf)
    return found


def leakage_figure(rows: list[dict], test: dict[str, list[dict]], target: Target) -> Figure:
    """Draw what models score the more they are tested on what they have not heard, step by step.

    A panel for the score and for each AUC, of every chain of splits.

    Parameters
    ----------
    rows
        Rows of the leakage.
    test
        Of `auscultation.scores.comparison.wide`, for which models to name.
    target
        What was predicted.
    """
    rows = [row for row in rows if row["difference"] is not None]
    shown: list[tuple[Chain, str, list[Steps]]] = []
    for chain in chains(rows):
        last = [split for split in chain if split][-1]  # the one to believe
        named = set(representatives(test[last]))
        for words, models in steps_of(rows, chain, target).items():
            if models := [one for one in models if one.model in named]:
                shown.append((chain, words, models))
    if not shown:
        return note_figure(NO_STEPS)
    scores = [score for *_, models in shown for one in models for score in one.scores.values()]
    limits = max(0.0, min(scores) - 0.02), min(1.0, max(scores) + 0.02)
    labels = [short(one.model) for *_, models in shown for one in models]
    left = max(text_inches(label, 7.5) for label in labels) + 0.2
    boxes, at = [], 0.2
    for *_, models in shown:
        boxes.append((left, at + 0.48, WIDTH - left - 1.95, 0.23 * len(models) + 0.1))
        at += boxes[-1][-1] + 0.74
    figure = Figure(figsize=(WIDTH, at + 0.05))
    for axes, (chain, words, models) in zip(panels(figure, boxes), shown, strict=True):
        axes.set_xlim(limits)
        known = without_skill(target) if words == target.score_words else NO_INFORMATION
        for label, value in known.items():
            if limits[0] <= value <= limits[1]:
                reference(axes, value, label)
        _draw_steps(axes, chain, models)
        splits = [short(split, 22) for split in chain if split]
        axes.set_title(f"{words}: {splits[0]} minus {splits[-1]}", pad=16)
    drawn = [any(chain[place] for chain, *_ in shown) for place in range(len(APART))]
    legend(figure, left, *(entry for entry, is_there in zip(APART, drawn, strict=True) if is_there))
    return figure


def _draw_steps(axes: Axes, chain: Chain, models: list[Steps]) -> None:
    """Draw the models' scores in the splits of a chain, and the whole difference as numbers."""
    name_lines(axes, [short(one.model) for one in models])
    guide_lines(axes, len(models))
    place = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "center"}
    place |= {"annotation_clip": False}
    head = "difference (95 % interval)"
    axes.annotate(head, (1, 1), (10, 8), **place, fontsize=6.8, color=MUTED)
    for y, one in enumerate(models):
        paint = colour(one.algorithm)
        ends = min(one.scores.values()), max(one.scores.values())
        axes.plot(ends, (y, y), color=paint, linewidth=1.6)
        for split, (_, fill), size in zip(chain, APART, (6.2, 5.2, 4.8), strict=True):
            if split in one.scores:
                dot = faces(paint, fill) | {"markersize": size}
                axes.plot(one.scores[split], y, "o", clip_on=False, **dot)
        text = "–"
        if one.whole:
            text = number(one.whole["difference"])
            ends = interval(one.whole["ci_low"], one.whole["ci_high"])
            text += f" ({ends})" if ends else ""
        up = 1 - (y + 0.5) / len(models)
        axes.annotate(text, (1, up), (10, 0), **place, fontsize=7.5, color=INK)
