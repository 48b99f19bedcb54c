"""Error cells, formulas without a stored result and hidden rows in the XML of a sheet.

calamine gives the first two as blank, openpyxl the second. Nothing is computed: the XML is searched
for what Excel, LibreOffice or a script stored.
"""

import re
from typing import IO
from xml.parsers import expat

from auscultation.job.errors import InputError
from auscultation.workbook.cells import Scan

NO_RESULT = "formula without a stored result"


def _scan(stream: IO[bytes], handler: "_Xlsx | _Ods") -> Scan:
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler = handler.text
    parser.ParseFile(stream)
    return handler.scan


def scan_xlsx(stream: IO[bytes]) -> Scan:
    """Return what readers do not tell of a sheet's part of an .xlsx.

    Raises
    ------
    InputError
        Where cells do not state their column, and blank ones may have been left out.
    """
    return _scan(stream, _Xlsx())


def scan_ods(stream: IO[bytes], sheet: str) -> Scan:
    """Return what readers do not tell of a sheet in OpenDocument's content.

    LibreOffice marks an error cell, and keeps its text.
    """
    return _scan(stream, _Ods(sheet))


class _Xlsx:
    def __init__(self) -> None:
        self.scan = Scan({}, [])
        self.row = self.column = 0
        self.cells = self.nowhere = self.width = 0  # of the row: cells, those without a reference
        self.kind = ""
        self.formula = False
        self.value: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            letters = re.match("[A-Za-z]*", attributes.get("r", ""))
            column = 0
            for letter in letters[0].upper() if letters else "":
                column = column * 26 + ord(letter) - 64
            self.cells += 1
            self.nowhere += not column
            self.column = column or self.column + 1
            self.kind, self.formula, self.value = attributes.get("t", ""), False, None
        elif tag == "f":
            self.formula = True
        elif tag == "v":
            self.value = ""
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = self.cells = self.nowhere = 0
            if attributes.get("hidden") in ("1", "true"):
                self.scan.hidden.append((self.row, self.row))

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            if self.kind == "e":
                self.scan.errors[self.row, self.column] = (self.value or "#VALUE!").strip()
            elif self.formula and not self.value and self.kind != "str":
                self.scan.errors[self.row, self.column] = NO_RESULT
            self.value = None
        elif tag == "row" and self.nowhere:
            # cells without a reference stand side by side; where a row has fewer of them than one
            # above, blank ones were left out, and what follows would slide under other names
            if self.cells < self.width:
                raise InputError(
                    f"row {self.row}: {self.cells} cells that do not state their column, but "
                    f"{self.width} in a row above, so it is unknown which ones are blank. The "
                    'program that wrote the file must give cells their references (r="A1"), or '
                    "write a .csv"
                )
            self.width = self.cells

    def text(self, data: str) -> None:
        if self.value is not None:
            self.value += data


class _Ods:
    def __init__(self, sheet: str) -> None:
        self.scan = Scan({}, [])
        self.sheet, self.inside = sheet, False
        self.row = self.column = 0
        self.rows = self.columns = 1  # how often the row and the cell are repeated
        self.error = self.formula = False
        self.text_of_cell: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.inside = attributes.get("table:name") == self.sheet
            self.row = 0
        elif not self.inside:
            return
        elif tag == "table:table-row":
            self.rows = int(attributes.get("table:number-rows-repeated", 1))
            self.column = 0
            if attributes.get("table:visibility") in ("collapse", "filter"):
                self.scan.hidden.append((self.row + 1, self.row + self.rows))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.error = attributes.get("calcext:value-type") == "error"
            self.formula = "table:formula" in attributes and "office:value-type" not in attributes
            self.columns = int(attributes.get("table:number-columns-repeated", 1))
            self.text_of_cell = ""

    def end(self, tag: str) -> None:
        if not self.inside:
            return
        if tag == "table:table":
            self.inside = False
        elif tag == "table:table-row":
            self.row += self.rows
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            place = self.row + 1, self.column + 1
            if self.error:
                self.scan.errors[place] = (self.text_of_cell or "").strip() or "#VALUE!"
            elif self.formula:
                self.scan.errors[place] = NO_RESULT
            self.column += self.columns
            self.text_of_cell = None

    def text(self, data: str) -> None:
        if self.text_of_cell is not None:
            self.text_of_cell += data
