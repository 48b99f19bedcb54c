"""Names of recordings, and what they say of location and device."""

import pyarrow as pa
import pytest

from auscultation.data.name_pattern import ICBHI, parts_of, problems_of_pattern
from auscultation.data.recordings import with_recording
from auscultation.job.errors import InputError


@pytest.mark.parametrize(
    ("patient", "recording", "device", "location"),
    [
        ("101", "101_1b1_Al_sc_Meditron", "Meditron", "Al"),
        (101, "101_1b1_Al_sc_Meditron", "Meditron", "Al"),
        ("P_2", "P_2_3p4_Tc_mc_AKGC417L", "AKGC417L", "Tc"),  # an underscore of the patient's own
        ("101", "101_a_b_Al_sc_Meditron", "Meditron", "Al"),  # one of the index
        ("A_101", "101_1b1_Al_sc_Meditron", "Meditron", "Al"),  # a patient of one of several tables
        ("a_b_c", "a_b_c_1b1_Al_sc_", None, "Al"),
        ("a_b_c", "a_b_c_1b1__sc_Meditron", "Meditron", None),
        ("a_b_c", "a_b_c_1b1_Al_sc_ ", None, "Al"),
        ("a_b_c", "a_b_c_rec_1", None, None),  # no part of a patient's name stands in for one
        ("101", "101_1b1_Al", None, None),
        ("101", "101_1b1_Al_sc", None, None),
        ("101", "101_", None, None),
        ("101", "101", None, None),
        ("101", None, None, None),
    ],
)
def test_icbhis_pattern(patient, recording, device, location):
    """Fault 7: an empty part names nothing."""
    parts = parts_of([patient], [recording], ICBHI)
    assert parts == {"device": [device], "location": [location]}


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{device}-{patient}-{n}", "Littmann-7-2", {"device": "Littmann"}),
        ("{patient}.{location}", "7.L1", {"location": "L1"}),
        ("rec({patient})[{location}]", "rec(7)[L 1]", {"location": "L 1"}),
        ("{patient}_{location}", "8_L1", {"location": None}),  # of another patient
    ],
)
def test_patterns_of_ones_own(pattern, name, expected):
    assert {key: value[0] for key, value in parts_of([7], [name], pattern).items()} == expected


@pytest.mark.parametrize(
    "pattern", ["{a}", "{device}{location}", "{device}_{device}", "{device}_{"]
)
def test_wrong_patterns(pattern):
    assert problems_of_pattern(pattern)


def test_every_recording_has_a_name_of_its_own():
    table = pa.table({"patient_ID": ["A", "A_1"], "adq_format": ["1_x", "x"]})
    with pytest.raises(InputError, match="'A_1_x' is that of two recordings, of patients 'A' and"):
        with_recording(table, ICBHI)
    table = pa.table({"patient_ID": [1, 2, 3], "recording": [None, "r", "r"]})
    with pytest.raises(
        InputError, match="'r' is that of two recordings.*one of them in `recording`"
    ):
        with_recording(table, ICBHI)


def test_columns_of_the_table_come_first():
    columns = {"patient_ID": [1, 1], "recording": ["r1", "r2"], "device": ["Eko", None]}
    assert with_recording(pa.table(columns), ICBHI).to_pydict() == columns
    named = {"patient_ID": [1], "recording": ["1_1b1_Al_sc_Meditron"], "device": ["Eko"]}
    assert with_recording(pa.table(named), ICBHI).to_pydict() == named | {"location": ["Al"]}
    assert with_recording(pa.table({"patient_ID": [1]}), ICBHI).column_names == ["patient_ID"]
