"""Recordings of the table: their names, and what these say of location and device."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.name_pattern import parts_of
from auscultation.job.errors import InputError


def recordings_of(table: pa.Table) -> pa.ChunkedArray:
    """Return each cycle's recording, the name of its file: patient_ID and adq_format.

    Raises InputError where two recordings, of patients A and A_1, would have one name.
    """
    patient = table["patient_ID"].cast(pa.string())
    names = pc.binary_join_element_wise(patient, table["adq_format"], "_")
    codes = [c.combine_chunks().dictionary_encode().indices.to_numpy() for c in (patient, names)]
    pairs, first = np.unique(np.stack(codes, axis=1), axis=0, return_index=True)
    _, where, times = np.unique(pairs[:, 1], return_index=True, return_counts=True)
    if (times > 1).any():
        at = where[times > 1][0]
        rows = first[pairs[:, 1] == pairs[at, 1]].tolist()
        one, other = (table["patient_ID"][row].as_py() for row in rows[:2])
        raise InputError(
            f"the name {names[rows[0]].as_py()!r} is that of two recordings, of patients {one!r} "
            f"and {other!r}; rename one of them in `patient_ID` or `adq_format`"
        )
    return names


def with_recording(table: pa.Table, name_pattern: str) -> pa.Table:
    """Return a table with `recording`, and `location` and `device` of its name, where it has recordings.

    A column that the table has already stays; one that no name fills is left out. InputError as
    `recordings_of`.
    """
    if "recording" not in table.column_names:
        if "adq_format" not in table.column_names:
            return table
        table = table.append_column("recording", recordings_of(table))
    patients, names = table["patient_ID"].to_pylist(), table["recording"].to_pylist()
    for name, values in parts_of(patients, names, name_pattern).items():
        if name not in table.column_names and any(values):
            table = table.append_column(name, pa.array(values, pa.string()))
    return table
