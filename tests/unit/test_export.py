"""What is exported for spreadsheet programs holds texts, never formulas of other people."""

import csv

import pyarrow as pa
import pytest
from compare import write_csv
from lib.excel import add_sheet
from lib.export import as_text
from openpyxl import Workbook, load_workbook

LINK = '=HYPERLINK("http://example.org", "best model")'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("\uff1d1", "'\uff1d1"),
        ("-5.5e-3", "-5.5e-3"),
        ("knn", "knn"),
        (-5.5, -5.5),
        (None, None),
    ],
)
def test_text_stays_text(value, expected):
    assert as_text(value) == expected


def test_csv(tmp_path):
    table = pa.table({"model": [LINK, "knn", "-x"], "value": [-0.5, None, 1.0]})
    write_csv(table, tmp_path / "out.csv")
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["model", "value"],
            [f"'{LINK}", "-0.5"],
            ["knn", ""],
            ["'-x", "1"],
        ]


def test_sheet(tmp_path):
    book = Workbook()
    rows = [{LINK: LINK, "value": -0.5}, {LINK: "+1", "value": "#REF!"}]
    add_sheet(book, "Sheet", LINK, rows)
    book.save(tmp_path / "out.xlsx")
    for sheet in load_workbook(tmp_path / "out.xlsx").worksheets[1:]:
        cells = [sheet["A1"], sheet["A2"], sheet["A3"], sheet["A4"], sheet["B4"]]
        assert [cell.value for cell in cells] == [LINK, LINK, LINK, "+1", "#REF!"]
        assert {cell.data_type for cell in cells} == {"s"}
        assert sheet["A3"].quotePrefix
        assert (sheet["B3"].value, sheet["B3"].data_type) == (-0.5, "n")
