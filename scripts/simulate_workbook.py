"""Write a simulated workbook of respiratory cycles that looks like a table made from ICBHI 2017.

In: a seed and a number of patients. Out: an .xlsx with one row per respiratory cycle, in the order
patient, recording, time.
"""

import io
import logging
import re
import zipfile
from os import PathLike

import numpy as np
from openpyxl import Workbook

from auscultation.job.files import atomic_path
from auscultation.job.log import start
from auscultation.workbook.simulation import simulate_cycles


def write_workbook(columns: dict[str, np.ndarray], path: str | PathLike) -> None:
    """Write the columns as Sheet1 of an .xlsx, with empty cells for NaN and None.

    The same columns give the same bytes at any time.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Sheet1")
    sheet.append(list(columns))
    for row in zip(*(column.tolist() for column in columns.values()), strict=False):
        sheet.append([None if value != value else value for value in row])
    workbook.save(stamped := io.BytesIO())
    # openpyxl writes the time of day into the properties and into every entry of the archive.
    with zipfile.ZipFile(stamped) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">[\d-]+T[\d:]+Z<", b">2019-03-22T00:00:00Z<", content)
            entry = zipfile.ZipInfo(name, (2019, 3, 22, 0, 0, 0))
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)


def main(snakemake) -> None:
    """Write the workbook that the rule asks for."""
    columns = simulate_cycles(int(snakemake.params.seed), int(snakemake.params.patients))
    with atomic_path(snakemake.output.workbook) as path:
        write_workbook(columns, path)
    logging.info("simulated %d cycles", len(columns["state"]))


start(globals(), main)
