"""Random damage to a workbook: it is read as the clean one, or refused by an error of our own."""

import gzip
import json
import os
import shutil
from datetime import datetime
from functools import partial
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import read_workbook
from auscultation.job.errors import InputError
from auscultation.job.memory import limited
from binary_workbooks import compound, xls, xls_stream, xlsb
from workbook_edits import NEEDED
from workbooks import NAMES, Error, archive, csv_text, ods, parts_of, sheet, table, xlsx

FORMATS = {"xlsx": xlsx, "xls": xls, "xlsb": xlsb, "ods": ods, "csv": csv_text}


def packed(cells):
    return gzip.compress(csv_text(cells).encode(), mtime=0)


def in_utf16(cells):
    """An .xlsx that is written anew before it is read, as some programs write one."""
    parts = parts_of(xlsx(cells))
    declared = '<?xml version="1.0" encoding="utf-16"?>' + parts[SHEET].decode()
    return archive(parts | {SHEET: declared.encode("utf-16")})


def spaced(cells):
    """An .ods with white space between cells, which is written anew, too."""
    parts = parts_of(ods(cells))
    content = parts["content.xml"].replace(b"><table:", b">\n<table:")
    return archive(parts | {"content.xml": content})


def of_excel_95(cells):
    return compound(xls_stream([("Cycles", 0, cells, ())], biff5=True), "BOOK", "R")


SHEET = "xl/worksheets/sheet1.xml"
# by kind: ending, maker; those with check sums, and those without
SUMMED = {name: (name, FORMATS[name]) for name in ("xlsx", "xlsb", "ods")}
SUMMED |= {"gzip": ("csv.gz", packed), "utf-16": ("xlsx", in_utf16), "spaced": ("ods", spaced)}
OTHERS = {"xls": ("xls", xls), "of Excel 95": ("xls", of_excel_95)}
CLEAN = table().to_pylist()
LABELS, OPTIONAL = ("crackles", "wheezes", "state"), ("IMC", "weight", "height")
WIDTH, HEIGHT = len(NAMES), len(CLEAN) + 1
RANDOM = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

GONE = [None, "", "  ", "NA", "n/a", "N/A", "-", "#N/A", "nan", Error("#DIV/0!"), Error("#REF!")]
WORDS = [
    "loud",
    "1.2.3",
    "1,2,3",
    "1_000",
    "0x1F",
    "12 kg",
    "'",
    "--5",
    "1e",
    "inf",
    "é",
    "\t;",
]


def same_in_other_words(value):
    """Ways to write a number that leave it as it is."""
    if not isinstance(value, int | float):
        return [value, f" {value} "] if value is not None else GONE[:8]
    words = [value, str(value), f" {value}", f"{value}\u00a0", f"+{value}".replace("+-", "-")]
    return [
        *words,
        str(value).replace(".", ","),
        f"{value:e}" if value == float(f"{value:e}") else value,
    ]


@st.composite
def damaged_sheets(draw):
    """Damage a sheet; give its cells, the ending, and the cells that may be missing after it."""
    ending = draw(st.sampled_from(sorted(FORMATS)))
    cells, gone = sheet(), set()
    for _ in range(draw(st.integers(0, 6))):
        row, column = draw(st.integers(1, HEIGHT - 1)), draw(st.integers(0, WIDTH - 1))
        kind = draw(st.sampled_from(["same", "same", "gone", "word", "odd"]))
        if kind == "same":
            value = draw(st.sampled_from(same_in_other_words(sheet()[row][column])))
        elif kind == "gone":
            value = draw(st.sampled_from(GONE))
            gone.add((row - 1, NAMES[column]))
        elif kind == "word":
            value = draw(st.sampled_from(WORDS))
            # a word is as good as any other in a column of texts
            if isinstance(sheet()[row][column], str) or column in (0, 1, 3, 7):
                value = sheet()[row][column]
        else:
            odd = [True, datetime(2017, 1, 2), -1e9] + [0.5, 1e300] * (NAMES[column] in LABELS)
            value = draw(st.sampled_from(odd)) if ending == "xlsx" else "odd"
            if NAMES[column] not in (*LABELS, "start", "end"):  # another number may be right
                value = sheet()[row][column]
        cells[row][column] = value
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from(["title", "blank", "end", "extra", "move", "case", "lost"]))
        at = draw(st.integers(0, WIDTH - 1))
        if change == "title":
            cells = [["a title", 7], [], *cells]
        elif change == "blank":
            cells = [*cells[:-at], [], *cells[-at:]] if 0 < at < HEIGHT - 1 else cells
        elif change == "end":
            cells = [*cells, [None] * WIDTH, [" "]]
        elif change == "extra":
            padded = [row + [None] * (len(cells[-1]) - len(row)) for row in cells]
            cells = [[*row[:at], f"x{len(row)}", *row[at:]] for row in padded]
        elif change == "move":
            cells = [row[at:] + row[:at] if len(row) == len(cells[0]) else row for row in cells]
        elif change == "case":
            cells = [[_case(cell, at) for cell in row] for row in cells]
        else:
            cells = [[*row[:at], *row[at + 1 :]] for row in cells]
    return cells, ending, gone


def _case(cell, at):
    ways = [str.upper, str.lower, lambda n: n.replace("_", " "), lambda n: f" {n.title()} "]
    return ways[at % 4](cell) if cell in NAMES else cell


def run(content, ending, folder, apart=False, **params):
    """Run the job's work; give the table, or None where it was refused. All or nothing is left."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    path = folder / f"cycles.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out = folder / "out"
    shipped = {"sheet": None, "reader": "calamine", "max_rows": 1000, "max_megabytes": 10}
    levels = dict.fromkeys(["overlap", "patient", "category", "error_cell"], "warn")
    snakemake = SimpleNamespace(
        input=SimpleNamespace(workbook=str(path)),
        output=SimpleNamespace(raw=out / "raw.parquet", source=out / "source.json"),
        log=SimpleNamespace(problems=out / "problems.csv"),
        params=SimpleNamespace(
            **shipped | {"checks": levels, "needed": NEEDED, "columns": {}, "datasets": []} | params
        ),
    )
    try:
        if apart:
            limited(partial(read_workbook.main, snakemake))
        else:
            read_workbook.main(snakemake)
    except InputError as error:
        assert str(error).startswith((f"workbook {path}", "reading the workbook was ended by"))
        assert os.listdir(out) == ["problems.csv"]
        assert len((out / "problems.csv").read_text(encoding="utf-8").splitlines()) > 1
        return None
    assert sorted(os.listdir(out)) == ["problems.csv", "raw.parquet", "source.json"]
    got = pq.read_table(out / "raw.parquet")
    assert json.loads((out / "source.json").read_text(encoding="utf-8"))["rows"] == got.num_rows
    return got


def check(got, gone=()):
    """Hold that a table has the clean values, and where some may be missing, those or none."""
    names = [name for name in NAMES if name in got.column_names or name not in OPTIONAL]
    rows = got.select(names).to_pylist()
    assert len(rows) == len(CLEAN)
    for at, (row, clean) in enumerate(zip(rows, CLEAN, strict=True)):
        for name in names:
            if not (row[name] is None and (at, name) in gone):
                assert row[name] == clean[name], (at, name)


@RANDOM
@given(damaged_sheets())
def test_damaged_cells(tmp_path, damaged):
    cells, ending, gone = damaged
    content = FORMATS[ending](cells)
    got = run(content, ending, tmp_path / "run")
    if got is not None:
        check(got, gone)
    if ending == "xlsx":
        other = run(content, ending, tmp_path / "run", reader="openpyxl")
        assert (other is None) == (got is None)
        assert got is None or other.equals(got)


@RANDOM
@given(st.sampled_from(sorted(SUMMED | OTHERS)), st.floats(0, 1), st.booleans())
def test_truncated_files(tmp_path, kind, share, padded):
    """Fault 19: what is cut off ends in a line, also of files in the forms of other programs."""
    ending, make = (SUMMED | OTHERS)[kind]
    content = make(sheet())
    kept = int(share * (len(content) - 1))
    content = content[:kept] + padded * bytes(len(content) - kept)
    got = run(content, ending, tmp_path / "run", apart=ending == "xls")
    if got is not None:
        check(got)


@RANDOM
@given(
    st.sampled_from(sorted(SUMMED)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=4),
)
def test_changed_bytes(tmp_path, kind, changes):
    """Fault 19: changed bytes are found, also in files in the forms of other programs."""
    ending, make = SUMMED[kind]
    content = bytearray(make(sheet()))
    for share, change in changes:
        content[int(share * (len(content) - 1))] ^= change
    got = run(bytes(content), ending, tmp_path / "run")
    if got is not None:
        check(got)


def test_damage_shows():
    """The checks of these tests see a number that differs, and one that is gone."""
    other = table().to_pylist()
    other[3]["Var"] += 1e-12
    with pytest.raises(AssertionError):
        check(type(table()).from_pylist(other))
    other[3]["Var"] = None
    with pytest.raises(AssertionError):
        check(type(table()).from_pylist(other))
    check(type(table()).from_pylist(other), {(3, "Var")})
    assert "xl/worksheets/sheet1.xml" in parts_of(xlsx(sheet()))
