"""Workbooks as people save them: each is read as the clean one, or refused in words to act on."""

import io
import re
import struct
import zipfile
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from clean import clean

from lib.job import InputError
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from read_workbook import read_workbook
from workbooks import (
    NAMES,
    Error,
    archive,
    compound,
    csv_text,
    ods,
    parts_of,
    rows,
    sheet,
    table,
    xls,
    xlsb,
    xlsx,
)

ROOT = Path(__file__).resolve().parents[2]
LEVELS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["checks"]
SHEET = "xl/worksheets/sheet1.xml"


def read(path, sheet=0, checks=(), **options):
    return read_workbook(path, sheet, checks=LEVELS | dict(checks), **options)


def edited(changes=(), **columns):
    """Change cells by row of the sheet and column, and whole columns by a function."""
    cells = sheet()
    for name, change in columns.items():
        at = NAMES.index(name.replace("__", " "))
        for row in cells[1:]:
            row[at] = change(row[at])
    for (row, name), value in dict(changes).items():
        cells[row - 1][NAMES.index(name)] = value
    return cells


def with_column(name, values, place=0):
    """Add a column to the sheet."""
    return [[*r[:place], v, *r[place:]] for r, v in zip(sheet(), [name, *values], strict=True)]


def inside(part=SHEET, cells=None, **replaced):
    """Change the text of a part of an .xlsx; keywords are old=..., new=..."""
    parts = parts_of(xlsx(cells or sheet()))
    assert replaced["old"] in parts[part]
    parts[part] = parts[part].replace(replaced["old"], replaced["new"])
    return archive(parts)


def book(edit):
    """Give the bytes of the clean workbook after an edit by openpyxl."""
    made = load_workbook(io.BytesIO(xlsx(sheet())))
    edit(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def text(value):
    return None if value is None else str(value)


def parquet(made=None, **options):
    file = io.BytesIO()
    pq.write_table(made if made is not None else table(), file, **options)
    return file.getvalue()


def pandas_parquet():
    frame = table().to_pandas()
    frame["sex"] = frame["sex"].astype("category")
    frame = frame.astype({"state": "int8", "crackles": "float32"}).set_index(
        "patient_ID", drop=False
    )
    return parquet(pa.Table.from_pandas(frame.rename_axis("index")))


def shared_strings():
    """Texts in a part of their own, as Excel and Google Sheets save them."""
    parts = parts_of(xlsx(sheet()))
    said = []

    def shared(match):
        said.append(match[1])
        return b' t="s"><v>%d</v></c>' % (len(said) - 1)

    pattern = rb' t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
    parts[SHEET] = re.sub(pattern, shared, parts[SHEET])
    assert len(said) > 18
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    listed = b"".join(b"<si><t>%s</t></si>" % one for one in said)
    parts["xl/sharedStrings.xml"] = space + listed + b"</sst>"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    of = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", of)
    relation = (
        b'<Relationship Id="rId77" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation)
    return archive(parts)


def external_link():
    parts = parts_of(xlsx(sheet()))
    parts["xl/externalLinks/externalLink1.xml"] = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )
    parts[SHEET] = parts[SHEET].replace(
        b'<c r="C2" t="n"><v>', b'<c r="C2"><f>[1]Sheet1!$A$1</f><v>'
    )
    return archive(parts)


def stored_formula(value=b"0.00015"):
    old = b'<c r="N2" t="n"><v>0.00015</v></c>'
    return inside(old=old, new=b'<c r="N2"><f>1.5/10000</f><v>' + value + b"</v></c>")


def nameless_cells():
    """Rows and cells without addresses, which the format allows."""
    full = edited(age=lambda v: v or 9.0)  # a blank cell needs its place
    cells = [[1.0 if value is None else value for value in row] for row in full]
    parts = parts_of(xlsx(cells))
    parts[SHEET] = re.sub(rb'<(row|c) r="[A-Z0-9]+"', rb"<\1", parts[SHEET])
    return archive(parts)


def in_words(separator=",", **options):
    return csv_text(sheet(), separator, **options)


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


def save(folder, ending, content):
    path = folder / f"cycles.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


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
        ("two-columns-of-notes", "column T was left out: 'notes' stands over another"),
        ("csv-crlf-no-last-line-break", "its last line has no end; if it was cut"),
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
    "two-ages": ({(4, "age"): 4}, "'age': not what the patient's other cycles say: C4 4.0"),
    "two-diagnoses": ({(13, "Diagnosis"): "LRTI"}, "'Diagnosis': not what the patient's other"),
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


def cut(content, share=0.6):
    return content[: int(len(content) * share)]


def lying_bomb():
    """An .xlsx whose sheet is 5 MB when unpacked, though its directory claims 100 bytes."""
    size = 5_000_000
    parts = parts_of(xlsx(sheet())) | {SHEET: b"<worksheet>" + b" " * size}
    content = archive(parts)
    real = struct.pack("<I", size + 11)
    assert content.count(real) == 2
    return content.replace(real, struct.pack("<I", 100))


def doctype(declared, used=b"&a;"):
    parts = parts_of(xlsx(sheet()))
    parts[SHEET] = b"<!DOCTYPE x [%s]>" % declared + parts[SHEET].replace(b"0.00015", used)
    return archive(parts)


BILLION = b'<!ENTITY a "&b;&b;&b;&b;"><!ENTITY b "&c;&c;&c;&c;"><!ENTITY c "lol">'


def encrypted_zip():
    """An archive whose parts need a password: the flag of each part is set."""
    content = bytearray(xlsx(sheet()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)
    return bytes(content)


def renamed(**names):
    return [[names.get(n.replace(" ", "_"), n) for n in NAMES], *rows()]


def without(*names):
    kept = [at for at, name in enumerate(NAMES) if name not in names]
    return [[row[at] for at in kept] for row in sheet()]


def charts():
    def edit(made):
        chart = BarChart()
        chart.add_data(Reference(made.active, 1, 1))
        made.create_chartsheet("Chart", 0).add_chart(chart)

    return book(edit)


def strings(name, **of_row):
    """A Parquet file with a column as text, some of it changed."""
    values = list(map(str, table()[name].to_pylist()))
    values[of_row["row"]] = of_row["value"]
    return parquet(table().set_column(NAMES.index(name), name, pa.array(values)))


DAMAGED = "truncated or damaged"
ENCRYPTED = "encrypted (it has a password)"
NOTHING = "not a spreadsheet"
# name: ending, content, words of the message (all of them), options
REFUSED = {
    "no-file": (None, None, ["no such file"]),
    "encrypted-by-excel": (
        "xlsx",
        lambda: compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y"}),
        [ENCRYPTED],
    ),
    "encrypted-xls": ("xls", lambda: xls(sheet(), locked=True), [ENCRYPTED]),
    "encrypted-ods": (
        "ods",
        lambda: ods(sheet(), manifest="<manifest:encryption-data/>"),
        [ENCRYPTED],
    ),
    "encrypted-zip": ("xlsx", encrypted_zip, [ENCRYPTED]),
    "truncated-xlsx": ("xlsx", lambda: cut(xlsx(sheet())), [DAMAGED, "save it again"]),
    "truncated-late-xlsx": ("xlsx", lambda: cut(xlsx(sheet()), 0.99), [DAMAGED]),
    "truncated-xlsb": ("xlsb", lambda: cut(xlsb(sheet())), [DAMAGED]),
    "truncated-xls": ("xls", lambda: cut(xls(sheet())), [DAMAGED]),
    "truncated-ods": ("ods", lambda: cut(ods(sheet())), [DAMAGED]),
    "truncated-parquet": ("parquet", lambda: cut(parquet()), [DAMAGED]),
    "truncated-csv": ("csv", lambda: in_words()[:-40], ["line 13", "a line was cut"]),
    "truncated-csv-in-quotes": ("csv", lambda: in_words().replace(",URTI", ',"URTI', 1), [DAMAGED]),
    "damaged-bytes": (
        "xlsx",
        lambda: xlsx(sheet()).replace(b"\x00\x00xl/styles.xml", b"\x00\x00xl/stylex.xml", 1),
        [DAMAGED],
    ),
    "damaged-sheet": (
        "xlsx",
        lambda: archive(parts_of(xlsx(sheet())) | {SHEET: cut(parts_of(xlsx(sheet()))[SHEET])}),
        [DAMAGED],
    ),
    "damaged-book": (
        "xlsx",
        lambda: inside("xl/workbook.xml", old=b"</workbook>", new=b""),
        [DAMAGED],
    ),
    "damaged-number": ("xlsx", lambda: inside(old=b"<v>0.00015</v>", new=b"<v>1x</v>"), [DAMAGED]),
    "damaged-ods": (
        "ods",
        lambda: archive(parts_of(ods(sheet())) | {"content.xml": b"<office:"}),
        [DAMAGED],
    ),
    "empty-file": ("xlsx", lambda: b"", [NOTHING, "the file is empty"]),
    "text-named-xlsx": ("xlsx", in_words, [NOTHING, "save it as .xlsx"]),
    "web-page-named-xls": ("xls", lambda: "<html><table><tr><td>1", [NOTHING, "web page"]),
    "picture": ("png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), [NOTHING]),
    "word-document": (
        "docx",
        lambda: archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
        [NOTHING, "some other archive"],
    ),
    "zip-of-texts": ("xlsx", lambda: archive({"readme.txt": "no workbook"}), [NOTHING]),
    "presentation-in-ole": ("xls", lambda: compound({"PowerPoint Document": b"x"}), [DAMAGED]),
    "csv-with-zero-bytes": ("csv", lambda: in_words() + "\0\0\0\0", [DAMAGED]),
    "zip-bomb": (
        "xlsx",
        lambda: archive(parts_of(xlsx(sheet())) | {"xl/media/a": b"\0" * 3_000_000}),
        ["3 MB or more when unpacked, over the limit of 2 MB (config key `max_megabytes`)"],
        {"max_megabytes": 2},
    ),
    "zip-bomb-that-lies": (
        "xlsx",
        lying_bomb,
        ["over the limit of 2 MB (config key `max_megabytes`)"],
        {"max_megabytes": 2},
    ),
    "zip-that-lies": ("xlsx", lying_bomb, [DAMAGED]),
    "large-csv": (
        "csv",
        lambda: in_words() + "," * 100_000,
        ["over the limit of 0 MB (config key `max_megabytes`)"],
        {"max_megabytes": 0.05},
    ),
    "large-parquet": ("parquet", parquet, ["`max_megabytes`"], {"max_megabytes": 0.001}),
    "entities": ("xlsx", lambda: doctype(BILLION), [DAMAGED, "declares a document type"]),
    "external-entity": (
        "xlsx",
        lambda: doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">'),
        [DAMAGED, "declares a document type"],
    ),
    "too-many-rows": (
        "xlsx",
        lambda: xlsx(sheet()),
        ["sheet 'Cycles': more than 11 rows of cycles (config key `max_rows`)"],
        {"max_rows": 11},
    ),
    "too-many-rows-of-csv": ("csv", in_words, ["`max_rows`"], {"max_rows": 11}),
    "too-many-rows-of-parquet": ("parquet", parquet, ["`max_rows`"], {"max_rows": 11}),
    "empty-sheet": ("xlsx", lambda: xlsx([]), ["sheet 'Cycles': empty"]),
    "empty-csv": ("csv", lambda: "\n\n", ["cycles.csv: empty; the first row must hold"]),
    "no-rows": (
        "xlsx",
        lambda: xlsx([NAMES]),
        ["sheet 'Cycles': there is no row below the column names"],
    ),
    "blank-rows-only": (
        "ods",
        lambda: ods([NAMES, [], [" "]]),
        ["there is no row below the column names"],
    ),
    "no-rows-of-parquet": ("parquet", lambda: parquet(table()[:0]), ["there is no row below"]),
    "chart": ("xlsx", charts, ["sheet 'Chart' is a chart (config key `sheet`)"]),
    "wrong-sheet": (
        "xlsx",
        lambda: xlsx(sheet(), others=("notes",)),
        ["there is no sheet 'Cycle'; did you mean 'Cycles'? It has: Cycles, notes"],
        {"sheet": "Cycle"},
    ),
    "wrong-sheet-number": (
        "xls",
        lambda: xls(sheet()),
        ["there is no sheet number 1; it has 1, counted from 0: Cycles"],
        {"sheet": 1},
    ),
    "data-on-another-sheet": (
        "xlsx",
        lambda: book(lambda b: b.create_sheet("read me", 0).append(["a", "b"])),
        ["Sheet 'Cycles' has the columns: set config key `sheet: Cycles`", "'read me': there is no row"],
    ),
    "other-table-first": (
        "xlsx",
        lambda: book(
            lambda b: [b.create_sheet("ages", 0), b["ages"].append(["a"]), b["ages"].append([1])]
        ),
        ["Sheet 'Cycles' has the columns: set", "missing column 'patient_ID' (no name is near)"],
    ),
    "missing-column": (
        "xlsx",
        lambda: xlsx(renamed(Spectrum_Av="Spectrum Avg")),
        [
            "missing column 'Spectrum Av' (nearest: 'Spectrum Avg')",
            "The columns that are there: pat",
        ],
    ),
    "missing-columns": (
        "csv",
        lambda: csv_text(without("sex", "state", "weight")),
        ["missing column 'sex' (no name is near)", "missing column 'state'"],
    ),
    "no-column-names": ("xlsx", lambda: xlsx(rows()), ["missing column 'patient_ID'"]),
    "column-twice": (
        "xlsx",
        lambda: xlsx(with_column("VAR", range(12), 18)),
        ["the name 'Var' stands over more than one column: here column S"],
    ),
    "word-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "Var"): "loud", (7, "state"): "both"})),
        ["'Var': not a number: N4 'loud'", "'state': not a number: M7 'both'", "2 kinds of error"],
    ),
    "date-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "start"): datetime(2017, 2, 1)})),
        ["column 'start': not a number: I4 datetime.date"],
    ),
    "date-in-parquet": (
        "parquet",
        lambda: parquet(table().set_column(8, "start", pa.array([date(2017, 2, 1)] * 12))),
        ["column 'start': not a number: row 1 datetime.date(2017, 2, 1), row 2"],
    ),
    "truth-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "crackles"): True})),
        ["column 'crackles': not a number: K4 True"],
    ),
    "thousands": (
        "xlsx",
        lambda: xlsx(edited({(4, "age"): "1,234"})),
        ["column 'age': a decimal mark or a thousands separator?", "C4 '1,234'"],
    ),
    "points-among-commas": (
        "csv",
        lambda: in_words(";", comma=True).replace("4,911", "4.911"),
        ["column 'end': a decimal mark or a thousands separator?", "J3 '4.911'"],
    ),
    "half-a-label": (
        "xlsx",
        lambda: xlsx(edited({(4, "state"): 0.5})),
        ["column 'state': not a whole number: M4 0.5"],
    ),
    "half-a-patient": (
        "xlsx",
        lambda: xlsx(edited({(4, "patient_ID"): 101.5})),
        ["column 'patient_ID': not a whole number: A4 101.5"],
    ),
    "infinite": (
        "csv",
        lambda: csv_text(edited({(4, "Var"): "inf"})),
        ["not a finite number: N4 inf"],
    ),
    "infinite-in-parquet": (
        "parquet",
        lambda: strings("Range", row=3, value="-Infinity"),
        ["column 'Range': not a finite number: row 4 -inf"],
    ),
    "state-that-does-not-fit": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): 2})),
        ["column 'state': must be crackles + 2 x wheezes", "M2 2"],
    ),
    "label-of-2": (
        "xlsx",
        lambda: xlsx(edited({(2, "crackles"): 2, (4, "wheezes"): -1})),
        ["'crackles': must be 0 to 1: K2 2", "'wheezes': must be 0 to 1: L4 -1"],
    ),
    "no-label": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): None, (9, "state"): "NA"})),
        ["column 'state': missing, and nothing can stand in for it: M2, M9"],
    ),
    "error-for-a-label": (
        "xlsb",
        lambda: xlsb(edited({(2, "state"): Error("#REF!")})),
        ["'state': missing, and nothing can stand in for it: M2 '#REF!'"],
    ),
    "no-patient": ("ods", lambda: ods(edited({(3, "patient_ID"): None})), ["missing, and", ": A3"]),
    "no-recording": (
        "xls",
        lambda: xls(edited({(3, "adq_format"): "-"})),
        ["missing, and", ": H3"],
    ),
    "ends-before-it-starts": (
        "xlsx",
        lambda: xlsx(edited({(3, "end"): 3.286, (4, "end"): 0.01})),
        ["column 'end': must be after start: J3 3.286, J4 0.01"],
    ),
    "starts-below-0": (
        "xlsx",
        lambda: xlsx(edited({(2, "start"): -0.5})),
        ["column 'start': must be 0 or more: I2 -0.5"],
    ),
    "negative-variance-and-range": (
        "xlsx",
        lambda: xlsx(edited({(2, "Var"): -1e-9, (3, "Range"): -2})),
        ["'Var': must be 0 or more: N2 -1e-09", "'Range': must be 0 or more: O3 -2.0"],
    ),
    "age-of-150": (
        "xlsx",
        lambda: xlsx(edited(age=lambda v: 150)),
        ["column 'age': must be 0 to 120: C2 150.0"],
    ),
    "cycle-twice": (
        "xlsx",
        lambda: xlsx([*sheet(), sheet()[6]]),
        ["column 'start': the same cycle stands above: I14 3.286"],
    ),
    "separator-too-many": (
        "csv",
        lambda: in_words().replace("URTI,3.5", "URTI,3,5", 1),
        ["line 2: 19 cells, but 18 column names"],
    ),
    "decimal-commas-among-commas": (
        "csv",
        lambda: in_words(comma=True),
        ["line 2: ", "cells, but 18 column names"],
    ),
    "formula-for-a-label": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): "=K2+2*L2"})),
        ["'state': missing", "M2 'formula without a stored result'"],
    ),
    "one-patient": (
        "xlsx",
        lambda: xlsx(sheet()[:5]),
        ["'patient_ID': all 4 cycles", "two or more"],
    ),
    "one-state": (
        "xlsx",
        lambda: xlsx(edited(state=lambda v: 0, crackles=lambda v: 0, wheezes=lambda v: 0)),
        ["column 'state': all 12 cycles have the value 0", "two or more states"],
    ),
    "ods-by-openpyxl": (
        "ods",
        lambda: ods(sheet()),
        ["openpyxl reads no .ods; set config key `reader: calamine`"],
        {"reader": "openpyxl"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    ending, make, said, *options = REFUSED[name]
    path = save(tmp_path, ending, make()) if ending else tmp_path / "none.xlsx"
    options = dict(*options)
    readers = ["calamine"] + ["openpyxl"] * (ending == "xlsx" and name != "encrypted-by-excel")
    for reader in readers:
        with pytest.raises(InputError) as caught:
            clean(
                read(path, **{"reader": reader} | options).table,
                ["IMC", "weight", "height"],
                "impute",
            )
        message = str(caught.value)
        for words in said:
            assert words in message, message
        assert len(message.splitlines()[0]) < 400


def test_all_problems_come_together_with_twenty_cells_of_each(tmp_path):
    changes = {(row, "Var"): "loud" for row in range(2, 40)} | {(5, "state"): None}
    cells = sheet() + [
        [*row[:8], n * 10 + 50.5, n * 10 + 52.5, *row[10:]] for n, row in enumerate(rows() * 3)
    ]
    at = NAMES.index("Var")
    for row, _ in changes:
        cells[row - 1][at] = "loud" if row < 40 else cells[row - 1][at]
    cells[4][NAMES.index("state")] = None
    cells[6][NAMES.index("start")] = -2
    path = save(tmp_path, "xlsx", xlsx(cells))
    with pytest.raises(InputError) as caught:
        read(path, problems=tmp_path / "problems.csv")
    message = str(caught.value)
    first = ", ".join(f"N{row} 'loud'" for row in range(2, 22))
    assert f"column 'Var': not a number: {first} and 18 more" in message
    assert "'state': missing, and nothing can stand in for it: M5" in message
    assert "'start': must be 0 or more: I7 -2.0" in message
    assert (
        "sheet 'Cycles': 3 kinds of error" in message and str(tmp_path / "problems.csv") in message
    )
    lines = (tmp_path / "problems.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "level,check,sheet,cell,column,value,problem"
    assert sum(line.startswith("error,") for line in lines) == 38 + 1 + 1
    assert "error,number,Cycles,N39,Var,loud,not a number" in lines


def test_cells_in_the_list_of_problems_are_no_formulas(tmp_path):
    changes = {
        (2, "Var"): '=HYPERLINK("http://example.org")',
        (3, "Var"): "@SUM(1)",
        (4, "Var"): "-x",
    }
    path = save(tmp_path, "xls", xls(edited(changes), title="=1+1"))
    with pytest.raises(InputError):
        read(path, problems=tmp_path / "problems.csv")
    made = (tmp_path / "problems.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK" in made and ",'@SUM(1)," in made and ",'-x," in made and ",'=1+1," in made


def test_there_are_sixty_or_more():
    assert len(CLEAN) + len(WARNED) + len(BLEMISHES) + len(REFUSED) >= 60
