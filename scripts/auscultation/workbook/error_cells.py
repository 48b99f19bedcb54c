"""Where the XML of a sheet has error cells, and formulas whose result was never stored.

calamine gives both as blank, openpyxl the latter. Nothing is computed: the file is searched for
what Excel, LibreOffice or a script stored.
"""

import re
from typing import BinaryIO
from xml.parsers import expat

from auscultation.workbook.biff import Flags, Ranges

NO_RESULT = "formula without a stored result"


def xlsx_errors(stream: BinaryIO) -> Flags:
    """Look through the part of a sheet of an .xlsx.

    Returns
    -------
    dict
        By row and column (from 1), the error's name as Excel shows it, or NO_RESULT.
    """
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
    parser.ParseFile(stream)
    return flags


def ods_look(stream: BinaryIO, sheet: str) -> tuple[Flags, Ranges]:
    """Look through OpenDocument's content: LibreOffice marks an error cell, and keeps its text.

    Returns
    -------
    flags
        As of `xlsx_errors`.
    hidden
        The rows that are not shown, from 1.
    """
    flags: Flags = {}
    hidden: Ranges = []
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
            if attributes.get("table:visibility") in ("collapse", "filter"):
                hidden.append((state["row"] + 1, state["row"] + state["rows"]))
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
    parser.ParseFile(stream)
    return flags, hidden
