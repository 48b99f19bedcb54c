"""Recordings of the table: their names, and what these say of location and device."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.name_pattern import parts_of
from auscultation.job.errors import InputError


def recordings_of(table: pa.Table) -> pa.ChunkedArray:
    """Return each cycle's recording: the column `recording`, else patient_ID and adq_format.

    Raises InputError where two patients have a recording of one name, as A with 1_x and A_1 with x.
    """
    patient = table["patient_ID"].cast(pa.string())
    if "recording" in table.column_names:
        names, where = table["recording"], "`recording`"
    else:
        names = pc.binary_join_element_wise(patient, table["adq_format"], "_")
        where = "`patient_ID` or `adq_format`"
    there = names.is_valid()
    known = [c.filter(there).combine_chunks() for c in (patient, names)]
    codes = [c.dictionary_encode().indices.to_numpy() for c in known]
    pairs, first = np.unique(np.stack(codes, axis=1), axis=0, return_index=True)
    _, at, times = np.unique(pairs[:, 1], return_index=True, return_counts=True)
    if (times > 1).any():
        rows = first[pairs[:, 1] == pairs[at[times > 1][0], 1]].tolist()
        patients, name = [known[0][row].as_py() for row in rows], known[1][rows[0]].as_py()
        raise InputError(
            f"the name {name!r} is that of two recordings, of patients {patients[0]!r} and "
            f"{patients[1]!r}; rename one of them in {where}"
        )
    return names


def with_recording(table: pa.Table, name_pattern: str) -> pa.Table:
    """Return a table with `recording`, and `location` and `device` of its name, where it has recordings.

    A column that the table has already stays; one that no name fills is left out. InputError as
    `recordings_of`.
    """
    if {"recording", "adq_format"}.isdisjoint(table.column_names):
        return table
    names = recordings_of(table)
    if "recording" not in table.column_names:
        table = table.append_column("recording", names)
    patients = table["patient_ID"].to_pylist()
    for name, values in parts_of(patients, names.to_pylist(), name_pattern).items():
        if name not in table.column_names and any(values):
            table = table.append_column(name, pa.array(values, pa.string()))
    return table
