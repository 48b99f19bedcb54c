"""The columns of a table of respiratory cycles: what each holds, and its unit."""

import math
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auscultation.job.errors import InputError


class Column(NamedTuple):
    """What a column holds, and what a cell of it may be.

    `kind` is id, text, integer or number. `missing`: whether a cell may be blank (the patient, the
    label and the time of a cycle cannot be guessed from other cycles). `low` and `high` bound
    numbers, `known` lists the values of a text.
    """

    kind: str
    unit: str
    description: str
    missing: bool = True
    low: float = -math.inf
    high: float = math.inf
    known: tuple[str, ...] = ()


WORKBOOK = {
    "patient_ID": Column("id", "", "patient, as numbered in the database", False),
    "Diagnosis": Column("text", "", "diagnosis of the patient"),
    "age": Column("number", "a", "age of the patient", True, 0, 120),
    "sex": Column("text", "", "sex of the patient, F or M", known=("F", "M")),
    "IMC": Column("number", "kg/m2", "body mass index", True, 0),
    "weight": Column("number", "kg", "body weight", True, 0),
    "height": Column("number", "cm", "body height", True, 0),
    "adq_format": Column(
        "text", "", "recording index, chest location, acquisition mode, device", False
    ),
    "recording": Column("text", "", "name of the recording"),
    "location": Column("text", "", "chest location"),
    "device": Column("text", "", "device that recorded"),
    "start": Column("number", "s", "start of the cycle in its recording", False, 0),
    "end": Column("number", "s", "end of the cycle in its recording", False, 0),
    "crackles": Column("integer", "", "1 where the cycle has crackles", False, 0, 1),
    "wheezes": Column("integer", "", "1 where the cycle has wheezes", False, 0, 1),
    "state": Column("integer", "", "0 normal, 1 crackles, 2 wheezes, 3 both", False, 0, 3),
    "Var": Column("number", "", "variance of the sound's amplitude in the cycle", True, 0),
    "Range": Column("number", "", "range of the sound's amplitude in the cycle", True, 0),
    "Coarse_Av": Column("number", "", "average of the coarse moving mean of the amplitude"),
    "Fine_Av": Column("number", "", "average of the fine moving mean of the amplitude"),
    "Spectrum Av": Column("number", "", "average of the cycle's power spectrum"),
}
DERIVED = {
    "cycle": Column("integer", "", "0-based position of the cycle in the workbook"),
    "recording": Column("text", "", "patient_ID and adq_format: the recording's file name"),
    "fold": Column("integer", "", "fold of the split, from 0"),
    "part": Column("text", "", "train or test"),
    "prediction": Column("number", "", "raw prediction of the class"),
}
KEYS = ("cycle", "fold")  # added by the workflow
PROBABILITY = re.compile(r"p\d+")  # columns of predictions, by class


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
