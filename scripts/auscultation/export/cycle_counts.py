"""How many cycles, recordings and patients a cleaned table has, of each class too, and its devices."""

from typing import TypedDict

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target

# `class` is no name that a class body could hold.
ClassCounts = TypedDict("ClassCounts", {"class": str, "cycles": int, "patients": int})


class CycleCounts(TypedDict):
    """What a cleaned table holds."""

    cycles: int
    recordings: int | None  # where the table does not name them
    patients: int
    devices: list[str]
    classes: list[ClassCounts]


def distinct(cycles: pa.Table, name: str) -> list:
    """Return the values of a column, none where the table lacks it."""
    if name not in cycles.column_names:
        return []
    return cycles[name].unique().drop_null().to_pylist()


def counts_of(cycles: pa.Table, target: Target) -> CycleCounts:
    """Return the numbers of cycles, recordings and patients, by class too, and the devices."""
    classes = target.encode(cycles[target.name].to_numpy())
    patient = np.array([str(name) for name in cycles["patient_ID"].to_pylist()])
    own = [patient[classes == k] for k in range(len(target.classes))]
    return {
        "cycles": cycles.num_rows,
        "recordings": len(distinct(cycles, "recording")) or None,
        "patients": len(np.unique(patient)),
        "devices": sorted(distinct(cycles, "device")),
        "classes": [
            {"class": name, "cycles": len(of_class), "patients": len(np.unique(of_class))}
            for name, of_class in zip(target.classes, own, strict=True)
        ],
    }
