"""List the recordings of a folder and their annotated cycles, with what is known of the patients.

In: a folder, tables of patients. Out: `cycles.parquet` (one row per cycle: recording, file, batch, start,
end, labels, patient), `annotations.json` (files, notes, problems).
"""

import json
import os

import pyarrow as pa

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.annotations import read_annotations
from auscultation.recordings.folder import batch_of, list_folder


def main(snakemake) -> None:
    """Write the cycles of a folder of recordings, and what is wrong with it."""
    without_pandas()
    params = snakemake.params
    folder = list_folder(params.folder)
    annotations = read_annotations(folder, params.patient_tables, params.name_pattern)
    table = annotations.table
    if not table.num_rows:
        why = "".join(f"\n  - {p.file} {p.where}: {p.message}" for p in annotations.problems[:20])
        raise InputError(f"recordings {folder.path}: no recording has an annotated cycle{why}")
    files = {recording.name: recording.file for recording in folder.recordings}
    names = table["recording"].to_pylist()
    table = table.append_column("file", pa.array([files[name] for name in names]))
    batches = {name: batch_of(name, params.batches) for name in files}
    table = table.append_column("batch", pa.array([batches[name] for name in names], pa.int64()))
    write_parquet(table, snakemake.output.cycles)
    about = {
        "folder": os.fspath(folder.path),
        "recordings": len(folder.recordings),
        "notes": annotations.notes,
        "problems": [problem._asdict() for problem in annotations.problems],
    }
    write_text(snakemake.output.about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
