"""What is exported for spreadsheet programs holds texts, never formulas of other people."""

import csv
import tracemalloc
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from auscultation.data.formulas import as_text
from auscultation.export import spreadsheet
from auscultation.export.spreadsheet import add_plain_sheet, add_sheet
from auscultation.scores.tables import write_csv
from auscultation.workbook import sheet_rows
from auscultation.workbook.sheet_rows import Book

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
    book = Book()
    table = pa.table({LINK: [LINK, "+1", "#REF!"], "value": [-0.5, None, 1.0]})
    add_sheet(book, "Sheet", LINK, table)
    book.save(tmp_path / "out.xlsx")
    (sheet,) = load_workbook(tmp_path / "out.xlsx").worksheets
    cells = [sheet[f"A{row}"] for row in range(1, 6)]
    assert [cell.value for cell in cells] == [LINK, LINK, LINK, "+1", "#REF!"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet["A3"].quotePrefix and sheet["A5"].quotePrefix
    assert (sheet["B3"].value, sheet["B3"].data_type) == (-0.5, "n")


@pytest.fixture
def sheets(tmp_path):
    """Write a table as a sheet; give the sheets that there are then."""

    def sheets(table):
        book = Book()
        add_sheet(book, "Cycles", "a note", table)
        book.save(tmp_path / "out.xlsx")
        return load_workbook(tmp_path / "out.xlsx").worksheets

    return sheets


def test_more_rows_than_a_sheet_takes_go_on_in_another(sheets, monkeypatch):
    """Fault 9: no row is lost where there are more than Excel's 1,048,576."""
    assert spreadsheet.ROWS == 1_048_576
    monkeypatch.setattr(spreadsheet, "ROWS", 5)  # of which two are the note and the names
    found = sheets(pa.table({"name": ["a", "b", "c", "d", "e", None, "g"], "n": list(range(7))}))
    assert [sheet.title for sheet in found] == ["Cycles", "Cycles (2)", "Cycles (3)"]
    rows = []
    for sheet in found:
        note, names, *below = sheet.iter_rows(values_only=True)
        assert note == ("a note", None) and names == ("name", "n")
        assert sheet.auto_filter.ref == f"A2:B{2 + len(below)}" and sheet.freeze_panes == "B3"
        rows += below
    assert rows == list(zip(["a", "b", "c", "d", "e", None, "g"], range(7), strict=False))


def peak_of_writing(rows, path):
    """Bytes that Python's objects took at most while a table of so many rows was written."""
    table = pa.table({"text": [f"{k:02000}" for k in range(rows)], "n": np.arange(rows) / 7})
    tracemalloc.start()
    try:
        book = Book()
        add_sheet(book, "Cycles", "", table)
        book.save(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch):
    """Fault 9: a sheet of four times as many rows takes no more memory to write."""
    monkeypatch.setattr(sheet_rows, "CELLS", 200)
    few, many = (peak_of_writing(rows, tmp_path / "out.xlsx") for rows in (500, 2000))
    assert many < 1.5 * few


def test_what_a_cell_cannot_hold(tmp_path):
    """Fault 9: odd texts and numbers reach the reader of the sheet, or it says that they do not."""
    long = "x" * 40_000
    values = ["a\x01b", "_x0041_", long, "line\nbreak", " spaces "]
    table = pa.table({"text": values, "id": [10**15 + k for k in range(5)]})
    table = table.append_column("number", pa.array([1e300, np.inf, -np.inf, np.nan, None]))
    book = Book()
    add_sheet(book, "Cycles", "", table)
    book.save(tmp_path / "out.xlsx")
    # as another library reads it, which takes the codes of odd characters as Excel does
    sheet = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_name("Cycles")
    rows = sheet.to_python(skip_empty_area=False)[2:]
    assert [row[0] for row in rows] == [*values[:2], f"{long[:32766]}…", *values[3:]]
    assert [row[1] for row in rows] == [str(10**15 + k) for k in range(5)]  # no last digit is lost
    assert [row[2] for row in rows] == [1e300, "inf", "-inf", "", ""]


def test_rows_are_what_openpyxl_writes(tmp_path):
    """Every kind of cell, as the library writes it that else writes all of the file."""
    random = np.random.default_rng(0)
    texts = [
        "a",
        " b ",
        "<&>\"'",
        "line\nbreak",
        "\u00e9\U0001f600",
        "1e5",
        "2020-01-01",
        "TRUE",
        None,
    ]
    numbers = random.normal(size=200) * 10.0 ** random.integers(-300, 300, 200)
    columns = {
        "text": [texts[k] for k in random.integers(0, len(texts), 200)],
        "number": [None if x < -1e100 else float(x) for x in numbers],
        "whole": random.integers(-(10**14), 10**14, 200).tolist(),
        "truth": [True, False, None, True] * 50,
    }
    book, other = Book(), Workbook(write_only=True)
    add_plain_sheet(book, "Cycles", pa.table(columns))
    sheet = other.create_sheet("Cycles")
    for row in [list(columns), *zip(*columns.values(), strict=True)]:
        sheet.append(row)
    sheets = []
    for made, name in ((book, "book.xlsx"), (other, "other.xlsx")):
        made.save(tmp_path / name)
        with ZipFile(tmp_path / name) as file:
            sheets.append(file.read("xl/worksheets/sheet1.xml"))
    assert sheets[0] == sheets[1]
