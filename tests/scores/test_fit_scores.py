"""Scores of a fit with their intervals, against scikit-learn and against scoring rows again."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score

from auscultation.data.target import Target
from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.classes import group_sums
from auscultation.metrics.names import METRICS
from auscultation.scores.fit_scores import LOSSES, scores, sum_parts
from auscultation.scores.intervals import of_error, of_number, of_share
from auscultation.scores.sums import expected_sums
from cohorts import (
    area,
    class_scores,
    cohort,
    losses,
    mean_area,
    only,
    part_of,
    probabilities,
    rows_of_part,
)

DIAGNOSIS = Target("Diagnosis", ("Healthy", "COPD", "URTI"))
ENDINGS = ("", "_between_patients", "_within_device", "_within_patient")
ABNORMAL = [f"auc_abnormal{ending}" for ending in ENDINGS]
OVR = [f"auc_ovr{ending}" for ending in ENDINGS]


def scored_of(true, prediction, rating, groups, p=None):
    """Every metric of rows the long way; `groups` has fold, patient and device."""
    fold, patient, device = groups
    found = class_scores(true, prediction) | (losses(true, p) if p is not None else {})
    pairs = ((), None), ((), patient), ((device,), patient), ((patient,), None)
    for place, (inside, apart) in enumerate(pairs):
        if p is not None:
            found[OVR[place]] = mean_area(p, true, fold, *inside, apart=apart)
        found[ABNORMAL[place]] = area(rating, true != 0, fold, *inside, apart=apart)
    return found


CASES = {
    "probabilities": "knn",
    "a number": "svr",
    "a class alone": "svc",
}


def case_of(name):
    """Rows of a model that says such a thing, with what rates their cycles."""
    patient, true, fold, (called, *_) = cohort(1, 25)
    p = None
    if name == "probabilities":
        p = probabilities(true, 1, decimals=1)
        called, rating = p.argmax(1).astype(float), -p[:, 0]
    elif name == "a number":
        called = called + np.random.default_rng(1).normal(0, 0.7, len(true))
        rating = called
    else:
        rating = (called != 0).astype(float)
    return patient, true, fold, called, rating, p


@pytest.mark.parametrize("name", CASES)
class TestEveryMetric:
    """All that a model is scored by, of all cycles, without each patient, and of each fold."""

    @pytest.fixture
    def made(self, name):
        patient, true, fold, called, rating, p = case_of(name)
        device = patient % 3
        part = part_of(patient, true, called, CASES[name], device, fold=fold, p=p)

        def expected(rows):
            groups = (fold[rows], patient[rows], device[rows])
            inside = None if p is None else p[rows]
            return scored_of(true[rows], called[rows], rating[rows], groups, inside)

        return part, expected, patient, fold

    def test_value(self, made, name):
        part, expected, patient, _ = made
        values = expected(np.full(len(patient), True))
        assert part.scores.values == pytest.approx(values, abs=1e-12)
        assert list(part.scores.values)[: len(METRICS)] == list(METRICS)

    def test_value_without_each_patient_is_that_of_the_other_rows(self, made, name):
        part, expected, patient, _ = made
        for number, one in enumerate(part.patients):
            got = {metric: values[number] for metric, values in part.scores.without.items()}
            assert got == pytest.approx(expected(patient != one), abs=1e-12)

    def test_value_of_each_fold(self, made, name):
        part, expected, _, fold = made
        for number in range(5):
            got = {metric: values[number] for metric, values in part.scores.by_fold.items()}
            assert got == pytest.approx(expected(fold == number), abs=1e-12)

    def test_intervals(self, made, name):
        part, *_ = made
        rows = scores(part)
        assert [row["metric"] for row in rows] == list(part.scores.values)
        for row in rows:
            metric, value = row["metric"], row["value"]
            assert value == part.scores.values[metric]
            errors = ("mse", "rmse", "mae", *LOSSES)
            of = of_number if metric == "r2" else of_error if metric in errors else of_share
            found = of(value, part.scores.without[metric], min(part.sides))
            assert (row["ci_low"], row["ci_high"]) == (found.ci_low, found.ci_high)
            assert row["ci_low"] < value < row["ci_high"]


class TestAreas:
    def test_of_a_regressor_rates_its_number_and_not_its_class(self):
        true = np.array([0, 0, 1, 2])
        said, patient = np.array([0.6, 0.7, 0.8, 0.9]), np.array([1, 1, 2, 2])
        for algorithm in REGRESSORS:
            part = part_of(patient, true, said, algorithm)
            assert part.scores.values["auc_abnormal"] == 1  # all four round to crackles
        assert part_of(patient, true, np.rint(said), "svc").scores.values["auc_abnormal"] == 0.5

    def test_without_devices_there_is_none_within_them(self):
        patient, true, fold, called, _, p = case_of("probabilities")
        names = set(part_of(patient, true, called, "knn", fold=fold, p=p).scores.values)
        assert {name for name in names if name.startswith("auc")} == {
            *(OVR[:2] + OVR[3:] + ABNORMAL[:2] + ABNORMAL[3:])
        }
        names = set(part_of(patient, true, called, "svc", fold=fold).scores.values)
        assert {name for name in names if name.startswith("auc")} == {*ABNORMAL} - {ABNORMAL[2]}

    def test_a_device_s_share_tells_nothing_within_devices(self):
        patient, true, fold, _, _, _ = case_of("probabilities")
        device = patient % 3
        p = np.array([[0.7, 0.1, 0.1, 0.1], [0.4, 0.2, 0.2, 0.2], [0.1, 0.3, 0.3, 0.3]])[device]
        part = part_of(patient, true, p.argmax(1), "by_device", device, fold=fold, p=p)
        for name in (*OVR[2:], *ABNORMAL[2:]):
            assert part.scores.values[name] == 0.5
            assert only(scores(part), metric=name)["ci_low"] == 0.5  # nor without any patient


@pytest.fixture(scope="module")
def drawn():
    """Cycles whose classes are drawn by the shares of the other folds, five hundred times."""
    patient, true, fold, _ = cohort(2, 12)
    p = np.empty((len(true), 4))
    for k in range(5):
        p[fold == k] = np.bincount(true[fold != k], minlength=4) / np.count_nonzero(fold != k)
    rng = np.random.default_rng(0)
    ends = p.cumsum(1)[:, :3]
    called = [(rng.random(len(true))[:, None] > ends).sum(1) for _ in range(500)]
    return patient, true, fold, p, called


class TestDrawnClasses:
    """What draws a class of each cycle is scored by what is expected of it."""

    LINEAR = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "icbhi_score")
    LINEAR += ("mse", "mae", "r2")

    def test_values_are_those_of_many_seeds_on_average(self, drawn):
        patient, true, fold, p, called = drawn
        part = part_of(patient, true, called[0], "stratified", fold=fold, p=p)
        made = [class_scores(true, one) for one in called]
        for metric in METRICS:
            values = np.array([one[metric] for one in made])
            error = values.std() / np.sqrt(len(values))
            # F1 and RMSE are of the expected counts, and not quite linear in these
            near = 4.5 * error if metric in self.LINEAR else 0.01
            assert part.scores.values[metric] == pytest.approx(values.mean(), abs=near), metric

    def test_values_do_not_depend_on_what_was_drawn(self, drawn):
        patient, true, fold, p, called = drawn
        one, other = (part_of(patient, true, c, "stratified", fold=fold, p=p) for c in called[:2])
        assert one.scores.values == other.scores.values
        for name in METRICS:
            assert (one.scores.without[name] == other.scores.without[name]).all()
        assert (one.confusion != other.confusion).any()  # those are the ones it made

    def test_shares_of_the_same_fold_rate_no_cycle_above_another(self, drawn):
        patient, true, fold, p, called = drawn
        part = part_of(patient, true, called[0], "stratified", fold=fold, p=p)
        assert part.scores.values["auc_ovr"] == part.scores.values["auc_abnormal"] == 0.5

    def test_sums_of_certain_cycles_are_those_of_their_class(self):
        _, true, _, (called, *_) = cohort(3)
        group = np.arange(len(true)) % 7
        (got,) = expected_sums(true, np.eye(4)[called], [(group, 7)])
        assert got.tolist() == group_sums(true, called.astype(float), group, 7).tolist()

    def test_other_models_are_scored_by_what_they_call(self, drawn):
        patient, true, fold, p, called = drawn
        part = part_of(patient, true, called[0], "most_frequent", fold=fold, p=p)
        assert part.scores.values["accuracy"] == np.mean(true == called[0])


class TestParts:
    def test_sums_of_repeats(self):
        # two repeats of two folds: each cycle is tested twice
        patient, true = np.array([1, 1, 2, 2] * 2), np.array([0, 1, 2, 3] * 2)
        fold = np.array([0, 0, 1, 1, 2, 2, 3, 3])
        test = rows_of_part(patient, true, [0, 1, 2, 0, 0, 0, 2, 3], fold=fold)
        test = test.set_column(0, "cycle", pa.array([0, 1, 2, 3] * 2))
        train = rows_of_part(patient, true, true, part="train")
        part = sum_parts(pa.concat_tables([train, test]))["test"]
        assert part.counts == {"n_folds": 4, "n_cycles": 4, "n_patients": 2}
        assert part.n_rows == 8
        assert part.true.tolist() == [[2, 2, 0, 0], [0, 0, 2, 2]]
        assert part.true_by_fold.tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]] * 2
        assert part.scores.by_fold["mse"].tolist() == [0, 4.5, 0.5, 0]
        assert part.confusion[-1] == 10  # squared errors
        assert part.calibration == ()

    def test_text_ids(self):
        part = part_of(np.array(["b", "a", "b"]), np.array([0, 1, 2]), np.array([0, 1, 1]))
        assert part.patients.tolist() == ["a", "b"]
        assert part.scores.without["mse"].tolist() == [0.5, 0]

    def test_sides_count_patients_with_and_without(self):
        part = part_of(np.array([1, 1, 2, 3, 4]), np.array([0, 2, 3, 0, 0]), np.zeros(5))
        assert part.sides == (2, 3)

    def test_devices_are_those_of_the_part_s_own_rows(self):
        patient, true, fold, called, _, p = case_of("probabilities")
        device = patient % 3
        parts = [rows_of_part(patient, true, called, fold, name, p) for name in ("train", "test")]
        both = pa.concat_tables([parts[1], parts[0]])  # test first
        mixed = np.concatenate([device, np.zeros_like(device)])
        got = {
            name: part.scores.values["auc_ovr_within_device"]
            for name, part in sum_parts(both, "knn", mixed).items()
        }
        expected = {"test": mean_area(p, true, fold, device, apart=patient)}
        expected["train"] = mean_area(p, true, fold, apart=patient)
        assert got == pytest.approx(expected, abs=1e-12)

    def test_calibration_is_that_of_the_probabilities(self):
        patient, true, _, called, _, p = case_of("probabilities")
        part = part_of(patient, true, called, p=p)
        assert sum(row["n_cycles"] for row in part.calibration) == len(true)


class TestDiagnosis:
    def test_has_neither_errors_nor_a_sensitivity(self):
        rng = np.random.default_rng(0)
        patient = np.repeat(np.arange(20), 6)
        true = np.arange(20)[patient] % 3
        p = rng.dirichlet(np.ones(3), len(true))
        called = p.argmax(1)
        part = part_of(patient, true, called, "knn", p=p, target=DIAGNOSIS)
        names = ["accuracy", "balanced_accuracy", "macro_f1", "log_loss", "brier_score"]
        names += [*OVR[:2], OVR[3], *ABNORMAL[:2], ABNORMAL[3]]
        assert list(part.scores.values) == names
        values = {row["metric"]: row["value"] for row in scores(part)}
        expected = balanced_accuracy_score(true, called)
        assert values["balanced_accuracy"] == pytest.approx(expected, abs=1e-12)
        assert values["log_loss"] == pytest.approx(losses(true, p)["log_loss"], abs=1e-12)
        # a patient has one diagnosis
        assert (values[OVR[3]], values[ABNORMAL[3]]) == (None, None)

    def test_that_one_patient_has(self):
        """Without that patient the balanced accuracy is over the others."""
        patient, true = np.array([1, 1, 2, 3, 4]), np.array([0, 0, 0, 1, 2])
        called = np.array([0, 0, 0, 1, 0])
        part = part_of(patient, true, called, "svc", target=DIAGNOSIS)
        recall = recall_score(true[:4], called[:4], average="macro")
        assert part.scores.without["balanced_accuracy"][3] == recall == 1
        assert part.scores.values["balanced_accuracy"] == pytest.approx(2 / 3, abs=1e-15)


class TestUnknown:
    def test_of_abnormal_cycles_alone(self):
        part = part_of(np.array([1, 1, 2]), np.array([1, 1, 1]), np.array([1, 0, 1]))
        rows = {row["metric"]: row for row in scores(part)}
        unknown = {name for name, row in rows.items() if row["value"] is None}
        assert unknown == {"r2", "specificity", "icbhi_score", *ABNORMAL[:2], ABNORMAL[3]}
        for row in rows.values():
            assert row["ci_low"] is row["ci_high"] is None  # no patient is normal

    def test_interval_where_one_patient_has_all_normal_cycles(self):
        patient, true = np.repeat([1, 2, 3, 4], 3), np.array([0, 1, 0, *[1, 2, 3] * 3])
        part = part_of(patient, true, true[::-1].copy())
        assert part.sides == (4, 1)
        for row in scores(part):
            assert row["value"] is not None and row["ci_low"] is None

    def test_intervals_end_where_a_metric_does(self):
        """Two patients, one far off: R2 stays below 1, and no error is negative."""
        patient, true = np.array([1, 1, 2, 2]), np.array([0, 1, 0, 1])
        part = part_of(patient, true, np.array([0, 1, 0.6, 0.4]))
        rows = {row["metric"]: row for row in scores(part)}
        assert rows["r2"]["ci_high"] == 1 and rows["r2"]["ci_low"] < 0
        for name in ("mse", "rmse", "mae"):
            assert 0 <= rows[name]["ci_low"] < rows[name]["value"]
