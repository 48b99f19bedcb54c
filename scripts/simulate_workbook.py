"""Write a simulated workbook of respiratory cycles that looks like a table made from ICBHI 2017.

In: a seed and a number of patients. Out: an .xlsx with one row per respiratory cycle, in the order
patient, recording, time.
"""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from os import PathLike

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from auscultation.job.files import atomic_path
from auscultation.job.log import start
from auscultation.workbook.simulation import simulate_cycles

STEP = 20_000  # rows at a time


def texts_of(values: np.ndarray) -> pa.Array:
    """Return values as the texts of their cells, null for NaN and None."""
    if values.dtype.kind == "f":  # as openpyxl writes numbers
        return pa.array([None if x != x else f"{x:.16g}" for x in values.tolist()], pa.string())
    return pa.array(values).cast(pa.string())


def rows_of(columns: dict[str, np.ndarray]) -> Iterator[bytes]:
    """Yield the XML of a sheet's rows from the second on, some at a time; texts need no escapes.

    It is that of openpyxl, which takes eight times as long.
    """
    n_rows = len(next(iter(columns.values())))
    for first in range(0, n_rows, STEP):
        number = pa.array(range(first + 2, min(first + STEP, n_rows) + 2)).cast(pa.string())
        cells = []
        for position, column in enumerate(columns.values(), 1):
            kind, end = 't="n"><v>', "</v></c>"
            if column.dtype.kind in "OU":
                kind, end = 't="inlineStr"><is><t>', "</t></is></c>"
            cell = (f'<c r="{get_column_letter(position)}', number, f'" {kind}')
            text = texts_of(column[first : first + STEP])
            cells.append(pc.binary_join_element_wise(*cell, text, end, ""))
        row = ('<row r="', number, '">', *cells, "</row>")
        rows = pc.binary_join_element_wise(*row, "", null_handling="replace")
        yield "".join(rows.to_pylist()).encode()


def write_workbook(columns: dict[str, np.ndarray], path: str | PathLike) -> None:
    """Write the columns as Sheet1 of an .xlsx, with empty cells for NaN and None.

    The same columns give the same bytes at any time.
    """
    workbook = Workbook(write_only=True)
    workbook.create_sheet("Sheet1").append(list(columns))
    workbook.save(stamped := io.BytesIO())
    # openpyxl writes the time of day into the properties and into every entry of the archive.
    with zipfile.ZipFile(stamped) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">[\d-]+T[\d:]+Z<", b">2019-03-22T00:00:00Z<", content)
            entry = zipfile.ZipInfo(name, (2019, 3, 22, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            before, end, after = content.partition(b"</sheetData>")
            with new.open(entry, "w") as file:
                file.write(before)
                for rows in rows_of(columns) if end else ():
                    file.write(rows)
                file.write(end + after)


def main(snakemake) -> None:
    """Write the workbook that the rule asks for."""
    columns = simulate_cycles(int(snakemake.params.seed), int(snakemake.params.patients))
    with atomic_path(snakemake.output.workbook) as path:
        write_workbook(columns, path)
    logging.info("simulated %d cycles", len(columns["state"]))


start(globals(), main)
