"""The files that a run has read, and what is of which."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.report.tables import Table, cell, count, table


def sources_of(source: dict) -> list[dict]:
    """Return the files of a run, each with its name, from the content of `source.json`."""
    files = source.get("files") or [source | {"dataset": ""}]
    return [file | {"name": Path(file["workbook"]).name} for file in files]


def datasets_table(cycles: pa.Table) -> Table:
    """Return the cycles and patients of each dataset, none where several tables were not read."""
    rows = []
    if "dataset" in cycles.column_names:
        for dataset in sorted(cycles["dataset"].unique().drop_null().to_pylist()):
            own = cycles.filter(pc.equal(cycles["dataset"], dataset))
            people = len(own["patient_ID"].unique())
            rows.append([cell(dataset), count(own.num_rows), count(people)])
    return table(["dataset", "cycles", "patients"], rows)
