"""What a model relies on: the score it loses where a group of features is permuted between patients.

Permutation importance (Breiman 2001, Machine Learning 45:5-32; of groups: Au et al. 2022, Data Mining
and Knowledge Discovery 36:1401-1450) inside the test part of each fold. Nothing is fitted again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from auscultation.metrics.classes import group_sums, metrics
from auscultation.metrics.probability import areas
from auscultation.metrics.recalibration import Valued
from auscultation.scores.comparison import Fit
from auscultation.scores.feature_groups import FeatureGroup
from auscultation.scores.intervals import holm, of_difference
from auscultation.scores.permutation import donor_rows, permuted
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Tested, rarer, ratings_of

# What a model says of rows of its matrix: a number or class of each, and probabilities or None.
Predict = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]
ALONE = "every fold tests on one patient, who has none to take values of"


class Importance(Fit):
    """One row: what a model loses by a metric where a group of features is permuted."""

    group: str
    features: str  # joined by "; "
    metric: str
    value: float | None  # as it is
    permuted: float | None  # mean over the draws
    loss: float | None  # the first minus the second
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None  # corrected for the groups of the model
    n_repeats: int
    note: str  # why there is no value, or of which folds it is not


IMPORTANCE = schema_of(Importance)


class HeldOut(NamedTuple):
    """A fold's model, and its test part as the model takes it, in the order of the predictions."""

    predict: Predict
    X: np.ndarray  # (n, columns)
    features: tuple[str, ...]  # that each column of X is made of


class Loss(NamedTuple):
    """What a group of features is worth by a metric."""

    group: FeatureGroup
    metric: str
    before: Valued
    after: Valued  # means over the draws


def values_of(tested: Tested) -> dict[str, Valued]:
    """Return the AUC that answers whether a model carries information, and the target's score."""
    rated = ratings_of(tested)
    # over pairs of cycles of different patients of a fold
    area = areas(rated.ratings, rated.positive, tested.patient, tested.fold).of_two
    n_classes, n = len(tested.target.classes), len(tested.ids)
    sums = group_sums(tested.true, tested.prediction, tested.patient, n, n_classes)
    total, score = sums.sum(0), tested.target.score
    whole, without = metrics(total)[score], metrics(total - sums)[score]
    auc = Valued(area.value(), area.without())
    return {rated.metric: auc, score: Valued(float(whole), without)}


class Examined(NamedTuple):
    """What is permuted: the rows of the folds' test parts one after the other."""

    tested: Tested
    folds: list[HeldOut]  # none where nothing can be permuted
    note: str = ""

    @classmethod
    def of(cls, tested: Tested, folds: Sequence[HeldOut]) -> Self:
        """Return what is tested without the folds that test on one patient.

        Of these nobody could take another's values.
        """
        pairs = np.unique(np.column_stack([tested.fold, tested.patient]), axis=0)
        several = np.bincount(pairs[:, 0], minlength=len(folds)) > 1
        if several.all():
            return cls(tested, [*folds])
        if not several.any():
            return cls(tested, [], ALONE)
        rows = several[tested.fold]
        of, patient = np.unique(tested.patient[rows], return_inverse=True)
        changed = tested._replace(
            ids=tested.ids[of],
            cycle=tested.cycle[rows],
            patient=patient,
            fold=np.unique(tested.fold[rows], return_inverse=True)[1],
            true=tested.true[rows],
            prediction=tested.prediction[rows],
            p=None if tested.p is None else tested.p[rows],
        )
        n = np.count_nonzero(~several)
        kept = [fold for fold, more in zip(folds, several, strict=True) if more]
        return cls(changed, kept, f"without {n} of {len(folds)} folds, which test on one patient")


def losses(
    examined: Examined,
    groups: Sequence[FeatureGroup],
    repeats: int,
    seed: int,
    values: Callable[[Tested], dict[str, Valued]] = values_of,
) -> Iterator[Loss]:
    """Yield what each group of features is worth by each metric.

    The mean over the draws is that of the metric, also without each patient.
    """
    tested, folds, _ = examined
    before = values(tested)
    draws = donor_rows(tested.patient, tested.fold, repeats, seed) if folds else ()
    for group in groups:
        after = [values(_after(tested, folds, group, rows)) for rows in draws]
        for metric, own in before.items():
            mean = Valued(np.nan, np.full(len(own.without), np.nan))
            if after:
                drawn, left_out = zip(*(of_draw[metric] for of_draw in after), strict=True)
                mean = Valued(float(np.mean(drawn)), np.mean(left_out, axis=0))
            yield Loss(group, metric, own, mean)


def _after(
    tested: Tested, folds: Sequence[HeldOut], group: FeatureGroup, rows: np.ndarray
) -> Tested:
    """Return what is predicted where a group has the values of other rows, shape (n,)."""
    prediction, p = tested.prediction.copy(), None if tested.p is None else tested.p.copy()
    start = 0
    for fold in folds:
        own = slice(start, start + len(fold.X))
        columns = np.flatnonzero(np.isin(fold.features, group.features))
        if len(columns):  # a model that chooses its features may use none of them in a fold
            raw, shares = fold.predict(permuted(fold.X, columns, rows[own] - start))
            prediction[own] = raw
            if p is not None:
                p[own] = shares
        start += len(fold.X)
    return tested._replace(prediction=prediction, p=p)


def importance_rows(examined: Examined, worth: Sequence[Loss], repeats: int) -> list[Importance]:
    """Return the rows of a fit, by metric the greatest loss first, p values corrected for groups."""
    side, rows = rarer(examined.tested), []
    for metric in dict.fromkeys(loss.metric for loss in worth):
        family: list[Importance] = []
        for group, _, before, after in (loss for loss in worth if loss.metric == metric):
            loss = before.value - after.value
            error = of_difference(loss, before.without - after.without, side)
            family.append(
                {
                    **examined.tested.fit,
                    "group": group.name,
                    "features": "; ".join(group.features),
                    "metric": metric,
                    "value": _finite(before.value),
                    "permuted": _finite(after.value),
                    "loss": _finite(loss),
                    "ci_low": error.ci_low,
                    "ci_high": error.ci_high,
                    "p": error.p,
                    "p_holm": None,
                    "n_repeats": repeats,
                    "note": examined.note,
                }
            )
        for row, p in zip(family, holm([row["p"] for row in family]), strict=True):
            row["p_holm"] = p
        rows += sorted(family, key=lambda row: np.inf if row["loss"] is None else -row["loss"])
    return rows


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def without_schema(ids: pa.DataType) -> pa.Schema:
    """Return the schema of the losses without each patient, whose ids are of a type."""
    texts = [(name, pa.string()) for name in ("model", "split", "metric", "group")]
    return pa.schema([*texts, ("patient_ID", ids), ("side", pa.int64()), ("loss", pa.float64())])


def without_table(tested: Tested, worth: Sequence[Loss], ids: pa.DataType) -> pa.Table:
    """Return the losses without each patient, a row for each, to compare two splits.

    `side` is the number of patients of the rarer side. `ids` is the type of the patients' ids.
    """
    n, side = len(tested.ids), rarer(tested)
    texts = [
        (tested.fit["model"], tested.fit["split"], loss.metric, loss.group.name) for loss in worth
    ]
    columns = [pa.array(np.repeat(names, n), pa.string()) for names in zip(*texts, strict=True)]
    lost = np.concatenate([loss.before.without - loss.after.without for loss in worth])
    columns += [
        pa.array(np.tile(tested.ids, len(worth)), ids),
        pa.array(np.full(len(lost), side)),
        pa.array(lost, from_pandas=True),
    ]
    return pa.Table.from_arrays(columns, schema=without_schema(ids))
