"""Tables read and written: texts, gaps, formulas."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.scores.tables import read_arrays, write_csv


def test_columns_are_read_as_they_are(tmp_path):
    texts, numbers = ["b", None, "a", "b"] * 9, np.arange(36) / 2
    table = pa.table({"x": texts, "y": numbers, "z": pa.nulls(36, pa.string())})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=10)
    arrays = read_arrays(tmp_path / "t.parquet", ("y", "x", "z", "not there"))
    assert {name: values.tolist() for name, values in arrays.items()} == {
        "x": texts,
        "y": numbers.tolist(),
        "z": [None] * 36,
    }


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path):
    table = pa.table({"name": ["=1+1", None, "a", "-5", "=1+1"], "n": [1, 2, 3, 4, 5]})
    write_csv(table, tmp_path / "t.csv")
    with open(tmp_path / "t.csv", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert names == ["'=1+1", "", "a", "-5", "'=1+1"]
