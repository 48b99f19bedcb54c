"""Tables in Parquet files, one row group at a time."""

import os
from collections.abc import Iterable, Iterator
from itertools import chain

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.columns import annotate
from auscultation.job.files import atomic_path


def write_parquet(groups: pa.Table | Iterable[pa.Table], path: str | os.PathLike) -> None:
    """Write tables of one schema as the row groups of a Parquet file (zstd), whole or not at all."""
    groups = iter([groups] if isinstance(groups, pa.Table) else groups)
    first = annotate(next(groups))
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer,
    ):
        for group in chain([first], map(annotate, groups)):
            writer.write_table(group, row_group_size=max(group.num_rows, 1))


def row_groups(path: str | os.PathLike, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=columns)
