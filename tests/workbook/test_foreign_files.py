"""Files as other programs than Excel write them: each is read as the clean one, or the truth is said."""

import re

import pytest

from auscultation.job.errors import InputError
from auscultation.workbook import sheets
from auscultation.workbook.package import standard_package
from binary_workbooks import compound, xls, xls_stream, xlsb
from workbook_edits import edited, read, save
from workbooks import NAMES, Error, archive, ods, parts_of, sheet, table, xlsx

SHEET = "xl/worksheets/sheet1.xml"
BOOK, RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
EVERY = {"xlsx": xlsx, "xlsb": xlsb, "ods": ods, "xls": xls}


def parts(change=lambda parts: parts, make=xlsx, cells=None):
    """Return the bytes of a workbook after a change of its parts."""
    return archive(change(parts_of(make(cells or full()))))


def full():
    """The clean sheet, with every cell filled: ages, weights and heights that it lacks are 1."""
    return [[1 if v is None else v for v in row] for row in sheet()]


def replaced(old, new, *names):
    """Change a text in some parts, or in all."""

    def change(parts):
        assert any(old in parts[n] for n in names or parts)
        return {n: v.replace(old, new) if n in names or not names else v for n, v in parts.items()}

    return change


def renamed(change, inside=()):
    """Change the names of parts, and texts inside them."""

    def of(parts):
        made = {}
        for name, content in parts.items():
            for old, new in inside:
                content = content.replace(old, new)
            made[change(name)] = content
        return made

    return of


def recoded(encoding, *names):
    """Write parts in another encoding, and declare it."""

    def of(parts):
        made = dict(parts)
        for name in names:
            text = re.sub(r"^<\?xml.*?\?>", "", parts[name].decode())
            made[name] = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
        return made

    return of


def without_places(content):
    return re.sub(rb'<c r="[A-Z]+\d+"', b"<c", content)


def spaced(content):
    """White space between rows and cells, as gnumeric and SheetJS write it."""
    return re.sub(rb">(?=</?table:)", b">\n   ", content)


OFFICE = b"http://schemas.openxmlformats.org/"
ISO = [
    (OFFICE + b"spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        OFFICE + b"officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
]
BIFF5 = [("Cycles", 0, full(), ())]

# name: ending, content
FOREIGN = {
    "ods-with-white-space": (
        "ods",
        lambda: parts(lambda p: p | {"content.xml": spaced(p["content.xml"])}, ods),
    ),
    "ods-in-utf-16": ("ods", lambda: parts(recoded("utf-16", "content.xml"), ods)),
    "ods-without-manifest": (
        "ods",
        lambda: parts(lambda p: {"content.xml": p["content.xml"]}, ods),
    ),
    "ods-in-a-folder": ("ods", lambda: parts(renamed(lambda n: f"mine/{n}"), ods)),
    "xls-other-root": ("xls", lambda: xls(full(), root="R")),
    "xls-root-without-a-name": ("xls", lambda: xls(full(), root="")),
    "xls-stream-BOOK": ("xls", lambda: xls(full(), name="BOOK", root="Root")),
    "xls-of-excel-95": ("xls", lambda: compound(xls_stream(BIFF5, biff5=True), "Book")),
    "xls-of-excel-95-other-names": (
        "xls",
        lambda: compound(xls_stream(BIFF5, biff5=True), "BOOK", "R"),
    ),
    "xlsx-backslashes": ("xlsx", lambda: parts(renamed(lambda n: n.replace("/", "\\")))),
    "xlsx-other-case": ("xlsx", lambda: parts(renamed(str.lower))),
    "xlsx-other-folder": (
        "xlsx",
        lambda: parts(renamed(lambda n: n.replace("xl/", "book/"), [(b"xl/", b"book/")])),
    ),
    "xlsx-other-folder-of-sheets": (
        "xlsx",
        lambda: parts(renamed(lambda n: n.replace("worksheets", "S"), [(b"worksheets/", b"S/")])),
    ),
    "xlsx-other-name-of-book": (
        "xlsx",
        lambda: parts(
            renamed(lambda n: n.replace("workbook.xml", "wb.xml"), [(b"workbook.xml", b"wb.xml")])
        ),
    ),
    "xlsx-in-no-folder": (
        "xlsx",
        lambda: parts(renamed(lambda n: n.replace("xl/", ""), [(b"xl/", b"")])),
    ),
    "xlsx-target-with-backslash": (
        "xlsx",
        lambda: parts(replaced(b"/xl/worksheets/", b"worksheets\\", RELS)),
    ),
    "xlsx-target-with-percent": (
        "xlsx",
        lambda: parts(replaced(b"worksheets/sheet1", b"worksheets/sheet%31", RELS)),
    ),
    "xlsx-another-book-beside": (
        "xlsx",
        lambda: parts(
            lambda p: (
                renamed(lambda n: n.replace("xl/", "b/"), [(b"xl/", b"b/")])(p)
                | {n: v for n, v in parts_of(xlsx([["a"], [1]])).items() if n.startswith("xl/")}
            )
        ),
    ),
    "xlsx-without-package-relations": (
        "xlsx",
        lambda: parts(lambda p: {n: v for n, v in p.items() if n != "_rels/.rels"}),
    ),
    "xlsx-in-a-folder": ("xlsx", lambda: parts(renamed(lambda n: f"my book/{n}"))),
    "xlsx-in-a-folder-of-a-mac": (
        "xlsx",
        lambda: parts(
            lambda p: (
                renamed(lambda n: f"book/{n}")(p)
                | {f"__MACOSX/book/._{n.rpartition('/')[2]}": b"Mac" for n in p}
            )
        ),
    ),
    "xlsx-without-types": (
        "xlsx",
        lambda: parts(lambda p: {n: v for n, v in p.items() if "Content_Types" not in n}),
    ),
    "xlsx-sheet-in-utf-16": ("xlsx", lambda: parts(recoded("utf-16", SHEET))),
    "xlsx-all-in-utf-16": ("xlsx", lambda: parts(recoded("utf-16", SHEET, BOOK, RELS))),
    "xlsx-in-windows-1252": ("xlsx", lambda: parts(recoded("windows-1252", SHEET))),
    "xlsx-names-of-iso": ("xlsx", lambda: parts(renamed(str, ISO))),
    "xlsx-cells-without-places": (
        "xlsx",
        lambda: parts(lambda p: p | {SHEET: without_places(p[SHEET])}),
    ),
    "xlsx-names-of-iso-and-space-around-values": (
        "xlsx",
        lambda: parts(
            lambda p: {n: v.replace(b"<v>", b"<v> ") for n, v in renamed(str, ISO)(p).items()}
        ),
    ),
    "xlsx-space-around-values": (
        "xlsx",
        lambda: parts(lambda p: p | {SHEET: p[SHEET].replace(b"<v>", b"<v>\n ")}),
    ),
}


def clean():
    """Return the rows as they must be read: those of the clean table, its gaps filled with 1."""
    filled = {"sex": "1"}
    return [
        {n: filled.get(n, 1) if v is None else v for n, v in row.items()}
        for row in table().to_pylist()
    ]


@pytest.mark.parametrize("name", FOREIGN)
def test_read_as_the_clean_one(name, tmp_path):
    """Fault 19: files of other programs are read, with the values that they hold."""
    ending, make = FOREIGN[name]
    path = save(tmp_path, ending, make())
    for reader in ["calamine"] + ["openpyxl"] * (ending == "xlsx"):
        got = read(path, reader=reader, checks={"category": "off"})
        assert got.table.select(NAMES).to_pylist() == clean(), reader
        assert got.sheet == "Cycles"


@pytest.mark.parametrize("kind", EVERY)
def test_errors_are_found_in_the_forms_of_other_programs(kind, tmp_path):
    """Fault 19: what was brought into another form still shows its error cells."""
    cells = edited({(4, "Var"): Error("#DIV/0!")})
    content = {
        "xlsx": lambda: parts(recoded("utf-16", SHEET), cells=cells),
        "xlsb": lambda: xlsb(cells),
        "ods": lambda: parts(lambda p: p | {"content.xml": spaced(p["content.xml"])}, ods, cells),
        "xls": lambda: compound(xls_stream([("C", 0, cells, ())], biff5=True), "BOOK"),
    }[kind]()
    (warning,) = read(save(tmp_path, kind, content)).warnings
    assert "N4 '#DIV/0!'" in warning


def test_blank_cells_that_cannot_be_placed(tmp_path):
    """Fault 19: no value slides under another name in silence where cells say no column."""
    content = parts(lambda p: p | {SHEET: without_places(p[SHEET])}, cells=sheet())
    for reader in ("calamine", "openpyxl"):
        with pytest.raises(InputError, match="row 2: 16 cells that do not state their column"):
            read(save(tmp_path, "xlsx", content), reader=reader)
    # with a cell for each blank, all is known
    holes = [["" if v is None else v for v in row] for row in sheet()]
    content = parts(lambda p: p | {SHEET: without_places(p[SHEET])}, cells=holes)
    assert read(save(tmp_path, "xlsx", content)).table.equals(table())


# name: ending, content
UNREAD = {
    "xls-without-compound-file": ("xls", lambda: xls_stream([("Cycles", 0, full(), ())])),
    "xls-of-excel-95-without-compound-file": ("xls", lambda: xls_stream(BIFF5, biff5=True)),
    "number-of-two-words": (
        "xlsx",
        lambda: parts(replaced(b"<v>0.00015</v>", b"<v>1 5</v>", SHEET)),
    ),
    "ods-of-nothing": (
        "ods",
        lambda: parts(lambda p: p | {"content.xml": b"<a><b/></a>"}, ods),
    ),
    "encoding-of-4-bytes": ("xlsx", lambda: parts(recoded("utf-32", SHEET))),
    "excel-4": ("xls", lambda: b"\x09\x04\x06\x00\x04\x00\x10\x00" + bytes(200)),
    "flat-opendocument": (
        "fods",
        lambda: '<?xml version="1.0"?><office:document xmlns:office="urn:oasis">',
    ),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_cannot_be_read_is_not_called_damaged(name, tmp_path):
    """Fault 19: damaged is said only of what is known to be; else what to do is."""
    ending, make = UNREAD[name]
    with pytest.raises(InputError) as caught:
        read(save(tmp_path, ending, make()))
    said = str(caught.value)
    assert "truncated or damaged" not in said and "could not be read by the library" in said
    assert "save it as .xlsx" in said and len(said.splitlines()) == 1


def test_cells_of_xlsb_that_do_not_state_their_column(tmp_path):
    """Fault 19: what calamine would leave out in silence is refused, with the way out."""
    with pytest.raises(InputError, match="row 1: cells that do not state .*save .* as .xlsx"):
        read(save(tmp_path, "xlsb", xlsb(sheet(), short=True)))


@pytest.mark.parametrize("make", [xlsx, lambda cells: parts(recoded("utf-16", SHEET), cells=cells)])
def test_a_large_sheet_is_streamed(make, tmp_path, monkeypatch):
    """A sheet too large for calamine has the same values and the same error cells."""
    cells = edited({(4, "Var"): Error("#DIV/0!"), (5, "age"): None})
    path = save(tmp_path, "xlsx", make(cells))
    whole = read(path)
    monkeypatch.setattr(sheets, "LARGE", 0)
    streamed = read(path)
    assert streamed.table.equals(whole.table) and streamed.warnings == whole.warnings
    assert [note for note in streamed.notes if note not in whole.notes] == [
        "read by openpyxl, not by calamine (its sheet is large)"
    ]


def test_packages_that_are_usual_are_left_as_they_are(tmp_path):
    """Fault 19: what Excel and openpyxl write is read from the file itself."""
    path = save(tmp_path, "xlsx", xlsx(sheet()))
    assert standard_package(path, "xlsx", strict=False) == path
    path = save(tmp_path, "xlsb", xlsb(sheet()))
    assert standard_package(path, "xlsb") == path
