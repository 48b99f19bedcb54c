"""Scores by sex, age, device, location or any other column, and how they differ from all other cycles.

A group's score is that of its cycles alone; its AUC counts the pairs of cycles that are both of the
group, of different patients and of one fold. The difference is the group's value minus that of all
cycles of the other groups, whose pairs are also of one group each: pairs across groups would add
what is only a difference between groups, such as children's cycles being normal more often. A
patient may have cycles in several groups (devices, locations), so that each patient is left out of
both sides at once.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from auscultation.data.derived import numbered
from auscultation.metrics.classes import metrics
from auscultation.metrics.pairs import Ranked, ranked_classes
from auscultation.metrics.probability import areas_within, mean_area
from auscultation.scores.comparison import Fit
from auscultation.scores.groups import UNKNOWN, in_order
from auscultation.scores.intervals import (
    ROUNDING,
    Estimate,
    holm,
    of_difference,
    of_number,
    of_share,
    two_sided,
)
from auscultation.scores.questions import SIDE
from auscultation.scores.tables import schema_of
from auscultation.scores.tested import Tested, ratings_of, sums_by


class Subgroup(Fit):
    """A metric of one model in one group of cycles, and its difference from all other groups'."""

    by: str
    group: str  # empty: cycles whose group is not known; only their numbers are there
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_cycles: int
    n_patients: int
    n_positive: int  # cycles not of class 0
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p: float | None
    p_holm: float | None  # corrected for the groups of one `by`


SUBGROUPS = schema_of(Subgroup)


class Side(NamedTuple):
    """A metric of the cycles on one side of each group: inside of it, or outside."""

    value: np.ndarray  # (groups,)
    without: np.ndarray  # (patients, groups), without each patient


class Grouped(NamedTuple):
    """One way to group cycles, and the numbers of patients on both sides of each group."""

    by: str
    names: list[str]  # without the unknown ones
    group: np.ndarray  # (n,), index; the unknown ones come last
    cycles: np.ndarray  # (patients, groups + 1, classes), predictions by patient, group and class

    @classmethod
    def of(cls, tested: Tested, by: str, texts: np.ndarray) -> "Grouped":
        """Return a way to group cycles, by the text of each, shape (n,)."""
        distinct, index = numbered(texts)
        names = in_order([name for name in distinct.tolist() if name != UNKNOWN])
        places = {name: place for place, name in enumerate([*names, UNKNOWN])}
        group = np.array([places[name] for name in distinct.tolist()])[index]
        k, n = len(tested.target.classes), len(names) + 1
        cell = (tested.patient * n + group) * k + tested.true
        counts = np.bincount(cell, minlength=len(tested.ids) * n * k)
        return cls(by, names, group, counts.reshape(-1, n, k))

    @property
    def has(self) -> tuple[np.ndarray, np.ndarray]:
        """Return whether each patient has cycles with and without the positive, in and out of a group.

        Of class 0 and of the others (first axis), shape (2, patients, groups): inside, and outside.
        """
        cycles = self.cycles[:, :-1]
        sides = np.stack([cycles[..., 0], cycles[..., 1:].sum(-1)])
        return sides > 0, sides.sum(-1, keepdims=True) - sides > 0


def subgroup_scores(tested: Tested, groups: Mapping[str, np.ndarray]) -> list[Subgroup]:
    """Return the target's score and the AUC of a model in each group of cycles.

    `groups` are, by the name of what groups, the texts of the predictions' groups, shape (n,);
    those that are empty are unknown: they are on neither side, and counted in a row of their own.
    The AUC is the one that answers whether there is information. A difference is None where either
    side has fewer than five patients with an abnormal cycle, or five with a normal one. Its p value
    is corrected by Holm's method for the groups of one `by`; where these are two, both differences
    are one test.
    """
    ways = [Grouped.of(tested, by, texts) for by, texts in groups.items()]
    ways = [way for way in ways if way.names]
    if not ways:
        return []
    rated = ratings_of(tested)
    by_class = list(ranked_classes(rated.ratings, rated.positive))  # once for all ways
    rows = []
    for way in ways:
        rows += _rows(tested, way, tested.target.score, *_score_sides(tested, way))
        rows += _rows(tested, way, rated.metric, *_area_sides(tested, way, by_class))
    return rows


def _score_sides(tested: Tested, way: Grouped) -> tuple[Side, Side, Side]:
    """Return the score inside each group, and inside and outside over the classes of both sides."""
    n_patients, n = len(tested.ids), len(way.names) + 1
    sums = sums_by(tested, tested.patient * n + way.group, n_patients * n)
    inside = sums.reshape(n_patients, n, -1)[:, :-1]
    outside = inside.sum(1, keepdims=True) - inside

    k, name = len(tested.target.classes), tested.target.score
    cells = np.arange(inside.shape[-1]) // k  # of each count the true class, k for the errors

    def score(side: np.ndarray, classes: np.ndarray) -> Side:
        counted = side * np.append(classes, np.ones((len(classes), 1)), 1)[:, np.minimum(cells, k)]
        total = counted.sum(0)
        return Side(metrics(total)[name], metrics(total - counted)[name])

    every = np.ones((len(way.names), k))
    shared = every
    if name == "balanced_accuracy":  # it is over the classes that occur
        by_class = way.cycles[:, :-1].sum(0)
        shared = ((by_class > 0) & (by_class.sum(0) > by_class)) * 1.0
    return score(inside, every), score(inside, shared), score(outside, shared)


def _area_sides(
    tested: Tested, way: Grouped, by_class: Sequence[Ranked]
) -> tuple[Side, Side, Side]:
    """Return the AUC inside each group, and inside and outside over the classes of both sides."""
    n_patients, n = len(tested.ids), len(way.names) + 1
    cell = tested.patient * n + way.group
    of_two = areas_within(by_class, cell, tested.fold, [way.group])[0].of_two
    # pairs won and pairs, by class, patient and group: a pair is lost with the patient of either cycle
    lost = np.zeros((2, len(by_class), n_patients * n))
    lost[..., : cell.max() + 1] = of_two.wins_of, of_two.pairs_of
    lost = lost.reshape(2, -1, n_patients, n)[..., :-1]
    totals = lost.sum(2) / 2
    beyond = totals.sum(-1, keepdims=True) - totals
    beyond_lost = lost.sum(-1, keepdims=True) - lost
    shared = (totals[1] > 0) & (beyond[1] > 0)

    def side(total: np.ndarray, parts: np.ndarray, classes: np.ndarray) -> Side:
        without = (total[:, :, None] - parts) * classes[:, None]
        return Side(mean_area(*total * classes), mean_area(*without))

    every = np.ones_like(shared)
    return (
        side(totals, lost, every),
        side(totals, lost, shared),
        side(beyond, beyond_lost, shared),
    )


def _rows(
    tested: Tested, way: Grouped, metric: str, whole: Side, inside: Side, outside: Side
) -> list[Subgroup]:
    """Return the rows of one metric: of each group, and of the cycles whose group is unknown."""
    rows: list[Subgroup] = []
    has_in, has_out = way.has
    for g, name in enumerate([*way.names, UNKNOWN]):
        mine = way.group == g
        first = np.unique(tested.cycle[mine], return_index=True)[1]  # of each cycle once
        row: Subgroup = {
            **tested.fit,
            "by": way.by,
            "group": name,
            "metric": metric,
            "value": None,
            "ci_low": None,
            "ci_high": None,
            "n_cycles": len(first),
            "n_patients": int(way.cycles[:, g].any(1).sum()),
            "n_positive": int((tested.true[mine][first] != 0).sum()),
            "difference": None,
            "difference_low": None,
            "difference_high": None,
            "p": None,
            "p_holm": None,
        }
        if name == UNKNOWN:
            rows += [row] if row["n_cycles"] else []
            continue
        value = float(whole.value[g])
        if not math.isnan(value):
            own = has_in[..., g].any(0)
            error = of_share(value, whole.without[own, g], int(has_in[..., g].sum(1).min()))
            row["value"], row["ci_low"], row["ci_high"] = value, error.ci_low, error.ci_high
        side = int(min(has[..., g].sum(1).min() for has in (has_in, has_out)))
        gap = float(inside.value[g] - outside.value[g])
        if side >= SIDE and not math.isnan(gap):
            error = _gap_error(gap, inside.without[:, g] - outside.without[:, g], side)
            row["difference"], row["p"] = gap, error.p
            row["difference_low"], row["difference_high"] = error.ci_low, error.ci_high
        rows.append(row)
    p_values = [row["p"] for row in rows]
    # the difference of the second of two groups is that of the first, turned round
    corrected = p_values if len(way.names) == 2 else holm(p_values)
    for row, p in zip(rows, corrected, strict=True):
        row["p_holm"] = p
    return rows


def _gap_error(gap: float, without: np.ndarray, side: int) -> Estimate:
    """Return the error of a difference between cycles of different patients, and its p value.

    Other than between two models on the same cycles, it may rest on few patients, so that the
    degrees of freedom are those of a number.
    """
    error = of_number(gap, without, side)
    if error.se is None or error.df is None:
        return error
    if error.se <= ROUNDING:  # no patient changes it
        return of_difference(gap, without, side)
    return error._replace(p=two_sided(gap / error.se, error.df))
