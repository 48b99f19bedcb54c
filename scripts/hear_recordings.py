"""Read the sound of a batch of recordings: at 4000 Hz for the families, and the notebook's statistics.

In: sound files and their annotations. Out: the sound in pieces of whole cycles, the five statistics
of each cycle, and what is wrong with the sound.
"""

import json
import logging
import os
from collections.abc import Iterator

import pyarrow as pa

from auscultation.data.columns import NOTEBOOK
from auscultation.data.parquet import write_parquet
from auscultation.job.files import sha256_of, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.annotations import read_annotations
from auscultation.recordings.batches import only
from auscultation.recordings.folder import list_folder, shown
from auscultation.recordings.hear import hear
from auscultation.recordings.problems import Problem
from auscultation.recordings.sounds import KEYS, Stretch, write_stretches

SCHEMA = pa.schema(
    [*KEYS, *((name, pa.float64()) for name in ("start", "end", *NOTEBOOK))],
)


def main(snakemake) -> None:
    """Write sound, statistics and problems of a batch."""
    without_pandas()
    params, output = snakemake.params, snakemake.output
    folder = only(list_folder(params.folder), int(snakemake.wildcards.batch))
    cycles = read_annotations(folder, columns=params.columns).table
    tables: list[pa.Table] = []
    problems: list[Problem] = []

    def pieces() -> Iterator[Stretch]:
        for done, recording in enumerate(folder.recordings, 1):
            own = cycles.filter(pa.compute.equal(cycles["recording"], recording.name))
            if not own.num_rows:
                continue  # named with the annotations
            times = (own["start"].to_numpy(), own["end"].to_numpy())  # nan: the whole recording
            sound = (recording.path, shown(recording.file))
            for piece in hear(*sound, *times, params.exact, params.families, problems):
                keys = [pa.array([recording.name] * len(piece.rows)), pa.array(piece.rows)]
                five = [pa.array(column, from_pandas=True) for column in piece.five.T]
                numbers = [pa.array(piece.starts), pa.array(piece.ends), *five]
                tables.append(pa.table([*keys, *numbers], schema=SCHEMA))
                yield Stretch(recording.name, piece.rows, piece.spans, piece.samples)
            logging.info("heard %d of %d recordings", done, len(folder.recordings))

    write_stretches(output.sound, pieces())
    write_parquet(pa.concat_tables([SCHEMA.empty_table(), *tables]), output.notebook)
    files = [
        {"file": shown(r.file), "bytes": os.path.getsize(r.path), "sha256": sha256_of(r.path)}
        for r in folder.recordings
        if os.path.isfile(r.path)
    ]
    about = {"problems": [problem._asdict() for problem in problems], "files": files}
    write_text(output.about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
