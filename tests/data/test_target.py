"""Other targets than the state: their classes, their metrics, and what the config makes of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from sklearn import metrics as sk

import clean
from auscultation.config.queries import fits, left_out
from auscultation.config.resolve import ConfigError, resolve
from auscultation.data.target import STATES, Target, make_target, target_of
from auscultation.fits.load import load
from auscultation.fits.models import ConstantModel, RandomModel, save_arrays
from auscultation.fits.preprocess import Preprocessor
from auscultation.job.errors import InputError
from auscultation.metrics.classes import group_sums, metrics
from auscultation.metrics.names import metrics_of
from auscultation.scores.fit_scores import scores, sum_parts

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
DIAGNOSES = np.array(["COPD", "Healthy", "Asthma", "COPD", "URTI"], dtype=object)
NO_ERRORS = {"mse", "rmse", "mae", "r2", "sensitivity", "specificity", "icbhi_score"}


def predicted(target, true, called, p):
    """A table of predictions, a patient of each two cycles, trained and tested on the same."""
    n = len(true)
    columns = {
        "cycle": np.arange(n),
        "patient_ID": np.arange(n) // 2,
        "fold": np.zeros(n, int),
        target.name: true,
        "prediction": called.astype(float),
    } | {f"p{k}": p[:, k] for k in range(p.shape[1])}
    sides = [pa.table(columns | {"part": [part] * n}) for part in ("train", "test")]
    return pa.concat_tables(sides).replace_schema_metadata(target.to_metadata())


class TestTarget:
    def test_classes_are_found(self):
        assert make_target("state", np.array([0, 3, 3])).classes == STATES
        assert make_target("crackles", np.array([1, 0])).classes == ("no crackles", "crackles")
        healthy_first = ("Healthy", "Asthma", "COPD", "URTI")
        assert make_target("Diagnosis", DIAGNOSES).classes == healthy_first

    def test_values_become_places_among_the_classes(self):
        target = make_target("Diagnosis", DIAGNOSES)
        assert [target.classes[k] for k in target.encode(DIAGNOSES)] == DIAGNOSES.tolist()
        assert Target().encode(np.array([2, 0])).tolist() == [2, 0]
        assert target.encode(DIAGNOSES[:0]).dtype == np.int64

    @pytest.mark.parametrize("name", ["state", "wheezes", "Diagnosis"])
    def test_one_class_is_nothing_to_predict(self, name):
        with pytest.raises(ValueError, match=f"all cycles have the same {name}"):
            make_target(name, np.array([1, 1]))

    def test_goes_through_a_file(self, tmp_path):
        target = make_target("Diagnosis", DIAGNOSES)
        assert target_of(target.to_metadata()) == target
        assert target_of(None) == target_of({b"other": b"1"}) == Target()

    def test_weights_by_name_and_by_number(self):
        target = make_target("Diagnosis", DIAGNOSES)
        assert target.weights({"URTI": 5, "COPD": 1}, np.array([0, 2])) == {2: 1}
        assert Target().weights({"0": 1, "3": 7}, np.array([3, 0])) == {0: 1, 3: 7}
        with pytest.raises(ValueError, match="no such class of Diagnosis: Copd; there are Healthy"):
            target.weights({"Copd": 2}, np.arange(4))


class TestMetrics:
    def test_two_classes(self):
        rng = np.random.default_rng(1)
        true, called = rng.integers(2, size=(2, 200))
        got = metrics(group_sums(true, called, n_classes=2)[0])
        assert got["sensitivity"] == pytest.approx(sk.recall_score(true, called), abs=1e-12)
        assert got["specificity"] == pytest.approx(sk.recall_score(1 - true, 1 - called), abs=1e-12)
        expected = sk.balanced_accuracy_score(true, called)
        assert got["balanced_accuracy"] == pytest.approx(expected, abs=1e-12)
        assert got["mse"] == pytest.approx(sk.mean_squared_error(true, called), abs=1e-12)
        assert "icbhi_score" not in metrics_of(Target("crackles", ("no", "yes")))

    def test_a_regressor_is_clipped_to_the_classes_there_are(self):
        sums = group_sums(np.array([0, 1]), np.array([-0.7, 2.9]), n_classes=2)
        assert metrics(sums[0])["accuracy"] == 1

    @pytest.mark.parametrize("n_classes", [3, 6])
    def test_scores_are_scikit_learns(self, n_classes):
        rng = np.random.default_rng(n_classes)
        target = Target("Diagnosis", tuple("ABCDEF"[:n_classes]))
        p = rng.dirichlet(np.ones(n_classes), 300)
        true, called = np.array([rng.choice(n_classes, p=row) for row in p]), p.argmax(1)
        part = sum_parts(predicted(target, true, called, p))["test"]
        got = {row["metric"]: row["value"] for row in scores(part)}
        assert not NO_ERRORS & set(got)
        areas = [sk.roc_auc_score(true == k, p[:, k]) for k in range(n_classes)]
        expected = {
            "accuracy": sk.accuracy_score(true, called),
            "balanced_accuracy": sk.balanced_accuracy_score(true, called),
            "macro_f1": sk.f1_score(true, called, average="macro"),
            "log_loss": sk.log_loss(true, p, labels=range(n_classes)),
            "auc_ovr": np.mean(areas),
        }
        assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1e-12)


class TestConfig:
    def test_regressors_are_left_out_where_classes_have_no_order(self):
        config = resolve(SHIPPED | {"target": "Diagnosis"}, SCHEMA)
        numbers = ["gradient_descent", "linear_regression", "lstsq", "mean", "svr"]
        assert left_out(config) == numbers
        assert not {fit["model"] for fit in fits(config)} & set(numbers)
        assert left_out(resolve(SHIPPED | {"target": "crackles"}, SCHEMA)) == []

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"target": "recording"}, "target: `recording` is a key of the cycle, and no class"),
            ({"target": {"column": "x", "classes": {"a": [1]}}}, "target"),
            ({"target": {"column": "state", "positive": 3}}, "`state` has classes of its own"),
            ({"features": ["label"], "target": "label"}, "`label` is the target, and no feature"),
            (
                {"target": "Diagnosis", "clean": {"drop": ["Diagnosis"]}},
                "clean.drop: `Diagnosis` cannot be left out, it is the target",
            ),
            (
                {"target": "Diagnosis", "models": {"svr": {}, "mean": {}}},
                "models: none can predict Diagnosis",
            ),
            (
                {"target": "wheezes", "models": {"svc": {"class_weight": {"2": 3}}}},
                "'2' is not one of ['0', '1']",
            ),
            (
                {
                    "target": "crackles",
                    "models": {"knn": {"n_neighbors": [1, 5], "tune": "icbhi_score"}},
                },
                "models.knn.tune.metric: 'icbhi_score' is none of auc, mse",
            ),
        ],
    )
    def test_what_does_not_suit_the_target_is_said(self, changes, said):
        with pytest.raises(ConfigError) as caught:
            resolve(SHIPPED | changes, SCHEMA)
        (only,) = caught.value.problems
        assert said in only

    @pytest.mark.parametrize("target", ["state", "crackles", "Diagnosis"])
    def test_tuned_by_the_area_under_the_curve(self, target):
        models = {"knn": {"n_neighbors": [1, 5], "tune": True}}
        config = resolve(SHIPPED | {"target": target, "models": models}, SCHEMA)
        assert config["models"]["knn"]["tune"]["metric"] == "auc"

    def test_weights_of_diagnoses_go_by_name(self):
        models = {"svc": {"class_weight": {"COPD": 1, "URTI": 5}}}
        resolve(SHIPPED | {"target": "Diagnosis", "models": models}, SCHEMA)
        with pytest.raises(ConfigError, match="'COPD' is not one of"):
            resolve(SHIPPED | {"models": models}, SCHEMA)


def test_a_target_is_not_imputed():
    table = pa.table({"Diagnosis": ["COPD", None, "COPD"], "age": [1.0, 2.0, None]})
    with pytest.raises(InputError, match="'Diagnosis': missing in 1 of 3 cycles; it is the target"):
        clean.impute(table, "Diagnosis")
    assert clean.impute(table)[0]["Diagnosis"].null_count == 0


@pytest.mark.parametrize(
    "make", [lambda shares: ConstantModel(1, shares), lambda shares: RandomModel(shares, 3)]
)
def test_folds_that_have_seen_other_classes_lie_in_one_file(tmp_path, make):
    models = [make(np.array([0.25, 0.75])), make(np.array([0.5, 0, 0.5]))]
    save_arrays(tmp_path / "m.npz", models, [Preprocessor(["a"])] * 2)
    X = np.zeros((5, 1))
    for (_, again), model in zip(load(tmp_path / "m.npz"), models, strict=True):
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
