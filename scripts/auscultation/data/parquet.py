"""Tables in Parquet files, one row group at a time."""

import os
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.columns import DERIVED, PROBABILITY, WORKBOOK, Column
from auscultation.job.files import atomic_path


def write_parquet(groups: pa.Table | Iterable[pa.Table], path: str | os.PathLike) -> None:
    """Write tables of one schema as the row groups of a Parquet file (zstd), whole or not at all."""
    groups = map(annotate, [groups] if isinstance(groups, pa.Table) else groups)
    group = next(groups)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, group.schema, compression="zstd") as writer,
    ):
        while group is not None:
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
            group = None  # it is not held while the next is made
            group = next(groups, None)


def row_groups(path: str | os.PathLike, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=columns)


def annotate(table: pa.Table) -> pa.Table:
    """Return a table with unit and description in the metadata of its fields."""
    columns = WORKBOOK | DERIVED
    fields = []
    for field in table.schema:
        column = columns.get(field.name)
        if PROBABILITY.fullmatch(field.name):
            column = Column("number", "", f"predicted probability of class {field.name[1:]}")
        if column is not None:
            field = field.with_metadata({"unit": column.unit, "description": column.description})
        fields.append(field)
    return table.cast(pa.schema(fields, table.schema.metadata))
