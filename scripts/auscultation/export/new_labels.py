"""Labels of rows to be scored, in the target's own form; a label that is missing or wrong stops nothing."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.columns import WORKBOOK
from auscultation.data.labels import with_label
from auscultation.data.target import CLASSES, Target, label_sources

LABELS = tuple(name for name, of in WORKBOOK.items() if of.kind == "integer")
MISSING = "without a label"
UNREADABLE = "with a label that is no valid value"
CONTRADICTORY = "with labels that contradict each other"
OF_NO_CLASS = "with a value of no class: {}"
UNKNOWN = -1  # the class of a row that cannot be validated
LONGEST = 40  # characters of a value that is named
MOST = 20  # values that are named


class Labels(NamedTuple):
    """The true class of each row, and why some have none."""

    true: np.ndarray  # (n,), int64; UNKNOWN where there is no valid label
    columns: tuple[str, ...]  # that they are from; none where the table has no such column
    left_out: dict[str, int]  # rows without a class, by reason, only where there are such columns

    @property
    def labelled(self) -> np.ndarray:
        """Return which rows have a class, shape (n,)."""
        return self.true != UNKNOWN


def labels_of(
    table: pa.Table, target: Target, unread: Mapping[str, Collection[int]] | None = None
) -> Labels:
    """Return the labels of a table's rows; `unread` has by column the rows whose cell was not read.

    States, crackles and wheezes follow from each other, row by row; rows in which they contradict
    each other have no class.
    """
    if target.name in CLASSES and not target.values:
        return _of_sounds(table, target, unread or {})
    if target.name not in table.column_names:
        return Labels(np.full(table.num_rows, UNKNOWN), (), {})
    return _of_values(table[target.name], target)


def _of_sounds(table: pa.Table, target: Target, unread: Mapping[str, Collection[int]]) -> Labels:
    """Return the classes of a target whose column holds them as numbers, or follows from such."""
    names = table.column_names
    sources = [of for of in label_sources(target.name) if {*of} <= {*names}]
    columns = tuple(dict.fromkeys(name for of in sources for name in of))
    n = table.num_rows
    true = np.full(n, UNKNOWN)
    wrong, contradictory = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    whole: dict[str, pa.Array] = {}
    for name in columns:
        whole[name], invalid = _codes(table[name], len(CLASSES[name]))
        invalid[[*unread.get(name, ())]] = True
        wrong |= invalid
    for of in sources:
        label = with_label(pa.table({name: whole[name] for name in of}), target.name)[target.name]
        own = label.fill_null(UNKNOWN).to_numpy()
        contradictory |= (true != UNKNOWN) & (own != UNKNOWN) & (own != true)
        true = np.where(true == UNKNOWN, own, true)
    contradictory |= _disagree(whole)
    true[wrong | contradictory] = UNKNOWN
    counts = {
        UNREADABLE: wrong.sum(),
        CONTRADICTORY: (contradictory & ~wrong).sum(),
        MISSING: ((true == UNKNOWN) & ~wrong & ~contradictory).sum(),
    }
    left_out = {reason: int(count) for reason, count in counts.items() if count}
    return Labels(true, columns, left_out if columns else {})


def _codes(column: pa.ChunkedArray, n_classes: int) -> tuple[pa.Array, np.ndarray]:
    """Return whole numbers from 0 to the last class, null elsewhere, and which cells are others."""
    present = column.is_valid().to_numpy()
    values = np.full(len(column), np.nan)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy()
    else:
        for row in np.flatnonzero(present):
            try:
                values[row] = float(str(column[int(row)].as_py()))
            except ValueError:
                continue
    valid = present & np.isin(values, np.arange(n_classes))
    codes = np.where(valid, values, 0).astype(np.int64)
    return pa.array(codes, mask=~valid), present & ~valid


def _disagree(columns: Mapping[str, pa.Array]) -> np.ndarray | bool:
    """Return in which rows the state is not that of crackles and wheezes."""
    if not {"state", "crackles", "wheezes"} <= columns.keys():
        return False
    sum_of = pc.add(columns["crackles"], pc.multiply(columns["wheezes"], 2))
    return pc.not_equal(columns["state"], sum_of).fill_null(False).to_numpy(zero_copy_only=False)


def _of_values(column: pa.ChunkedArray, target: Target) -> Labels:
    """Return the classes of a column's values, which may be numbers in one table, texts in another."""
    classes = {_key(value): code for code, own in enumerate(target.values) for value in own}
    encoded = pa.chunked_array(column).combine_chunks().dictionary_encode()
    keys = [_key(value) for value in encoded.dictionary.to_pylist()]
    codes = np.array([*(classes.get(key, UNKNOWN) for key in keys), UNKNOWN])
    place = encoded.indices.fill_null(len(keys)).to_numpy()
    counts = np.bincount(place, minlength=len(keys) + 1).tolist()
    left_out = {MISSING: counts[-1]} if counts[-1] else {}
    others: Counter[str] = Counter()
    for key, count in zip(keys, counts, strict=False):
        if key not in classes:
            others[key if len(key) <= LONGEST else f"{key[:LONGEST]}…"] += count
    named = dict(others.most_common(MOST))
    left_out |= {OF_NO_CLASS.format(key): count for key, count in named.items()}
    if rest := others.total() - sum(named.values()):
        left_out[OF_NO_CLASS.format("others")] = rest
    return Labels(codes[place], (target.name,), left_out)


def _key(value: object) -> str:
    """Return a value as a text that is the same for 1, 1.0, "1" and "1.0"."""
    return str(value).strip().removesuffix(".0")
