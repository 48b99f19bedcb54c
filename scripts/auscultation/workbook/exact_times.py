"""Start and end that a workbook formats as times, exactly: its readers round these to milliseconds."""

import os
import re
import shutil
import struct
import tempfile
import zipfile

import numpy as np

from auscultation.data.columns import WORKBOOK
from auscultation.workbook.cells import keep, pack
from auscultation.workbook.collect import Cells, gather
from auscultation.workbook.column_names import Names
from auscultation.workbook.compound_file import workbook_stream
from auscultation.workbook.sheets import open_book, open_sheet
from auscultation.workbook.times import DAY, seconds_of

MICROSECONDS = 6  # digits; a day as a float has no more
XF = 0x00E0  # the record of an .xls that says how cells look ([MS-XLS] 2.4.353)
STYLES = ("styles.xml", "styles.bin")


def exact_times(
    path: str | os.PathLike, cells: Cells, reader: str, max_rows: int, names: Names
) -> Cells:
    """Return the cells with times in seconds, where a column is in seconds.

    Excel keeps them as days, and says apart from the cells how these look. Without that the days
    themselves are read. Other kinds have what the reader gave.
    """
    kind, sheet = cells.kind, cells.sheet
    if kind not in ("xlsx", "xlsb", "xls") or sheet is None:
        return cells
    places = {
        at: [row for row, v in enumerate(column) if not isinstance(v, str) and _is_time(v)]
        for at, (name, column) in enumerate(
            zip(names.columns_of(cells.names), cells.columns, strict=True)
        )
        if name and isinstance(column, list) and WORKBOOK[name].unit == "s"
    }
    if not any(places.values()):
        return cells
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, f"plain.{kind}")
        (_plain_xls if kind == "xls" else _plain_zip)(path, plain)
        opened = open_sheet(open_book(plain, kind, reader), sheet)
        days = gather(plain, opened, max_rows, names)
    columns = list(cells.columns)
    for at, rows in places.items():
        column = list(columns[at])
        kept = keep(days.columns[at], np.isin(np.arange(len(column)), rows))
        numbers: list = kept if isinstance(kept, list) else kept.to_pylist()
        for row, number in zip(rows, numbers, strict=True):
            if isinstance(number, float):  # else its file says elsewhere, too, how it looks
                column[row] = round(number * DAY, MICROSECONDS)
        columns[at] = pack(column)
    return cells._replace(columns=columns)


def _is_time(value: object) -> bool:
    return not isinstance(value, float) and seconds_of(value) is not None


def _plain_zip(path: str | os.PathLike, plain: str) -> None:
    """Copy an .xlsx or .xlsb but for the part that says how its cells look."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(plain, "w") as new:
        for name in old.namelist():
            if re.split(r"[\\/]", name.lower())[-1] not in STYLES:
                with old.open(name) as source, new.open(name, "w") as target:
                    shutil.copyfileobj(source, target)


def _plain_xls(path: str | os.PathLike, plain: str) -> None:
    """Copy an .xls with every cell's look set to the general one, where its parts lie in order."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    book = workbook_stream(bytes(data))
    start, at = data.find(book), 0
    while start >= 0 and at + 4 <= len(book):
        code, size = struct.unpack_from("<HH", book, at)
        if code == XF:
            data[start + at + 6 : start + at + 8] = bytes(2)  # behind the font, the number format
        at += 4 + size
    with open(plain, "wb") as file:
        file.write(data)
