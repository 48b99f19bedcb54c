"""The columns of a table of respiratory cycles: what each holds, and its unit."""

import math
import re
from typing import NamedTuple


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
NOTEBOOK = ("Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av")  # its five statistics
DERIVED = {
    "cycle": Column("integer", "", "0-based position of the cycle in the workbook"),
    "recording": Column("text", "", "patient_ID and adq_format: the recording's file name"),
    "fold": Column("integer", "", "fold of the split, from 0"),
    "part": Column("text", "", "train or test"),
    "prediction": Column("number", "", "raw prediction of the class"),
}
KEYS = ("cycle", "fold")  # added by the workflow
PROBABILITY = re.compile(r"p\d+")  # columns of predictions, by class
