"""Sound at 4000 Hz between jobs: Parquet, a row and a row group for each piece of a recording.

So features are computed without reading the recordings again, and a job has one piece in memory.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.files import atomic_path
from auscultation.job.imports import without_pandas
from auscultation.recordings.frames import RATE, Analysis, Settings

KEYS = pa.schema([("recording", pa.string()), ("row", pa.int64())])
SCHEMA = pa.schema(
    [
        ("recording", pa.string()),
        ("rows", pa.list_(pa.int64())),
        ("begins", pa.list_(pa.int64())),
        ("ends", pa.list_(pa.int64())),
        ("samples", pa.list_(pa.float32())),
    ]
)


class Stretch(NamedTuple):
    """A piece of a recording at 4000 Hz with whole cycles.

    `rows` (n_cycles,): which cycles of the recording; `spans` (n_cycles, 2): begin and end of each
    in samples of the piece; `samples` (n,), float32.
    """

    recording: str
    rows: np.ndarray
    spans: np.ndarray
    samples: np.ndarray


def write_stretches(path: str | os.PathLike, stretches: Iterable[Stretch]) -> None:
    """Write pieces as they come, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, SCHEMA, compression="none", use_dictionary=False) as writer,
    ):
        for piece in stretches:
            lists = [piece.rows, piece.spans[:, 0], piece.spans[:, 1], piece.samples]
            arrays = [pa.array([piece.recording])]
            for values, field in zip(lists, list(SCHEMA)[1:], strict=True):
                flat = pa.array(values, field.type.value_type)
                arrays.append(pa.ListArray.from_arrays(pa.array([0, len(flat)], pa.int32()), flat))
            writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))


def read_stretches(path: str | os.PathLike) -> Iterator[Stretch]:
    """Yield the pieces of a file, one in memory at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            row = file.read_row_group(group)
            rows, begins, ends, samples = (
                row[name].chunk(0).values.to_numpy() for name in SCHEMA.names[1:]
            )
            spans = np.column_stack([begins, ends])
            yield Stretch(row["recording"][0].as_py(), rows, spans, samples)


def settings_of(frames: dict) -> Settings:
    """Return the settings of families from those of the config: lengths in ms, frequencies in Hz."""
    lengths = {"frame", "hop", "long_frame", "long_hop"} & {*frames}
    in_samples = {name: round(frames[name] * RATE / 1000) for name in lengths}
    return Settings(**(frames | in_samples))


def write_family(
    snakemake, names: Sequence[str], of_analysis: Callable[[Analysis], np.ndarray]
) -> None:
    """Write the features of a family: a row for each cycle of the files of sound."""
    without_pandas()
    settings = settings_of(snakemake.params.frames)
    recordings: list[str] = []
    rows, tables = [np.empty(0, np.int64)], [np.empty((0, len(names)))]
    for path in snakemake.input.sound:
        for piece in read_stretches(path):
            analysis = Analysis(piece.samples, piece.spans, settings)
            tables.append(of_analysis(analysis))
            rows.append(piece.rows)
            recordings += [piece.recording] * len(piece.rows)
    columns = [pa.array(recordings, pa.string()), pa.array(np.concatenate(rows))]
    columns += [pa.array(column) for column in np.concatenate(tables).T]
    write_parquet(pa.table(columns, names=[*KEYS.names, *names]), snakemake.output.features)
