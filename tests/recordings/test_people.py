"""Who was recorded: by the name of the recording, and by tables as they circulate."""

import pytest
from openpyxl import Workbook

from auscultation.recordings.folder import Recording
from auscultation.recordings.people import columns_of, patient_of
from auscultation.recordings.people_files import read_people

AGES = [("101", "3", "F", "NA", "19", "99"), ("102", "0.75", "M", "NA", "9.8", "73")]
AGES += [("103", "70", "F", "33", "NA", "NA")]
HEADER = ("Patient ID", "Age", "Sex", "Adult BMI (kg/m2)", "Child Weight (kg)", "Child Height (cm)")
KNOWN = {
    "101": {"age": 3.0, "sex": "F", "weight": 19.0, "height": 99.0},
    "102": {"age": 0.75, "sex": "M", "weight": 9.8, "height": 73.0},
    "103": {"age": 70.0, "sex": "F", "IMC": 33.0},
}


def written(path, rows, separator="\t", end="\n", encoding="utf-8"):
    text = "".join(separator.join(row) + end for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def recording(name):
    return Recording(name, f"{name}.wav", f"{name}.wav", name)


@pytest.mark.parametrize(
    "rows, separator, end, encoding",
    [
        (AGES, "\t", "\r\n", "utf-8"),
        (AGES, " ", "\n", "utf-8"),
        (AGES, ",", "\n", "utf-8-sig"),
        ([(), *AGES], "\t", "\r\n", "utf-8"),
        ([HEADER, *AGES], ",", "\n", "utf-8"),
        ([HEADER, *AGES], "\t", "\n", "utf-8"),
        ([("Patient", "number", "Age", "Sex", "BMI", "W", "H"), *AGES], " ", "\n", "utf-8"),
    ],
    ids=["CRLF", "spaces", "commas", "blank line", "header", "tabbed header", "header of words"],
)
def test_demographics_as_they_circulate(rows, separator, end, encoding, tmp_path):
    people = read_people([written(tmp_path / "demo.txt", rows, separator, end, encoding)])
    assert (people.values, people.problems) == (KNOWN, [])


@pytest.mark.parametrize(
    "rows, separator",
    [
        ([("101", "URTI"), ("102", "Healthy")], ","),
        ([(), ("101", "URTI"), ("102", "Healthy")], "\t"),
        ([("Patient", "Diagnosis"), ("101", "URTI"), ("102", "Healthy")], "\t"),
        ([("No", "Diagnosis"), ("101", "URTI"), ("102", "Healthy")], ","),
    ],
)
def test_diagnoses_as_they_circulate(rows, separator, tmp_path):
    people = read_people([written(tmp_path / "diagnosis.csv", rows, separator)])
    assert people.values == {"101": {"Diagnosis": "URTI"}, "102": {"Diagnosis": "Healthy"}}
    assert not people.problems


def test_who_is_in_one_table_alone_is_named(tmp_path):
    """A patient whom one of the tables lacks is named, recorded or not; so is who is in none."""
    ages = written(tmp_path / "ages.txt", AGES)
    diagnoses = written(
        tmp_path / "diagnoses.txt", [("101", "URTI"), ("102", "Healthy"), ("107", "COPD")]
    )
    people = read_people([ages, diagnoses])
    made = columns_of([recording(f"{n}_1b1_Al_sc_X") for n in (101, 103, 105)], {}, people)
    assert sorted(problem[:2] + problem[3:] for problem in made.problems) == [
        ("people", "ages.txt", "patient 107 of diagnoses.txt is not in it"),
        ("people", "ages.txt", "recorded patient 105 is not in it"),
        ("people", "diagnoses.txt", "recorded patient 103 is not in it"),
        ("people", "diagnoses.txt", "recorded patient 105 is not in it"),
    ]
    assert made.notes == ["patients without annotated recording: 102, 107"]
    assert made.arrays["Diagnosis"].to_pylist() == ["URTI", None, None]
    assert made.arrays["patient_ID"].to_pylist() == [101, 103, 105]


@pytest.mark.parametrize(
    "row, check",
    [
        (("104", "x", "F", "NA", "1", "1"), "number"),
        (("104", "150", "F", "NA", "1", "1"), "range"),
        (("104", "15", "W", "NA", "1", "1"), "category"),
        (("104", "15", "F", "NA", "1"), "column"),
        (("101", "4", "F", "NA", "19", "99"), "patient"),
        (("NA", "4", "F", "NA", "19", "99"), "missing"),
    ],
)
def test_wrong_rows_are_named_by_line(row, check, tmp_path):
    people = read_people([written(tmp_path / "demo.txt", [*AGES, row])])
    assert [problem[:3] for problem in people.problems] == [(check, "demo.txt", "line 4")]
    assert {patient: people.values[patient] for patient in KNOWN} == KNOWN


def test_a_table_of_recordings_and_a_workbook_of_patients(tmp_path):
    """A table may say who was recorded; ids join by their look, 12.0 as 12 and 007 as itself."""
    who = [("filename", "pid", "soundtype"), ("a/x.wav", "12", "-"), ("y", "007", "-")]
    book = Workbook()
    for row in [
        ("patient_ID", "age", "sex", "Diagnosis"),
        (12, 40, "M", "COPD"),
        ("007", 41, "F", None),
    ]:
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    people = read_people([written(tmp_path / "who.csv", who, ","), tmp_path / "people.xlsx"])
    recordings = [Recording("x", "", "a/x.wav", "a/x"), Recording("y", "", "b/y.wav", "b/y")]
    made = columns_of(recordings, {}, people)
    assert not people.problems and not made.problems
    assert made.arrays["patient_ID"].to_pylist() == ["12", "007"]
    assert made.arrays["age"].to_pylist() == [40, 41]
    assert made.arrays["Diagnosis"].to_pylist() == ["COPD", None]


@pytest.mark.parametrize(
    "name, pattern, patient",
    [
        ("101_1b1_Al_sc_Meditron", None, "101"),
        ("A_7_1b1_Al_sc_Meditron", None, "A_7"),
        ("40996386_8.3_0_p1_2979", None, "40996386"),
        ("recording 7", None, None),
        ("P3-left-Littmann", "{patient}-{location}-{device}", "P3"),
        ("left-Littmann", "{location}-{device}", None),
    ],
)
def test_patients_in_names(name, pattern, patient):
    assert (patient_of(name, pattern) if pattern else patient_of(name)) == patient


def test_a_recording_without_patient_is_named():
    """A table's patient 0 is a patient; neither name nor table has another."""
    both = [recording("hello"), recording("there")]
    made = columns_of(both, {"there": {"patient_ID": 0}}, read_people([]))
    assert made.arrays["patient_ID"].to_pylist() == [None, 0]
    assert [problem[:2] for problem in made.problems] == [("name", "hello.wav")]


def test_a_text_that_is_no_table(tmp_path):
    people = read_people([written(tmp_path / "x.txt", [("a", "b", "c")]), tmp_path / "none.txt"])
    assert [problem[:2] for problem in people.problems] == [
        ("column", "x.txt"),
        ("file", "none.txt"),
    ]
