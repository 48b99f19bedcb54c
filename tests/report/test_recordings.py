"""What the page says of a folder of recordings: every one is in the table or named, with the reason."""

import re

import pytest

from auscultation.recordings.account import UNHEARD, by_check, reasons
from auscultation.recordings.problems import Problem
from auscultation.report.features import by_family
from auscultation.report.recordings import family_of, recordings_of
from auscultation.report.tables import quality_table
from verdicts import words

FRAMES = {"frame": 64, "hop": 16, "long_frame": 128, "long_hop": 32}
FRAMES |= {"low": 100, "high": 1800, "tonal_high": 1200}
CONFIG = {"recordings": "data/lungs", "families": ["bands", "tonal", "transient"], "exact": False}
CONFIG |= {"frames": FRAMES}
COLUMNS = ["patient_ID", "Var", "Range", "bands_100_200", "bands_200_300", "tonal_share"]
UNANNOTATED = Problem("unannotated", "c.wav", "", "no annotation: the recording is left out")


def source(without=(), checks=(), n=12, **about):
    known = {"workbook": "data/lungs", "bytes": 9, "sha256": "0", "rows": 50, "columns": COLUMNS}
    return (
        known
        | {"sounds": n, "recordings": n, "without_rows": dict(without)}
        | about
        | {"checks": dict(checks)}
    )


def said(made, macro="say_recordings"):
    text = words(macro, made, file="sections/recordings.j2")
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def texts(shown):
    return [[c["text"] for c in row["cells"]] for row in shown["rows"]]


def test_a_workbook_has_no_recordings():
    assert recordings_of({}, {"workbook": "a.xlsx", "recordings": None}) is None
    assert recordings_of({}, {"workbook": "a.xlsx"}) is None


def test_one_sentence_where_nothing_is_wrong():
    made = recordings_of(source(), CONFIG)
    text = said(made)
    assert text.startswith(
        "All 12 recordings of the folder are in the table, and no check warns of any."
    )
    assert "Left out" not in text and "Warnings" not in text
    assert said(recordings_of(source(n=1), CONFIG)).startswith("The one recording of the folder is")
    assert said(made, "name_recordings") == "the recordings in lungs"
    demo = recordings_of(source(), CONFIG | {"recordings": "demo"})
    assert demo.simulated and said(demo, "name_recordings") == "simulated recordings"


@pytest.mark.parametrize("n_left", [1, 10, 11, 40])
def test_recordings_in_the_folder_are_those_in_the_table_and_those_named(n_left):
    without = {f"<{i}>.wav": "why" for i in range(n_left)}
    made = recordings_of(source(without, n=50), CONFIG)
    assert made.in_table + len(made.left_out) + made.more_left_out == made.n == 50
    text = words("say_recordings", made, file="sections/recordings.j2")
    assert f"{50 - n_left} of 50 recordings" in text and "&lt;0&gt;.wav" in text
    assert ("more, all in" in text) == (n_left > 10)


def test_cycles_that_were_annotated_and_are_not_in_the_table_are_counted():
    assert "not in the table" not in said(recordings_of(source(), CONFIG))
    made = recordings_of(source(cycles=53), CONFIG)
    assert "3 of 53 annotated cycles are not in the table." in said(made)


def test_why_a_recording_is_left_out():
    """Not what is doubtful about it, but what cost it its cycles; its annotations speak for it, too."""
    problems = [
        Problem("clipped", "a/b.1.wav", "", "too loud"),
        Problem("past", "a/b.1.txt", "line 2", "beyond the end"),
        Problem("past", "a/b.1.txt", "line 3", "beyond the end"),
        UNANNOTATED,
        Problem("clipped", "d.wav", "", "too loud"),
    ]
    assert reasons(["a/b.1.wav", "c.wav", "d.wav", "e.wav"], problems) == {
        "a/b.1.wav": "line 2: beyond the end (and 1 more)",
        "c.wav": "no annotation: the recording is left out",
        "d.wav": "too loud",
        "e.wav": UNHEARD,
    }


def test_warnings_are_grouped_by_check():
    problems = [Problem("clipped", f"{i % 2}.wav", "", "too loud") for i in range(1200)]
    made = recordings_of(source(checks=by_check([UNANNOTATED, *problems])), CONFIG)
    assert texts(made.warnings) == [
        ["unannotated", "1", "1", "c.wav: no annotation: the recording is left out"],
        ["clipped", "2", "1,200", "0.wav: too loud"],
    ]
    text = said(made)
    assert "no check warns" not in text and "table/problems.csv" in text


def test_families_with_their_frames_and_whether_exact():
    made = recordings_of(source(), CONFIG)
    assert texts(made.heard) == [
        ["notebook", "2", "–", "–", "87.5 to 1012.5"],
        ["bands", "2", "64", "16", "100 to 1800"],
        ["tonal", "1", "128", "32", "100 to 1200"],
        ["transient", "0", "–", "–", "100 to 1800"],
    ]
    assert "computed fast" in said(made)
    assert "to its last digits" in said(recordings_of(source(), CONFIG | {"exact": True}))


def test_features_by_family():
    shares = {"bands_1": 0.2, "bands_2": 0.6, "bands_3": 0.7, "Var": None, "age": 1.0}
    rows = [
        {"feature": name, "between_patients": share, "patient_specific": (share or 0) > 0.5}
        for name, share in shares.items()
    ]
    assert texts(by_family(rows, ["mfcc", "bands"])) == [
        ["notebook", "1", "0", "–", "–", "–"],
        ["bands", "3", "2", "0.600", "0.700", "bands_3"],
        ["others", "1", "1", "1.000", "1.000", "age"],
    ]
    assert family_of("bandsaw", ["bands"]) == "others"


def test_features_of_families_are_known_columns():
    quality = {"missing_before": {"bands_1": 0, "own": 0}, "missing": "impute", "imputed": {}}
    quality |= {"missing_after": {}, "dropped_columns": [], "empty_columns": []}
    assert [row[-1] for row in texts(quality_table(quality, ["bands"]))] == [
        "",
        "not of the known columns",
    ]
