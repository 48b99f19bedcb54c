"""The table of a folder of recordings: order, what is left out, and that all of it is named."""

import pyarrow as pa
import pytest

from auscultation.job.errors import InputError
from auscultation.recordings.join import (
    digest,
    joined,
    levels_of,
    lost,
    positions,
    stacked,
    stop_for,
    unnamed,
)
from auscultation.recordings.problems import Problem, level_of

CYCLES = pa.table(
    {
        "recording": ["a", "a", "b", "c", "c"],
        "crackles": [0, 1, 0, 1, 0],
        "wheezes": [0, 0, 1, 1, 0],
        "own": ["v", "w", "x", "y", "z"],
        "patient_ID": [1, 1, 1, 2, 2],
        "row": [0, 1, 0, 0, 1],
    }
)
# as batches and parts of families may come: in any order
NOTEBOOK = pa.table(
    {
        "recording": ["c", "a", "c", "b", "a"],
        "row": [1, 1, 0, 0, 0],
        "start": [4.0, 1.0, 3.0, 2.0, 0.0],
        "Var": [40.0, 10.0, 30.0, 20.0, 0.0],
    }
)
FAMILY = pa.table(
    {
        "recording": ["b", "c", "c", "a", "a"],
        "row": [0, 0, 1, 0, 1],
        "flux": [0.2, 0.3, 0.4, 0.0, 0.1],
    }
)
RECORDINGS = {"a": "a.wav", "b": "in/b.flac", "c": "c.wav"}


def test_the_order_is_that_of_the_cycles_however_features_come():
    table = joined(CYCLES, NOTEBOOK, [FAMILY]).to_pydict()
    assert table["own"] == ["v", "w", "x", "y", "z"]
    assert table["Var"] == [0, 10, 20, 30, 40] and table["start"] == [0, 1, 2, 3, 4]
    assert table["flux"] == [0, 0.1, 0.2, 0.3, 0.4]
    assert table["state"] == [0, 1, 2, 3, 0]
    # known columns first, as in the workbook; the number of a cycle in its recording is not in it
    assert list(table)[:2] == ["patient_ID", "recording"] and list(table)[-2:] == ["own", "flux"]
    assert "row" not in table


def test_cycles_without_features_are_left_out():
    table = joined(CYCLES, NOTEBOOK.slice(1), [FAMILY])
    assert table["own"].to_pylist() == ["v", "w", "x", "y"]
    assert joined(CYCLES, NOTEBOOK, [FAMILY.slice(1)])["own"].to_pylist() == ["v", "w", "y", "z"]
    none = joined(CYCLES, stacked([]), [stacked([])])
    assert none.num_rows == 0 and "state" in none.column_names


def test_rows_are_found_by_recording_and_number():
    assert positions(CYCLES, NOTEBOOK).tolist() == [4, 1, 3, 2, 0]
    assert positions(CYCLES, NOTEBOOK.slice(2)).tolist() == [2, -1, 1, 0, -1]


def test_recordings_without_rows_are_lost_and_each_is_named():
    rows = pa.chunked_array([["a", "a"]])
    problems = [
        Problem("unannotated", "in/b.flac", "", "no annotation"),
        Problem("file", "d.m4a", "", "cannot be read"),
        Problem("name", "in/a.wav", "", "another recording has this name"),
        Problem("column", "annotations.csv", "A1", "no such column"),
    ]
    missing = lost(RECORDINGS, rows, problems)
    assert missing == ["in/b.flac", "c.wav", "d.m4a", "in/a.wav"]
    (nameless,) = unnamed(missing, problems)
    assert nameless.check == "lost" and nameless.file == "c.wav"
    # the line of an annotation names the recording, too
    assert unnamed(missing, [*problems, Problem("order", "c.txt", "line 1", "ends")]) == []


def test_what_loses_a_recording_cannot_be_off():
    problems = [
        Problem("unannotated", "in/b.flac", "", "no annotation"),
        Problem("order", "c.txt", "line 1", "ends before it starts"),
        Problem("clipped", "a.wav", "", "loud"),
    ]
    checks = {"unannotated": "off", "order": "warn", "clipped": "off"}
    levels = levels_of(["in/b.flac", "c.wav"], problems, checks)
    assert [level_of(p.check, levels) for p in problems] == ["warn", "warn", "off"]
    assert checks["unannotated"] == "off"


def test_all_errors_of_a_folder_are_one_message():
    problems = [
        Problem("file", "a.wav", "", "an empty file"),
        Problem("order", "b.txt", "line 2", "ends before it starts"),
        Problem("file", "c.wav", "", "no samples"),
        Problem("clipped", "d.wav", "", "loud"),
    ]
    with pytest.raises(InputError) as error:
        stop_for("sounds", problems, {})
    lines = str(error.value).splitlines()
    assert lines[:4] == [
        "recordings sounds:",
        "file, 2 files:",
        "  - a.wav: an empty file",
        "  - c.wav: no samples",
    ]
    assert lines[4:6] == ["order, 1 file:", "  - b.txt, line 2: ends before it starts"]
    assert "table/problems.csv" in lines[-1] and "loud" not in str(error.value)
    stop_for("sounds", problems, {"file": "warn", "order": "off"})


def test_the_digest_hangs_on_bytes_and_names_order_not_on_the_order_of_batches():
    files = {"a": "1", "b": "2"}
    assert digest(files) == digest({"b": "2", "a": "1"}) != digest({"a": "2", "b": "1"})
