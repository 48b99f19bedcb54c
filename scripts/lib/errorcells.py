"""Where a sheet has error cells, and formulas whose result was never stored.

calamine gives both as blank, openpyxl the latter. Nothing is computed: the file is searched for
what Excel, LibreOffice or a script stored.
"""

import os
import posixpath
import re
import zipfile
from xml.etree import ElementTree
from xml.parsers import expat

from lib.biff import xls_errors, xlsb_errors, xlsb_sheets

Flags = dict[tuple[int, int], str]  # by row and column, both from 1

NO_RESULT = "formula without a stored result"
# what an .xlsx must hold for a closer look to be worth its time, by a letter that is found faster
SUSPECT = {b"e": (b'"e"', b"'e'"), b"f": (b"<f", b":f>", b":f ")}


def error_cells(path: str | os.PathLike, kind: str, sheet: str) -> Flags:
    """Find the error cells of a sheet, and its formulas without a stored result.

    Parameters
    ----------
    path
        A file that `lib.archive.kind_of` has found whole.
    kind
        xlsx, xlsb, xls or ods.
    sheet
        The sheet's name.

    Returns
    -------
    dict
        By row and column (from 1), the error's name as Excel shows it, or NO_RESULT.
    """
    if kind == "xls":
        with open(path, "rb") as file:
            return dict(xls_errors(file.read(), sheet))
    with zipfile.ZipFile(path) as archive:
        if kind == "ods":
            return _of_ods(archive, sheet)
        part = part_of(archive, kind, sheet)
        if part not in archive.namelist():
            return {}
        if kind == "xlsb":
            return dict(xlsb_errors(archive.read(part)))
        with archive.open(part) as stream:
            end, found = b"", False
            while not found and (chunk := stream.read(1 << 20)):
                text = end + chunk
                found = any(
                    letter in text and any(mark in text for mark in marks)
                    for letter, marks in SUSPECT.items()
                )
                end = chunk[-4:]
        return _of_xlsx(archive, part) if found else {}


def part_of(archive: zipfile.ZipFile, kind: str, sheet: str) -> str:
    """Name the part of the archive that holds a sheet."""
    names = archive.namelist()
    book = next((n for n in names if re.fullmatch(r"xl/workbook\d*\.(xml|bin)", n)), "")
    folder, name = posixpath.split(book)
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in names:
        return ""
    targets = {r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(archive.read(rels))}
    ids = {}
    if kind == "xlsb":
        ids = xlsb_sheets(archive.read(book))
    else:
        for element in ElementTree.fromstring(archive.read(book)).iter():
            if element.tag.endswith("}sheet"):
                key = next((v for k, v in element.items() if k.endswith("}id")), "")
                ids[element.get("name")] = key
    target = targets.get(ids.get(sheet), "")
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _of_xlsx(archive: zipfile.ZipFile, part: str) -> Flags:
    flags: Flags = {}
    # row and column of the cell at hand, its type, whether it has a formula, its value
    state = {"row": 0, "column": 0, "type": None, "formula": False, "value": None}

    def start(tag: str, attributes: dict) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            state["row"] = int(attributes.get("r", state["row"] + 1))
            state["column"] = 0
        elif tag == "c":
            letters = re.match("[A-Za-z]*", attributes.get("r", ""))[0].upper()
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            state.update(
                column=column or state["column"] + 1,
                type=attributes.get("t"),
                formula=False,
                value=None,
            )
        elif tag == "f":
            state["formula"] = True
        elif tag == "v":
            state["value"] = ""

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] != "c":
            return
        place = state["row"], state["column"]
        if state["type"] == "e":
            flags[place] = (state["value"] or "#VALUE!").strip()
        elif state["formula"] and not state["value"] and state["type"] != "str":
            flags[place] = NO_RESULT
        state["value"] = None

    def text(data: str) -> None:
        if state["value"] is not None:
            state["value"] += data

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    with archive.open(part) as stream:
        parser.ParseFile(stream)
    return flags


def _of_ods(archive: zipfile.ZipFile, sheet: str) -> Flags:
    """Look through OpenDocument: LibreOffice marks an error cell, and keeps its text."""
    flags: Flags = {}
    state = {"inside": False, "row": 0, "rows": 1, "column": 0, "cell": None, "text": ""}

    def start(tag: str, attributes: dict) -> None:
        if tag == "table:table":
            state["inside"] = attributes.get("table:name") == sheet
            state["row"] = 0
        elif not state["inside"]:
            return
        elif tag == "table:table-row":
            state["rows"] = int(attributes.get("table:number-rows-repeated", 1))
            state["column"] = 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            error = attributes.get("calcext:value-type") == "error"
            formula = "table:formula" in attributes and "office:value-type" not in attributes
            times = int(attributes.get("table:number-columns-repeated", 1))
            state["cell"] = (error, formula, times)
            state["text"] = ""

    def end(tag: str) -> None:
        if not state["inside"]:
            return
        if tag == "table:table":
            state["inside"] = False
        elif tag == "table:table-row":
            state["row"] += state["rows"]
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            error, formula, times = state["cell"]
            if error or formula:
                name = (state["text"].strip() or "#VALUE!") if error else NO_RESULT
                flags[state["row"] + 1, state["column"] + 1] = name
            state["column"] += times
            state["cell"] = None

    def text(data: str) -> None:
        if state["cell"]:
            state["text"] += data

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    with archive.open("content.xml") as stream:
        parser.ParseFile(stream)
    return flags
