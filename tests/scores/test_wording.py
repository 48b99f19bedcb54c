"""Words of metrics and classes, numbers and lists for reading."""

import pytest

from auscultation.data.target import Target
from auscultation.scores.wording import (
    area,
    in_short,
    interval,
    listed,
    metric_name,
    metric_names,
    number,
    positive_class,
    signed,
    sought,
    spoken,
)

DIAGNOSES = Target("Diagnosis", ("Healthy", "COPD", "URTI"), (("Healthy",), ("COPD",), ("URTI",)))
STAGES = Target("stage", ("a", "b", "c"), (("a",), ("b",), ("c",)))
SMOKER = Target("smoker", ("no", "yes"), (("no",), ("yes",)), "the rarer class")


def test_numbers_for_reading():
    assert number(-0.0001) == "0.000"
    assert number(-0.25, 2) == "−0.25"
    assert number(None) == "–"
    assert interval(-0.1, 0.25) == "−0.100 to 0.250"
    assert interval(None, None) == ""
    assert (signed(0.05), signed(-0.05)) == ("+0.050", "−0.050")


def test_lists_are_cut_where_they_are_long():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d"], 3) == "a, b and 2 more"


def test_areas_name_what_they_tell_apart():
    assert area("auc_ovr_between_patients", Target()) == "AUC over the four states"
    assert area("auc_ovr", DIAGNOSES) == "AUC over the diagnoses"
    assert area("auc_ovr", STAGES) == "AUC over the classes of stage"
    assert area("auc_abnormal", STAGES) == "AUC of any other than a"
    inside = area("auc_abnormal_within_device", SMOKER)
    assert inside == "AUC of yes against no among cycles of one device"


def test_of_two_classes_one_auc_is_named():
    names = metric_names(SMOKER)
    assert names["auc_abnormal_between_patients"] == "AUC" and "auc_ovr" not in names
    assert metric_name("auc_abnormal", DIAGNOSES) == "AUC, not Healthy, all pairs"
    assert spoken("auc_abnormal_between_patients", SMOKER) == "the AUC"


def test_the_positive_class_is_named_where_the_target_does_not_name_it():
    said = "The positive class of smoker is yes (the rarer class), the other is no."
    assert positive_class(SMOKER) == said
    crackles = Target("crackles", ("no crackles", "crackles"))
    assert positive_class(crackles) == positive_class(Target()) == positive_class(STAGES) == ""
    grouped = Target("state", ("not 1", "1"), ((0, 2, 3), (1,)), "the rarer class")
    assert positive_class(grouped).startswith("The positive class of state is 1")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(), "not normal"),
        (Target("abnormal", ("normal", "abnormal")), "not normal"),
        (Target("wheezes", ("no wheezes", "wheezes")), "with wheezes"),
        (SMOKER, "of class yes"),
        (DIAGNOSES, "not Healthy"),
    ],
)
def test_what_probabilities_are_of(target, words):
    assert sought(target) == words


def test_many_names_are_in_short():
    assert in_short(["a", "b"]) == "a, b"
    assert in_short([f"f{i}" for i in range(1, 1501)]) == "f1, f2, f3 … f1500 (1,500)"
