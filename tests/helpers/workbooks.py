"""A clean workbook as .xlsx, .ods and .csv, with what libraries cannot write or would not."""

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
from openpyxl import Workbook

NAMES = [
    "patient_ID",
    "Diagnosis",
    "age",
    "sex",
    "IMC",
    "weight",
    "height",
    "adq_format",
    "start",
    "end",
]
NAMES += ["crackles", "wheezes", "state", "Var", "Range", "Coarse_Av", "Fine_Av"] + ["Spectrum Av"]
INTEGERS = ("patient_ID", "crackles", "wheezes", "state")
TEXTS = ("Diagnosis", "sex", "adq_format")


def rows() -> list[list]:
    """Return twelve cycles of three patients and four states; some ages and weights are missing."""
    made = []
    for n in range(12):
        patient = n // 4
        recording = ("1b1_Al_sc_Meditron", "2b2_Tc_mc_AKGC417L")[n % 4 // 2]
        start = round(0.036 + 3.25 * (n % 2), 3)
        made.append(
            [
                *(101 + patient, ("URTI", "COPD", "Neumonía")[patient]),
                *((3.5, None, 70.0)[patient], ("F", None, "M")[patient]),
                *(None if patient == 0 else 21.25, (19.0, None, None)[patient], None),
                *(recording, start, round(start + 1.5 + n / 8, 3)),
                *(n % 2, n // 2 % 2, n % 2 + 2 * (n // 2 % 2)),
                # 15 digits, which is what openpyxl writes
                *(float(f"{x:.8g}") for x in (1.5e-4 * (n + 1), 0.25 + n / 16, -2e-5 * (n + 1))),
                *(float(f"{x:.8g}") for x in (1e-6 * (n - 4.5), 3.25e-9 / (n + 1))),
            ]
        )
    return made


def table() -> pa.Table:
    """Return the same cycles as they must be read, without code of the project."""
    columns = zip(NAMES, zip(*rows(), strict=True), strict=True)
    types = {name: pa.int64() for name in INTEGERS} | {name: pa.string() for name in TEXTS}
    return pa.table({n: pa.array(list(v), types.get(n, pa.float64())) for n, v in columns})


def sheet() -> list[list]:
    """Return the cells of a sheet: the column names and the cycles."""
    return [list(NAMES), *rows()]


class Error(str):
    """An Excel error as a cell's value."""


def archive(parts: dict[str, str | bytes]) -> bytes:
    """Return the bytes of a zip archive of some parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """Take an archive apart."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def xlsx(
    cells: list[list],
    title: str = "Cycles",
    others: tuple[str, ...] = (),
    hidden: list[list] | None = None,
    unseen: tuple[int, ...] = (),
) -> bytes:
    """Write an .xlsx by openpyxl.

    As of every kind here: `hidden` are the cells of a hidden sheet "Old" before the one to be read,
    `unseen` the numbers of rows that are not shown.
    """
    book = Workbook()
    book.active.title = title
    for row in cells:
        book.active.append([str(v) if isinstance(v, Error) else v for v in row])
    for number in unseen:
        book.active.row_dimensions[number].hidden = True
    if hidden is not None:
        old = book.create_sheet("Old", 0)
        for row in hidden:
            old.append(row)
        old.sheet_state = "hidden"
        book.active = 1
    for other in others:
        book.create_sheet(other).append(["nothing", "of", "use"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_text(cells: list[list], separator: str = ",", comma: bool = False) -> str:
    """Write a CSV, with decimal commas if asked."""

    def text(value: object) -> str:
        words = "" if value is None else str(value)
        return words.replace(".", ",") if comma and isinstance(value, float) else words

    return "".join(separator.join(map(text, row)) + "\n" for row in cells)


def ods(
    cells: list[list],
    title: str = "Cycles",
    manifest: str = "",
    hidden: list[list] | None = None,
    unseen: tuple[int, ...] = (),
) -> bytes:
    """Write an .ods as LibreOffice does, with repeated blank cells and rows behind the table."""
    tables = _ods_table(hidden, "Old", ' table:style-name="ta2"') if hidden else ""
    tables += _ods_table(cells, title, unseen=unseen)
    names = "office table text style"
    spaces = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names.split()
    )
    spaces += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    content = (
        f"<office:document-content{spaces}><office:automatic-styles>"
        '<style:style style:name="ta2" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        f"{manifest}</manifest:file-entry></manifest:manifest>"
    )
    return archive({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": listed})


def _ods_table(cells: list[list], title: str, style: str = "", unseen: tuple[int, ...] = ()) -> str:
    body = ""
    for number, row in enumerate(cells, 1):
        body += "<table:table-row" + ' table:visibility="filter"' * (number in unseen) + ">"
        for value in row:
            if value is None:
                body += "<table:table-cell/>"
            elif isinstance(value, Error):
                body += (
                    '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
                    'office:string-value="" calcext:value-type="error">'
                    f"<text:p>{value}</text:p></table:table-cell>"
                )
            elif isinstance(value, str):
                body += (
                    '<table:table-cell office:value-type="string">'
                    f"<text:p>{escape(value)}</text:p></table:table-cell>"
                )
            else:
                body += (
                    f'<table:table-cell office:value-type="float" office:value="{value!r}">'
                    f"<text:p>{value:.2f}</text:p></table:table-cell>"
                )
        body += '<table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
    body += (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1018"/></table:table-row>'
    )
    return f"<table:table table:name={quoteattr(title)}{style}>{body}</table:table>"
