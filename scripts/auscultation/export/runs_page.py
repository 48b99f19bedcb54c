"""What the page on several runs shows: its forest and its tables."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.export.many_runs import (
    OneOfRuns,
    RunRow,
    answers_by_run,
    doubts,
    origin_differences,
    side_by_side,
)
from auscultation.export.run_diff import Differing, config_differences
from auscultation.figures.grouping import is_many
from auscultation.figures.runs import Mark, Panel, RunLine, runs_figure
from auscultation.figures.scores import without_skill
from auscultation.report.score_tables import Columns, ends_cell, ends_head
from auscultation.report.tables import Cell, Table, cell, count, figure_cell, table
from auscultation.scores.questions import QUESTIONS
from auscultation.scores.wording import ANSWERS

HEADS = {"information": "information", "beyond_device": "within devices", "useful": "useful"}


class Best(NamedTuple):
    """The model of a run with the highest score."""

    run: str
    row: RunRow
    target: Target


def forest(sides: Sequence[OneOfRuns]) -> Figure:
    """Return the figure of all runs: a line for each model of each run, or for each algorithm of many.

    Models stand in the order of this run, then of the others; baselines only where a run has nothing else.
    """
    many = any(is_many(side.ranked) for side in sides)
    lines = []
    for place, side in enumerate(sides):
        shown = [row for row in side.rows if not row.baseline] or side.rows
        first: dict[str, RunRow] = {}
        for row in shown:
            first.setdefault(row.algorithm if many else row.model, row)
        for group, row in first.items():
            marks = (
                Mark(row.score, row.score_ends),
                Mark(row.area, row.area_ends, without_classes(row, side.target)),
            )
            lines.append(RunLine(group, row.algorithm, place, marks))
    words = [*dict.fromkeys(side.target.score_words for side in sides)]
    fixed = all(without_skill(side.target) for side in sides)
    columns = (
        Panel(" or ".join(words), ("one class for every cycle", 0.5) if fixed else None),
        Panel("AUC", ("no information", 0.5)),
    )
    names = [side.name for side in sides]
    legend = [f"{side.name}: {side.target.name}, split {side.split}" for side in sides]
    return runs_figure(lines, names, legend, columns)


def without_classes(row: RunRow, target: Target) -> bool:
    """Return whether a model's AUC is of the first class against all others, not over the classes."""
    metric = row.area_metric or "_ovr"
    return len(target.classes) > 2 and "_ovr" not in metric


def _answer_cell(answer: str | None) -> Cell:
    return cell(ANSWERS[answer] if answer else "–", answer, strong=answer == "yes")


def runs_table(sides: Sequence[OneOfRuns]) -> Table:
    """Return one row for each run: what it predicts from what, tested on whom, and its answers."""
    head: Columns = ["run", "target", "data", "split", ("patients", "n_patients")]
    head += [("cycles", "n_cycles"), ("models", "n_models"), *HEADS.values()]
    body = []
    for place, side in enumerate(sides):
        n_patients, n_cycles = (
            max((row[name] for row in side.ranked), default=0)
            for name in ("n_patients", "n_cycles")
        )
        line = [cell(side.name, side.name, note="this run" if not place else "")]
        line += [cell(side.target.name), cell(side.data), cell(side.split)]
        line += [count(n) for n in (n_patients, n_cycles, len(side.ranked))]
        answers = side.about["answers"] if side.about else {}
        line += [_answer_cell(answers[name]["answer"] if answers else None) for name in QUESTIONS]
        body.append(line)
    return table(head, body, texts=(0, 1, 2, 3, 7, 8, 9))


def models_table(sides: Sequence[OneOfRuns]) -> Table:
    """Return one row for each model of each run, under its split to rely on; run by run, the best first.

    Target, data and split have columns where they differ between runs.
    """
    about = {side.name: (side.target.name, side.data, side.split) for side in sides}
    differ = [n for n in range(3) if len({kinds[n] for kinds in about.values()}) > 1]
    head: Columns = ["model", "run", *(("target", "data", "split")[n] for n in differ)]
    texts = [*range(len(head)), *range(len(head) + 4, len(head) + 4 + len(HEADS))]
    head += ["score", ends_head("score"), ("AUC", "auc"), ends_head("auc"), *HEADS.values()]
    body, marks = [], []
    for side in sides:
        for row in side.rows:
            line = [cell(row.model, row.model, note="baseline" if row.baseline else "")]
            line += [cell(side.name), *(cell(about[side.name][n]) for n in differ)]
            line += [figure_cell(row.score, strong=True), ends_cell(*row.score_ends)]
            note = (
                f"{side.target.classes[0]} against all" if without_classes(row, side.target) else ""
            )
            line += [figure_cell(row.area, strong=True, note=note), ends_cell(*row.area_ends)]
            line += [_answer_cell(row.answers[name]) for name in QUESTIONS]
            body.append(line)
            marks.append("baseline" if row.baseline else "")
    return table(head, body, texts=texts, marks=marks)


def differing_table(rows: Sequence[Differing], names: Sequence[str]) -> Table:
    """Return what differs between runs: a row for each thing, a column for each run."""
    body = [
        [cell(row.what), *(cell("–" if value is None else value, value) for value in row.values)]
        for row in rows
    ]
    return table(["what", *names], body, texts=range(len(names) + 1))


def best_of_each(sides: Sequence[OneOfRuns]) -> list[Best]:
    """Return of each run the model with the highest score that is no baseline, if it has one."""
    best = list[Best]()
    for side in sides:
        rows = [row for row in side.rows if not row.baseline and row.score is not None]
        if rows:
            best.append(Best(side.name, rows[0], side.target))
    return best


def page_of(runs: Sequence[dict], names: Sequence[str]) -> tuple[dict, list[OneOfRuns]]:
    """Return what the template shows of several runs, without its figure, and the runs side by side."""
    sides = side_by_side(runs, names)
    config = config_differences([run["config"] for run in runs])
    differing = [*origin_differences(runs), *config]
    context = {
        "names": names,
        "doubts": doubts(runs, sides),
        "answers": answers_by_run(sides),
        "best": best_of_each(sides),
        "without_answer": [side.name for side in sides if side.about is None],
        "many": any(is_many(side.ranked) for side in sides),
        "runs": runs_table(sides),
        "models": models_table(sides),
        "differing": differing_table(differing, names),
        "unknown_code": [
            name for run, name in zip(runs, names, strict=True) if run["code"]["commit"] is None
        ],
    }
    return context, sides
