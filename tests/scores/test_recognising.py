"""Which features recognise patients: on a feature that does nothing else, and on one that is heard."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.tree import DecisionTreeClassifier

from auscultation.scores.feature_groups import FeatureGroup
from auscultation.scores.importance import importance_rows, losses, without_table
from auscultation.scores.intervals import of_difference
from auscultation.scores.recognising import RECOGNISING, recognising, training_rows
from cohorts import only
from permutable import FIT, cycles, examined

GROUPS = [FeatureGroup("who", ("x0",)), FeatureGroup("heard", ("x1",))]
AREA = "auc_abnormal_between_patients"
APART = {"patient": "patient", "shuffled": "cycle", "recording": "recording"}
SIZES = {"patient": 400.0, "shuffled": 400.0, "recording": 400.0}


def fits(split, fold_of, seed=0):
    """Importances of a tree that is fitted in each of five folds, and the losses without each patient.

    `who` is the same in all cycles of a patient and of no other; how many of the cycles are abnormal
    differs between patients. `heard` tells the class of a cycle.
    """
    rng = np.random.default_rng(seed)
    patient = cycles(rng, 40, 12)
    who, share = rng.normal(size=40)[patient - 101], rng.beta(0.3, 0.3, 40)[patient - 101]
    true = (rng.random(len(patient)) < share).astype(int)
    X = np.column_stack([who, true + rng.normal(size=len(true))])
    fold = fold_of(rng, patient)
    models = []
    for k in range(5):
        tree = DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
        tree.fit(X[fold != k], true[fold != k])
        models.append(lambda M, tree=tree: (tree.predict(M).astype(float), tree.predict_proba(M)))
    of = examined(models, X, patient, true, fold, fit=FIT | {"split": split})
    worth = [*losses(of, GROUPS, 5, 0)]
    return importance_rows(of, worth, 5), without_table(of.tested, worth, pa.int64())


PARTS = {
    "patient": fits("patient", lambda rng, patient: patient % 5),
    "shuffled": fits("shuffled", lambda rng, patient: rng.integers(0, 5, len(patient))),
}
ROWS = [row for rows, _ in PARTS.values() for row in rows]
WITHOUT = pa.concat_tables([table for _, table in PARTS.values()])


def of(rows=ROWS, without=WITHOUT, apart=APART, sizes=SIZES):
    made = recognising(rows, without, apart, sizes)
    for row in made:
        assert set(row) == set(RECOGNISING.names)
        assert (row["split"], row["other_split"]) == ("shuffled", "patient")
    return made


def test_what_says_who_is_heard_is_worth_something_where_patients_are_known_alone():
    who = only(of(), group="who", metric=AREA)
    assert who["loss"] > 0.2 and abs(who["other_loss"]) < 0.05
    assert who["ci_low"] > 0.05 and who["p_holm"] < 0.05
    heard = only(of(), group="heard", metric=AREA)
    assert heard["other_loss"] > 0.1
    assert heard["difference"] < who["difference"]


def test_both_leave_the_same_patient_out():
    row = only(of(), group="who", metric=AREA)
    losses_of = {}
    for split, (_, table) in PARTS.items():
        names = {"group": "who", "metric": AREA}
        kept = [r for r in table.to_pylist() if names.items() <= r.items()]
        losses_of[split] = np.array([r["loss"] for r in kept])
        side = kept[0]["side"]
    gaps = losses_of["shuffled"] - losses_of["patient"]
    error = of_difference(row["loss"] - row["other_loss"], gaps, side)
    assert [row["ci_low"], row["ci_high"], row["p"]] == pytest.approx(error[2:], rel=1e-9)
    own = [r for r in of() if r["metric"] == AREA]
    assert min(r["p_holm"] for r in own) == pytest.approx(2 * min(r["p"] for r in own))


@pytest.mark.parametrize(
    ("apart", "sizes"),
    [
        ({"patient": "patient", "recording": "recording"}, SIZES),
        (APART, SIZES | {"patient": 441.0}),
    ],
)
def test_splits_that_cannot_be_compared_have_no_row(apart, sizes):
    assert of(apart=apart, sizes=sizes) == []


def test_other_features_other_patients_or_no_loss_have_no_row():
    changed = [r | {"features": "x0; x2"} if r["split"] == "patient" else r for r in ROWS]
    assert of(changed) == []
    unknown = [r | {"loss": None} if r["split"] == "patient" else r for r in ROWS]
    assert of(unknown) == []
    ids = WITHOUT["patient_ID"].to_numpy() + (WITHOUT["split"].to_numpy() == "patient")
    place = WITHOUT.schema.get_field_index("patient_ID")
    assert of(without=WITHOUT.set_column(place, "patient_ID", pa.array(ids))) == []


def test_nothing_permuted_gives_nothing():
    assert of([], WITHOUT.slice(0, 0)) == []


def test_training_rows_are_means_over_the_folds():
    folds = [{"train": {"cycles": n}} for n in (10, 20)]
    assert training_rows({"patient": {"folds": folds}}) == {"patient": 15.0}
