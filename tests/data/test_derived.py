"""Columns that follow from those of the table."""

import numpy as np
import pytest

from auscultation.data.derived import derive, numbered

CYCLES = {
    "start": np.array([0.5, 2.0]),
    "end": np.array([2.25, 5.0]),
    "Var": np.array([1.0, 2.0]),
}


@pytest.mark.parametrize(("column", "expected"), [("duration", [1.75, 3.0]), ("Var", [1.0, 2.0])])
def test_derived(column, expected):
    assert derive(CYCLES, column).tolist() == expected


def test_the_tables_own_column_comes_first():
    assert derive(CYCLES | {"duration": np.array([1, 2])}, "duration").tolist() == [1, 2]


@pytest.mark.parametrize("cycles", [CYCLES, {"Var": np.ones(2)}])
def test_unknown_column_is_answered_with_those_that_are_there(cycles):
    with pytest.raises(ValueError, match="no column 'durations'; there are: .*duration.*Var"):
        derive(cycles, "durations")
    with pytest.raises(ValueError, match="no column 'duration'; there are"):
        derive({"Var": np.ones(2)}, "duration")


@pytest.mark.parametrize("kind", [np.int64, float, str, object])
def test_ids_are_numbered_as_by_numpy(kind):
    rng = np.random.default_rng(4)
    for n in (0, 1, 200):
        ids = np.repeat(rng.integers(0, 30, n), rng.integers(1, 4, n)).astype(str).astype(kind)
        for got, expected in zip(numbered(ids), np.unique(ids, return_inverse=True), strict=True):
            assert got.tolist() == expected.tolist()
