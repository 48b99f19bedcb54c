"""Files that are refused as a whole: each in a line that says what to do."""

import pytest

from binary_workbooks import compound, xls, xlsb
from workbook_edits import (
    SHEET,
    book,
    charts,
    check_refused,
    cut,
    doctype,
    encrypted_zip,
    in_words,
    inside,
    lying,
    parquet,
)
from workbooks import NAMES, archive, ods, parts_of, sheet, table, xlsx

DAMAGED = "truncated or damaged"
UNREAD = "could not be read by the library"
ENCRYPTED = "encrypted (it has a password)"
NOTHING = "not a spreadsheet"
BILLION = b'<!ENTITY a "&b;&b;&b;&b;"><!ENTITY b "&c;&c;&c;&c;"><!ENTITY c "lol">'
# name: ending, content, words of the message (all of them), options
REFUSED = {
    "no-file": (None, None, ["no such file"]),
    "encrypted-by-excel": (
        "xlsx",
        lambda: compound(b"x" * 5000, "EncryptedPackage"),
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
    "truncated-csv-in-quotes": (
        "csv",
        lambda: in_words().replace(",URTI", ',"URTI', 1),
        ["line 2: a quote that opens a cell here is not closed"],
    ),
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
    "damaged-number": ("xlsx", lambda: inside(old=b"<v>0.00015</v>", new=b"<v>1x</v>"), [UNREAD]),
    "damaged-ods": (
        "ods",
        lambda: archive(parts_of(ods(sheet())) | {"content.xml": b"<office:"}),
        [DAMAGED],
    ),
    "empty-file": ("xlsx", lambda: b"", [NOTHING, "the file is empty"]),
    "text-named-xlsx": ("xlsx", lambda: "no,table\n1,2\n", [NOTHING, "save it as .xlsx"]),
    "web-page-named-xls": ("xls", lambda: "<html><table><tr><td>1", [NOTHING, "web page"]),
    "picture": ("png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), [NOTHING]),
    "word-document": (
        "docx",
        lambda: archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
        [NOTHING, "some other archive"],
    ),
    "zip-of-texts": ("xlsx", lambda: archive({"readme.txt": "no workbook"}), [NOTHING]),
    "presentation-in-ole": ("xls", lambda: compound(b"x", "PowerPoint Document"), [NOTHING]),
    "csv-with-zero-bytes": ("csv", lambda: in_words() + "\0\0\0\0", [DAMAGED]),
    "zip-bomb": (
        "xlsx",
        lambda: archive(parts_of(xlsx(sheet())) | {"xl/media/a": b"\0" * 3_000_000}),
        ["3 MB or more when unpacked, over the limit of 2 MB (config key `max_megabytes`)"],
        {"max_megabytes": 2},
    ),
    "zip-bomb-that-lies": (
        "xlsx",
        lambda: lying(b"<worksheet>" + b" " * 5_000_000),
        ["over the limit of 2 MB (config key `max_megabytes`)"],
        {"max_megabytes": 2},
    ),
    "zip-that-lies": ("xlsx", lambda: lying(parts_of(xlsx(sheet()))[SHEET]), [DAMAGED]),
    "large-csv": (
        "csv",
        lambda: in_words() + "," * 100_000,
        ["over the limit of 0 MB (config key `max_megabytes`)"],
        {"max_megabytes": 0.05},
    ),
    "large-parquet": ("parquet", parquet, ["`max_megabytes`"], {"max_megabytes": 0.001}),
    "entities": ("xlsx", lambda: doctype(BILLION), [UNREAD, "declares a document type"]),
    "external-entity": (
        "xlsx",
        lambda: doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">'),
        [UNREAD, "declares a document type"],
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
    "chart": ("xlsx", charts, ["sheet 'Chart' is a chart (config key `sheet`)"], {"sheet": 0}),
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
        [
            "Sheet 'Cycles' has the columns: set config key `sheet: Cycles`",
            "'read me': there is no row",
        ],
        {"sheet": 0},
    ),
    "other-table-first": (
        "xlsx",
        lambda: book(
            lambda b: [b.create_sheet("ages", 0), b["ages"].append(["a"]), b["ages"].append([1])]
        ),
        ["Sheet 'Cycles' has the columns: set", "missing column 'patient_ID' (no name is near)"],
        {"sheet": 0},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    check_refused(REFUSED[name], tmp_path)
