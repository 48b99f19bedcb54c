"""Several tables as one: which rows are of which, what only some have, what does not go together."""

import csv
import hashlib
import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import read_workbook
from auscultation.job.errors import InputError
from auscultation.workbook.several import read_workbooks
from workbooks import NAMES, csv_text, sheet, table, xlsx

A = [["patient_ID", "label", "f1", "site"], [1, 0, 1, "x"], [2, 1, 2, "y"]]
B = [["patient_ID", "label", "f1", "f2"], [3, 1, 0.5, 7], [4, 0, 1.5, None]]


@pytest.fixture
def files(tmp_path):
    def files(*tables):
        paths = [tmp_path / f"{name}.csv" for name in "abcd"[: len(tables)]]
        for path, cells in zip(paths, tables, strict=True):
            path.write_text(csv_text(cells), encoding="utf-8")
        return paths

    return files


def joined(paths, **options):
    return read_workbooks(paths, [path.stem for path in paths], **options)


def test_one_under_another(files):
    read = joined(files(A, B), needed=("patient_ID", "label"))
    assert read.table.schema.names == ["patient_ID", "label", "f1", "site", "f2", "dataset"]
    assert read.table.to_pydict() == {
        "patient_ID": [1, 2, 3, 4],
        "label": [0, 1, 1, 0],
        "f1": [1.0, 2.0, 0.5, 1.5],  # whole numbers of one table become numbers
        "site": ["x", "y", None, None],
        "f2": [None, None, 7, None],
        "dataset": ["a", "a", "b", "b"],
    }
    assert "column 'site': only in a.csv" in read.notes
    assert "a.csv: read as utf-8-sig, separated by comma" in read.notes
    assert not any("more than one table" in note for note in read.notes)


def test_many_columns_of_one_table_are_one_note(files):
    more = [[*B[0], *(f"g{n}" for n in range(9))], *([*row, *range(9)] for row in B[1:])]
    notes = joined(files(A, more)).notes
    assert "columns 'f2', 'g0', 'g1', 'g2', 'g3' and 5 more: only in b.csv" in notes


def test_patients_of_one_id_are_different_persons(files):
    other = [["patient_ID", "f1"], ["2", 1], ["P7", 1]]
    read = joined(files(A, other))
    assert read.table["patient_ID"].to_pylist() == ["a_1", "a_2", "b_2", "b_P7"]
    assert any("1 values of 'patient_ID' are in more than one table ('2')" in n for n in read.notes)
    # nothing in common: the ids stay, as texts where some are
    other[1][0] = "9"
    assert joined(files(A, other)).table["patient_ID"].to_pylist() == ["1", "2", "9", "P7"]


def test_all_problems_of_all_files_at_once(files, tmp_path):
    wrong = sheet()
    wrong[2][NAMES.index("Var")] = "loud"
    text = [["patient_ID", "f1", "dataset"], [8, "high", 1]]
    paths = files(A, wrong, text, [["what"], [1]])
    with pytest.raises(InputError) as caught:
        joined(paths, problems=tmp_path / "problems.csv")
    message = str(caught.value)
    for words in (
        f"workbook {paths[1]}: 1 kind of error\n  - column 'Var': not a number",
        f"workbook {paths[3]}: 1 kind of error\n  - missing column 'patient_ID'",
        "c.csv: column 'dataset' has the name of the column that says",
        "column 'f1': text in c.csv, number in a.csv",
    ):
        assert words in message
    with open(tmp_path / "problems.csv", encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(row["file"], row["column"]) for row in listed] == [
        (str(paths[1]), "Var"),
        (str(paths[3]), "patient_ID"),
        ("", "dataset"),
        ("", "f1"),
    ]


def test_names_of_ones_own_in_one_table(files):
    """A table that has the known name does without that of `columns`; one must have it."""
    other = [["subject", *B[0][1:]], *B[1:]]
    read = joined(files(A, other), columns={"patient_ID": "subject"})
    assert read.table["patient_ID"].to_pylist() == [1, 2, 3, 4]
    with pytest.raises(InputError, match="`columns.start`: no table has a column 'onset'"):
        joined(files(A, other), columns={"patient_ID": "subject", "start": "onset"})


def test_the_job(tmp_path):
    second = table().set_column(0, "patient_ID", pa.array([n // 4 + 201 for n in range(12)]))
    paths = [tmp_path / "one.xlsx", tmp_path / "two.parquet"]
    paths[0].write_bytes(xlsx(sheet()))
    pq.write_table(second, paths[1])
    params = {"sheet": None, "reader": "calamine", "max_rows": 100, "max_megabytes": 1}
    params |= {"checks": {"overlap": "warn"}, "needed": ["state"], "columns": {}}
    snakemake = SimpleNamespace(
        input=SimpleNamespace(workbook=list(map(str, paths))),
        output=SimpleNamespace(raw=tmp_path / "raw.parquet", source=tmp_path / "source.json"),
        log=SimpleNamespace(problems=tmp_path / "problems.csv"),
        params=SimpleNamespace(**params, datasets=["one", "two"]),
    )
    read_workbook.main(snakemake)
    got = pq.read_table(tmp_path / "raw.parquet")
    assert got.select(NAMES).equals(pa.concat_tables([table(), second]))
    assert got["dataset"].to_pylist() == ["one"] * 12 + ["two"] * 12
    source = json.loads((tmp_path / "source.json").read_text(encoding="utf-8"))
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert source["workbook"] == ", ".join(map(str, paths)) and source["sheet"] == "Cycles"
    assert source["sha256"] == hashlib.sha256("".join(sums).encode()).hexdigest()
    assert source["bytes"] == sum(path.stat().st_size for path in paths)
    assert source["files"] == [
        {"dataset": name, "workbook": str(path), "sheet": at, "bytes": path.stat().st_size}
        | {"sha256": digits, "rows": 12}
        for name, path, at, digits in zip(
            ["one", "two"], paths, ["Cycles", None], sums, strict=True
        )
    ]
