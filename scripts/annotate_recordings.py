"""List the recordings of a folder and their annotated cycles, with what is known of the patients.

In: a folder, tables of patients. Out: `cycles.parquet` (a row per cycle: recording, `row` in it, start,
end, labels, patient), `annotations.json` (recordings, notes, problems).
"""

import json
import os

import numpy as np
import pyarrow as pa

from auscultation.data.parquet import write_parquet
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.annotations import read_annotations
from auscultation.recordings.folder import list_folder, shown


def main(snakemake) -> None:
    """Write the cycles of a folder of recordings, and what is wrong with it."""
    without_pandas()
    params = snakemake.params
    folder = list_folder(params.folder)
    annotations = read_annotations(
        folder, params.patient_tables, params.name_pattern, columns=params.columns
    )
    table = annotations.table
    codes = table["recording"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, first, of = np.unique(codes, return_index=True, return_inverse=True)
    # the cycles of a recording follow each other
    table = table.append_column("row", pa.array(np.arange(table.num_rows) - first[of]))
    write_parquet(table, snakemake.output.cycles)
    about = {
        "folder": os.fspath(folder.path),
        "recordings": {recording.name: shown(recording.file) for recording in folder.recordings},
        "notes": annotations.notes,
        "problems": [problem._asdict() for problem in annotations.problems],
    }
    write_text(snakemake.output.about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
