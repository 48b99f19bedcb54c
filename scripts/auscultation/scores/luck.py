"""How much scores depend on luck in training: repeats of the folds, and seeds of a model.

Intervals over patients hold the models fixed. A repeat divides the patients anew, and so trains on
others; a seed changes only what a model draws at random. Their spread is what both add.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from auscultation.data.target import Target
from auscultation.metrics.classes import metrics
from auscultation.metrics.probability import areas, mean_area
from auscultation.scores.comparison import Ends, Fit, Row
from auscultation.scores.intervals import of_share
from auscultation.scores.questions import metric_of
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Tested, rarer, ratings_of, sums_by


class Luck(Fit):
    """The spread of a metric over repeats of the folds, or over seeds: then `model` is a sweep."""

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
    rated = ratings_of(tested)
    of_two = areas(rated.ratings, rated.positive, tested.patient, tested.fold).of_two
    sums_of_repeat = (x.reshape(len(x), n, -1).sum(-1) for x in (of_two.wins, of_two.pairs))
    scored = (
        (score, of_repeat, float(whole), without),
        (rated.metric, mean_area(*sums_of_repeat), of_two.value(), of_two.without()),
    )
    side = rarer(tested)
    luck: list[Luck] = []
    for metric, values, value, left_out in scored:
        if not np.isnan(values).any():  # each repeat has a value
            error = of_share(value, left_out, side)
            ends = error.ci_low, error.ci_high
            luck.append(_luck(tested.fit, "repeats", metric, values, value, ends))
    return luck


def _luck(
    fit: Fit, of: str, metric: str, values: np.ndarray, value: float | None, ends: Ends
) -> Luck:
    """Return the row of one metric, from its values, shape (n,), n at least 2."""
    return {
        **fit,
        "of": of,
        "n": len(values),
        "metric": metric,
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "value": value,
        "ci_low": ends[0],
        "ci_high": ends[1],
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
                about: Fit = {"model": sweep, "algorithm": middle["algorithm"], "split": split}
                ends = middle["ci_low"], middle["ci_high"]
                luck.append(_luck(about, "seeds", metric, values, middle["value"], ends))
    return luck
