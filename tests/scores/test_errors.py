"""Confusion counts and errors by patient and device, beside scikit-learn's and counts by hand."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import confusion_matrix

from auscultation.data.target import Target
from auscultation.metrics.classes import group_sums
from auscultation.scores.confusion import confusion_rows
from auscultation.scores.errors import ALL, SplitErrors, all_hits, groups_of, hits

STATE = Target()
RNG = np.random.default_rng(1)


def table(rows, target=STATE):
    """Predictions of (cycle, fold, true, prediction) on the test part, and one of training."""
    rows = [(*row, "test") for row in rows] + [(0, 0, 0, 3.0, "train")]
    names = ("cycle", "fold", target.name, "prediction", "part")
    found = pa.table(
        {name: list(column) for name, column in zip(names, zip(*rows, strict=False), strict=True)}
    )
    return found.replace_schema_metadata(target.to_metadata())


@pytest.mark.parametrize("target", [STATE, Target("crackles", ("no crackles", "crackles"))])
def test_confusion_counts_are_those_of_scikit_learn(target):
    k = len(target.classes)
    true, called = RNG.integers(0, k - 1, 200), RNG.integers(0, k, 200)  # one class never true
    sums = group_sums(true, called.astype(float), RNG.integers(0, 5, 200), 5, k)
    rows = confusion_rows(sums, target)
    expected = confusion_matrix(true, called, labels=range(k))
    assert [row["n"] for row in rows] == expected.ravel().tolist()
    for row in rows:
        assert row["true_name"] == target.classes[row["true"]]
        assert row["predicted_name"] == target.classes[row["predicted"]]
        total = expected[row["true"]].sum()
        share = expected[row["true"], row["predicted"]] / total if total else None
        assert row["share"] == share


def test_hits_count_every_fold_and_round_numbers():
    predictions = table([(7, 0, 1, 1.4), (3, 0, 2, 0.0), (7, 1, 1, 2.0), (3, 1, 2, 9.9)])
    found = hits(predictions)
    # cycle 3: 0 and, clipped, 3, where 2 is true; cycle 7: 1 and 2, where 1 is true
    assert found.cycle.tolist() == [3, 7] and found.true.tolist() == [2, 1]
    assert found.times.tolist() == [2, 2] and found.right.tolist() == [0, 1]


def test_hits_of_some_folds_each_are_those_of_all():
    rows = [
        (int(c), int(f), int(c) % 3, float(RNG.integers(0, 4))) for f in range(4) for c in (8, f, 5)
    ]
    whole, some = hits(table(rows)), [hits(table(rows[at : at + 3])) for at in (0, 3, 6, 9)]
    assert [of.tolist() for of in all_hits(some)] == [of.tolist() for of in whole]
    assert whole.times.tolist() == [1, 1, 1, 1, 4, 4]


CYCLES = {
    "cycle": np.array([9, 1, 2, 3]),  # in no order
    "patient_ID": np.array([7, 5, 5, 6]),
    "device": np.array(["X", "X", "Y", "Y"], dtype=object),
}
FITS = [
    ({"model": "mean", "algorithm": "mean"}, [(1, 1.0), (2, 0.0), (3, 3.0), (9, 2.0)]),
    ({"model": "a", "algorithm": "knn"}, [(1, 0.0), (2, 0.0), (3, 3.0), (9, 0.0)]),
    ({"model": "b", "algorithm": "svc"}, [(1, 0.0), (2, 1.0), (3, 3.0), (9, 1.0)]),
]
TRUE = {1: 1, 2: 0, 3: 3, 9: 2}


def both(fits=FITS, cycles=CYCLES):
    counted = [
        (fit, hits(table([(cycle, 0, TRUE[cycle], p) for cycle, p in predicted])))
        for fit, predicted in fits
    ]
    errors = SplitErrors("half", groups_of(cycles), STATE, counted[0][1])
    for fit, hit in counted:
        errors.add(fit, hit)
    return errors.errors().to_pylist(), errors.hardest().to_pylist()


def row_of(rows, **key):
    (found,) = (row for row in rows if key.items() <= row.items())
    return found


def test_errors_of_each_patient_and_device_by_hand():
    errors, hardest = both()
    five = {"by": "patient_ID", "group": "5"}
    assert row_of(errors, **five, model="a")["n_right"] == 1
    assert row_of(errors, **five, model="b")["share_right"] == 0
    assert row_of(errors, **five, model="mean")["share_right"] == 1
    assert row_of(errors, by="device", group="Y", model="a")["share_right"] == 1
    row = row_of(hardest, **five)
    assert (row["n_cycles"], row["n_patients"], row["n_models"]) == (2, 1, 2)
    assert (row["mean_right"], row["best_model"], row["worst_model"]) == (0.25, "a", "b")
    # cycle 1 is right by the baseline alone, and that does not count
    assert (row["n_never_right"], row["share_never_right"]) == (1, 0.5)
    assert row_of(hardest, by="patient_ID", group="6")["main_class"] == "both"
    everyone = row_of(hardest, by=ALL)
    assert (everyone["n_cycles"], everyone["n_patients"], everyone["n_never_right"]) == (4, 3, 2)


def test_baselines_alone_are_compared_with_themselves():
    _, hardest = both(FITS[:1])
    assert row_of(hardest, by=ALL)["mean_right"] == 1


@pytest.mark.parametrize("device", [None, np.array(["X", "X", None, "Y"], dtype=object)])
def test_without_a_device_or_with_gaps_in_it_there_are_no_errors_by_device(device):
    cycles = {name: CYCLES[name] for name in ("cycle", "patient_ID")}
    errors, _ = both(cycles=cycles if device is None else cycles | {"device": device})
    assert {row["by"] for row in errors} == {"patient_ID", ALL}
