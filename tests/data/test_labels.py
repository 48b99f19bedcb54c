"""Labels that follow from others, and targets of any column."""

import numpy as np
import pyarrow as pa
import pytest

from auscultation.data.labels import with_label
from auscultation.data.target import make_target, target_of, wanted
from auscultation.job.errors import InputError
from clean import clean

STATE = [0, 1, 2, 3, None]
BOTH = {"crackles": [0, 1, 0, 1, None], "wheezes": [0, 0, 1, 1, None]}
ABNORMAL = [0, 1, 1, 1, None]


@pytest.mark.parametrize(
    ("columns", "target", "expected"),
    [
        (BOTH, "state", STATE),
        ({"state": STATE}, "crackles", BOTH["crackles"]),
        ({"state": STATE}, "wheezes", BOTH["wheezes"]),
        ({"state": STATE}, "abnormal", ABNORMAL),
        (BOTH, "abnormal", ABNORMAL),
        ({"abnormal": [0, 1]}, "abnormal", [0, 1]),
    ],
)
def test_labels_follow(columns, target, expected):
    assert with_label(pa.table(columns), target)[target].to_pylist() == expected


@pytest.mark.parametrize("target", ["state", "abnormal", "label"])
def test_no_label(target):
    with pytest.raises(InputError, match="the workbook has none of these names.*`columns`"):
        with_label(pa.table({"crackles": [0, 1]}), target)


class TestTarget:
    DIAGNOSES = np.array(["COPD"] * 5 + ["Healthy"] * 3 + ["Asthma"], dtype=object)

    def through_file(self, target, values):
        made = make_target(target, values)
        assert target_of(made.to_metadata()) == made
        return made

    def test_the_rarer_of_two_is_positive(self):
        made = self.through_file("label", np.array(["b", "a", "b"], dtype=object))
        assert made.classes == ("b", "a") and made.positive == "the rarer class"
        assert made.encode(np.array(["a", "b"], dtype=object)).tolist() == [1, 0]
        assert made.ordered and made.score == "balanced_accuracy"

    def test_numbers_are_classes(self):
        made = self.through_file("grade", np.array([3, 1, 2, 3, 3]))
        assert made.classes == ("1", "2", "3")
        assert made.encode(np.array([3, 1])).tolist() == [2, 0]
        assert self.through_file("flag", np.array([0.0, 1.0, 1.0])).classes == ("1.0", "0.0")

    def test_groups_in_their_order(self):
        classes = {"well": ["Healthy"], "copd": ["COPD"], "other": ["Asthma"]}
        made = self.through_file({"column": "Diagnosis", "classes": classes}, self.DIAGNOSES)
        assert made.classes == ("well", "copd", "other") and not made.ordered
        assert np.bincount(made.encode(self.DIAGNOSES)).tolist() == [3, 5, 1]

    def test_one_against_the_rest(self):
        target = {"column": "Diagnosis", "positive": "COPD"}
        made = self.through_file(target, self.DIAGNOSES)
        assert made.classes == ("not COPD", "COPD") and "target.positive" in made.positive
        assert made.encode(self.DIAGNOSES).sum() == 5
        assert wanted(target).ordered

    def test_a_positive_group(self):
        target = {"column": "Diagnosis", "positive": "ill"}
        target |= {"classes": {"ill": ["COPD", "Asthma"], "well": ["Healthy"]}}
        made = self.through_file(target, self.DIAGNOSES)
        assert made.classes == ("well", "ill")

    @pytest.mark.parametrize(
        ("target", "values", "message"),
        [
            ("label", np.arange(30), "has 30 values, and a target has 2 to 20 classes"),
            ({"column": "d", "positive": "z"}, np.array(["a", "b"]), "no class 'z' of column 'd'"),
            (
                {"column": "d", "classes": {"x": ["a"], "y": ["q"]}},
                np.array(["a", "b"]),
                "no cycle is of class y; column 'd' has a, b",
            ),
        ],
    )
    def test_refused(self, target, values, message):
        with pytest.raises(ValueError, match=message):
            make_target(target, values)

    def test_cycles_of_no_class_are_left_out_and_counted(self):
        columns = {"patient_ID": [1, 2, 3, 4, 5], "grade": ["a", "b", "c", "a", "c"]}
        target = {"column": "grade", "classes": {"x": ["a"], "y": ["b"]}}
        cycles, quality = clean(pa.table(columns), [], "impute", target)
        assert cycles["cycle"].to_pylist() == [0, 1, 3]
        assert quality["without_class"] == {"c": 2} and quality["cycles_before"] == 5

    def test_gaps_in_a_target_of_ones_own_are_no_class(self):
        table = pa.table({"patient_ID": [1, 2, 3], "grade": ["a", None, "b"]})
        with pytest.raises(InputError, match="'grade': missing in 1 of 3 cycles; it is the target"):
            clean(table, [], "impute", "grade")
        assert clean(table, [], "drop", "grade")[0]["cycle"].to_pylist() == [0, 2]
