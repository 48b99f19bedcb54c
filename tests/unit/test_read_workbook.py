"""Workbook to typed table: what is read, and how each bad input is named."""

import hashlib
import json
import re
import zipfile
from datetime import datetime
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import read_workbook
from lib.job import InputError
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from read_workbook import read_workbook as read

NAMES = "patient_ID Diagnosis age sex IMC weight height adq_format start end".split()
NAMES += "crackles wheezes state Var Range Coarse_Av Fine_Av".split() + ["Spectrum Av"]
VALUES = [101, "URTI", 3, "F", None, 19.0, 99, "1b1_Al_sc_Meditron", 0.036, 0.579]
VALUES += [1, 0, 1, 1.5e-4, 0.25, -2e-5, 1e-6, 3.25e-9]
ROW = dict(zip(NAMES, VALUES, strict=True))


@pytest.fixture
def save(tmp_path):
    """Save rows of cells, the header the first, as a workbook; give its path."""

    def save(rows, *others, title="Cycles"):
        book = Workbook()
        sheet = book.active
        sheet.title = title
        for other in others:
            book.create_sheet(other)
        for row in rows:
            sheet.append(row)
        path = tmp_path / "cycles.xlsx"
        book.save(path)
        return path

    return save


def cells(*changes, **more):
    """Header and a row of good values for each mapping of changes."""
    names = NAMES + [name for name in more if name not in NAMES]
    return [names] + [[(ROW | more | change)[name] for name in names] for change in changes]


def refused(path, sheet=0):
    """Read what must be refused, give the message, which is one line."""
    with pytest.raises(InputError) as caught:
        read(path, sheet)
    message = str(caught.value)
    assert "\n" not in message
    return message


class TestTable:
    def test_columns_in_order_with_types(self, save):
        table = read(save(cells({}, {})), 0)
        text = {"Diagnosis", "sex", "adq_format"}
        whole = {"patient_ID", "crackles", "wheezes", "state"}
        assert table.column_names == NAMES
        for field in table.schema:
            kind = pa.string() if field.name in text else pa.float64()
            assert field.type == (pa.int64() if field.name in whole else kind), field.name
        assert table.to_pylist() == [ROW, ROW]

    def test_rows_and_columns_keep_their_order(self, save):
        table = read(save(cells(*({"patient_ID": n} for n in (226, 101, 150)))), 0)
        assert table["patient_ID"].to_pylist() == [226, 101, 150]

        rows = [row[::-1] for row in cells({})]
        assert read(save(rows), 0).column_names == NAMES[::-1]

    def test_blank_cells_are_null(self, save):
        blanks = {"age": None, "sex": "", "weight": "  ", "Var": None, "state": None}
        (row,) = read(save(cells(blanks)), 0).to_pylist()
        assert row == ROW | dict.fromkeys(blanks)

    def test_blank_rows_are_dropped_at_the_end_only(self, save):
        blank = dict.fromkeys(NAMES)
        path = save(cells({}, blank, {}, blank | {"sex": " "}, blank))
        assert read(path, 0)["patient_ID"].to_pylist() == [101, None, 101]

    def test_whole_numbers_given_as_floats(self, save):
        floats = {"patient_ID": 101.0, "crackles": 1.0, "wheezes": 0.0, "state": 1.0}
        assert read(save(cells(floats)), 0).to_pylist() == [ROW]

    def test_text_ids(self, save):
        table = read(save(cells({"patient_ID": "P-01"}, {"patient_ID": "007"})), 0)
        assert table["patient_ID"].to_pylist() == ["P-01", "007"]

    def test_numbers_in_text_columns_become_text(self, save):
        table = read(save(cells({"Diagnosis": 4.0}, {"Diagnosis": 2.5}, {"Diagnosis": " x "})), 0)
        assert table["Diagnosis"].to_pylist() == ["4", "2.5", "x"]

    def test_optional_columns_may_be_absent(self, save):
        names = [name for name in NAMES if name not in ("IMC", "weight", "height")]
        header = [f" {name} " for name in names]
        assert read(save([header, [ROW[name] for name in names]]), 0).column_names == names

    @pytest.mark.parametrize(
        ("values", "kind", "expected"),
        [
            ([1, 2.0], pa.int64(), [1, 2]),
            ([1, 2.5], pa.float64(), [1.0, 2.5]),
            ([1, None], pa.int64(), [1, None]),
            ([1, "two"], pa.string(), ["1", "two"]),
            ([True, False], pa.string(), ["True", "False"]),
            ([None, None], pa.float64(), [None, None]),
            ([1e19, 2], pa.float64(), [1e19, 2.0]),  # more than 64 bits hold
            ([datetime(2017, 3, 1, 12, 30), None], pa.string(), ["2017-03-01T12:30:00", None]),
        ],
    )
    def test_extra_columns_find_their_type(self, save, values, kind, expected):
        table = read(save(cells(*({"extra": v} for v in values), extra=None)), 0)
        assert table.schema.field("extra").type == kind
        assert table["extra"].to_pylist() == expected

    def test_sheet_by_name_and_number(self, save):
        path = save(cells({}), "notes")
        assert read(path, "Cycles").equals(read(path, 0))
        assert "'notes': empty" in refused(path, 1) == refused(path, "notes")


class TestRefused:
    def test_missing_file(self, tmp_path):
        message = refused(tmp_path / "none.xlsx")
        assert re.fullmatch(r"workbook .*/none\.xlsx: no such file", message)

    @pytest.mark.parametrize("name", ["mine.xlsx", "mine.csv"])
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"patient_ID,state\n101,0\n",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),  # an .xls, or one with a password
        ],
        ids=["empty", "csv", "xls"],
    )
    def test_not_a_workbook(self, tmp_path, name, content):
        path = tmp_path / name
        path.write_bytes(content)
        message = refused(path)
        assert f"workbook {path}: not an .xlsx file" in message
        assert "save it again" in message

    def test_zip_that_is_no_workbook(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "mine.xlsx", "w") as archive:
            archive.writestr("readme.txt", "no workbook")
        assert "mine.xlsx: not an .xlsx file" in refused(tmp_path / "mine.xlsx")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
    def test_truncated(self, save, share):
        path = save(cells(*[{}] * 50))
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        assert "cycles.xlsx: not an .xlsx file, or a damaged one" in refused(path)

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
    def test_damaged_inside(self, save, part):
        path = save(cells(*[{}] * 50))
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts[part] = parts[part][: len(parts[part]) // 2]
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        assert "cycles.xlsx: not an .xlsx file, or a damaged one" in refused(path)

    def test_wrong_sheet_name(self, save):
        path = save(cells({}), "notes")
        message = refused(path, "Cycle")
        assert "there is no sheet 'Cycle'; did you mean 'Cycles'? It has: Cycles, notes" in message
        assert "there is no sheet 'xyz'. It has: Cycles, notes" in refused(path, "xyz")

    @pytest.mark.parametrize("number", [2, -1])
    def test_wrong_sheet_number(self, save, number):
        message = refused(save(cells({}), "notes"), number)
        assert f"there is no sheet number {number}; it has 2, counted from 0" in message
        assert "Cycles, notes" in message

    def test_sheet_that_is_a_chart(self, tmp_path):
        book = Workbook()
        book.active.append([1])
        chart = BarChart()
        chart.add_data(Reference(book.active, 1, 1))
        book.create_chartsheet("Chart").add_chart(chart)
        book.save(tmp_path / "chart.xlsx")
        assert "sheet 'Chart' is a chart" in refused(tmp_path / "chart.xlsx", "Chart")

    def test_empty_sheet(self, save):
        assert refused(save([])).startswith("sheet 'Cycles': empty; row 1 must hold")

    @pytest.mark.parametrize("rows", [0, 2])
    def test_header_only(self, save, rows):
        message = refused(save(cells(*[dict.fromkeys(NAMES)] * rows)))
        assert message == "sheet 'Cycles': there is no row below the column names"

    def test_missing_columns_with_the_nearest_name(self, save):
        header, row = cells({})
        header[NAMES.index("Spectrum Av")] = "Spectrum_Avg"
        header[NAMES.index("sex")] = "q"
        message = refused(save([header, row]))
        assert "sheet 'Cycles', row 1: missing columns 'sex', " in message
        assert "'Spectrum Av' (there is 'Spectrum_Avg')" in message

    def test_repeated_header(self, save):
        header, row = cells({})
        message = refused(save([[*header, "Var "], [*row, 1]]))
        assert message.startswith("sheet 'Cycles', row 1: the name 'Var' ")

    def test_words_in_number_columns_are_all_named(self, save):
        path = save(cells({}, {"Var": "loud"}, {"Range": "wide", "Var": "soft"}, {"state": "both"}))
        message = refused(path)
        assert "sheet 'Cycles', column 'Var', cell N3, N4: 'loud' is not a number" in message
        assert "sheet 'Cycles', column 'Range', cell O4: 'wide' is not a number" in message
        assert "sheet 'Cycles', column 'state', cell M5: 'both' is not a whole number" in message
        assert message.count("column") == 3

        message = refused(save(cells(*[{"Var": "loud"}] * 7)))
        assert "cell N2, N3, N4, N5, N6 and 2 more: 'loud'" in message

    @pytest.mark.parametrize("name", ["crackles", "state", "patient_ID"])
    @pytest.mark.parametrize("value", [0.5, 1e300])
    def test_no_integer_in_an_integer_column(self, save, name, value):
        message = refused(save(cells({}, {name: value})))
        cell = {"crackles": "K3", "state": "M3", "patient_ID": "A3"}[name]
        assert f"column {name!r}, cell {cell}: {value!r} is not a whole number" in message

    @pytest.mark.parametrize(("name", "cell"), [("age", "C3"), ("Var", "N3"), ("state", "M3")])
    @pytest.mark.parametrize("value", [True, "#DIV/0!", "#N/A", "1,5"])
    def test_no_number_in_a_number_column(self, save, name, cell, value):
        message = refused(save(cells({}, {name: value})))
        assert f"sheet 'Cycles', column {name!r}, cell {cell}: {value!r} is not a " in message

    @pytest.mark.parametrize(("place", "letter"), [(5, "F"), (18, "S"), (19, "T")])
    def test_values_without_a_column_name(self, save, place, letter):
        header, row = cells({})
        header = header + [None] * (place - 18) if place > 18 else header
        row = row + [None] * (place - 18) if place > 18 else row
        header.insert(place, None)
        row.insert(place, 7)
        message = refused(save([header, row]))
        assert f"sheet 'Cycles', column {letter}: values without a column name" in message

    def test_nameless_column_without_values_is_left_out(self, save):
        header, row = cells({})
        path = save([[*header[:5], None, *header[5:]], [*row[:5], None, *row[5:]]])
        assert read(path, 0).column_names == NAMES

    @pytest.mark.parametrize("name", ["cycle", "recording", "fold"])
    def test_names_that_the_workflow_adds(self, save, name):
        message = refused(save(cells({}, **{name: 1})))
        assert f"sheet 'Cycles', row 1: the column name {name!r}" in message


class TestFiles:
    def run(self, workbook, folder):
        snakemake = SimpleNamespace(
            input=SimpleNamespace(workbook=str(workbook)),
            output=SimpleNamespace(raw=folder / "raw.parquet", source=folder / "source.json"),
            params=SimpleNamespace(sheet=0),
        )
        read_workbook.main(snakemake)
        source = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        return pq.read_table(folder / "raw.parquet"), source

    def test_table_and_source(self, save, tmp_path):
        path = save(cells({}, {}))
        table, source = self.run(path, tmp_path / "table")
        assert table.to_pylist() == [ROW, ROW]
        assert source == {
            "workbook": str(path),
            "sheet": 0,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": 2,
            "columns": NAMES,
        }
        metadata = table.schema.field("start").metadata
        assert metadata[b"unit"] == b"s" and metadata[b"description"]

        with pytest.raises(InputError):
            self.run(save(cells({"Var": "loud"})), tmp_path / "bad")
        assert not (tmp_path / "bad").exists()

    def test_the_notebooks_workbook(self, real_workbook, tmp_path):
        table, source = self.run(real_workbook, tmp_path)
        assert table.shape == (6898, 18)
        assert table.column_names == NAMES
        missing = {n: table[n].null_count for n in NAMES if table[n].null_count}
        assert missing == {"age": 61, "sex": 61, "IMC": 894, "weight": 6149, "height": 6172}
        expected = "ca34da3b46294d0891270c664b6f5c154999014ad4aabf13a0dc88a9ea492588"
        assert source["sha256"] == expected
