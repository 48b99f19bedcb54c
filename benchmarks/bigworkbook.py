"""Write a simulated workbook of any size: the sheet's XML itself, as Excel would store it.

    python benchmarks/bigworkbook.py PATIENTS OUT.xlsx

openpyxl would take four minutes for 690,000 cycles; this takes one.
"""

import math
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from auscultation.workbook.collect import letters_of
from auscultation.workbook.simulation import simulate_cycles

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}


def cells_of(values: np.ndarray, letters: str, shared: dict[str, int]) -> list[str]:
    """Return the XML of each cell of a column, without its row number: `{}` stands for it."""
    cells = []
    for value in values.tolist():
        if isinstance(value, str):
            number = shared.setdefault(value, len(shared))
            cells.append(f'<c r="{letters}{{}}" s="0" t="s"><v>{number}</v></c>')
        elif value is None or math.isnan(value):
            cells.append("")
        else:
            cells.append(f'<c r="{letters}{{}}" s="0"><v>{value!r}</v></c>')
    return cells


def write(columns: dict[str, np.ndarray], path: str | os.PathLike, step: int = 20000) -> None:
    """Write columns as Sheet1 of an .xlsx, some rows at a time."""
    shared: dict[str, int] = {}
    n_rows = len(next(iter(columns.values())))
    letters = [letters_of(number) for number in range(1, len(columns) + 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            names = [
                cells_of(np.array([n]), at, shared)[0]
                for n, at in zip(columns, letters, strict=False)
            ]
            top = f'<row r="1">{"".join(names).replace("{}", "1")}</row>'
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{top}'.encode())
            for start in range(0, n_rows, step):
                block = [
                    cells_of(values[start : start + step], at, shared)
                    for values, at in zip(columns.values(), letters, strict=True)
                ]
                rows = (
                    f'<row r="{row}">{"".join(cells)}</row>'.replace("{}", str(row))
                    for row, cells in enumerate(zip(*block, strict=True), start + 2)
                )
                sheet.write("".join(rows).encode())
            sheet.write(b"</sheetData></worksheet>")
        texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
        archive.writestr("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}">{texts}</sst>')


if __name__ == "__main__":
    patients, out = int(sys.argv[1]), Path(sys.argv[2])
    temporary = out.with_name(f".{out.name}")
    write(simulate_cycles(2017, patients), temporary)
    os.replace(temporary, out)
