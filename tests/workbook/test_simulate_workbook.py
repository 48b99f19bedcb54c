"""The simulated workbook: its file, and that it looks like the real one."""

import math
import time
from collections import Counter
from types import SimpleNamespace
from zipfile import ZipFile

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

import simulate_workbook
from auscultation.workbook import sheet_rows
from auscultation.workbook.simulation import simulate_cycles
from simulate_workbook import write_workbook
from workbooks import NAMES

SEED = 2017
STATISTICS = NAMES[13:]


@pytest.fixture(scope="module")
def cycles():
    return simulate_cycles(SEED)


@pytest.fixture(scope="module")
def workbook(cycles, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.xlsx"
    write_workbook(cycles, path)
    return path


@pytest.fixture(scope="module")
def real_sheet(real_workbook):
    return read_rows(real_workbook)


def read_rows(path):
    book = load_workbook(path, read_only=True)
    rows = list(book["Sheet1"].iter_rows(values_only=True))
    return book.sheetnames, rows[0], rows[1:]


def kind_of(value):
    if value is None:
        return "blank"
    return "text" if isinstance(value, str) else "number"


def kinds(rows):
    return [Counter(kind_of(value) for value in column) for column in zip(*rows, strict=False)]


def test_what_is_read_is_what_was_drawn(cycles, workbook):
    sheets, header, rows = read_rows(workbook)
    assert sheets == ["Sheet1"]
    assert list(header) == NAMES
    assert len(rows) == 6898
    for values, column in zip(zip(*rows, strict=False), cycles.values(), strict=False):
        drawn = [None if value != value else value for value in column.tolist()]
        assert list(values) == drawn


def test_same_seed_same_bytes_at_another_time(workbook, tmp_path):
    time.sleep(2.1)  # archives count in steps of two seconds
    write_workbook(simulate_cycles(SEED), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()


def test_the_file_does_not_depend_on_how_many_rows_are_written_at_a_time(
    cycles, workbook, tmp_path, monkeypatch
):
    monkeypatch.setattr(sheet_rows, "CELLS", 10_000)
    write_workbook(cycles, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()


def test_the_sheet_is_what_openpyxl_writes(tmp_path):
    cycles = simulate_cycles(3, 8)
    write_workbook(cycles, tmp_path / "demo.xlsx")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in [list(cycles), *zip(*(column.tolist() for column in cycles.values()), strict=True)]:
        sheet.append([None if value != value else value for value in row])
    book.save(tmp_path / "other.xlsx")
    with ZipFile(tmp_path / "demo.xlsx") as demo, ZipFile(tmp_path / "other.xlsx") as other:
        for part in ("xl/worksheets/sheet1.xml", "xl/styles.xml"):
            assert demo.read(part) == other.read(part)


def test_another_seed_gives_another_table(cycles):
    other = simulate_cycles(SEED + 1)
    for name in ("Diagnosis", "age", "adq_format", "start", "state", *STATISTICS):
        assert not np.array_equal(cycles[name], other[name])


def test_global_random_state_is_left_alone():
    np.random.seed(1)
    first = simulate_cycles(SEED, 8)
    np.random.seed(2)
    second = simulate_cycles(SEED, 8)
    assert all(first[name].tolist() == second[name].tolist() for name in NAMES[7:])


def test_entry_writes_the_file(tmp_path):
    path = tmp_path / "new" / "demo.xlsx"
    params = SimpleNamespace(seed=3, patients=8)
    job = SimpleNamespace(params=params, output=SimpleNamespace(workbook=str(path)))
    simulate_workbook.main(job)
    assert len(read_rows(path)[2]) == len(simulate_cycles(3, 8)["state"])
    assert [file.name for file in path.parent.iterdir()] == ["demo.xlsx"]


def test_looks_like_the_real_one(workbook, real_sheet):
    sheets, header, rows = read_rows(workbook)
    real_sheets, real_header, real_rows = real_sheet
    assert sheets == real_sheets
    assert header == real_header
    assert kinds(rows) == kinds(real_rows)  # how many numbers, texts and blanks, by column
    for name in ("Diagnosis", "sex"):
        place = NAMES.index(name)
        assert {row[place] for row in rows} == {row[place] for row in real_rows}


def test_measures_are_near_the_real_ones(cycles, real_sheet):
    _, _, rows = real_sheet
    for name, values in zip(NAMES, zip(*rows, strict=False), strict=False):
        if name in STATISTICS:
            real = np.percentile(np.abs(values), [10, 50, 90])
            simulated = np.percentile(np.abs(cycles[name]), [10, 50, 90])
            assert np.abs(np.log(simulated / real)).max() < math.log(2)
