"""What the page shows of features, and of the files that were read."""

import pyarrow as pa

from auscultation.report.features import features_of
from auscultation.report.sources import datasets_table, sources_of


def row(name, share, recordings=None, **about):
    columns = {"feature": name, "kind": "number", "models": 2, "missing": 0, "levels": None}
    columns |= {"between_patients": share, "between_recordings": recordings}
    return columns | {"patient_specific": (share or 0) > 0.5} | about


def texts(shown):
    return [[c["text"] for c in row["cells"]] for row in shown["rows"]]


def test_the_most_patient_specific_come_first_and_no_more_than_thirty():
    rows = [row(f"f{i}", 0.99 - i / 1000) for i in range(2000)]
    shown = features_of([*rows[:900], row("constant", None)])
    assert (shown.n, shown.shown, shown.specific) == (901, 30, [f"f{i}" for i in range(490)])
    assert texts(shown.table)[0] == ["f0", "number", "2", "0", "–", "0.990"]
    assert len(shown.table["rows"]) == 30


def test_recordings_have_a_column_where_there_are_some():
    sex = row("sex", 1.0, 1.0, kind="category", levels=2, missing=12)
    (line,) = texts(features_of([sex]).table)
    assert line == ["sex", "category", "2", "12", "2", "1.000", "1.000"]
    assert [h["text"] for h in features_of([sex]).table["head"]][-1] == "between recordings"


def test_files_of_one_table_and_of_several():
    one = {"workbook": "data/a.xlsx", "sheet": None, "bytes": 9, "sha256": "0", "rows": 3}
    assert [file["name"] for file in sources_of(one)] == ["a.xlsx"]
    files = [{"dataset": name, **one, "workbook": f"data/{name}.csv"} for name in "ab"]
    several = sources_of(one | {"workbook": "data/a.csv, data/b.csv", "files": files})
    assert [(file["name"], file["dataset"]) for file in several] == [("a.csv", "a"), ("b.csv", "b")]


def test_cycles_and_patients_of_each_dataset():
    cycles = {"patient_ID": ["1", "1", "2", "2"], "dataset": ["b", "b", "a", "b"]}
    assert texts(datasets_table(pa.table(cycles))) == [["a", "1", "1"], ["b", "3", "2"]]
    assert datasets_table(pa.table({"patient_ID": [1]}))["rows"] == []
