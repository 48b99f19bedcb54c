"""How much scores depend on luck in training: repeats of the folds, and seeds of a model.

Intervals over patients hold the models fixed. A repeat divides the patients anew, and so trains on
others; a seed changes only what a model draws at random. Their spread is what both add.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from auscultation.data.target import Target
from auscultation.metrics.classes import metrics
from auscultation.metrics.probability import Areas, areas, mean_area
from auscultation.scores.comparison import Fit, Row
from auscultation.scores.intervals import of_share
from auscultation.scores.questions import metric_of
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Tested, rarer, ratings_of, sums_by


class Luck(Fit):
    """The spread of a metric over repeats of the folds, or over seeds: `model` is then the sweep."""

    of: str  # repeats or seeds
    n: int
    metric: str
    mean: float
    sd: float  # standard deviation, with n - 1
    lowest: float
    highest: float
    value: float | None  # of all repeats together; of the seed whose value is nearest the mean
    ci_low: float | None
    ci_high: float | None


LUCK = schema_of(Luck)


def luck_of_repeats(tested: Tested, folds_per_repeat: int) -> list[Luck]:
    """Return the spread of the score and of the AUC over the repeats of the folds.

    A repeat is so many consecutive folds. None where there is one repeat, or folds are missing.
    """
    n_folds = int(tested.fold.max(initial=-1)) + 1
    n, rest = divmod(n_folds, folds_per_repeat)
    if n < 2 or rest:
        return []
    k = len(tested.ids)
    repeat = tested.fold // folds_per_repeat
    by = sums_by(tested, repeat * k + tested.patient, n * k).reshape(n, k, -1)
    by_patient, score = by.sum(0), tested.target.score
    total = by_patient.sum(0)
    whole, without, of_repeat = (
        metrics(sums)[score] for sums in (total, total - by_patient, by.sum(1))
    )
    side = rarer(tested)
    rows = [_luck(tested.fit, score, of_repeat, float(whole), without, side)]
    rated = ratings_of(tested)
    of_two = areas(rated.ratings, rated.positive, tested.patient, tested.fold).of_two
    shares = _by_repeat(of_two, n)
    rows.append(_luck(tested.fit, rated.metric, shares, of_two.value(), of_two.without(), side))
    return [row for row in rows if row is not None]


def _by_repeat(of_two: Areas, n: int) -> np.ndarray:
    """Return the area of each of n repeats, shape (n,)."""
    sums = (each.reshape(len(each), n, -1).sum(-1) for each in (of_two.wins, of_two.pairs))
    return mean_area(*sums)


def _luck(
    fit: Fit, metric: str, values: np.ndarray, whole: float, without: np.ndarray, side: int
) -> Luck | None:
    """Return the row of one metric over repeats; None where a repeat has no value."""
    if np.isnan(values).any():
        return None
    error = of_share(whole, without, side)
    return {
        **fit,
        "of": "repeats",
        **_spread(metric, values),
        "value": whole,
        "ci_low": error.ci_low,
        "ci_high": error.ci_high,
    }


class Spread(TypedDict):
    """The spread of the values of one metric."""

    n: int
    metric: str
    mean: float
    sd: float
    lowest: float
    highest: float


def _spread(metric: str, values: np.ndarray) -> Spread:
    """Return the spread of the values of one metric, shape (n,), n at least 2."""
    return {
        "n": len(values),
        "metric": metric,
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "lowest": float(values.min()),
        "highest": float(values.max()),
    }


def luck_of_seeds(
    rows: Sequence[Row], sweeps: Mapping[str, Sequence[str]], target: Target
) -> list[Luck]:
    """Return the spread of the score and of the AUC over the seeds of each sweep, on the test part.

    `rows` are those of the comparison, `sweeps` the models by sweep. Fits without a result are left
    out.
    """
    tested: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if row["part"] == "test" and row["value"] is not None:
            tested.setdefault((row["split"], row["model"]), {})[row["metric"]] = row
    luck: list[Luck] = []
    for split in sorted({split for split, _ in tested}):
        for sweep, members in sweeps.items():
            fits = [tested[split, member] for member in members if (split, member) in tested]
            for question in ("useful", "information"):
                metric = metric_of(fits[0], question, target) if fits else None
                own = [fit[metric] for fit in fits if metric in fit]
                if metric is None or len(own) < 2:
                    continue
                values = np.array([row["value"] for row in own])
                middle = own[int(np.abs(values - values.mean()).argmin())]
                luck.append(
                    {
                        "model": sweep,
                        "algorithm": middle["algorithm"],
                        "split": split,
                        "of": "seeds",
                        **_spread(metric, values),
                        "value": middle["value"],
                        "ci_low": middle["ci_low"],
                        "ci_high": middle["ci_high"],
                    }
                )
    return luck
