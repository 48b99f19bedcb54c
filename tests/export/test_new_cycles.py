"""Rows that were heard, as `snakemake score` takes them."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auscultation.export.new_cycles import cycles_of_recordings
from auscultation.job.errors import InputError

ABOUT = {"recordings": 14, "left_out": [], "window": 2.5, "notes": [], "problems": []}


def read(tmp_path, cut, needed=(), **about):
    path, beside = tmp_path / "heard.parquet", tmp_path / "heard.json"
    pq.write_table(pa.table({"Var": [1.0], "mfcc_1_mean": [2.0], "cut": [cut]}), path)
    beside.write_text(json.dumps(ABOUT | about))
    return cycles_of_recordings(str(path), str(beside), needed)


def test_what_the_sheet_says(tmp_path):
    assert read(tmp_path, "annotated").note == "" and read(tmp_path, "annotated").lines == []
    assert "windows of 2.5 s" in read(tmp_path, "window").note
    problem = {"check": "file", "file": "0.wav", "where": "", "message": "an empty file"}
    left_out = [f"{number}.wav" for number in range(12)]
    new = read(tmp_path, "annotated", left_out=left_out, problems=[problem], notes=["a note"])
    assert new.note.startswith(" A note. 12 of 14 recordings could not be used: 0.wav, 1.wav")
    assert "9.wav and 2 more; the sheet Problems says why." in new.note
    assert new.problem_table.to_pylist() == [
        {"file": "0.wav", "where": "", "check": "file", "problem": "an empty file"}
    ]
    assert "0.wav: an empty file" in new.lines[-1]


def test_a_family_that_was_not_computed_is_named(tmp_path):
    assert read(tmp_path, "window", ["Var", "mfcc_1_mean", "age"]).table.num_rows == 1
    with pytest.raises(InputError, match="features of mfcc, envelope: name all their families"):
        read(tmp_path, "window", ["mfcc_2_mean", "envelope_db_sd", "envelope_step"])
