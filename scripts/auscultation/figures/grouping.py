"""Which models a figure or a table names when there are too many to name all.

Where there are few, every model has its own line. Where there are many, figures group models by
algorithm and name the best of each, while tables still list every one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from auscultation.data.target import Target
from auscultation.figures.style import short
from auscultation.scores.comparison import Ranked
from auscultation.scores.questions import asked, metric_of

MANY = 16  # more models than this are grouped


class Line(NamedTuple):
    """One line of a figure: a model, or all of an algorithm where there are many."""

    label: str
    algorithm: str
    models: list[str]  # the best first


def is_many(rows: list[Ranked]) -> bool:
    """Return whether a split has too many models to name each."""
    return sum(not row["baseline"] for row in rows) > MANY


def lines_of(rows: list[Ranked], many: bool | None = None) -> list[Line]:
    """Return the lines of a figure, best first as `rows` are; baselines only without other models.

    Whether there are many models is counted where `many` is None.
    """
    shown = [row for row in rows if not row["baseline"]] or rows
    if not (is_many(rows) if many is None else many):
        return [Line(short(row["model"]), row["algorithm"], [row["model"]]) for row in shown]
    by_algorithm: dict[str, list[str]] = {}
    for row in shown:
        by_algorithm.setdefault(row["algorithm"], []).append(row["model"])
    lines = [Line(f"{name} ({len(models)})", name, models) for name, models in by_algorithm.items()]
    return [x if len(x.models) > 1 else x._replace(label=short(x.models[0])) for x in lines]


def representatives(rows: list[Ranked]) -> list[str]:
    """Return the models that a figure shows: all, or of many the best of each algorithm."""
    return [line.models[0] for line in lines_of(rows)]


def best_of_each(rows: list[Ranked]) -> list[Ranked]:
    """Return the first row of each algorithm, in the order of the rows."""
    first: dict[str, Ranked] = {}
    for row in rows:
        first.setdefault(row["algorithm"], row)
    return list(first.values())


def most_informed(test: Sequence[Ranked], target: Target) -> list[tuple[Ranked, str]]:
    """Return the models that are no baseline as `informed` does."""
    return informed([row for row in test if not row["baseline"]], target)


def informed(rows: Sequence[Ranked], target: Target) -> list[tuple[Ranked, str]]:
    """Return models with the AUC that tells their information, best first.

    Those with probabilities come first, as their AUC is of all classes.
    """
    metrics = asked("information", target)
    models = []
    for row in rows:
        present = {name for name, value in row["values"].items() if value is not None}
        metric = metric_of(present, "information", target)
        if metric is not None:
            models.append((row, metric))

    def place(model: tuple[Ranked, str]) -> tuple[int, float, str]:
        row, metric = model
        return metrics.index(metric), -(row["values"][metric] or 0.0), row["model"]

    return sorted(models, key=place)
