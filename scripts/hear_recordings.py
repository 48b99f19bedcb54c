"""Compute the features of the cycles of a batch of recordings from their sound.

In: `cycles.parquet`, the sound files of the batch. Out: one row per cycle of the batch in its order, with
the notebook's five statistics and the families' features; and what is wrong with the sound.
"""

import json
import logging
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.audio import read_sound
from auscultation.recordings.families.registry import column_names, features
from auscultation.recordings.notebook import NAMES, statistics
from auscultation.recordings.resample import RATE, heard, to_4000


def main(snakemake) -> None:
    """Write the features of a batch."""
    without_pandas()
    params, output = snakemake.params, snakemake.output
    cycles = pq.read_table(snakemake.input.cycles)
    batch = cycles.filter(pa.compute.equal(cycles["batch"], int(snakemake.wildcards.batch)))
    columns = (*NAMES, *column_names(params.families))
    tables, problems = [], []
    files = batch["file"].unique().to_pylist()
    for done, file in enumerate(files, 1):
        own = batch.filter(pa.compute.equal(batch["file"], file))
        sound = read_sound(os.path.join(params.folder, file), file)
        problems += sound.problems
        if not sound.useless:
            tables.append(of_recording(own, sound, params, columns))
        logging.info("heard %d of %d recordings", done, len(files))
    schema = pa.schema([("recording", pa.string()), ("start", pa.float64()), ("end", pa.float64())])
    for name in columns:
        schema = schema.append(pa.field(name, pa.float64()))
    write_parquet(pa.concat_tables(tables) if tables else schema.empty_table(), output.features)
    write_text(output.problems, json.dumps([p._asdict() for p in problems], indent=2) + "\n")


def of_recording(own: pa.Table, sound, params, columns: tuple[str, ...]) -> pa.Table:
    """Return the features of the cycles of one recording."""
    length = len(sound.samples) / sound.rate
    starts = own["start"].fill_null(0.0).to_numpy()
    ends = own["end"].fill_null(length).to_numpy()
    five = statistics(sound.samples, sound.rate, starts, ends, params.exact)
    signal = to_4000(heard(sound.samples), sound.rate).astype(np.float64)
    spans = np.round(np.column_stack([starts, ends]) * RATE).astype(np.int64)
    families = features(signal, spans, params.families)
    arrays = [own["recording"], pa.array(starts), pa.array(ends)]
    arrays += [pa.array(five[name], from_pandas=True) for name in NAMES]
    arrays += [pa.array(column) for column in families.T]
    return pa.table(arrays, names=["recording", "start", "end", *columns])


start(globals(), main)
