"""Folders where a file is asked for."""

import pyarrow.parquet as pq
import pytest

from auscultation.config.paths import missing_file
from auscultation.job.errors import InputError
from auscultation.recordings.to_score import to_score
from auscultation.workbook.read import read_workbook
from workbook_edits import parquet
from workbooks import table

FITS = [{"model": "knn"}]


@pytest.fixture
def folder(tmp_path):
    """A partitioned Parquet data set, as pandas and Spark write one."""
    path = tmp_path / "x.parquet"
    pq.write_to_dataset(table(), path, partition_cols=["state"])
    return path


def test_a_folder_named_as_a_file(folder):
    """Fault 23: a folder named x.parquet is said to be a folder, and a data set to be one."""
    said = [missing_file("workbook", str(folder))]
    with pytest.raises(InputError) as caught:
        read_workbook(folder)
    said.append(str(caught.value))
    with pytest.raises(ValueError) as asked:
        to_score(str(folder), FITS)
    said.append(str(asked.value))
    for words in said:
        assert f"{folder} is a folder, not a file; a partitioned Parquet data set is" in words
        assert "no such file" not in words and "did you mean" not in words
    assert said[0].startswith("workbook: ")


def test_another_folder(tmp_path):
    """Fault 23: any folder is said to be one; of Parquet nothing is said where there is none."""
    said = missing_file("splits.published.list", str(tmp_path))
    assert said == f"splits.published.list: {tmp_path} is a folder, not a file"


def test_workbooks_of_a_folder_to_score(tmp_path):
    """Fault 20: packed texts are among the workbooks of a folder; what is no table is not."""
    for name in ("b.csv.gz", "a.TSV", "c.xlsx", "README.txt", ".d.csv", "~$c.xlsx", "e.gz"):
        (tmp_path / name).touch()
    (tmp_path / "f.parquet").write_bytes(parquet())
    found = to_score(str(tmp_path), FITS)
    assert list(found) == ["a", "b", "c", "f"]
    assert found["b"] == str(tmp_path / "b.csv.gz")
