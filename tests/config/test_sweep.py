"""Lists of values in the config: the models of a sweep, the candidates of tuning, their checks."""

import re
from pathlib import Path

import pytest
import yaml

from auscultation.config.queries import features_of, fits, scale_of, tune_of
from auscultation.config.resolve import ConfigError, resolve
from auscultation.config.sweep import curves, value_name
from auscultation.metrics.names import METRICS

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))


def config(models, **changes):
    return resolve({"splits": {"half": {}}, "models": models} | changes, SCHEMA)


def models(given):
    return config(given)["models"]


def problem(given, **changes):
    with pytest.raises(ConfigError) as caught:
        config(given, **changes)
    (only,) = caught.value.problems
    return only


class TestSweep:
    def test_each_value_is_a_model(self):
        resolved = models({"knn": {"n_neighbors": [1, 5], "weights": "distance", "scale": "log"}})
        assert resolved == {
            f"knn-n_neighbors-{k}": {
                "algorithm": "knn",
                "settings": {"n_neighbors": k, "weights": "distance"},
                "scale": "log",
                "sweep": {"model": "knn", "n_neighbors": k},
            }
            for k in (1, 5)
        }

    def test_several_lists_are_combined(self):
        resolved = models(
            {"mine": {"algorithm": "knn", "weights": ["uniform", None], "p": [1, 2.0]}}
        )
        names = [f"mine-p-{p}-weights-{w}" for p in (1, 2) for w in ("none", "uniform")]
        assert list(resolved) == names
        assert resolved[names[2]]["settings"] == {"p": 2, "weights": None}
        assert resolved[names[2]]["sweep"] == {"model": "mine", "p": 2, "weights": None}

    def test_neither_order_nor_neighbours_change_a_model(self):
        one = models({"svc": {"C": [1, 10], "kernel": ["rbf", "linear"]}, "knn": {}})
        other = models({"svc": {"kernel": ["linear", "rbf"], "C": [10.0, 0.1, 1]}})
        assert {name: other[name] for name in one if name != "knn"} == {
            name: model for name, model in one.items() if name != "knn"
        }

    def test_one_value_is_a_sweep_too(self):
        assert list(models({"knn": {"n_neighbors": [5]}})) == ["knn-n_neighbors-5"]

    def test_fits_name_them(self):
        names = {fit["model"] for fit in fits(config({"knn": {"n_neighbors": [1, 3]}, "mean": {}}))}
        assert names == {"knn-n_neighbors-1", "knn-n_neighbors-3", "mean"}

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            (0.1, "0.1"),
            (1e-05, "1e-05"),
            (1.5e30, "1.5e30"),
            (-1, "-1"),
            (True, "true"),
            (None, "none"),
            ("a b/..", "a_b_"),
            ({"0": 1, "3": 2.5}, "0_1-3_2.5"),
        ],
    )
    def test_names_are_safe(self, value, name):
        assert value_name(value) == name
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", name)

    def test_weights_of_states_are_swept_as_wholes(self):
        resolved = models({"svc": {"class_weight": ["balanced", None, {0: 1, 3: 2.5}]}})
        assert {name.removeprefix("svc-class_weight-") for name in resolved} == {
            "balanced",
            "none",
            "0_1-3_2.5",
        }
        weights = resolved["svc-class_weight-0_1-3_2.5"]["settings"]["class_weight"]
        assert weights == {"0": 1, "3": 2.5}

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            ({"knn": {"n_neighbors": [1, 0]}}, "models.knn.n_neighbors.1: 0 is less than"),
            ({"knn": {"n_neighbors": ["a"]}}, "models.knn.n_neighbors.0: 'a' is not of type"),
            ({"knn": {"n_neighbors": [[1]]}}, "models.knn.n_neighbors.0: [1] is not of type"),
            ({"knn": {"n_neighbors": []}}, "models.knn.n_neighbors: [] should be non-empty"),
            ({"knn": {"n_neighbors": [1, 1.0]}}, "models.knn.n_neighbors: [1, 1] has non-unique"),
            ({"knn": {"n_neighbours": [1]}}, "models.knn.n_neighbours: not a setting of"),
            ({"svc": {"kernel": ["rbg"]}}, "models.svc.kernel.0: 'rbg' is none of linear"),
            (
                {"knn": {"n_neighbors": [1]}, "knn-n_neighbors-1": {"algorithm": "knn"}},
                "models.knn-n_neighbors-1: `knn-n_neighbors-1` is there already",
            ),
            (
                {"knn-p-1": {"algorithm": "knn"}, "knn": {"p": [2, 1]}},
                "models.knn: `knn-p-1` is there already, or a sweep makes it",
            ),
            (
                {
                    "knn": {"n_neighbors": [1], "p": [2]},
                    "knn-n_neighbors-1": {"algorithm": "knn", "p": [2]},
                },
                "models.knn-n_neighbors-1: `knn-n_neighbors-1-p-2` is there already",
            ),
        ],
    )
    def test_wrong(self, given, line):
        assert problem(given).startswith(line)

    def test_values_that_make_one_name(self):
        weights = [{"a b": 1}, {"a+b": 1}]
        line = problem({"svc": {"class_weight": weights}}, target="Diagnosis")
        same = "`svc-class_weight-a_b_1`"
        assert line == f"models.svc: two of its values make a model of the same name, {same}"


class TestTune:
    FULL = {"metric": "auc", "folds": 5, "seed": 0}

    @pytest.mark.parametrize(
        ("tune", "changes"),
        [
            (True, {}),
            ({}, {}),
            ("mse", {"metric": "mse"}),
            ({"metric": "accuracy", "folds": 3.0}, {"metric": "accuracy", "folds": 3}),
        ],
    )
    def test_short_forms(self, tune, changes):
        resolved = config({"knn": {"n_neighbors": [5, 1], "weights": "distance", "tune": tune}})
        assert list(resolved["models"]) == ["knn"]
        assert resolved["models"]["knn"]["settings"] == {"weights": "distance"}
        candidates = [{"n_neighbors": 5}, {"n_neighbors": 1}]
        assert tune_of(resolved, "knn") == self.FULL | changes | {"candidates": candidates}

    def test_not_tuned(self):
        assert list(models({"knn": {"n_neighbors": [5], "tune": False}})) == ["knn-n_neighbors-5"]
        assert tune_of(config({"knn": {}}), "knn") == {}

    def test_candidates_are_the_combinations(self):
        given = {"svc": {"kernel": ["rbf", "linear"], "C": [1, 10], "tune": True}}
        resolved = tune_of(config(given), "svc")
        pairs = [(c["C"], c["kernel"]) for c in resolved["candidates"]]
        assert pairs == [(1, "rbf"), (1, "linear"), (10, "rbf"), (10, "linear")]

    def test_metrics_are_those_there_are(self):
        for metric in ("auc", *METRICS, "log_loss", "brier_score"):
            tuned = models({"knn": {"n_neighbors": [1, 5], "tune": metric}})["knn"]["tune"]
            assert tuned["metric"] == metric

    @pytest.mark.parametrize("metric", ["log_loss", "brier_score"])
    def test_losses_of_probabilities_are_for_models_that_have_such(self, metric):
        for name, key in (("svc", "C"), ("linear_svc", "C"), ("svr", "C"), ("lstsq", "rcond")):
            line = problem({name: {key: [0.1, 0.5], "tune": metric}})
            without = f"{metric} is of probabilities, and {name} gives none; take auc"
            assert line == f"models.{name}.tune.metric: {without}"
            assert models({name: {key: [0.1, 0.5], "tune": True}})[name]["tune"]["metric"] == "auc"

    @pytest.mark.parametrize(
        ("tune", "line"),
        [
            ("acuracy", "tune.metric: 'acuracy' is none of auc, mse, rmse"),
            ({"fold": 3}, "tune.fold: not a key of tune; did you mean `folds`?"),
            ({"folds": 1}, "tune.folds: 1 is less than the minimum of 2"),
            ({"seed": -1}, "tune.seed: -1 is less than"),
            (5, "tune: 5 is not of type 'object'"),
        ],
    )
    def test_wrong(self, tune, line):
        given = {"knn": {"n_neighbors": [5, 1], "tune": tune}}
        assert problem(given).startswith(f"models.knn.{line}")

    def test_nothing_to_choose_among(self):
        line = problem({"knn": {"n_neighbors": 5, "tune": True}})
        assert line == "models.knn.tune: nothing to choose among; give a setting a list of values"


class TestPreprocessing:
    def test_scale(self):
        resolved = config({"knn": {"scale": "standard"}, "svr": {"scale": "none"}, "svc": {}})
        assert [scale_of(resolved, m) for m in ("knn", "svr", "svc")] == [
            "standard",
            "none",
            "none",
        ]
        line = problem({"knn": {"scale": "standrad"}})
        assert line == "models.knn.scale: 'standrad' is none of none, standard, quantile, log"

    def test_more_features(self):
        resolved = config({"knn": {"features": ["duration", "sex"]}}, features=["device", "Var"])
        assert features_of(resolved, "knn") == ["duration", "sex"]
        assert resolved["features"] == ["device", "Var"]

    @pytest.mark.parametrize(
        ("feature", "column", "what"),
        [
            ("duration", "end", "`duration` is a feature"),
            ("duration", "start", "`duration` is a feature"),
            ("age", "age", "it is a feature"),
            ("sex", "sex", "it is a feature"),
        ],
    )
    def test_what_they_need_cannot_be_dropped(self, feature, column, what):
        given = {"knn": {"features": ["Var", feature]}}
        expected = f"clean.drop: `{column}` cannot be left out, {what} of model knn"
        assert problem(given, clean={"drop": [column]}) == expected

    def test_parts_of_the_recordings_name_are_always_there(self):
        resolved = config(
            {"knn": {"features": ["device", "location"]}}, clean={"drop": ["adq_format"]}
        )
        assert resolved["clean"]["drop"] == ["adq_format"]

    def test_share_or_count(self):
        line = problem({"random_forest": {"max_features": 1.0}})
        assert line.startswith("models.random_forest.max_features: 1 is not one of ['sqrt', 'log2'")
        for value in (0.5, 2, "sqrt", None):
            assert models({"random_forest": {"max_features": value}})


def test_the_documents_examples():
    """Each piece of the page on models can be put under `models:` as it is."""
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    pieces = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    resolved = models(yaml.safe_load("".join(pieces)))
    assert {f"near-n_neighbors-{k}" for k in (1, 51)} < resolved.keys()
    assert {"machine-C-0.1-kernel-rbf", "near_tuned", "boosted"} < resolved.keys()
    assert len(resolved) == 7 + 6 + 12


def test_curves_are_of_numbers_and_keep_the_other_settings_apart():
    def model(**chosen):
        return {"algorithm": "svc", "settings": chosen, "sweep": {"model": "s"} | chosen}

    models = {
        "s-1": model(C=1, kernel="rbf", shrinking=True),
        "s-2": model(C=10.0, kernel="rbf", shrinking=True),
        "s-3": model(C=10.0, kernel="linear", shrinking=False),
        "alone": {"algorithm": "svc", "settings": {"C": 3}},
    }
    (curve,) = curves(models)
    assert (curve["sweep"], curve["key"], curve["algorithm"]) == ("s", "C", "svc")
    assert {name: point["x"] for name, point in curve["points"].items()} == {
        "s-1": 1,
        "s-2": 10.0,
        "s-3": 10.0,
    }
    series = {point["series"] for point in curve["points"].values()}
    assert series == {"kernel = rbf, shrinking = true", "kernel = linear, shrinking = false"}
    assert curves({"s-2": models["s-2"], "s-3": models["s-3"]}) == []
