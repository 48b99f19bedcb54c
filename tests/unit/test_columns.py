"""Columns that follow from those of the table."""

import numpy as np
import pytest
from lib.columns import derive

CYCLES = {
    "recording": np.array(["101_1b1_Al_sc_Meditron", "P_2_3p4_Tc_mc_AKGC417L"], dtype=object),
    "start": np.array([0.5, 2.0]),
    "end": np.array([2.25, 5.0]),
    "Var": np.array([1.0, 2.0]),
}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("device", ["Meditron", "AKGC417L"]),
        ("location", ["Al", "Tc"]),  # a patient's name may have an underscore
        ("duration", [1.75, 3.0]),
        ("Var", [1.0, 2.0]),
    ],
)
def test_derived(column, expected):
    assert derive(CYCLES, column).tolist() == expected


@pytest.mark.parametrize("column", ["device", "location", "duration"])
def test_the_tables_own_column_comes_first(column):
    own = np.array(["a", "b"])
    assert derive(CYCLES | {column: own}, column).tolist() == ["a", "b"]


def test_unknown_column_is_answered_with_those_that_are_there():
    with pytest.raises(ValueError, match="no column 'durations'; there are: .*duration.*Var"):
        derive(CYCLES, "durations")


@pytest.mark.parametrize("name", ["101_1b1_Al", "101_1b1_Al_sc", "101"])
@pytest.mark.parametrize("column", ["device", "location"])
def test_recording_whose_name_lacks_a_part(column, name):
    cycles = {"recording": np.array(["101_1b1_Al_sc_Meditron", name])}
    with pytest.raises(ValueError, match=f"'{name}' does not name its {column}"):
        derive(cycles, column)
