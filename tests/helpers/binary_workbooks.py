"""Workbooks in the binary formats .xlsb and .xls, written record by record."""

import struct

from workbooks import Error, archive

CODES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36}
CODES["#N/A"] = 42


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
