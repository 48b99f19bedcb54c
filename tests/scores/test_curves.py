"""Curves of a fit as rows, and their bands, point by point."""

import numpy as np
import pytest

from auscultation.data.target import Target
from auscultation.metrics.curves import Curve
from auscultation.scores.curves import (
    CURVES,
    curve_points,
    number_band,
    once,
    points_of_all,
    share_band,
)
from auscultation.scores.intervals import of_number, of_share
from auscultation.scores.tables import to_table
from rated import DIAGNOSES, rated, without


def by_curve(points):
    found = {}
    for point in points:
        found.setdefault((point["positive"], point["curve"]), []).append(point)
    return found


@pytest.mark.parametrize("drawn", [{}, {"repeats": 2, "decimals": 1}], ids=["", "repeats"])
def test_bands_are_those_of_leaving_each_patient_out(drawn):
    tested = rated(n=300, patients=15, **drawn)
    whole = by_curve(curve_points(tested) + points_of_all(tested))
    others = [
        by_curve(curve_points(t) + points_of_all(t))
        for t in (without(tested, i) for i in range(15))
    ]
    side = tested.sides()[0]
    few, held = side.fewest(tested.patient), 0
    for name in ("roc", "precision_recall", "net_benefit", "net_benefit_of_all"):
        points = whole[side.name, name]
        left = np.array([[point["y"] for point in other[side.name, name]] for other in others])
        for point, values in zip(points, left.T, strict=True):
            of = of_number if "net" in name else of_share
            expected = of(point["y"], values, few)
            ends = point["ci_low"], point["ci_high"]
            if "net" not in name and (point["x"] == 0 or not 0 < point["y"] < 1):
                assert ends == (None, None)
            else:
                assert ends == pytest.approx(expected[2:4], abs=1e-9)
                held += 1
    assert held > 150


def test_bands_are_the_intervals_of_shares_and_numbers():
    rng = np.random.default_rng(0)
    left = rng.normal(0.6, 0.01, (20, 6))
    left[:, 1], left[:, 2], left[3, 3] = 0.4, 1.0, np.nan
    curve = Curve(np.arange(6.0), np.array([0.6, 0.4, 1, 0.6, 0.59, 0.05]), left)
    for band, of in ((share_band, of_share), (number_band, of_number)):
        got = band(curve, 9)
        for k in (0, 1, 3, 4, 5):
            expected = [np.nan if x is None else x for x in of(curve.y[k], left[:, k], 9)[2:4]]
            assert got[:, k] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert np.isnan(band(curve, 1)).all()
    assert np.isnan(share_band(curve, 9)[:, 2]).all()


class TestSides:
    def test_of_states(self):
        found = by_curve(curve_points(rated()))
        sides = ("abnormal", "crackles", "wheezes", "both")
        assert [*found] == [
            (s, c) for s in sides for c in ("roc", "precision_recall", "net_benefit")
        ]
        assert {len(points) for points in found.values()} == {51, 50, 49}

    def test_of_numbers_there_is_no_net_benefit(self):
        found = by_curve(curve_points(rated(probable=False)))
        assert [*found] == [("abnormal", "roc"), ("abnormal", "precision_recall")]

    @pytest.mark.parametrize("probable", [True, False])
    @pytest.mark.parametrize(
        "target, sides",
        [
            (Target(), ["abnormal", "crackles", "wheezes", "both"]),
            (Target("wheezes", ("no wheezes", "wheezes")), ["wheezes"]),
            (DIAGNOSES, ["Healthy", "COPD", "URTI"]),
        ],
        ids=["state", "two", "unordered"],
    )
    def test_of_all_are_every_side_whatever_the_model(self, target, sides, probable):
        tested = rated(target=target, probable=probable)
        points = points_of_all(tested)
        assert list(dict.fromkeys(point["positive"] for point in points)) == sides
        assert {point["model"] for point in points} == {""}
        to_table(points + curve_points(tested), CURVES)

    def test_that_no_cycle_is_of_has_no_points(self):
        tested = rated()
        tested = tested._replace(true=np.where(tested.true == 3, 0, tested.true))
        for points in (curve_points(tested), points_of_all(tested)):
            assert "both" not in {point["positive"] for point in points}

    def test_one_patient_has_curves_without_bands(self):
        points = curve_points(rated(patients=1, folds=1))
        assert points and {point["ci_low"] for point in points} == {None}


def test_calling_all_positive():
    tested = rated(n=900)
    found = by_curve(points_of_all(tested))
    share = np.mean(tested.true != 0)
    for point in found["abnormal", "net_benefit_of_all"]:
        t = point["x"]
        assert point["y"] == pytest.approx(share - (1 - share) * t / (1 - t), abs=1e-12)
    of_fold = [np.mean(tested.true[tested.fold == k] != 0) for k in range(4)]
    weights = [np.sum(tested.true[tested.fold == k] != 0) for k in range(4)]
    ends = found["abnormal", "precision_of_all"]
    assert [point["x"] for point in ends] == [0, 1]
    assert [point["y"] for point in ends] == pytest.approx(
        [np.average(of_fold, weights=weights)] * 2
    )
    assert ends[0]["ci_low"] < ends[0]["y"] < ends[0]["ci_high"]


def test_those_of_all_are_kept_once_a_split():
    points = points_of_all(rated())
    other = [{**point, "split": "half"} for point in points]
    own = curve_points(rated())
    assert once([*own, *points, *own, *points, *other]) == [*own, *points, *own, *other]
