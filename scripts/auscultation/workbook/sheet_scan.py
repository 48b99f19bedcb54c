"""What a sheet holds that no reader tells: error cells, rows that are not shown.

A sheet of an .xlsx is searched once for the few bytes that such things need; only where these are
there is its XML parsed.
"""

import re
import zipfile

from auscultation.workbook.biff import scan_xls, scan_xlsb
from auscultation.workbook.cells import Scan
from auscultation.workbook.compound_file import stream_of
from auscultation.workbook.error_cells import scan_ods, scan_xlsx
from auscultation.workbook.package import Package, Source, opened

STEP = 1 << 20
# an error cell, a formula, a row that is not shown
SUSPECT = (b'"e"', b"'e'", b"<f", b":f>", b":f ", b"hidden")
# a cell that does not begin with its reference; what follows shows that it is not cut
NOWHERE = rb'<%sc(?! r=")[\s/>].{3}'
PREFIX = re.compile(rb"<([\w.-]+:)?(?=sheetData\b)")


def scan_sheet(source: Source, kind: str, sheet: str, number: int) -> Scan:
    """Return what readers do not tell of a sheet.

    Parameters
    ----------
    source
        The workbook, in the form that readers know.
    kind
        xlsx, xlsb, xls or ods.
    sheet, number
        The sheet's name, and its number from 0.

    Raises
    ------
    InputError
        Where it cannot be told in which columns cells stand.
    """
    if kind == "xls":
        return scan_xls(stream_of(source), number)
    with zipfile.ZipFile(opened(source)) as archive:
        part = "content.xml" if kind == "ods" else Package(archive).sheet(sheet)
        if kind == "xlsb" and part:
            return scan_xlsb(archive.read(part))
        if not part or (kind == "xlsx" and not _is_suspect(archive, part)):
            return Scan({}, [])
        with archive.open(part) as stream:
            return scan_ods(stream, sheet) if kind == "ods" else scan_xlsx(stream)


def _is_suspect(archive: zipfile.ZipFile, part: str) -> bool:
    end, nowhere = b"", None
    with archive.open(part) as stream:
        while chunk := stream.read(STEP):
            text = end + chunk
            if nowhere is None:
                prefix = PREFIX.search(text)
                named = prefix[1] if prefix and prefix[1] else b""
                nowhere = re.compile(NOWHERE % re.escape(named), re.DOTALL)
            if any(mark in text for mark in SUSPECT) or nowhere.search(text):
                return True
            end = chunk[-8:]
    return False
