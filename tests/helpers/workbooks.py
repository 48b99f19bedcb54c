"""Workbooks of every kind, made by hand: what their libraries cannot write, or would not."""

import io
import struct
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


CODES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36}
CODES["#N/A"] = 42


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


def _record(code: int, content: bytes = b"") -> bytes:
    """Write a record of an .xlsb part ([MS-XLSB] 2.1.4)."""
    head = bytes([code]) if code < 128 else bytes([code & 127 | 128, code >> 7])
    size = len(content)
    while size >= 128:
        head += bytes([size & 127 | 128])
        size >>= 7
    return head + bytes([size]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(
    cells: list[list],
    title: str = "Cycles",
    short: bool = False,
    hidden: list[list] | None = None,
    unseen: tuple[int, ...] = (),
) -> bytes:
    """Write an .xlsb of numbers, texts and errors, with `short` cells as SheetJS writes them."""
    sheets = [("Old", 1, _xlsb_sheet(hidden, False, ()))] if hidden else []
    sheets += [(title, 0, _xlsb_sheet(cells, short, unseen))]
    office = "http://schemas.openxmlformats.org"
    relation = f"{office}/officeDocument/2006/relationships"

    def relations(kind: str, *targets: str) -> str:
        inside = "".join(
            f'<Relationship Id="rId{n}" Type="{relation}/{kind}" Target="{target}"/>'
            for n, target in enumerate(targets, 1)
        )
        space = f"{office}/package/2006/relationships"
        return f'<Relationships xmlns="{space}">{inside}</Relationships>'

    book = _record(131) + _record(143)
    for n, (name, state, _) in enumerate(sheets, 1):
        book += _record(156, struct.pack("<II", state, n) + _wide(f"rId{n}") + _wide(name))
    book += _record(144) + _record(132)
    targets = [f"worksheets/sheet{n}.bin" for n in range(1, len(sheets) + 1)]
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types"/>',
            "_rels/.rels": relations("officeDocument", "xl/workbook.bin"),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations("worksheet", *targets),
            **{f"xl/{t}": data for t, (_, _, data) in zip(targets, sheets, strict=True)},
        }
    )


def _xlsb_sheet(cells: list[list], short: bool, unseen: tuple[int, ...]) -> bytes:
    width = max(map(len, cells))
    data = _record(129) + _record(148, struct.pack("<4I", 0, len(cells) - 1, 0, width - 1))
    data += _record(145)
    for number, row in enumerate(cells):
        flags = 0x1000 * (number + 1 in unseen)
        data += _record(0, struct.pack("<IIHHBI", number, 0, 300, flags, 0, 0))
        before = -2
        for column, value in enumerate(row):
            beside = short and before == column - 1  # right of a cell: its place follows
            at = struct.pack("<I", 0) if beside else struct.pack("<II", column, 0)
            if isinstance(value, Error):
                data += _record(14 if beside else 3, at + bytes([CODES[value]]))
            elif isinstance(value, str):
                data += _record(17 if beside else 6, at + _wide(value))
            elif value is not None:
                data += _record(16 if beside else 5, at + struct.pack("<d", value))
            before = before if value is None else column
    return data + _record(146) + _record(130)


def xls(
    cells: list[list],
    title: str = "Cycles",
    locked: bool = False,
    hidden: list[list] | None = None,
    unseen: tuple[int, ...] = (),
    times: tuple[int, ...] = (),
    **of_file: str,
) -> bytes:
    """Write an .xls: BIFF8 ([MS-XLS]) in a compound file ([MS-CFB]); some columns look like times."""
    sheets = [("Old", 1, hidden, ())] if hidden else []
    sheets.append((title, 0, cells, unseen))
    return compound(xls_stream(sheets, locked, times=times), **of_file)


def xls_stream(
    sheets: list[tuple], locked: bool = False, biff5: bool = False, times: tuple[int, ...] = ()
) -> bytes:
    """Write the stream of an .xls: of each sheet the name, state, cells, rows that are not shown."""

    def record(code: int, content: bytes = b"") -> bytes:
        return struct.pack("<HH", code, len(content)) + content

    def begin(kind: int) -> bytes:
        if biff5:
            return record(0x0809, struct.pack("<HHHH", 0x0500, kind, 0, 1995))
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))

    end = record(0x000A)
    bodies = []
    for _, _, cells, unseen in sheets:
        body = begin(0x10)
        for number, row in enumerate(cells):
            if number + 1 in unseen:
                body += record(0x0208, struct.pack("<HHHHHHI", number, 0, 18, 300, 0, 0, 0x20))
            for column, value in enumerate(row):
                at = struct.pack("<HHH", number, column, int(number > 0 and column in times))
                if isinstance(value, Error):
                    body += record(0x0205, at + bytes([CODES[value], 1]))
                elif isinstance(value, str):
                    text = value.encode("cp1252") if biff5 else b"\1" + value.encode("utf-16-le")
                    body += record(0x0204, at + struct.pack("<H", len(value)) + text)
                elif value is not None:
                    body += record(0x0203, at + struct.pack("<d", value))
        bodies.append(body + end)
    head = begin(5) + record(0x0042, struct.pack("<H", 1252 if biff5 else 1200))
    head += record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if locked else b""
    if times:  # Format, then two XF, of which the second has it
        look = b"mm:ss.000"
        head += record(0x041E, struct.pack("<HHB", 164, len(look), 0) + look)
        head += b"".join(record(0x00E0, struct.pack("<HH16x", 0, form)) for form in (0, 164))
    names = [bytes([len(name)]) + b"\0" * (not biff5) + name.encode() for name, *_ in sheets]
    start = len(head) + sum(4 + 6 + len(name) for name in names) + len(end)
    for name, (_, state, *_), body in zip(names, sheets, bodies, strict=True):
        head += record(0x0085, struct.pack("<IBB", start, state, 0) + name)
        start += len(body)
    return head + end + b"".join(bodies)


def compound(stream: bytes, name: str = "Workbook", root: str = "Root Entry") -> bytes:
    """Write a compound file of one stream, of 4096 bytes or more, in sectors of 512."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    table = [fat, end]

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        wide = name.encode("utf-16-le")
        head = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2 if name else 0, kind, 1)
        return (
            head
            + struct.pack("<III", free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    stream = stream.ljust(4096, b"\0")
    sectors = [stream[at : at + 512].ljust(512, b"\0") for at in range(0, len(stream), 512)]
    table += [len(table) + 1 + n for n in range(len(sectors) - 1)] + [end]
    assert len(table) <= 128
    directory = entry(root, 5, 1, end, 0) + entry(name, 2, free, 2, len(stream))
    directory = directory.ljust(512, b"\0")
    table += [free] * (128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    return header + struct.pack("<128I", *table) + directory + b"".join(sectors)
