"""The test part of a fit as it is examined."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auscultation.scores.tested import Tested, read_tested
from random_fits import ABNORMAL, DIAGNOSIS, random_predictions

KNN = {"model": "k", "algorithm": "knn", "split": "patient"}
LINE = {"model": "l", "algorithm": "linear_regression", "split": "patient"}


def test_only_the_test_part_is_read(tmp_path):
    table, _ = random_predictions()
    train, _ = random_predictions(seed=1, part="train")
    pq.write_table(pa.concat_tables([train, table]), tmp_path / "p.parquet")
    tested = read_tested(tmp_path / "p.parquet", KNN)
    assert np.array_equal(tested.true, table["state"].to_numpy())
    assert np.array_equal(tested.ids[tested.patient], table["patient_ID"].to_numpy())
    pq.write_table(table.slice(0, 0), tmp_path / "none.parquet")
    assert read_tested(tmp_path / "none.parquet", KNN) is None


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (None, ["abnormal", "crackles", "wheezes", "both"]),
        (ABNORMAL, ["abnormal"]),
        (DIAGNOSIS, ["Healthy", "COPD", "URTI"]),
    ],
    ids=["states", "two classes", "no order"],
)
def test_what_is_told_from_all_others(target, names):
    table, _ = random_predictions(**({"target": target} if target else {}))
    tested = Tested.of(table, KNN)
    sides = {side.name: side for side in tested.sides()}
    assert list(sides) == names
    for name, side in sides.items():
        own = tested.true != 0 if name == "abnormal" else None
        if own is None:
            code = tested.target.classes.index(name)
            own = tested.true == code
            assert np.array_equal(side.share, tested.p[:, code])
        assert np.array_equal(side.positive, own)
        with_it = {*tested.patient[own].tolist()}
        without = {*tested.patient[~own].tolist()}
        assert side.fewest(tested.patient) == min(len(with_it), len(without))


def test_a_number_rates_as_it_is_and_a_class_by_whether_it_is_normal():
    table, _ = random_predictions(probabilities=False)
    (of_class,) = Tested.of(table, KNN).sides()
    (of_number,) = Tested.of(table, LINE).sides()
    assert np.array_equal(of_class.rating, table["prediction"].to_numpy() != 0)
    assert np.array_equal(of_number.rating, table["prediction"].to_numpy())
    assert of_class.share is None and of_number.share is None
