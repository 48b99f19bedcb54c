"""Rows as tables, tables as CSV, and the schema of a table from the type of its rows."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from auscultation.data.formulas import as_text
from auscultation.job.files import atomic_path

ARROW: dict[object, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64()}
ARROW |= {bool: pa.bool_(), int | None: pa.int64(), float | None: pa.float64()}


def schema_of(row: type) -> pa.Schema:
    """Return the schema of a table whose rows are of a TypedDict, with its fields in their order."""
    return pa.schema([(name, ARROW[kind]) for name, kind in get_type_hints(row).items()])


def without_nan(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with None in place of nan."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}


def to_table(rows: Iterable[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table, with null in place of nan."""
    return pa.Table.from_pylist([*map(without_nan, rows)], schema)


def read_arrays(path: str, names: Collection[str]) -> dict[str, np.ndarray]:
    """Return those columns of a Parquet file that it has, each of shape (n,); equal texts are one object.

    One is read at a time, and what that took is given back: processes forked later start with it.
    """
    arrays = {}
    with pq.ParquetFile(path) as file:
        for name in sorted({*names} & {*file.schema_arrow.names}):
            column = file.read([name])[name].combine_chunks()
            if pa.types.is_string(column.type):
                codes = column.dictionary_encode()
                texts = np.array([*codes.dictionary.to_pylist(), None], object)
                arrays[name] = texts[codes.indices.fill_null(len(texts) - 1).to_numpy()]
                del codes
            else:
                arrays[name] = np.array(column.to_numpy(zero_copy_only=False))
            del column
    pa.default_memory_pool().release_unused()
    return arrays


def write_csv(table: pa.Table, path: str) -> None:
    """Write a table as CSV, whole or not at all; a text that looks like a formula stays a text."""
    for position, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table[field.name].combine_chunks().dictionary_encode()
            texts = pa.array(map(as_text, column.dictionary.to_pylist()), field.type)
            table = table.set_column(position, field, texts.take(column.indices))
    with atomic_path(path) as temporary:
        pyarrow.csv.write_csv(table, temporary, pyarrow.csv.WriteOptions(quoting_style="needed"))
