"""The rows of a large .xlsx sheet, some thousand at a time.

calamine holds a whole sheet in memory, in all more than a kilobyte a row. Here it is given the
sheet in blocks of rows, each as a small workbook of its own, and so reads the same values in as
little memory as a block takes.
"""

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator

from auscultation.workbook.package import Package, Source, opened

BLOCK = 1 << 18  # bytes of XML in a block
LARGE = 32 * BLOCK  # of a sheet that is read so
BESIDE = 8  # times what goes with each block (texts, styles), so that this is not read too often
START, END = b"<sheetData>", b"</sheetData></worksheet>"


def large_part(source: Source, name: str) -> str:
    """Name the archive's part with a sheet, if that is large; else give an empty text."""
    with zipfile.ZipFile(opened(source)) as archive:
        part = Package(archive).sheet(name)
        return part if part and archive.getinfo(part).file_size > LARGE else ""


def rows_by_block(
    source: Source, part: str, name: str, whole: Callable[[], Iterator[list]]
) -> Iterator[list]:
    """Return the rows of a sheet from A1.

    Where a sheet is not of the usual form, or a block cannot be read, the rest of the rows are
    those of `whole`, which raises what there is to be said.

    Parameters
    ----------
    source
        The workbook, an .xlsx in the usual form.
    part
        The archive's part with the sheet.
    name
        The sheet's name.
    whole
        Gives all rows, as calamine does without blocks.
    """
    given = 0
    try:
        for row in _rows(source, part, name):
            yield row
            given += 1
        return
    except BaseException as error:  # a panic of calamine's is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
    yield from itertools.islice(whole(), given, None)


def _rows(source: Source, part: str, name: str) -> Iterator[list]:
    from python_calamine import CalamineWorkbook

    done = 0
    for file in _blocks(source, part):
        cells = CalamineWorkbook.from_filelike(file).get_sheet_by_name(name)
        if cells.start is None:
            continue
        first, left = cells.start
        if first < done:
            raise ValueError("rows are not in order")
        yield from itertools.repeat([], first - done)
        before = [None] * left
        for row in cells.to_python(skip_empty_area=True):
            yield before + row if left else row
        done = first + cells.height


def _blocks(source: Source, part: str) -> Iterator[io.BytesIO]:
    """Return a workbook of each block of rows.

    Raises
    ------
    ValueError
        Where the sheet's XML is not of the usual form: a namespace without prefix, numbered rows.
    """
    with zipfile.ZipFile(opened(source)) as archive:
        beside = {
            info.filename: archive.read(info)
            for info in archive.infolist()
            if info.filename.endswith((".xml", ".rels")) and "/worksheets/" not in info.filename
        }
        size = max(BLOCK, BESIDE * sum(map(len, beside.values())))
        with archive.open(part) as stream:
            head, start, rest = stream.read(size).partition(START)
            if not start:
                raise ValueError("the XML is of another form")
            chunk = rest
            while chunk:
                chunk = stream.read(size)
                rest += chunk
                rows, mark, after = rest.rpartition(b"</row>") if chunk else (rest, b"", b"")
                if chunk and not mark:  # a row larger than a block
                    continue
                if rows.count(b"<row r=") != rows.count(b"<row ") + rows.count(b"<row>"):
                    raise ValueError("rows are not numbered")
                yield _workbook(beside | {part: head + start + rows + mark + END * bool(chunk)})
                rest = after


def _workbook(parts: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    file.seek(0)
    return file
