"""Two results folders compared: equal bytes, or which columns differ and by how much."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "same_results.py"
VALUES = {"model": ["knn", "svc"], "value": [0.5, 2.0], "n": [3, 4]}


def write(folder, values=VALUES, seconds=1.0, features=("Var",)):
    """Write a results folder of each kind of file."""
    (folder / "fits").mkdir(parents=True)
    (folder / "logs").mkdir()
    pq.write_table(pa.table(values), folder / "comparison.parquet")
    pyarrow.csv.write_csv(pa.table(values), folder / "comparison.csv")
    summary = {"features": features, "measured": {"fit_seconds": seconds}}
    (folder / "fits" / "fit.json").write_text(json.dumps(summary))
    for name in ("logs/a.log", "costs.tsv", "provenance.json", "report.html"):
        (folder / name).write_text(str(seconds))
    return folder


@pytest.fixture
def folders(tmp_path):
    return write(tmp_path / "one"), tmp_path / "two"


def compare(one, two):
    command = [sys.executable, str(SCRIPT), str(one), str(two)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


def test_what_was_measured_may_differ_and_is_named(folders):
    one, two = folders
    status, (line,) = compare(one, write(two, seconds=2.0))
    assert status == 0 and line.startswith("3 of 3 files are the same")
    for name in ("measured", "logs", "benchmarks", "costs", "provenance", "pages"):
        assert name in line


def test_columns_that_differ_and_by_how_much(folders):
    one, two = folders
    other = VALUES | {"model": ["knn", "svr"], "value": [0.5, 2.5]}
    status, lines = compare(one, write(two, other, features=("Var", "Range")))
    assert status == 1
    for name in ("comparison.csv", "comparison.parquet"):
        assert f"{name}: column model: 1 of 2 values differ" in lines
        (value,) = (line for line in lines if line.startswith(f"{name}: column value"))
        assert "by at most 0.5 (relative 0.25)" in value
        assert not any(line.startswith(f"{name}: column n") for line in lines)
    assert "fits/fit.json: other content of features" in lines
    assert lines[-1].startswith("0 of 3")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"model": ["knn"], "value": [0.5], "n": [3]}, "2 and 1 rows"),
        ({"model": ["knn", "svc"], "n": [3, 4]}, "other columns: value"),
        (VALUES | {"value": [0.5, None]}, "1 of 2 values differ"),
        (VALUES | {"n": [3.0, 4.0]}, "int64 and double"),
    ],
)
def test_other_rows_columns_blanks_and_types(folders, other, expected):
    one, two = folders
    status, lines = compare(one, write(two, other))
    assert status == 1
    assert any(line.startswith("comparison.parquet") and expected in line for line in lines)


def test_missing_files_are_named(folders):
    one, two = folders
    (write(two) / "comparison.csv").unlink()
    assert compare(one, two) == (1, [f"comparison.csv: only in {one}", *compare(one, two)[1][1:]])
    assert compare(two, one)[1][0] == f"comparison.csv: only in {one}"


def test_the_same_values_in_other_bytes(folders):
    one, two = folders
    pq.write_table(pa.table(VALUES), write(two) / "comparison.parquet", compression="zstd")
    status, lines = compare(one, two)
    assert status == 1 and lines[0] == "comparison.parquet: the same values, in other bytes"
