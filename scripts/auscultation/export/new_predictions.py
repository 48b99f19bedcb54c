"""What models say of labelled rows, as predictions that can be scored, and what was scored in all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auscultation.data.parquet import row_groups
from auscultation.data.target import Target
from auscultation.export.new_labels import Labels
from auscultation.export.new_patients import Outside, Said
from auscultation.fits.magnitude import SQUARED
from auscultation.fits.predict import as_table
from auscultation.recordings.to_score import WINDOW
from auscultation.scores.external import DEVICE, MODEL, OUTSIDE


class ScoredModel(TypedDict):
    """A model that has spoken, and of how many cycles, recordings, patients it calls each class.

    A recording, or a patient, counts under each class that any of its cycles is called.
    """

    model: str
    algorithm: str
    called: dict[str, list[int]]  # by cycle, recording, patient


class About(TypedDict):
    """What was scored; the content of `scored/{name}.json`."""

    cycles: int
    patients: int
    recordings: int | None  # None where the table has none
    windows: int  # cycles that are windows of recordings without annotation
    patients_in_training: list[str]  # labelled ones whose id is also that of a training patient
    notes: list[str]  # on recordings
    label_columns: list[str]
    labelled: int
    labelled_patients: int
    left_out: dict[str, int]  # cycles without a class, by reason
    cycles_outside: int  # with anything that no training cycle has
    outside: list[Outside]
    models: list[ScoredModel]  # in the order of the row groups of the predictions
    silent: dict[str, str]  # models without a say, and why


def keys_of(described: pa.Table, labels: Labels, outside: np.ndarray, target: Target) -> pa.Table:
    """Return the labelled rows as predictions need them, with device where recordings name it.

    `outside` says which rows have what no training cycle has, shape (n,). A column that has the
    target's name is the target.
    """
    n = described.num_rows
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"cycle": pa.array(np.arange(n))}
    columns["patient_ID"] = described["patient_ID"]
    columns["fold"] = pa.array(np.zeros(n, np.int64))
    if DEVICE in described.column_names:
        columns[DEVICE] = described[DEVICE].cast(pa.string())
    columns[OUTSIDE] = pa.array(outside)
    columns[target.name] = pa.array(labels.true)
    return pa.table(columns).filter(pa.array(labels.labelled))


def labelled_predictions(model: str, said: Said, keys: pa.Table, target: Target) -> pa.Table:
    """Return the predictions of those labelled rows (`keys_of`) of which a model says anything.

    The columns of the predictions' contract, of fold 0 and part test, and `model`, `device`,
    `outside`. A number too large for its square counts as no prediction, as in a fit.
    """
    rows = keys["cycle"].to_numpy()
    raw = said.raw[rows]
    p = None if said.shares is None else said.shares[rows]
    with np.errstate(invalid="ignore"):
        kept = np.abs(raw) <= SQUARED
    if p is not None:
        kept &= np.isfinite(p).all(1)
    keys = keys.filter(pa.array(kept))
    coded = Target(target.name, target.classes)  # keys hold the classes as numbers
    table = as_table(keys, "test", coded, raw[kept], None if p is None else p[kept])
    others = {MODEL: pa.array([model] * len(keys), pa.string())}
    others |= {name: keys[name] for name in (DEVICE, OUTSIDE) if name in keys.column_names}
    for name, values in others.items():
        if name not in table.column_names:
            table = table.append_column(name, values)
    return table.replace_schema_metadata(target.to_metadata())


def no_predictions(keys: pa.Table, target: Target) -> pa.Table:
    """Return predictions of no row, with the columns of all others."""
    nothing = Said(np.empty(0), np.empty(0), None)
    return labelled_predictions("", nothing, keys.slice(0, 0), target)


def read_predicted(path: str, models: Sequence[ScoredModel]) -> Iterator[tuple[Mapping, pa.Table]]:
    """Yield the predictions of each model that predicts any labelled row; one without rows is first."""
    groups = row_groups(path)
    next(groups)
    for about, table in zip(models, groups, strict=True):
        if table.num_rows:
            metadata = pq.read_schema(path).metadata
            yield about, table.replace_schema_metadata(metadata)


def called_of(
    counts: Mapping[str, Mapping[str, np.ndarray]], model: str, called: np.ndarray, n_classes: int
) -> dict[str, list[int]]:
    """Return how many cycles, and how many of each kind of group, have a cycle called each class.

    `counts` are by kind of group and model, from `Groups.counts`; `called` is nan where unknown.
    """
    known = called[~np.isnan(called)].astype(np.int64)
    cycles = {"cycle": np.bincount(known, minlength=n_classes).tolist()}
    return cycles | {of: (by[model] > 0).sum(0).tolist() for of, by in counts.items()}


def about_scored(
    described: pa.Table,
    labels: Labels,
    outside: tuple[list[Outside], np.ndarray],
    train_patients: pa.ChunkedArray,
    notes: Sequence[str],
) -> About:
    """Return what was scored, without models; `outside` is from `outside_of`."""
    patients = described["patient_ID"].cast(pa.string())
    names = described.column_names
    labelled = patients.filter(pa.array(labels.labelled)).unique()
    known = labelled.filter(pc.is_in(labelled, train_patients.cast(pa.string()).unique()))
    windows = pc.sum(pc.equal(described["cut"], WINDOW)).as_py() if "cut" in names else 0
    recordings = len(described["recording"].unique()) if "recording" in names else None
    return {
        "cycles": described.num_rows,
        "patients": len(patients.unique()),
        "recordings": recordings,
        "windows": windows or 0,
        "patients_in_training": sorted(known.to_pylist()),
        "notes": list(notes),
        "label_columns": list(labels.columns),
        "labelled": int(labels.labelled.sum()),
        "labelled_patients": len(labelled),
        "left_out": labels.left_out,
        "cycles_outside": int(outside[1].sum()),
        "outside": outside[0],
        "models": [],
        "silent": {},
    }
