"""Tables as sheets of an .xlsx, written in batches: memory does not grow with rows."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from auscultation.metrics.names import METRICS
from auscultation.workbook.sheet_rows import GENERAL, Book, to_text

FORMATS = dict.fromkeys(("mse", "rmse", "mae", "r2"), "0.0000")
FORMATS |= dict.fromkeys(("fit_seconds", "predict_seconds"), "0.000")
FORMATS["peak_memory_mb"] = "0"
SHARE = "0.0%"  # metrics that are shares
PLAIN = "0.000000"
ROWS, COLUMNS = 1 << 20, 1 << 14  # limits of a sheet in Excel
ABOVE = 2  # rows above a table: the note, the names
WIDEST = 100  # characters


def metric_format(name: str) -> str:
    """Return the number format of a column whose name begins with that of a metric."""
    metric = name.split(" ")[0]
    return FORMATS.get(metric, SHARE if metric in METRICS else PLAIN)


def _row(sheet, values: list[str], **style) -> list[Cell]:
    """Return a row of texts in a style."""
    cells = []
    for value in values:
        cell = WriteOnlyCell(sheet, to_text(value))
        cell.data_type = "s"
        for name, how in style.items():
            setattr(cell, name, how)
        cells.append(cell)
    return cells


def _width(name: str, column: pa.ChunkedArray) -> float:
    """Return a column's width in characters, by its name and its longest text."""
    longest = 0
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        longest = pc.max(pc.utf8_length(column.cast(pa.string()))).as_py() or 0
    return min(max(11, len(name) * 0.7 + 3, longest + 3), WIDEST)


def add_plain_sheet(book: Book, title: str, table: pa.Table) -> None:
    """Write a table as a sheet that any program reads: names in row 1, rows below, numbers as they are.

    As `add_sheet`, a table too long for a sheet continues in another.
    """
    for part, start in enumerate(range(0, max(table.num_rows, 1), ROWS - 1), 1):
        rows = table.slice(start, ROWS - 1)
        sheet = book.workbook.create_sheet(title if part == 1 else f"{title} ({part})")
        sheet.append(_row(sheet, table.column_names))
        book.end(sheet, 1, rows, [GENERAL] * rows.num_columns)


def add_sheet(
    book: Book,
    title: str,
    note: str,
    table: pa.Table,
    number_format: Callable[[str], str] = metric_format,
) -> None:
    """Write a table as a sheet: a note in row 1, the names in row 2 (frozen, with filters), the rows.

    A table of more rows than a sheet can hold continues in `{title} (2)`. The title has at most 25
    characters, the table at most 16,384 columns of texts, numbers and truth values. `number_format`
    returns, by the column's name, the format of numbers with a decimal point.
    """
    names = table.column_names
    widths = [_width(name, table[name]) for name in names]
    for part, start in enumerate(range(0, max(table.num_rows, 1), ROWS - ABOVE), 1):
        rows = table.slice(start, ROWS - ABOVE)
        sheet = book.workbook.create_sheet(title if part == 1 else f"{title} ({part})")
        for column, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.freeze_panes = "B3"
        last = get_column_letter(len(names))
        sheet.auto_filter.ref = f"A{ABOVE}:{last}{rows.num_rows + ABOVE}"
        sheet.append(_row(sheet, [note], font=Font(italic=True, color="555555")))
        style = {
            "font": Font(bold=True, color="FFFFFF"),
            "fill": PatternFill("solid", fgColor="2F4B6B"),
            "alignment": Alignment(wrap_text=True, vertical="center"),
        }
        sheet.append(_row(sheet, names, **style))
        book.end(sheet, ABOVE, rows, [number_format(name) for name in names])
