"""Which features recognise patients: what they are worth where patients are known, minus where not.

A feature that tells who is heard is worth something under a split that has cycles of the test
patients in the training part (`shuffled`), and nothing under one that keeps patients apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

import numpy as np
import pyarrow as pa

from auscultation.scores.importance import Importance
from auscultation.scores.intervals import holm, of_difference
from auscultation.scores.leakage import SIZES
from auscultation.scores.tables import schema_of
from auscultation.splits.folds import SplitSummary

Key = tuple[str, str, str, str]  # model, split, metric, group


class Recognising(TypedDict):
    """One row: the loss under a split that knows patients minus that under one that does not."""

    model: str
    algorithm: str
    group: str
    features: str
    metric: str
    split: str
    other_split: str
    loss: float
    other_loss: float
    difference: float
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None  # corrected for the groups of the model


RECOGNISING = schema_of(Recognising)


def training_rows(splits: Mapping[str, SplitSummary]) -> dict[str, float]:
    """Return the cycles of a fold's training part, on average, by split."""
    return {
        name: float(np.mean([fold["train"]["cycles"] for fold in split["folds"]]))
        for name, split in splits.items()
    }


def recognising(
    rows: Sequence[Importance],
    without: pa.Table,
    apart: Mapping[str, str],
    train_rows: Mapping[str, float],
) -> list[Recognising]:
    """Return what each group is worth under splits of cycles minus under splits of patients.

    Both leave the same patient out. There is no row where the training parts differ in size by
    more than a tenth, where the patients tested on differ, or where a loss is unknown.

    Parameters
    ----------
    rows
        The importances of all fits.
    without
        The losses without each patient, of all fits.
    apart
        The unit that a split keeps together, by split: cycle, recording or patient.
    train_rows
        The size of the training part, by split; see `training_rows`.
    """
    known = {(r["model"], r["split"], r["metric"], r["group"]): r for r in rows}
    left = _by_key(without)
    made = []
    for split, other in _pairs(apart, train_rows):
        families: dict[tuple[str, str], list[Recognising]] = {}
        for key, row in known.items():
            second = (key[0], other, *key[2:])
            other_row = known.get(second)
            if key[1] != split or not other_row or row["features"] != other_row["features"]:
                continue
            loss, other_loss = row["loss"], other_row["loss"]
            ids, values, side = left[key]
            other_ids, others, other_side = left[second]
            if loss is None or other_loss is None or not np.array_equal(ids, other_ids):
                continue
            error = of_difference(loss - other_loss, values - others, min(side, other_side))
            families.setdefault((key[0], key[2]), []).append(
                {
                    "model": row["model"],
                    "algorithm": row["algorithm"],
                    "group": row["group"],
                    "features": row["features"],
                    "metric": row["metric"],
                    "split": split,
                    "other_split": other,
                    "loss": loss,
                    "other_loss": other_loss,
                    "difference": loss - other_loss,
                    "ci_low": error.ci_low,
                    "ci_high": error.ci_high,
                    "p": error.p,
                    "p_holm": None,
                }
            )
        for family in families.values():
            for one, p in zip(family, holm([one["p"] for one in family]), strict=True):
                one["p_holm"] = p
            made += sorted(family, key=lambda one: -one["difference"])
    return made


def _pairs(apart: Mapping[str, str], train_rows: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield a split of cycles and one of patients, of training parts of about the same size."""
    cycles, patients = ([s for s, unit in apart.items() if unit == u] for u in ("cycle", "patient"))
    for split in sorted(cycles):
        for other in sorted(patients):
            sizes = train_rows[split], train_rows[other]
            if max(sizes) <= (1 + SIZES) * min(sizes):
                yield split, other


def _by_key(without: pa.Table) -> dict[Key, tuple[np.ndarray, np.ndarray, int]]:
    """Return the ids of the patients and the losses without each, and the rarer side."""
    names = [without[n].to_numpy().astype(str) for n in ("model", "split", "metric", "group")]
    ids, losses, sides = (without[n].to_numpy() for n in ("patient_ID", "loss", "side"))
    numbers = np.column_stack([np.unique(values, return_inverse=True)[1] for values in names])
    new = np.any(np.diff(numbers, axis=0, prepend=-1) != 0, axis=1)
    starts = np.flatnonzero(new).tolist()
    left: dict[Key, tuple[np.ndarray, np.ndarray, int]] = {}
    for start, end in zip(starts, [*starts[1:], len(ids)], strict=False):
        model, split, metric, group = (str(values[start]) for values in names)
        left[model, split, metric, group] = ids[start:end], losses[start:end], int(sides[start])
    return left
