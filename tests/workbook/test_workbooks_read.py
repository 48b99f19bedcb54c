"""Workbooks as people save them, each of which is read as the clean one."""

import re

import pyarrow as pa
import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.checks import FATAL
from binary_workbooks import xls, xlsb
from workbook_edits import (
    LEVELS,
    ROOT,
    book,
    edited,
    external_link,
    in_words,
    inside,
    pandas_parquet,
    parquet,
    read,
    save,
    shared_strings,
    stored_formula,
    text,
    with_column,
)
from workbooks import NAMES, Error, csv_text, ods, rows, sheet, table, xlsx

TITLE = [["Lung sounds, 2017"], [], ["made by", "us"]]
WORDS = ["NA", "n/a", "-", "#N/A", "", "  ", "N/A", "nan"]
COMMAS = {
    name: lambda v: None if v is None else str(v).replace(".", ",")
    for name in ("start", "Var", "age")
}

# name: ending, content
CLEAN = {
    "xlsx": ("xlsx", lambda: xlsx(sheet())),
    "xlsm": ("xlsm", lambda: xlsx(sheet())),
    "xlsb": ("xlsb", lambda: xlsb(sheet())),
    "xls": ("xls", lambda: xls(sheet())),
    "ods": ("ods", lambda: ods(sheet())),
    "csv": ("csv", in_words),
    "csv-semicolon-decimal-comma": ("csv", lambda: in_words(";", comma=True)),
    "tsv": ("tsv", lambda: in_words("\t")),
    "csv-byte-order-mark": ("csv", lambda: in_words().encode("utf-8-sig")),
    "csv-utf16": ("csv", lambda: in_words("\t").encode("utf-16")),
    "csv-utf16-without-mark": ("csv", lambda: in_words().encode("utf-16-le")),
    "csv-latin1": ("csv", lambda: in_words(";").encode("latin-1")),
    "csv-quoted": ("csv", lambda: re.sub("([^,\\n]+)", r'"\1"', in_words())),
    "csv-crlf-no-last-line-break": ("csv", lambda: in_words().replace("\n", "\r\n")[:-2]),
    "csv-blank-rows-at-the-end": ("csv", lambda: in_words() + 3 * ("," * 17 + "\n")),
    "csv-title-row": ("csv", lambda: "Lung sounds\n\n" + in_words()),
    "csv-row-names-of-R": (
        "csv",
        lambda: csv_text(with_column("", [f'"{n}"' for n in range(1, 13)])),
    ),
    "csv-NA-of-R": (
        "csv",
        lambda: csv_text([["NA" if v is None else v for v in r] for r in sheet()]),
    ),
    "parquet": ("parquet", parquet),
    "parquet-of-pandas": ("parquet", pandas_parquet),
    "columns-reversed": ("xlsx", lambda: xlsx([row[::-1] for row in sheet()])),
    "column-before": ("xlsx", lambda: xlsx(with_column("notes", "abcdefghijkl"))),
    "column-behind": ("ods", lambda: ods(with_column("row", range(12), 18))),
    "two-columns-of-notes": (
        "xlsx",
        lambda: xlsx(
            [[*r, v, v] for r, v in zip(sheet(), ["notes", *"abcdefghijkl"], strict=True)]
        ),
    ),
    "column-without-a-name": ("xlsx", lambda: xlsx(with_column(None, range(12), 5))),
    "column-named-cycle": ("xlsx", lambda: xlsx(with_column("cycle", range(12)))),
    "other-sheets": ("xlsx", lambda: xlsx(sheet(), others=("notes", "more"))),
    "hidden-sheet": (
        "xlsx",
        lambda: book(lambda b: setattr(b.create_sheet("x"), "sheet_state", "veryHidden")),
    ),
    "title-rows": ("xlsx", lambda: xlsx(TITLE + sheet())),
    "merged-title": (
        "xlsx",
        lambda: book(lambda b: (b.active.insert_rows(1), b.active.merge_cells("A1:R1"))),
    ),
    "blank-rows-above": ("xls", lambda: xls([[], [], *sheet()])),
    "table-from-C4": ("xlsx", lambda: xlsx([[], [], [], *([None, None, *r] for r in sheet())])),
    "xlsb-from-B2": ("xlsb", lambda: xlsb([[], *([None, *r] for r in sheet())])),
    "numbers-as-text": ("xlsx", lambda: xlsx([list(map(text, row)) for row in sheet()])),
    "numbers-as-text-in-xls": ("xls", lambda: xls([list(map(text, row)) for row in sheet()])),
    "numbers-with-spaces": (
        "xlsx",
        lambda: xlsx(edited(start=lambda v: f"  {v}\u00a0", state=lambda v: f" {v}")),
    ),
    "numbers-with-apostrophe": ("xlsx", lambda: xlsx(edited(end=lambda v: f"'{v}"))),
    "minus-of-typography": (
        "xlsx",
        lambda: xlsx(edited(Coarse_Av=lambda v: str(v).replace("-", "\u2212", 1))),
    ),
    "decimal-commas": ("xlsx", lambda: xlsx(edited(**COMMAS))),
    "decimal-commas-and-numbers": (
        "xlsx",
        lambda: xlsx(edited({(3, "end"): "4,911", (2, "start"): "0,036"})),
    ),
    "ids-as-text": ("xlsx", lambda: xlsx(edited(patient_ID=str))),
    "ids-as-some-text": ("xlsx", lambda: xlsx(edited({(3, "patient_ID"): " 101 "}))),
    "blank-rows-at-the-end": ("xlsx", lambda: xlsx([*sheet(), [], [" "], [None] * 18, []])),
    "blank-row-between": ("xlsx", lambda: xlsx(sheet()[:5] + [[]] + sheet()[5:])),
    "names-in-other-case": (
        "xlsx",
        lambda: xlsx([[n.upper() for n in NAMES], *rows()]),
    ),
    "names-with-underscore": (
        "xlsx",
        lambda: xlsx([["Spectrum_Av" if n == "Spectrum Av" else n for n in NAMES], *rows()]),
    ),
    "names-with-spaces": (
        "ods",
        lambda: ods([[f" {n.lower().replace('_', ' ')} " for n in NAMES], *rows()]),
    ),
    "names-run-together": (
        "csv",
        lambda: csv_text([[n.replace("_", "").replace(" ", "") for n in NAMES], *rows()]),
    ),
    "formula-with-result": ("xlsx", stored_formula),
    "external-link": ("xlsx", external_link),
    "shared-strings": ("xlsx", shared_strings),
    "wrong-dimension": (
        "xlsx",
        lambda: inside(old=b'<dimension ref="A1:R13"', new=b'<dimension ref="A1:B2"'),
    ),
    "xlsx-named-xls": ("xls", lambda: xlsx(sheet())),
    "xls-named-xlsx": ("xlsx", lambda: xls(sheet())),
    "ods-named-xlsb": ("xlsb", lambda: ods(sheet())),
    "xlsx-named-csv": ("csv", lambda: xlsx(sheet())),
}
CLEAN |= {
    f"missing-is-{n}-{word.strip() or 'blank'}".replace("/", ""): (
        "xlsx",
        lambda word=word: xlsx([[word if v is None else v for v in row] for row in sheet()]),
    )
    for n, word in enumerate(WORDS)
}


@pytest.mark.parametrize("name", CLEAN)
def test_read_as_the_clean_one(name, tmp_path):
    ending, make = CLEAN[name]
    content = make()
    path = save(tmp_path, ending, content)
    got = read(path)
    assert got.table.select(NAMES).equals(table())
    assert got.warnings == []
    if ending in ("xlsx", "xlsm") and name != "xls-named-xlsx":
        other = read(path, reader="openpyxl")
        assert other.table.equals(got.table) and other.notes == got.notes


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("title-rows", "the column names are in row 4"),
        ("table-from-C4", "the column names are in row 4"),
        ("blank-row-between", "blank rows were left out: 6"),
        ("column-without-a-name", "columns without a name were left out: F"),
        ("csv-row-names-of-R", "columns without a name were left out: A"),
        ("column-named-cycle", "column A, 'cycle', was left out"),
        ("two-columns-of-notes", "column T was left out: another column is named 'notes'"),
        ("csv-crlf-no-last-line-break", "the last line has no line end; if the file was cut"),
        ("csv-latin1", "read as cp1252, separated by semicolon"),
    ],
)
def test_what_was_done_is_said(name, said, tmp_path):
    ending, make = CLEAN[name]
    notes = read(save(tmp_path, ending, make())).notes
    assert any(said in note for note in notes), notes


# name: ending, content, cells of the clean table that are missing, warnings
ERROR = {(4, "Var"): Error("#DIV/0!"), (5, "Range"): Error("#N/A"), (3, "sex"): Error("#REF!")}
GONE = [(2, "Var"), (3, "Range"), (1, "sex")]
OF_ERRORS = ("an error in the workbook, taken as missing: N4 '#DIV/0!'", "missing: D3 '#REF!'")
WARNED = {
    f"errors-in-{ending}": (ending, lambda make=make: make(edited(ERROR)), GONE, OF_ERRORS)
    for ending, make in {
        "xlsx": xlsx,
        "xls": xls,
        "xlsb": xlsb,
        "ods": ods,
        "csv": csv_text,
    }.items()
} | {
    "formula-never-computed": (
        "xlsx",
        lambda: stored_formula(b""),
        [(0, "Var")],
        ("column 'Var': an error in the workbook", "N2 'formula without a stored result'"),
    ),
    "formula-of-a-script": (
        "xlsx",
        lambda: xlsx(edited({(3, "age"): '=HYPERLINK("http://example.org", 3)'})),
        [(1, "age")],
        ("C3 'formula without a stored result'",),
    ),
    "errors-in-parquet-are-texts": (
        "parquet",
        lambda: parquet(
            table().set_column(
                13, "Var", pa.array(["#NUM!", *map(str, table()["Var"].to_pylist()[1:])])
            )
        ),
        [(0, "Var")],
        ("missing: row 1 '#NUM!'",),
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_missing_with_a_warning(name, tmp_path):
    ending, make, gone, said = WARNED[name]
    expected = {n: table()[n].to_pylist() for n in NAMES}
    for row, column in gone:
        expected[column][row] = None
    path = save(tmp_path, ending, make())
    for reader in ["calamine"] + ["openpyxl"] * (ending == "xlsx"):
        got = read(path, reader=reader)
        assert got.table.cast(table().schema).to_pydict() == expected
        for words in said:
            assert any(words in warning for warning in got.warnings), got.warnings
        assert len(got.warnings) == len({column for _, column in gone} - {"Range"})
        assert read(path, reader=reader, checks={"error_cell": "off"}).warnings == []
        with pytest.raises(InputError, match="an error in the workbook"):
            read(path, reader=reader, checks={"error_cell": "error"})


# name: changed cells, warning
BLEMISHES = {
    "overlap": ({(3, "start"): 1.5}, "'start': before another cycle of the recording ends: I3 1.5"),
    "two-ages": ({(4, "age"): 4}, "'age': differs from the patient's other cycles: C4 4"),
    "two-diagnoses": ({(13, "Diagnosis"): "LRTI"}, "'Diagnosis': differs from the patient's other"),
    "other-sex": (
        {(row, "sex"): "M" if row == 2 else "H" for row in range(2, 6)},
        "'sex': not one of F, M: D3 'H', D4 'H', D5 'H'",
    ),
}


@pytest.mark.parametrize("name", BLEMISHES)
def test_levels(name, tmp_path):
    changes, said = BLEMISHES[name]
    path = save(tmp_path, "xlsx", xlsx(edited(changes)))
    assert any(said in warning for warning in read(path).warnings)
    with pytest.raises(InputError) as caught:
        read(path, checks=dict.fromkeys(LEVELS, "error"))
    assert said in str(caught.value)
    assert read(path, checks=dict.fromkeys(LEVELS, "off")).warnings == []


def test_the_page_names_every_check():
    page = (ROOT / "docs" / "workbooks.md").read_text(encoding="utf-8")
    rows = page.split("## What is checked")[1].split("## ")[0].splitlines()
    always, others = [], []
    for row in rows:
        named = re.findall(r"`(\w+)`", row.split("|")[1]) if row.startswith("| `") else []
        level = row.rstrip(" |").rpartition("| ")[2]
        always += named if level == "error, always" else []
        others += [(name, level.replace("warning", "warn")) for name in named if name not in always]
    assert sorted(always) == sorted(FATAL)
    assert dict(others) == LEVELS
