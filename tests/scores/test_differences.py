"""Differences from the best constant, baseline and model, their families, and leakage."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    mean_squared_error,
    roc_auc_score,
)

from auscultation.data.target import Target
from auscultation.metrics.names import LOWER_IS_BETTER, compared_by
from auscultation.scores.constant import constant
from auscultation.scores.differences import CONSTANT, DIFFERENCES, best, compared, differences
from auscultation.scores.fit_scores import AREAS, LOSSES
from auscultation.scores.intervals import corrected_resampled_t, of_difference, of_share
from cohorts import cohort, only, part_of, probabilities

TARGET = Target()
COMPARED = compared(TARGET)
DIAGNOSIS = Target("Diagnosis", ("Healthy", "COPD", "URTI"))
CLASS = compared_by(TARGET)
BASELINES = {"mean": "mean", "most_frequent": "most_frequent"}
MODELS = {"knn": "knn", "svc": "svc", "svr": "svr"}


@pytest.fixture(scope="module")
def models():
    """Two baselines and three models of rising skill, tested in five folds; one has probabilities."""
    patient, true, fold, called = cohort()
    n = len(true)
    said = {"mean": np.full(n, 0.9), "most_frequent": np.zeros(n)}
    said |= dict(zip(MODELS, called, strict=True))
    p = {"knn": probabilities(true), "most_frequent": np.tile([0.5, 0.25, 0.15, 0.1], (n, 1))}
    return {
        name: part_of(patient, true, values, name, patient % 3, fold=fold, p=p.get(name))
        for name, values in said.items()
    }


def compare(parts, ratio=0.25, target=TARGET):
    algorithms = {name: name.split("-")[0] for name in parts}
    rows = differences("patient", parts, algorithms, ratio, target)
    for row in rows:
        assert row.keys() == set(DIFFERENCES.names)
    return rows


class TestWhoIsComparedWithWhom:
    def test_metrics(self):
        assert (*CLASS, *LOSSES, *AREAS) == COMPARED
        assert COMPARED[0] == "icbhi_score"
        assert set(AREAS) == {
            a + b
            for a in ("auc_ovr", "auc_abnormal")
            for b in ("", "_between_patients", "_within_device", "_within_patient")
        }
        assert "mse_expected" not in compared(DIAGNOSIS)
        assert compared(DIAGNOSIS)[0] == "balanced_accuracy"

    @pytest.mark.parametrize("with_baselines", [True, False])
    def test_every_model_with_the_best_constant(self, models, with_baselines):
        parts = models if with_baselines else {name: models[name] for name in MODELS}
        rows = [row for row in compare(parts) if row["against_is"] == CONSTANT]
        for metric in COMPARED:
            found = [row["model"] for row in rows if row["metric"] == metric]
            probabilities_needed = metric in LOSSES or metric.startswith("auc_ovr")
            assert found == (["knn"] if probabilities_needed else sorted(MODELS)), metric
        assert {row["against"] for row in rows} == {"constant"}

    def test_with_the_best_baseline_and_the_best_model(self, models):
        # mean says 0.9: nearer than 0, but crackles; of two that are equal, the first by name
        baselines = {"mse": "mean", "balanced_accuracy": "mean", "auc_abnormal": "mean"}
        rows = compare(models)
        for metric in (*CLASS, "auc_abnormal"):
            against = {
                what: {
                    (row["model"], row["against"])
                    for row in rows
                    if row["metric"] == metric and row["against_is"] == what
                }
                for what in ("best baseline", "best model")
            }
            named = baselines.get(metric, "most_frequent")
            assert against["best baseline"] == {(model, named) for model in MODELS}
        of_class = [row for row in rows if row["metric"] in (*CLASS, "auc_abnormal")]
        best_ones = {r["against"] for r in of_class if r["against_is"] == "best model"}
        assert best_ones == {"svr"}
        # one model alone has probabilities, and so has one baseline
        loss = [(r["model"], r["against"]) for r in rows if r["metric"] == "log_loss"]
        assert loss == [("knn", "constant"), ("knn", "most_frequent")]

    def test_baselines_alone_are_not_compared(self, models):
        assert compare({name: models[name] for name in BASELINES}) == []

    def test_one_model_alone_is_compared_with_the_constant(self, models):
        assert {row["against_is"] for row in compare({"knn": models["knn"]})} == {CONSTANT}

    def test_a_metric_that_nobody_has_is_left_out(self):
        patient = np.repeat([1, 2, 3], 2)
        parts = {
            name: part_of(patient, np.ones(6, int), np.array(said), name)
            for name, said in (("mean", [1, 0] * 3), ("knn", [1] * 6))
        }
        rows = compare(parts)
        assert {row["metric"] for row in rows if row["metric"] in CLASS} == (
            set(CLASS) - {"icbhi_score"}
        )
        unknown = [row for row in rows if row["metric"] == "auc_abnormal"]
        assert [(r["against_is"], r["difference"], r["p"]) for r in unknown] == [
            (CONSTANT, None, None)
        ]


class TestBest:
    def test_direction_of_the_metric(self):
        true = np.array([0, 0, 1, 2, 3])
        parts = {
            # right most often, but far off where wrong; never right, but near
            "bold": part_of(true, true, np.array([0, 0, 1, 2, -9])).scores,
            "near": part_of(true, true, true + 0.6).scores,
        }
        assert best(parts, "accuracy") == "bold"
        for metric in ("mse", "mae", "rmse"):
            assert best(parts, metric) == "near" and metric in LOWER_IS_BETTER

    def test_first_by_name_of_several(self):
        true = np.array([0, 1])
        parts = {name: part_of(true, true, true).scores for name in ("b", "a", "c")}
        assert best(parts, "accuracy") == best(parts, "mse") == "a"

    def test_no_value(self):
        true = np.array([1, 1])
        assert best({"a": part_of(true, true, true).scores}, "specificity") is None
        assert best({}, "accuracy") is None


class TestValues:
    def test_difference_is_the_models_value_minus_the_others(self):
        patient, true, _, (knn, svc, _) = cohort()
        parts = {"knn": part_of(patient, true, knn), "svc": part_of(patient, true, svc)}
        rows = compare(parts)
        row = only(rows, metric="accuracy", against="svc")
        expected = accuracy_score(true, knn) - accuracy_score(true, svc)
        assert (row["model"], row["difference"]) == ("knn", pytest.approx(expected, abs=1e-12))
        row = only(rows, metric="mse", against_is="best model")
        expected = abs(mean_squared_error(true, knn) - mean_squared_error(true, svc))
        assert row["difference"] == pytest.approx(expected, abs=1e-12)  # worse than the best
        row = only(rows, metric="balanced_accuracy", model="knn", against_is=CONSTANT)
        expected = balanced_accuracy_score(true, knn) - 1 / 4
        assert row["difference"] == pytest.approx(expected, abs=1e-12)
        row = only(rows, metric="auc_abnormal", model="knn", against_is=CONSTANT)
        expected = roc_auc_score(true != 0, knn != 0) - 1 / 2
        assert row["difference"] == pytest.approx(expected, abs=1e-12)

    def test_error_is_that_of_the_same_patients_left_out_of_both(self, models):
        row = only(compare(models), metric="accuracy", model="knn", against_is="best model")
        one, other = (models[name].scores.without["accuracy"] for name in ("knn", "svr"))
        found = of_difference(row["difference"], one - other, min(models["knn"].sides))
        assert {k: row[k] for k in found._fields} == found._asdict()

    @pytest.mark.parametrize("metric", ["icbhi_score", "balanced_accuracy", "auc_abnormal"])
    def test_from_a_fixed_constant_is_as_sure_as_the_value(self, models, metric):
        row = only(compare(models), metric=metric, model="svr", against_is=CONSTANT)
        share = models["svr"].scores
        its = 1 / 4 if metric == "balanced_accuracy" else 1 / 2
        side = min(models["svr"].sides)
        found = of_share(float(share.values[metric]), share.without[metric], side, its)
        ends = (found.ci_low - its, found.ci_high - its)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(ends, abs=1e-12)
        assert (row["se"], row["df"], row["p"]) == pytest.approx(
            (found.se, found.df, found.p), rel=1e-9
        )

    @pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "mse"])
    def test_a_constant_that_depends_on_the_patients_is_left_out_with_them(self, models, metric):
        row = only(compare(models), metric=metric, model="svr", against_is=CONSTANT)
        share, its = models["svr"].scores, constant(models["svr"], TARGET)
        gaps = share.without[metric] - its.without[metric]
        assert row["se"] == of_difference(row["difference"], gaps, min(models["svr"].sides)).se

    def test_same_predictions_under_two_names_cannot_be_told_apart(self):
        patient, true, _, (called, *_) = cohort()
        parts = {name: part_of(patient, true, called) for name in ("knn", "knn-again")}
        rows = [row for row in compare(parts) if row["against_is"] == "best model"]
        assert {row["metric"] for row in rows} >= set(CLASS)
        for row in rows:
            if row["difference"] is not None:
                assert (row["difference"], row["ci_low"], row["ci_high"]) == (0, 0, 0)
                assert row["p"] == row["p_holm"] == 1

    def test_pairing_narrows_the_interval(self):
        patient, true, _, (called, *_) = cohort()
        nearly = called.copy()
        nearly[::50] = true[::50]
        parts = {"knn": part_of(patient, true, called), "knn-b": part_of(patient, true, nearly)}
        rows = compare(parts)
        row = only(rows, metric="accuracy", against_is="best model")
        own = only(rows, metric="accuracy", against_is=CONSTANT, model="knn")
        assert row["ci_high"] - row["ci_low"] < (own["ci_high"] - own["ci_low"]) / 3

    def test_a_class_that_one_patient_has_makes_the_score_unsure(self):
        """Diagnoses: the constant scores 1/3, and 1/2 without the patient of the third."""
        patient, true = np.repeat(np.arange(9), 4), np.repeat([0] * 4 + [1] * 4 + [2], 4)
        parts = {"knn": part_of(patient, true, true, target=DIAGNOSIS)}
        row = only(compare(parts, target=DIAGNOSIS), metric="balanced_accuracy")
        assert row["difference"] == pytest.approx(2 / 3, abs=1e-15)
        assert row["se"] == pytest.approx(1 / 6 * np.sqrt(8 / 9 * 8 / 9), rel=1e-9)


class TestFamilies:
    def test_p_values_are_corrected_for_the_models_of_a_metric_and_group(self, models):
        rows = compare(models)
        for metric in (*CLASS, "auc_abnormal"):
            for what, size in ((CONSTANT, 3), ("best baseline", 3), ("best model", 2)):
                family = [r for r in rows if (r["metric"], r["against_is"]) == (metric, what)]
                assert len(family) == size, (metric, what)
                for name in ("p", "fold_t_p"):
                    p = sorted(row[name] for row in family)
                    expected = np.maximum.accumulate(
                        [min(1, value * (size - i)) for i, value in enumerate(p)]
                    )
                    got = sorted(row[f"{name}_holm"] for row in family)
                    assert got == pytest.approx(expected.tolist(), abs=1e-15)

    def test_a_model_without_the_metric_does_not_count(self, models):
        (row,) = (
            r for r in compare(models) if (r["metric"], r["against_is"]) == ("auc_ovr", CONSTANT)
        )
        assert row["p_holm"] == row["p"] is not None


class TestFolds:
    def test_p_is_that_of_the_folds(self):
        patient, true, fold, (knn, svc, _) = cohort()
        parts = {
            name: part_of(patient, true, called, fold=fold)
            for name, called in (("knn", knn), ("svc", svc))
        }
        gaps = np.array(
            [
                accuracy_score(true[fold == k], knn[fold == k])
                - accuracy_score(true[fold == k], svc[fold == k])
                for k in range(5)
            ]
        )
        row = only(compare(parts), metric="accuracy", against="svc")
        assert row["fold_t_p"] == pytest.approx(corrected_resampled_t(gaps, 0.25)["p"], abs=1e-12)
        row = only(compare(parts, ratio=0), metric="accuracy", against="svc")
        assert row["fold_t_p"] == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue, abs=1e-12)

    def test_of_an_area_is_that_of_the_folds_areas(self):
        patient, true, fold, (knn, *_) = cohort()
        parts = {"svc": part_of(patient, true, knn, fold=fold)}
        gaps = [roc_auc_score(true[fold == k] != 0, knn[fold == k] != 0) - 0.5 for k in range(5)]
        row = only(compare(parts), metric="auc_abnormal")
        expected = corrected_resampled_t(np.array(gaps), 0.25)["p"]
        assert row["fold_t_p"] == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("folds", ["one fold", "folds of unlike sizes"])
    def test_there_is_none(self, folds):
        patient, true, fold, called = cohort()
        fold = None if folds == "one fold" else fold
        ratio = 0.25 if folds == "one fold" else None
        parts = {str(k): part_of(patient, true, v, fold=fold) for k, v in enumerate(called)}
        for row in compare(parts, ratio):
            assert row["fold_t_p"] is row["fold_t_p_holm"] is None
            if row["metric"] in CLASS:
                assert row["p"] is not None

    def test_there_is_none_where_a_fold_has_no_value(self):
        # no abnormal cycle in fold 0: its score is unknown, its accuracy is not
        patient, true, fold, (knn, svc, _) = cohort()
        true = np.where(fold == 0, 0, true)
        parts = {n: part_of(patient, true, v, fold=fold) for n, v in (("a", knn), ("b", svc))}
        rows = [row for row in compare(parts) if row["against_is"] == "best model"]
        for metric, known in (("icbhi_score", False), ("auc_abnormal", False), ("accuracy", True)):
            row = only(rows, metric=metric)
            assert (row["fold_t_p"] is not None) == known and row["p"] is not None
