"""A large sheet that is read in blocks has the rows that it has when read as a whole."""

import datetime
import re
import zipfile

import pytest
from openpyxl import Workbook

from auscultation.job.errors import InputError
from auscultation.workbook import blocks
from auscultation.workbook.sheets import open_book

PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path):
    """A workbook with blank rows and columns, texts, dates, truth and errors, and another sheet."""
    book = Workbook()
    sheet = book.active
    for row in range(4, 60):
        if row in (5, 6, 30):
            continue
        sheet.cell(row, 2, f"text <{row % 7}>")
        sheet.cell(row, 3, row / 7)
        sheet.cell(row, 4 + row % 3, datetime.datetime(2019, 3, row % 28 + 1, 12))
        sheet.cell(row, 8, row % 2 == 0)
    sheet.cell(70, 20, -1)
    sheet.merge_cells("A1:D1")
    book.create_sheet("Other").append([1, 2])
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def edit(path, change) -> None:
    """Change the XML of the first sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[PART] = change(parts[PART].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def filled(rows) -> list[tuple]:
    """Cells that are not blank, by row and column; a block may be narrower than the sheet."""
    return [
        (row, column, value)
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value not in (None, "")
    ]


@pytest.fixture
def read(path, monkeypatch):
    """Read the workbook as a whole, or in blocks of so many bytes; give its filled cells."""

    def rows_of(size: int | None = None) -> list[tuple]:
        monkeypatch.setattr(blocks, "BESIDE", 0)
        monkeypatch.setattr(blocks, "BLOCK", size or blocks.BLOCK)
        monkeypatch.setattr(blocks, "LARGE", 10**12 if size is None else 0)
        return filled(open_book(path, "xlsx", "calamine").rows("Sheet"))

    return rows_of


SIZES = (600, 1000, 3000, 10**6)  # bytes: about a row, some rows, all rows


@pytest.mark.parametrize("size", SIZES)
def test_same_cells_in_blocks(path, read, size):
    assert read(size) == read()
    found = blocks.rows_by_block(path, PART, "Sheet", pytest.fail)  # without the way out
    assert filled(found) == read()
    assert len(read()) == 4 * 53 + 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "change",
    [
        lambda xml: re.sub(r'<row r="\d+"', "<row", xml),
        lambda xml: re.sub(r'<row r="(4\d)"', "<row", xml),
        lambda xml: re.sub(r'<row r="(\d+)"', r'<row spans="1:8" r="\1"', xml),
        lambda xml: re.sub(r"<(/?)(?=[a-z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x="),
        lambda xml: xml.replace("</row>", "<!-- </row> --></row>"),
    ],
    ids=["no-numbers", "some-numbers", "numbers-elsewhere", "prefix", "comment"],
)
def test_other_forms_are_read_as_a_whole(path, read, change, size):
    edit(path, change)
    assert read(size) == read()
    assert len(read()) > 100


@pytest.mark.parametrize("size", SIZES)
def test_damage_in_the_middle_is_said(path, read, size):
    edit(path, lambda xml: xml.replace('<row r="40"', '<row r="40" <<"'))
    with pytest.raises(InputError, match="damaged"):
        read(size)


def test_small_sheet_is_no_large_one(path):
    assert blocks.large_part(path, "Sheet") == ""
