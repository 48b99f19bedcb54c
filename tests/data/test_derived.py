"""Columns that follow from those of the table."""

import numpy as np
import pytest

from auscultation.data.derived import derive, named

CYCLES = {
    "patient_ID": np.array(["101", "P_2"], dtype=object),
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


@pytest.mark.parametrize("name", ["101_1b1_Al", "101_1b1_Al_sc", "101_rec_1", "101_", "101"])
@pytest.mark.parametrize("column", ["device", "location"])
def test_recording_whose_name_lacks_a_part(column, name):
    cycles = {"recording": np.array(["101_1b1_Al_sc_Meditron", name])}
    cycles["patient_ID"] = np.array([101, 101])
    with pytest.raises(ValueError, match=f"'{name}' does not name its {column}"):
        derive(cycles, column)
    assert named(cycles, column).tolist() == [derive(CYCLES, column)[0], None]


@pytest.mark.parametrize(
    ("recording", "device", "location"),
    [
        ("a_b_c_1b1_Al_sc_", None, "Al"),
        ("a_b_c_1b1__sc_Meditron", "Meditron", None),
        ("a_b_c_1b1_Al_sc_ ", None, "Al"),
        ("a_b_c_rec_1", None, None),  # three underscores of the patient's, one of the recording's
        ("a_b_c_1b1_Al_sc_Meditron", "Meditron", "Al"),
    ],
)
def test_what_a_recording_does_not_name(recording, device, location):
    """Fault 7: an empty part names nothing, and no part of a patient's name stands in for it."""
    cycles = {"patient_ID": np.array(["a_b_c"]), "recording": np.array([recording], object)}
    assert named(cycles, "device").tolist() == [device]
    assert named(cycles, "location").tolist() == [location]
    if device is None:
        with pytest.raises(ValueError, match="does not name its device.*or do without 'device'"):
            derive(cycles, "device")
