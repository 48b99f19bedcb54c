"""An .xlsx whose tables are written column by column, some rows at a time.

openpyxl writes all but the tables' rows; cell by cell, these would take it eight times as long.
"""

import io
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa
import pyarrow.compute as pc
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

CELLS, ROWS = 1 << 14, 64  # at a time; of a table of many columns, so many rows at least
GENERAL = "General"  # how all cells look
TIME = rb">[\d-]+T[\d:]+Z<"
CHARACTERS, DIGITS = 32767, 15  # the most that a cell holds in Excel
# Characters that XML cannot hold, and the underscore of what looks like the code for one.
CODED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def to_text(value: str) -> str:
    """Return a text as a cell holds it: control characters coded as in Excel, cut where too long."""
    text = CODED.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
    if len(text) <= CHARACTERS // 2:
        return text
    units = text.encode("utf-16-le")  # Excel counts these
    if len(units) <= 2 * CHARACTERS:
        return text
    return units[: 2 * (CHARACTERS - 1)].decode("utf-16-le", errors="ignore") + "…"


def cell(value: object, style: str, quoted: Callable[[], str]) -> str | None:
    """Return the XML of a cell behind its place; None for an empty one.

    `style` is the attribute of numbers with a decimal point; `quoted` returns that of texts which a
    program may take for a formula or an error.
    """
    if isinstance(value, float):
        if math.isfinite(value):
            return f'{style} t="n"><v>{value:.16g}</v></c>'
        value = None if math.isnan(value) else str(value)
    if isinstance(value, bool):
        return f' t="b"><v>{value:d}</v></c>'
    if isinstance(value, int) and abs(value) < 10**DIGITS:
        return f' t="n"><v>{value}</v></c>'
    if value is None or value == "":
        return None
    text = to_text(str(value))  # a larger whole number would lose its last digits
    space = ' xml:space="preserve"' if text != text.strip() else ""
    style = quoted() if text[0] in "=#" else ""
    return f'{style} t="inlineStr"><is><t{space}>{escape(text)}</t></is></c>'


def rows_of(
    table: pa.Table, first: int, styles: Sequence[str], quoted: Callable[[], str]
) -> Iterator[bytes]:
    """Yield the XML of a table's rows; the first has this number in the sheet.

    `styles` are by column; these and `quoted` are as for `cell`.
    """
    for batch in table.to_batches(max(ROWS, CELLS // max(1, table.num_columns))):
        number = pa.array(range(first, first + batch.num_rows)).cast(pa.string())
        cells = []
        for position, (column, style) in enumerate(zip(batch.columns, styles, strict=True), 1):
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            values = column.dictionary_encode()  # what is repeated is put into words once
            known = [cell(value, style, quoted) for value in values.dictionary.to_pylist()]
            own = pa.array(known, pa.string()).take(values.indices)
            place = f'<c r="{get_column_letter(position)}'
            cells.append(pc.binary_join_element_wise(place, number, '"', own, ""))
        row = ('<row r="', number, '">', *cells, "</row>")
        rows = pc.binary_join_element_wise(*row, "", null_handling="replace")
        yield "".join(rows.to_pylist()).encode()
        first += batch.num_rows


class Book:
    """A workbook of sheets that end with the rows of a table, which go to the disk at once."""

    def __init__(self) -> None:
        self.workbook = Workbook(write_only=True)
        self._rows: list[IO[bytes]] = []  # of each sheet

    def end(self, sheet, above: int, table: pa.Table, formats: Sequence[str]) -> None:
        """Write a table's rows below so many rows of a sheet of `workbook`, which must be its newest.

        `formats` are those of numbers with a decimal point, by column.
        """
        sheet.close()
        styles = [_style(sheet, number_format=name) for name in formats]
        quoted = partial(_style, sheet, quotePrefix=True)
        rows = tempfile.TemporaryFile()  # noqa: SIM115
        rows.writelines(rows_of(table, above + 1, styles, quoted))
        self._rows.append(rows)

    def save(self, path: str | os.PathLike, at: datetime | None = None) -> None:
        """Write the workbook; with `at` as the time of it, equal workbooks have the same bytes."""
        self.workbook.save(heads := io.BytesIO())
        sheets = iter(self._rows)
        with ZipFile(heads) as old, ZipFile(path, "w") as new:
            for name in old.namelist():
                entry = ZipInfo(name, (at or datetime.now()).timetuple()[:6])
                entry.compress_type = ZIP_DEFLATED
                above, end, below = old.read(name).partition(b"</sheetData>")
                if at:  # openpyxl writes the time of day into the properties
                    above = re.sub(TIME, at.strftime(">%Y-%m-%dT%H:%M:%SZ<").encode(), above)
                with next(sheets) if end else io.BytesIO() as rows:
                    # by its size it is decided how it is stored
                    entry.file_size = len(above) + rows.seek(0, os.SEEK_END) + len(end + below)
                    rows.seek(0)
                    with new.open(entry, "w") as file:
                        file.write(above)
                        shutil.copyfileobj(rows, file)
                        file.write(end + below)


def _style(sheet, **look) -> str:
    """Return the attribute of a cell that looks so; nothing where that is how all cells look."""
    styled = WriteOnlyCell(sheet)
    for name, how in look.items():
        setattr(styled, name, how)
    return f' s="{styled.style_id}"' if styled.has_style else ""
