"""Gather what the models lose where features are permuted, and which features recognise patients.

In: the importances of all fits, the summaries of the splits. Out, as .csv and .parquet:
`importance`, their rows; `recognising`, the loss under a split of single cycles minus that under a
split of patients.
"""

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.scores.importance import IMPORTANCE
from auscultation.scores.recognising import RECOGNISING, recognising, training_rows
from auscultation.scores.split_kinds import read_splits
from auscultation.scores.tables import to_table, write_csv


def main(snakemake) -> None:
    """Write both tables."""
    without_pandas()
    inputs, output, params = snakemake.input, snakemake.output, snakemake.params
    rows = pa.concat_tables([IMPORTANCE.empty_table(), *map(pq.read_table, inputs.rows)])
    sizes = training_rows(read_splits(params.protocols, inputs.splits))
    compared = []
    if inputs.without:
        without = pa.concat_tables(map(pq.read_table, inputs.without))
        compared = recognising(rows.to_pylist(), without, params.apart, sizes)
    tables = {"importance": rows, "recognising": to_table(compared, RECOGNISING)}
    for name, table in tables.items():
        write_parquet(table, getattr(output, name))
        write_csv(table, getattr(output, f"{name}_csv"))


start(globals(), main)
