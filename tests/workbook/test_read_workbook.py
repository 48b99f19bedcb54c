"""Workbook to typed table: what a cell becomes, what the files hold, how much may be read."""

import faulthandler
import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

import read_workbook
from auscultation.job.errors import InputError
from auscultation.job.memory import limited
from auscultation.workbook import read as reading
from auscultation.workbook.checks import check_relations
from auscultation.workbook.collect import letters_of
from auscultation.workbook.number_texts import Form, number_of
from binary_workbooks import xls
from workbooks import NAMES, rows, sheet, table, xlsx

ROOT = Path(__file__).resolve().parents[2]
READERS = ["calamine", "openpyxl"]


def read(path, reader="calamine"):
    return reading.read_workbook(path, reader=reader).table


@pytest.fixture
def save(tmp_path):
    def save(cells, ending="xlsx", make=xlsx):
        path = tmp_path / f"cycles.{ending}"
        path.write_bytes(make(cells))
        return path

    return save


@pytest.mark.parametrize("reader", READERS)
class TestColumns:
    def test_units_and_types(self, save, reader):
        got = read(save(sheet()), reader)
        assert got.schema.equals(table().schema)

    def test_rows_keep_their_order_known_columns_come_first(self, save, reader):
        cells = [["notes", *NAMES[::-1]], *([n, *row[::-1]] for n, row in enumerate(rows()[::-1]))]
        got = read(save(cells), reader)
        assert got.column_names == [*NAMES, "notes"]
        assert got.select(NAMES).to_pylist() == table().to_pylist()[::-1]
        assert got["notes"].to_pylist() == list(range(12))

    @pytest.mark.parametrize(
        ("values", "kind", "expected"),
        [
            ([1, 2.0], pa.int64(), [1, 2]),
            ([1, 2.5], pa.float64(), [1.0, 2.5]),
            ([1, None], pa.int64(), [1, None]),
            ([1, "two"], pa.string(), ["1", "two"]),
            ([True, False], pa.string(), ["TRUE", "FALSE"]),
            ([None, None], pa.float64(), [None, None]),
            ([1e19, 2], pa.float64(), [1e19, 2.0]),  # more than 64 bits hold
            (["12", "1.5"], pa.float64(), [12.0, 1.5]),
            (["007", "12"], pa.string(), ["007", "12"]),
            (["a_x0041_", " b "], pa.string(), ["aA", "b"]),  # as Excel stores odd characters
            ([datetime(2017, 3, 1, 12, 30), None], pa.string(), ["2017-03-01T12:30:00", None]),
            ([datetime(2017, 3, 1), None], pa.string(), ["2017-03-01", None]),
        ],
    )
    def test_extra_columns_find_their_type(self, save, values, kind, expected, reader):
        names, *cells = sheet()
        extra = [*values, *[None] * 10]
        path = save([[*names, "extra"], *([*r, v] for r, v in zip(cells, extra, strict=True))])
        got = read(path, reader)["extra"]
        assert got.type == kind
        assert got.to_pylist()[:2] == expected and got.null_count >= 10

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            (["P-01", "P-02", "x"], ["P-01", "P-02", "x"]),
            (["007", "8", 9], ["007", "8", "9"]),  # 007 and 7 may be two patients
            (["7", 8, 9.0], [7, 8, 9]),
            (["7.0", "+8", "9e0"], ["7", "+8", "9e0"]),
            (["7.0", "1e2", "P"], ["7", "1e2", "P"]),
            (["99999999999999999999", 8, 9], ["99999999999999999999", "8", "9"]),
        ],
    )
    def test_ids(self, save, ids, expected, reader):
        cells = [[ids[row[0] - 101], *row[1:]] for row in rows()]
        got = read(save([NAMES, *cells]), reader)["patient_ID"].to_pylist()
        assert got == [value for value in expected for _ in range(4)]

    def test_numbers_in_text_columns_become_text(self, save, reader):
        cells = [[row[0], (4.0, 2.5, " x ")[row[0] - 101], *row[2:]] for row in rows()]
        assert read(save([NAMES, *cells]), reader)["Diagnosis"].unique().to_pylist() == [
            *("4", "2.5", "x")
        ]

    def test_optional_columns_may_be_absent(self, save, reader):
        kept = [at for at, name in enumerate(NAMES) if name not in ("IMC", "weight", "height")]
        path = save([[row[at] for at in kept] for row in sheet()])
        assert read(path, reader).column_names == [NAMES[at] for at in kept]


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("1.5", False, 1.5),
        ("1,5", True, 1.5),
        ("+1,5E-3", True, 0.0015),
        ("0.5", True, 0.5),
        (".5", False, 0.5),
        ("1,234", False, "ambiguous"),
        ("1.234", True, "ambiguous"),
        ("1.234", False, 1.234),
        ("1.234,5", True, 1234.5),
        ("1_000", False, "number"),
        ("0x10", False, "number"),
        ("1 000", False, 1000.0),
        ("\u0661", False, "number"),
        (True, False, "number"),
        ("-inf", False, -np.inf),
    ],
)
def test_numbers(text, comma, expected):
    number, wrong = number_of(text, Form(comma))
    assert (wrong or number) == expected


@pytest.mark.parametrize("number", [1, 26, 27, 702, 703, 16384])
def test_letters(number):
    assert letters_of(number) == get_column_letter(number)


@pytest.mark.parametrize(
    ("times", "overlap", "duplicate"),
    [
        ([(0, 1), (1, 2), (2, 3)], [], []),
        ([(0, 10), (1, 2), (3, 4)], [1, 2], []),  # the first goes on beyond the second
        ([(2, 3), (0, 2.5), (3, 4)], [0], []),
        ([(0, 1), (0.1 + 0.2, 1), (0.3, 1)], [1, 2], []),
        ([(0, 0.3000005), (0.3, 1), (2, 3)], [], []),  # less than times are known to
        ([(0, 0.301), (0.3, 1), (2, 3)], [1], []),
        ([(0, 1), (0, 1), (0, 1)], [], [1, 2]),
    ],
)
def test_cycles_of_a_recording(times, overlap, duplicate):
    times = [*times, (0.0, 9.0)]  # of another recording
    columns = {
        "patient_ID": pa.array([7, 7, 7, 7]),
        "adq_format": pa.array(["a", "a", "a", "b"]),
        "start": pa.array([float(start) for start, _ in times]),
        "end": pa.array([float(end) for _, end in times]),
    }
    found = {finding.check: finding.positions for finding in check_relations(columns)}
    assert found.get("overlap", []) == overlap
    assert found.get("duplicate", []) == duplicate


class TestFiles:
    def run(self, workbook, folder, **params):
        shipped = {"sheet": None, "reader": "calamine", "max_rows": 10**6, "max_megabytes": 2000}
        snakemake = SimpleNamespace(
            input=SimpleNamespace(workbook=str(workbook)),
            output=SimpleNamespace(raw=folder / "raw.parquet", source=folder / "source.json"),
            log=SimpleNamespace(problems=folder / "problems.csv"),
            params=SimpleNamespace(
                **shipped
                | {"checks": {"overlap": "warn"}, "needed": [], "columns": {}, "datasets": []}
                | params
            ),
        )
        read_workbook.main(snakemake)
        source = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        return pq.read_table(folder / "raw.parquet"), source

    def test_table_source_and_problems(self, save, tmp_path):
        cells = sheet()
        cells[2][8] = 1.0
        path = save([["ICBHI"], *cells])
        got, source = self.run(path, tmp_path / "table")
        assert got.num_rows == 12 and got["start"].to_pylist()[1] == 1.0
        warning = "column 'start': before another cycle of the recording ends: I4 1"
        assert source == {
            "workbook": str(path),
            "sheet": "Cycles",
            "asked": {"sheet": None, "columns": {}},
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": 12,
            "columns": NAMES,
            "notes": ["the column names are in row 2; the rows above were left out"],
            "warnings": [warning],
        }
        metadata = got.schema.field("start").metadata
        assert metadata[b"unit"] == b"s" and metadata[b"description"]
        assert (tmp_path / "table" / "problems.csv").read_text(encoding="utf-8").splitlines() == [
            "level,check,sheet,cell,column,value,problem",
            "warn,overlap,Cycles,I4,start,1,before another cycle of the recording ends",
        ]

    def test_only_the_list_of_problems_is_left_of_a_refused_one(self, save, tmp_path):
        cells = sheet()
        cells[3][13] = "loud"
        with pytest.raises(InputError):
            self.run(save(cells), tmp_path / "bad")
        assert os.listdir(tmp_path / "bad") == ["problems.csv"]

    @pytest.mark.parametrize("reader", READERS)
    def test_the_notebooks_workbook(self, real_workbook, tmp_path, reader):
        got, source = self.run(real_workbook, tmp_path, reader=reader, checks={})
        assert got.shape == (6898, 18)
        assert got.column_names == NAMES
        missing = {n: got[n].null_count for n in NAMES if got[n].null_count}
        assert missing == {"age": 61, "sex": 61, "IMC": 894, "weight": 6149, "height": 6172}
        expected = "ca34da3b46294d0891270c664b6f5c154999014ad4aabf13a0dc88a9ea492588"
        assert source["sha256"] == expected
        assert source["notes"] == source["warnings"] == []

    def test_the_notebooks_workbook_as_pandas_reads_it(self, real_workbook):
        import pandas as pd

        frame = pd.read_excel(real_workbook, engine="openpyxl")
        got = read(real_workbook)
        for name in NAMES:
            values = frame[name].astype(object).where(frame[name].notna(), None).tolist()
            assert got[name].to_pylist() == values, name


class TestMemory:
    def test_what_the_work_raises(self, tmp_path):
        limited(lambda: (tmp_path / "done").touch())
        assert (tmp_path / "done").exists()

        def wrong():
            raise InputError("row 7 is wrong")

        with pytest.raises(InputError, match="^row 7 is wrong$"):
            limited(wrong)
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            limited(lambda: 1 / 0)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory so")
    @pytest.mark.parametrize("far", ["ALL700", "XFD7000", "XFD1048576"])
    def test_cells_far_from_the_table(self, tmp_path, far):
        book = Workbook()
        for row in sheet():
            book.active.append(row)
        book.active[far] = 1
        path = tmp_path / "far.xlsx"
        book.save(path)

        def work():
            faulthandler.disable()  # it would print where the child was when it ended
            assert read(path).equals(table())

        if far == "ALL700":  # 1000 columns of 700 rows do no harm
            limited(work)
        else:
            with pytest.raises(InputError, match="ended by the system.*Ctrl"):
                limited(work)


def test_reading_imports_nothing_heavy(tmp_path):
    (tmp_path / "c.xls").write_bytes(xls(sheet()))
    work = (
        "import sys; sys.path.insert(0, 'scripts')\n"
        "from clean import clean\n"
        "from auscultation.job.imports import without_pandas\n"
        "from auscultation.data.parquet import write_parquet\n"
        "from read_workbook import read_workbook\n"
        "without_pandas()\n"
        f"table = read_workbook({str(tmp_path / 'c.xls')!r}).table\n"
        f"write_parquet(clean(table, ['height'], 'impute')[0], {str(tmp_path / 'c.parquet')!r})\n"
        "heavy = {'pandas', 'sklearn', 'scipy', 'openpyxl', 'tensorflow'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", work], cwd=ROOT, check=True, timeout=60)
