"""The test part of one fit as it is examined: who was tested, what is true, how cycles are rated."""

import os
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auscultation.data.derived import numbered
from auscultation.data.target import Target, target_of
from auscultation.metrics.classes import to_class
from auscultation.scores.comparison import Fit
from auscultation.scores.questions import asked
from auscultation.scores.sums import abnormal_rating, class_sums


class Side(NamedTuple):
    """Cycles that are to be told from all others: those of one class, or of any but the first."""

    name: str  # of the class, or `abnormal`
    positive: np.ndarray  # (n,), bool
    rating: np.ndarray  # (n,), float64, higher where it is more likely
    share: np.ndarray | None  # (n,), its probability; None where the model has none

    def fewest(self, patient: np.ndarray) -> int:
        """Return the patients with such a cycle, or those with another: the smaller number.

        `patient` is the index of each cycle's patient, shape (n,).
        """
        sides = (self.positive, ~self.positive)
        return min(int(np.count_nonzero(np.bincount(patient[of]))) for of in sides)


class Tested(NamedTuple):
    """The predictions of the test part of one fit; with repeated folds a cycle is there repeatedly."""

    fit: Fit
    target: Target
    ids: np.ndarray  # (patients,), sorted
    cycle: np.ndarray  # (n,), number of the cycle in the cleaned table
    patient: np.ndarray  # (n,), index in `ids`
    fold: np.ndarray  # (n,), index, from 0
    true: np.ndarray  # (n,), class
    prediction: np.ndarray  # (n,), as it is: a class or a number
    p: np.ndarray | None  # (n, classes), None where the model has no probabilities

    @classmethod
    def of(cls, table: pa.Table, fit: Fit, part: str = "test") -> Self:
        """Return one part of predictions as a fit has written them."""
        target = target_of(table.schema.metadata)
        rows = np.flatnonzero(pc.equal(table["part"], part).to_numpy())
        table = table if len(rows) == table.num_rows else table.take(rows)
        names = ("cycle", "patient_ID", "fold", target.name, "prediction")
        cycle, patients, folds, true, raw = (table[name].to_numpy() for name in names)
        (ids, patient), (_, fold) = numbered(patients), numbered(folds)
        columns = [table[f"p{k}"] for k in range(len(target.classes))]
        p = None
        if not any(column.null_count for column in columns):
            p = np.column_stack([column.to_numpy() for column in columns])
        return cls(fit, target, ids, cycle, patient, fold, true, raw, p)

    @property
    def called(self) -> np.ndarray:
        """Return the predicted class of each cycle, shape (n,)."""
        return to_class(self.prediction, len(self.target.classes))

    def sides(self) -> list[Side]:
        """Return what is to be told from all others.

        Of two classes the second; of states any abnormal one, then each abnormal one; of classes
        without order each. A model without probabilities has one rating: of what is abnormal.
        """
        names, p, ordered = self.target.classes, self.p, self.target.ordered
        abnormal = self.true != 0
        whole = names[1] if len(names) == 2 else "abnormal" if ordered else f"not {names[0]}"
        if p is None:
            rating = abnormal_rating(self.prediction, self.fit["algorithm"])
            return [Side(whole, abnormal, rating, None)]
        sides = []
        if ordered:
            sides.append(Side(whole, abnormal, 1 - p[:, 0], 1 - p[:, 0]))
        if len(names) > 2:
            classes = range(1 if ordered else 0, len(names))
            sides += [Side(names[k], self.true == k, p[:, k], p[:, k]) for k in classes]
        return sides


class Rated(NamedTuple):
    """How the cycles are rated for each class, and whether they are of it: what an AUC needs."""

    metric: str
    ratings: np.ndarray  # (n, classes)
    positive: np.ndarray  # (n, classes), bool


def ratings_of(tested: Tested) -> Rated:
    """Return what the AUC needs that answers whether a model carries information."""
    names, p = asked("information", tested.target), tested.p
    if p is None:
        rating = abnormal_rating(tested.prediction, tested.fit["algorithm"])
        return Rated(names[-1], rating[:, None], tested.true[:, None] != 0)
    if len(names) == 1:  # of two classes, one AUC is that of both
        return Rated(names[0], p[:, :1], tested.true[:, None] == 0)
    return Rated(names[0], p, tested.true[:, None] == np.arange(p.shape[1]))


def rarer(tested: Tested) -> int:
    """Return the number of patients with an abnormal cycle or with a normal one, the smaller."""
    abnormal = tested.true != 0
    return min(len(np.unique(tested.patient[of])) for of in (abnormal, ~abnormal))


def sums_by(tested: Tested, index: np.ndarray, n: int) -> np.ndarray:
    """Return the sums from which the metrics of the class follow, by an index of predictions (of n).

    They are expected ones where the model draws the class.
    """
    about = tested.true, tested.prediction, tested.p, tested.fit["algorithm"]
    return class_sums(*about, [(index, n)], len(tested.target.classes))[1][0]


def read_tested(path: str | os.PathLike, fit: Fit) -> Tested | None:
    """Return the test part of a fit's predictions; None where the fit has no result."""
    table = pq.read_table(path, filters=[("part", "==", "test")])
    return Tested.of(table, fit) if table.num_rows else None
