"""Rows as tables, and tables as CSV."""

import math
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.csv

from auscultation.data.formulas import as_text
from auscultation.job.files import atomic_path


def without_nan(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with None in place of nan."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}


def to_table(rows: Iterable[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table, with null in place of nan."""
    return pa.Table.from_pylist([*map(without_nan, rows)], schema)


def write_csv(table: pa.Table, path: str) -> None:
    """Write a table as CSV, whole or not at all; a text that looks like a formula stays a text."""
    for position, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = [as_text(text) for text in table[field.name].to_pylist()]
            table = table.set_column(position, field, pa.array(texts, field.type))
    with atomic_path(path) as temporary:
        pyarrow.csv.write_csv(table, temporary, pyarrow.csv.WriteOptions(quoting_style="needed"))
