"""Features of one's own whose truth is known: one that carries the label, one that knows the patient."""

import numpy as np
import pyarrow as pa
import pytest

import truths
from auscultation.data.target import make_target, wanted
from clean import clean

SEEDS = range(20)
CONFIG = {
    "target": "label",
    "features": ["f1"],
    "splits": {"patient": {}, "shuffled": {}},
    "models": {"most_frequent": {}, "knn": {"n_neighbors": 5}},
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return {
        make: [
            truths.answer_of(tmp_path_factory.mktemp(f"{make}{seed}"), book(seed), CONFIG)
            for seed in SEEDS
        ]
        for make, book in (("marker", truths.marker), ("fingerprint", truths.fingerprint))
    }


def test_a_feature_that_carries_the_label_across_patients_is_found(answers):
    verdicts = [(answer["information"], answer["useful"]) for answer in answers["marker"]]
    assert verdicts.count(("yes", "yes")) >= 19


def test_a_feature_that_only_knows_the_patient_is_not_and_shows_as_leakage(answers):
    """A false yes has a chance of 0.025 in each: four of twenty one of 0.002."""
    assert [answer["information"] for answer in answers["fingerprint"]].count("yes") <= 3
    assert [answer["useful"] for answer in answers["fingerprint"]].count("yes") <= 3
    for answer in answers["fingerprint"]:
        rows = [row for row in answer["leakage"] if row["model"] == "knn"]
        gaps = [row for row in rows if row["metric"].startswith("auc_")]
        assert gaps and all(row["p_holm"] < 0.05 and row["ci_low"] > 0 for row in gaps)
        assert {row["heard"] for row in gaps} == {"patient or recording"}


GROUPS = {"none": ["a"], "some": ["b", "c"]}


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        ("state", 4),
        ("crackles", 2),
        ("wheezes", 2),
        ("abnormal", 2),
        ("grade", 3),
        ({"column": "grade", "classes": GROUPS}, 2),
        ({"column": "grade", "positive": "c"}, 2),
    ],
)
def test_a_table_of_patient_label_and_features_has_every_target(tmp_path, target, classes):
    rng = np.random.default_rng(0)
    patient, state = np.repeat(np.arange(30), 10), rng.integers(0, 4, 300)
    columns = {"patient_ID": patient, "state": state, "grade": np.array(list("abcc"))[state]}
    columns |= {f"f{n}": rng.normal(size=300) + (n == 0) * 2 * state for n in range(9)}
    cycles, _ = clean(pa.table(columns), [], "impute", target)
    models = {"most_frequent": {}, "logistic_regression": {}, "knn": {}}
    config = {"target": target, "features": ["f0", "f1"], "splits": {"patient": {}}}
    answer = truths.answer_of(tmp_path, cycles.drop_columns(["cycle"]), config | {"models": models})
    assert answer["information"] == "yes"
    label = cycles[wanted(target).column].to_numpy()
    assert len(make_target(target, label).classes) == classes
