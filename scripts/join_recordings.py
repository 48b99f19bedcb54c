"""Join the cycles of a folder of recordings and their features to the table that a workbook would make.

In: `cycles.parquet`, the features of each batch. Out: `raw.parquet` and `source.json`, as of a workbook.
"""

import json
import logging

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auscultation.data.columns import WORKBOOK
from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.audio import USELESS


def main(snakemake) -> None:
    """Write `raw.parquet` and `source.json`."""
    without_pandas()
    inputs, output = snakemake.input, snakemake.output
    about = read_json(inputs.about)
    problems = about["problems"] + [p for path in inputs.problems for p in read_json(path)]
    wrong = [p for p in problems if p["check"] in USELESS]
    if wrong:
        lines = "".join(f"\n  - {p['file']} {p['where']}: {p['message']}" for p in wrong[:20])
        raise InputError(f"recordings {about['folder']}: {len(wrong)} cannot be used{lines}")
    cycles = pq.read_table(inputs.cycles)
    features = pa.concat_tables(map(pq.read_table, inputs.features))
    # both have the cycles of a recording in the same order
    order = [table["recording"].to_pylist() for table in (cycles, features)]
    rows = np.argsort(np.array(order[1], object), kind="stable")
    place = np.empty(len(rows), np.int64)
    place[np.argsort(np.array(order[0], object), kind="stable")] = rows
    features = features.take(place)
    columns = {name: cycles[name] for name in cycles.column_names if name not in ("file", "batch")}
    columns |= {name: features[name] for name in features.column_names}
    columns["state"] = pc.add(columns["crackles"], pc.multiply(columns["wheezes"], 2))
    known = [name for name in WORKBOOK if name in columns]
    others = [name for name in columns if name not in WORKBOOK]
    table = pa.table({name: columns[name] for name in [*known, *others]})
    write_parquet(table, output.raw)
    warnings = [f"{p['file']} {p['where']}: {p['message']} ({p['check']})" for p in problems]
    for line in warnings:
        logging.warning("%s", line)
    source = {"workbook": about["folder"], "sheet": None, "bytes": 0, "sha256": ""}
    source |= {"rows": table.num_rows, "columns": table.column_names}
    source |= {"recordings": about["recordings"], "notes": about["notes"], "warnings": warnings}
    write_text(output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
