"""Which sheet is read, and what is said of those and of the rows that are not shown."""

import numpy as np
import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.collect import count_hidden
from auscultation.workbook.read import read_workbook
from binary_workbooks import xls, xlsb
from workbook_edits import book, inside, read, save
from workbooks import NAMES, ods, rows, sheet, table, xlsx

EVERY = {"xlsx": xlsx, "xlsb": xlsb, "ods": ods, "xls": xls}
OTHER = [["what", "it", "is"], ["notes", "of", "no use"]]
OLD = [*sheet()[:6]]  # an old copy: fewer cycles, of two patients


def readers(kind):
    return ["calamine"] + ["openpyxl"] * (kind == "xlsx")


def of_sheets(**sheets):
    """Return an .xlsx of several sheets, in their order; a name that ends in _ is hidden."""

    def edit(made):
        made.remove(made.active)
        for name, cells in sheets.items():
            one = made.create_sheet(name.strip("_"))
            for row in cells:
                one.append(row)
            one.sheet_state = "veryHidden" if name.endswith("_") else "visible"

    return book(edit)


@pytest.mark.parametrize("kind", EVERY)
def test_a_hidden_old_copy_before_the_table(kind, tmp_path):
    """Fault 18: a hidden sheet before the visible one is not read unless it is named."""
    path = save(tmp_path, kind, EVERY[kind](sheet(), hidden=OLD))
    for reader in readers(kind):
        got = read(path, reader=reader)
        assert got.table.equals(table()) and got.sheet == "Cycles"
        assert got.notes == ["sheet 'Cycles' was read, not 'Old' (hidden)"]
        named = read(path, sheet="Old", reader=reader)
        assert named.table.num_rows == 5 and named.sheet == "Old"
        with pytest.raises(InputError, match="number 0 is hidden.*`sheet: Old`"):
            read(path, sheet=0, reader=reader)
        assert read(path, sheet=1, reader=reader).table.equals(table())


def test_the_one_sheet_that_has_the_columns(tmp_path):
    """Fault 18: of several visible sheets the one with the columns is read, and named."""
    path = save(tmp_path, "xlsx", of_sheets(readme=OTHER, ages=[["age"], [3]], Table=sheet()))
    for reader in ("calamine", "openpyxl"):
        got = read(path, reader=reader)
        assert got.table.equals(table()) and got.sheet == "Table"
        assert got.notes == ["sheet 'Table' was read, not 'readme', 'ages'"]


def test_several_sheets_that_have_the_columns(tmp_path):
    """Fault 18: which of several tables is meant is asked, not guessed."""
    path = save(tmp_path, "xlsx", of_sheets(first=sheet(), old=OLD, hidden_=sheet(), notes=OTHER))
    with pytest.raises(InputError, match="2 sheets have the columns: 'first', 'old'; .*`sheet`"):
        read(path)
    assert read(path, sheet="first").table.equals(table())


def test_nothing_but_hidden_sheets_has_the_columns(tmp_path):
    """Fault 18: a hidden sheet with the columns is spoken of where nothing else has them."""
    path = save(tmp_path, "xlsx", of_sheets(notes=OTHER, Table_=sheet()))
    with pytest.raises(
        InputError, match="(?s)missing column.*Hidden sheet 'Table' has the columns"
    ):
        read(path)
    assert read(path, sheet="Table").table.equals(table())


def test_of_sheets_without_the_columns_the_nearest_is_spoken_of(tmp_path):
    """Fault 18: where no sheet has all columns, the error is of the one that has most."""
    misspelt = [["begin" if name == "start" else name for name in NAMES], *rows()]
    path = save(tmp_path, "xlsx", of_sheets(notes=OTHER, Table=misspelt))
    with pytest.raises(
        InputError, match="sheet 'Table': 1 kind of error\n.*missing column 'start'"
    ):
        read(path)


def test_what_score_needs_decides(tmp_path):
    """Fault 18: a sheet of new patients has the columns that are needed of it, labels or not."""
    kept = [n for n, name in enumerate(NAMES) if name not in ("state", "crackles", "wheezes")]
    new = [[row[n] for n in kept] for row in sheet()]
    path = save(tmp_path, "xlsx", of_sheets(notes=OTHER, New=new))
    needed = {"patient_ID", "adq_format", "Var", "Range"}
    assert read_workbook(path, needed=needed).sheet == "New"
    path = save(tmp_path, "xlsx", of_sheets(New=new, Old=sheet()))
    with pytest.raises(InputError, match="2 sheets have the columns: 'New', 'Old'.*`score_sheet`"):
        read_workbook(path, needed=needed)


YEARS = {"2016": OTHER, "2017": sheet(), " 2018 ": OTHER}
NUMBERED = {"1": OTHER, "2": sheet(), "x": OTHER}


@pytest.mark.parametrize("asked", ["2017", 2017, 1])
def test_a_number_that_is_a_name(tmp_path, asked):
    """Fault 18: a number that is no position, but a sheet's name, is taken as the name."""
    path = save(tmp_path, "xlsx", of_sheets(**YEARS))
    for reader in ("calamine", "openpyxl"):
        assert read(path, sheet=asked, reader=reader).sheet == "2017"


def test_a_number_that_may_be_a_name_or_a_position(tmp_path):
    """Fault 18: where a number is a sheet's name and another one's position, neither is guessed."""
    path = save(tmp_path, "xlsx", of_sheets(**NUMBERED))
    with pytest.raises(InputError, match="sheet 1 may be number 1, '2', or the one named '1'"):
        read(path, sheet=1)
    assert read(path, sheet="2").table.equals(table())
    with pytest.raises(InputError, match="no sheet number 7; it has 3, counted from 0: 1, 2, x"):
        read(path, sheet=7)


@pytest.mark.parametrize("kind", EVERY)
def test_rows_that_are_not_shown(kind, tmp_path):
    """Fault 18: rows hidden by a filter are read, and how many is said."""
    path = save(tmp_path, kind, EVERY[kind](sheet(), unseen=(3, 4, 9, 40)))
    for reader in readers(kind):
        got = read(path, reader=reader)
        assert got.table.equals(table())
        said = "3 of the rows that were read are hidden, by a filter or by hand"
        assert got.notes == [said]


def test_rows_that_are_not_shown_of_other_writers(tmp_path):
    """Fault 18: a row counts as hidden whatever stands around its mark, and a column does not."""
    for old, new, n in (
        (b'<row r="3"', b'<row hidden="true" r="3"', 1),
        (b'<row r="3"', b"<row r='3' hidden='1'", 1),
        (b'<row r="3"', b'<row r="3" hidden="0"', 0),
        (b"<sheetData>", b'<cols><col min="1" max="2" hidden="1"/></cols><sheetData>', 0),
    ):
        notes = read(save(tmp_path, "xlsx", inside(old=old, new=new))).notes
        assert notes == [f"{n} of the rows that were read are hidden, by a filter or by hand"] * n


def test_hidden_rows_are_counted_in_ranges():
    """Fault 18: ranges of hidden rows count the rows that lie in them, ends included."""
    places = np.array([2, 3, 5, 8, 9, 100])
    assert count_hidden(places, []) == 0
    assert count_hidden(places, [(1, 1), (3, 4), (5, 5), (9, 99), (1000, 10**6)]) == 3
    assert count_hidden(places, [(1, 10**6)]) == 6


def test_a_time_beyond_all_calendars_beside_another_sheet(tmp_path):
    """Fault 18: a time that no calendar has is one line, also where sheets are chosen among."""

    def edit(made):
        made.create_sheet("Notes").append(["notes", "of", "no use"])
        place = made["Cycles"].cell(2, NAMES.index("start") + 1)
        place.value, place.number_format = 1e20, "[h]:mm:ss"

    path = save(tmp_path, "xlsx", book(edit))
    with pytest.raises(InputError, match="beyond all calendars; format its cell as a number"):
        read(path)
