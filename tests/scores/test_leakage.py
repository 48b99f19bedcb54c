"""The leakage: which splits are compared, and of which models and training parts."""

import numpy as np
import pytest

from auscultation.data.target import Target
from auscultation.scores.differences import Evaluated
from auscultation.scores.intervals import of_difference
from auscultation.scores.leakage import LEAKAGE, Step, leakage, steps
from cohorts import cohort, only, part_of

TARGET = Target()


class TestSteps:
    def test_of_what_may_have_been_heard(self):
        splits = [("a", "cycle"), ("b", "patient"), ("c", "recording"), ("d", "patient")]
        assert list(steps(splits)) == [
            ("recording", "a", "c"),
            ("patient", "c", "b"),
            ("patient", "c", "d"),
            ("patient or recording", "a", "b"),
            ("patient or recording", "a", "d"),
        ]

    @pytest.mark.parametrize("splits", [[], [("a", "patient"), ("b", "patient")], [("a", "cycle")]])
    def test_there_are_none(self, splits):
        assert list(steps(splits)) == []


class TestLeakage:
    STEP = Step("recording", "shuffled", "recording")
    FITS = {"forest": "random_forest", "knn": "knn", "most_frequent": "most_frequent"}

    @pytest.fixture(scope="class")
    @classmethod
    def parts(cls):
        patient, true, fold, (worse, middle, better) = cohort()
        predicted = {
            ("forest", "shuffled"): better,
            ("forest", "recording"): worse,
            ("knn", "shuffled"): middle,
            ("knn", "recording"): middle,
            ("most_frequent", "shuffled"): 0 * true,
            ("most_frequent", "recording"): 0 * true,
        }
        return {
            key: Evaluated(part_of(patient, true, values, fold=fold), 400.0)
            for key, values in predicted.items()
        }

    def of(self, parts, fits=FITS):
        rows = leakage(self.STEP, fits, parts, TARGET)
        for row in rows:
            assert set(row) == set(LEAKAGE.names)
            assert (row["heard"], row["split"], row["other_split"]) == self.STEP
        return rows

    def test_is_the_score_of_the_one_split_minus_that_of_the_other(self, parts):
        row = only(self.of(parts), model="forest", metric="accuracy")
        values = [
            float(parts["forest", split].test.scores.values["accuracy"])
            for split in ("shuffled", "recording")
        ]
        assert [row["score"], row["other_score"]] == values
        assert row["difference"] == pytest.approx(values[0] - values[1], abs=1e-15)
        assert 0 < row["ci_low"] < row["difference"] < row["ci_high"]
        assert row["p"] < 0.001 and row["algorithm"] == "random_forest"
        # a smaller error when the recording is known
        assert only(self.of(parts), model="forest", metric="mse")["difference"] < 0

    def test_leaves_the_same_patient_out_of_both(self, parts):
        row = only(self.of(parts), model="forest", metric="icbhi_score")
        tests = [parts["forest", split].test for split in ("shuffled", "recording")]
        gaps = np.subtract(*(test.scores.without["icbhi_score"] for test in tests))
        found = of_difference(row["difference"], gaps, min(tests[0].sides))
        assert (row["ci_low"], row["ci_high"], row["p"]) == found[2:]

    def test_the_same_predictions_leak_nothing(self, parts):
        for row in self.of(parts):
            if row["model"] == "knn" and row["difference"] is not None:
                assert (row["difference"], row["ci_low"], row["ci_high"]) == (0, 0, 0)

    def test_is_corrected_for_the_models(self, parts):
        family = [row for row in self.of(parts) if row["metric"] == "accuracy"]
        assert [row["model"] for row in family] == ["forest", "knn"]
        assert [row["p_holm"] for row in family] == [2 * family[0]["p"], 1]

    def test_baselines_hear_nothing_and_are_left_out(self, parts):
        assert {row["model"] for row in self.of(parts)} == {"forest", "knn"}

    @pytest.mark.parametrize(
        ("rows", "known"), [(364.0, True), (363.0, False), (440.0, True), (441.0, False)]
    )
    def test_is_of_training_parts_that_differ_by_a_tenth_at_most(self, parts, rows, known):
        changed = parts | {
            ("forest", "recording"): parts["forest", "recording"]._replace(train_rows=rows)
        }
        assert ("forest" in {row["model"] for row in self.of(changed)}) == known

    def test_is_of_the_same_patients(self, parts):
        patient, true, fold, (called, *_) = cohort()
        inside = patient < 116
        some = part_of(patient[inside], true[inside], called[inside], fold=fold[inside])
        changed = parts | {("knn", "recording"): Evaluated(some, 400.0)}
        assert {row["model"] for row in self.of(changed)} == {"forest"}

    def test_a_model_without_a_result_in_one_split_is_left_out(self, parts):
        fewer = {key: part for key, part in parts.items() if key != ("knn", "shuffled")}
        assert {row["model"] for row in self.of(fewer)} == {"forest"}

    def test_an_unknown_metric_has_no_difference(self):
        patient, true = np.array([1, 1, 2, 2]), np.ones(4, int)
        part = Evaluated(part_of(patient, true, np.array([1, 0, 1, 1])), 9.0)
        parts = {("knn", split): part for split in ("shuffled", "recording")}
        row = only(self.of(parts, {"knn": "knn"}), metric="icbhi_score")
        assert row["difference"] is row["ci_low"] is row["p"] is row["p_holm"] is None
