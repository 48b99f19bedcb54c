"""Verdicts on recordings and on patients, from what a model predicts of their cycles.

What is true of a recording or patient: of classes with an order, abnormal if at least half of its
cycles are; else the most frequent class of its cycles. Its verdict follows one of these rules:

- mean: the mean of its cycles' probabilities (or of the numbers that a regressor predicts), abnormal
  from 0.5 on, or the most probable class;
- vote: the share of its cycles called abnormal, abnormal from 0.5 on, or the most frequent class;
- count, only where a rule is chosen: the number of its cycles called abnormal, abnormal from k on.

A chosen rule has the limit with the highest balanced accuracy on inner folds of the training part.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.target import CLASSES, Target
from auscultation.fits.algorithms import BASELINES, REGRESSORS
from auscultation.scores.comparison import Fit
from auscultation.scores.fit_scores import score_of, sum_parts
from auscultation.scores.intervals import holm, of_share
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Tested

Rule = Literal["mean", "vote", "count", "chosen"]
METRICS = ("auc", "balanced_accuracy", "sensitivity", "specificity", "accuracy")
LIMIT = 0.5  # of a mean or a vote that is not chosen
DECIMALS = 12  # of the mean over the cycles of a unit
STEPS = 50  # limits of a mean that are tried, from the lowest to the highest


class UnitScore(Fit):
    """One row: a metric of the verdicts of one fit."""

    unit: str  # recording or patient
    rule: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None  # of being no better than the best constant verdict
    p_holm: float | None  # corrected for the models without baselines
    n_units: int
    n_positive: int  # not of the first class
    n_mixed: int  # with cycles of several classes
    n_patients: int


UNITS = schema_of(UnitScore)


class Units(NamedTuple):
    """Recordings or patients of a test part; with repeated folds each is there once a repeat."""

    number: np.ndarray  # (units,), of the recording or patient, the same in each repeat
    fold: np.ndarray  # (units,)
    patient: np.ndarray  # (units,), index
    true: np.ndarray  # (units,), class
    mixed: np.ndarray  # (units,), bool: cycles of several classes
    mean: np.ndarray | None  # (units, classes), or (units, 1) of a regressor's numbers
    votes: np.ndarray  # (units, classes), cycles called each class

    @property
    def cycles(self) -> np.ndarray:
        """Return the number of cycles of each unit, shape (units,)."""
        return self.votes.sum(1)

    def rating(self, rule: Rule) -> np.ndarray:
        """Return how abnormal each unit is by a rule, shape (units,)."""
        if rule == "mean" and self.mean is not None:
            return self.mean[:, 0] if self.mean.shape[1] == 1 else 1 - self.mean[:, 0]
        called = self.votes[:, 1:].sum(1)
        return called if rule == "count" else called / self.cycles

    def shares(self, rule: Rule) -> np.ndarray:
        """Return how likely each class of each unit is by a rule, shape (units, classes)."""
        if rule == "mean" and self.mean is not None:
            return self.mean
        return self.votes / self.cycles[:, None]

    def of_fold(self, fold: int) -> "Units":
        """Return the units of one fold."""
        keep = self.fold == fold
        own = {name: part[keep] for name, part in self._asdict().items() if part is not None}
        return self._replace(**own)


def units_of(tested: Tested, groups: np.ndarray) -> Units:
    """Return the recordings or patients of predictions; `groups` is the number of each cycle's, (n,)."""
    n_classes = len(tested.target.classes)
    both = tested.fold * (int(groups.max(initial=0)) + 1) + groups
    _, first, row = np.unique(both, return_index=True, return_inverse=True)
    n = len(first)
    of_class = class_counts(row, tested.true, n, n_classes)
    if tested.target.ordered:
        true = (of_class[:, 1:].sum(1) * 2 >= of_class.sum(1)).astype(np.int64)
    else:
        true = of_class.argmax(1)
    mean = None
    if tested.p is not None or tested.fit["algorithm"] in REGRESSORS:
        values = tested.prediction[:, None] if tested.p is None else tested.p
        sums = [np.bincount(row, weights=column, minlength=n) for column in values.T]
        # sums of equal shares differ in the last digit, by the number of cycles
        mean = np.round(np.column_stack(sums) / of_class.sum(1)[:, None], DECIMALS)
    return Units(
        groups[first],
        tested.fold[first],
        tested.patient[first],
        true,
        (of_class > 0).sum(1) > 1,
        mean,
        class_counts(row, tested.called, n, n_classes),
    )


def class_counts(index: np.ndarray, true: np.ndarray, n: int, n_classes: int) -> np.ndarray:
    """Return the counts of cycles by an index (of n) and by class, shape (n, classes)."""
    counts = np.bincount(index * n_classes + true, minlength=n * n_classes)
    return counts.reshape(n, n_classes).astype(float)


class Verdict(NamedTuple):
    """A rule, and the rating from which on a unit is abnormal."""

    rule: Rule
    limit: float


def choose(units: Units, ordered: bool) -> Verdict:
    """Return the rule and the limit with the highest balanced accuracy; of several the first.

    `units` are those of inner folds, whose truth may be looked at.
    """
    candidates: list[Verdict] = []
    if ordered:
        if units.mean is not None:
            steps = np.quantile(units.rating("mean"), np.linspace(0, 1, STEPS + 1))
            # halfway between two units, so that a hair's breadth does not decide
            limits = np.unique((steps[:-1] + steps[1:]) / 2)
            candidates += [Verdict("mean", float(limit)) for limit in limits]
        candidates += [Verdict("vote", float(limit)) for limit in np.linspace(0.1, 0.9, 9)]
        most = int(units.votes[:, 1:].sum(1).max(initial=1))
        candidates += [Verdict("count", float(k)) for k in range(1, most + 1)]
    else:
        candidates = [Verdict("mean", LIMIT)] * (units.mean is not None) + [Verdict("vote", LIMIT)]
    return max(candidates, key=lambda verdict: _balanced(units, verdict, ordered))


def _balanced(units: Units, verdict: Verdict, ordered: bool) -> float:
    """Return the balanced accuracy of the verdicts of a rule."""
    right = called(units, verdict, ordered) == units.true
    return float(np.mean([right[units.true == k].mean() for k in np.unique(units.true)]))


def called(units: Units, verdict: Verdict, ordered: bool) -> np.ndarray:
    """Return the class that each unit is called, shape (units,)."""
    if ordered:
        return (units.rating(verdict.rule) >= verdict.limit).astype(np.int64)
    return units.shares(verdict.rule).argmax(1)


def unit_scores(
    tested: Tested,
    unit: str,
    groups: np.ndarray,
    rule: Rule,
    inner: Mapping[int, Units] | None = None,
) -> list[UnitScore]:
    """Return the scores of a fit's verdicts; none where a rule is to be chosen and there is no inner fold.

    `groups` is the number of each cycle's recording or patient, shape (n,); `inner` are, for the rule
    `chosen`, the units of each fold's inner folds.
    """
    units, ordered = units_of(tested, groups), tested.target.ordered
    if rule == "mean" and units.mean is None:
        rule = "vote"
    # of a chosen rule both are replaced, fold by fold
    verdict = called(units, Verdict(rule, LIMIT), ordered)
    rating = units.shares(rule) if not ordered else units.rating(rule)
    if rule == "chosen":
        folds = np.unique(units.fold).tolist()
        if inner is None or not {*folds} <= inner.keys():
            return []
        for fold in folds:
            chosen, keep = choose(inner[fold], ordered), units.fold == fold
            own = units.of_fold(fold)
            verdict[keep] = called(own, chosen, ordered)
            rating[keep] = own.rating(chosen.rule) if ordered else own.shares(chosen.rule)
    return _scores(tested, unit, rule, units, verdict, rating)


def _scores(
    tested: Tested,
    unit: str,
    rule: Rule,
    units: Units,
    verdict: np.ndarray,
    rating: np.ndarray,
) -> list[UnitScore]:
    """Return the scores of verdicts and ratings as those of cycles: what a unit is, a cycle is there."""
    target = tested.target
    if target.ordered:
        target = Target("abnormal", CLASSES["abnormal"])
        # an order is all that an area needs of a rating
        above = rating - rating.min()
        high_share = above / (above.max() or 1.0)
        shares = np.column_stack([1 - high_share, high_share])
    else:
        shares = rating
    columns = {
        "cycle": pa.array(np.arange(len(verdict))),
        "patient_ID": pa.array(units.patient),
        "fold": pa.array(units.fold),
        "part": pa.array(["test"] * len(verdict)),
        target.name: pa.array(units.true),
        "prediction": pa.array(verdict.astype(float)),
        **{f"p{k}": pa.array(shares[:, k]) for k in range(len(target.classes))},
    }
    table = pa.table(columns).replace_schema_metadata(target.to_metadata())
    part = sum_parts(table, names=["test"])["test"]
    area = f"auc_{'abnormal' if len(target.classes) == 2 else 'ovr'}_between_patients"
    n_classes = len(target.classes)
    rows: list[UnitScore] = []
    for metric in METRICS:
        own = area if metric == "auc" else metric
        if own not in part.scores.values:
            continue
        value, without = float(part.scores.values[own]), part.scores.without[own]
        constant = {"auc": 0.5, "balanced_accuracy": 1 / n_classes}.get(metric)
        p = None if constant is None else of_share(value, without, min(part.sides), constant).p
        row: UnitScore = {
            **tested.fit,
            "unit": unit,
            "rule": rule,
            **score_of(part, own),
            "metric": metric,
            "p": p,
            "p_holm": None,
            "n_units": len(np.unique(units.number)),
            "n_positive": len(np.unique(units.number[units.true != 0])),
            "n_mixed": len(np.unique(units.number[units.mixed])),
            "n_patients": len(part.patients),
        }
        rows.append(row)
    return rows


def corrected(rows: Iterable[UnitScore]) -> list[UnitScore]:
    """Return the rows with p values corrected for the number of models that are no baselines."""
    rows = list(rows)
    families: dict[tuple[str, str, str], list[UnitScore]] = {}
    for row in rows:
        if row["algorithm"] not in BASELINES:
            families.setdefault((row["split"], row["unit"], row["metric"]), []).append(row)
    for family in families.values():
        for row, p in zip(family, holm([row["p"] for row in family]), strict=True):
            row["p_holm"] = p
    return rows
