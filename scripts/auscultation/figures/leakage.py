"""The figure of the leakage: scores of the same models under splits that keep more and more apart."""

import math
from collections.abc import Mapping
from itertools import compress
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.forests import NO_INFORMATION
from auscultation.figures.grouping import representatives
from auscultation.figures.layout import (
    WIDTH,
    Box,
    Fill,
    draw_dot,
    legend,
    name_lines,
    note_figure,
    panels,
    reference,
    write_columns,
)
from auscultation.figures.scores import without_skill
from auscultation.figures.style import colour, short, text_inches
from auscultation.scores.comparison import Ranked
from auscultation.scores.leakage import Leakage
from auscultation.scores.questions import asked, metric_of
from auscultation.scores.wording import area, interval, number

# What the splits of a step keep apart (places in `APART`), by what was heard.
STEPS = {"recording": (0, 1), "patient": (1, 2), "patient or recording": (0, 2)}
APART: tuple[tuple[str, Fill], ...] = (
    ("cycles shuffled", "none"),
    ("recordings apart", "left"),
    ("patients apart", "full"),
)
NO_STEPS = (
    "Nothing to compare: no two splits with folds of equal size, and models with a result under both, "
    "differ in what they keep apart. Such are `shuffled: {}` and `recording: {}` beside `patient: {}`."
)
RIGHT = 1.95  # inches for the numbers
Chain = tuple[str | None, str | None, str | None]  # splits by the places in `APART`


def chains(rows: list[Leakage]) -> list[Chain]:
    """Return splits that keep more and more apart, step by step; None for a step that is missing."""

    def pairs(step: tuple[int, int]) -> list[tuple[str, str]]:
        return sorted({(r["split"], r["other_split"]) for r in rows if STEPS[r["heard"]] == step})

    complete: list[Chain] = []
    for shuffled, patient in pairs((0, 2)):
        between: list[str | None] = [
            recording
            for split, recording in pairs((0, 1))
            if split == shuffled and (recording, patient) in pairs((1, 2))
        ]
        complete += [(shuffled, recording, patient) for recording in between or [None]]
    firsts, lasts = {chain[:2] for chain in complete}, {chain[1:] for chain in complete}
    without_first: list[Chain] = [(None, *pair) for pair in pairs((1, 2)) if pair not in lasts]
    without_last: list[Chain] = [(*pair, None) for pair in pairs((0, 1)) if pair not in firsts]
    return complete + without_first + without_last


class Steps(NamedTuple):
    """One model in the splits of a chain."""

    model: str
    algorithm: str
    scores: dict[str, float]  # by split
    whole: Leakage | None  # from the first split to the last


class Panel(NamedTuple):
    """One panel: models in the splits of a chain."""

    chain: Chain
    words: str  # the metric
    models: list[Steps]


def steps_of(rows: list[Leakage], chain: Chain, target: Target) -> dict[str, list[Steps]]:
    """Return the models in a chain by what is drawn of them: the score, and the AUC of each."""
    splits = [split for split in chain if split]
    by_model: dict[str, dict[str, list[Leakage]]] = {}
    for row in rows:
        if {row["split"], row["other_split"]} <= {*splits}:
            by_model.setdefault(row["model"], {}).setdefault(row["metric"], []).append(row)
    by_words: dict[str, list[Steps]] = {target.score_words: []}
    by_words |= {area(name, target): [] for name in asked("information", target)}
    for model, by_metric in sorted(by_model.items()):
        auc = metric_of(by_metric, "information", target)
        drawn = [(target.score_words, by_metric.get(target.score))]
        if auc is not None:
            drawn.append((area(auc, target), by_metric[auc]))
        for words, steps in drawn:
            if not steps:
                continue
            scores = {row["split"]: row["score"] for row in steps}
            scores |= {row["other_split"]: row["other_score"] for row in steps}
            ends = splits[0], splits[-1]
            whole = next((r for r in steps if (r["split"], r["other_split"]) == ends), None)
            by_words[words].append(Steps(model, steps[0]["algorithm"], scores, whole))
    for models in by_words.values():
        models.sort(key=lambda row: -(row.whole["difference"] or 0.0) if row.whole else math.inf)
    return by_words


def leakage_figure(rows: list[Leakage], test: Mapping[str, list[Ranked]], target: Target) -> Figure:
    """Return the figure of scores under splits that keep more and more apart, step by step.

    A panel for the score and for each AUC, of every chain of splits. It has the models that figures
    name under the chain's last split (rows of `test`).
    """
    rows = [row for row in rows if row["difference"] is not None]
    shown: list[Panel] = []
    for chain in chains(rows):
        *_, last = filter(None, chain)  # the one to believe
        named = set(representatives(test[last]))
        for words, models in steps_of(rows, chain, target).items():
            if models := [steps for steps in models if steps.model in named]:
                shown.append(Panel(chain, words, models))
    if not shown:
        return note_figure(NO_STEPS)
    scores = [score for panel in shown for steps in panel.models for score in steps.scores.values()]
    low, high = max(0.0, min(scores) - 0.02), min(1.0, max(scores) + 0.02)
    labels = [short(steps.model) for panel in shown for steps in panel.models]
    left = max(text_inches(label, 7.5) for label in labels) + 0.2
    boxes: list[Box] = []
    at = 0.2
    for panel in shown:
        boxes.append((left, at + 0.48, WIDTH - left - RIGHT, 0.23 * len(panel.models) + 0.1))
        at += boxes[-1][-1] + 0.74
    figure = Figure(figsize=(WIDTH, at + 0.05))
    for axes, panel in zip(panels(figure, boxes), shown, strict=True):
        axes.set_xlim(low, high)
        is_score = panel.words == target.score_words
        for label, value in (without_skill(target) if is_score else NO_INFORMATION).items():
            if low <= value <= high:
                reference(axes, value, label)
        _draw_steps(axes, panel)
        first, *_, last = (short(split, 22) for split in panel.chain if split)
        axes.set_title(f"{panel.words}: {first} minus {last}", pad=16)
    drawn = [any(panel.chain[place] for panel in shown) for place in range(len(APART))]
    legend(figure, left, *compress(APART, drawn))
    return figure


def _draw_steps(axes: Axes, panel: Panel) -> None:
    """Draw the models' scores in the splits of a chain, and the whole difference as numbers."""
    name_lines(axes, [short(steps.model) for steps in panel.models])
    texts = []
    for y, steps in enumerate(panel.models):
        paint = colour(steps.algorithm)
        ends = min(steps.scores.values()), max(steps.scores.values())
        axes.plot(ends, (y, y), color=paint, linewidth=1.6)
        for split, (_, fill), size in zip(panel.chain, APART, (6.2, 5.2, 4.8), strict=True):
            if split in steps.scores:
                draw_dot(axes, steps.scores[split], y, paint, fill, size)
        text = "–"
        if steps.whole:
            text = number(steps.whole["difference"])
            span = interval(steps.whole["ci_low"], steps.whole["ci_high"])
            text += f" ({span})" if span else ""
        texts.append([text])
    write_columns(axes, [(10, "difference (95 % interval)")], texts, 8)
