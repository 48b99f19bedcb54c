"""Which rows of the importance to show: of the models that carry most information, by their AUC."""

from collections.abc import Sequence

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.scores.importance import Importance
from auscultation.scores.questions import asked


def rows_of_model(
    rows: Sequence[Importance], model: str, split: str, target: Target
) -> list[Importance]:
    """Return the rows of a model's AUC under a split, the greatest loss first."""
    metrics = asked("information", target)
    own = [row for row in rows if (row["model"], row["split"]) == (model, split)]
    own = [row for row in own if row["metric"] in metrics]
    return sorted(own, key=lambda row: -_or_least(row["loss"]))


def ranked_models(rows: Sequence[Importance], split: str, target: Target) -> list[str]:
    """Return the models with a loss under a split, those with the highest AUC first.

    AUCs over the classes cannot be compared with those of models without probabilities, which
    come after them.
    """
    metrics = asked("information", target)
    places = {
        row["model"]: (metrics.index(row["metric"]), -_or_least(row["value"]), row["model"])
        for row in rows
        if row["split"] == split and row["metric"] in metrics and row["loss"] is not None
    }
    return sorted(places, key=lambda model: places[model])


def best_models(rows: Sequence[Importance], split: str, target: Target) -> list[str]:
    """Return the first of `ranked_models` of each algorithm that is no baseline."""
    algorithms = {row["model"]: row["algorithm"] for row in rows}
    first: dict[str, str] = {}
    for model in ranked_models(rows, split, target):
        first.setdefault(algorithms[model], model)
    return [model for algorithm, model in first.items() if algorithm not in BASELINES]


def _or_least(value: float | None) -> float:
    return -float("inf") if value is None else value
