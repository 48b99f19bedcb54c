"""Features of one's own whose truth is known: one that carries the label, one that knows the patient."""

import pytest

import truths

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
