"""The check of the config: what it fills in, and what it says of each wrong key."""

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from auscultation.config.resolve import (
    ConfigError,
    apart,
    features_of,
    fits,
    nearest,
    normalise,
    optional_columns,
    resolve,
    used_columns,
)
from auscultation.fits.algorithms import ALGORITHMS

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STATISTICS = ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]
FEATURES = [*STATISTICS, "duration", "device", "location", "age", "sex"]
SMALL = {"splits": {"half": {}}, "models": {"knn": {}}}


def ok(**changes):
    return resolve(SMALL | changes, SCHEMA)


def problems(config=None, **changes):
    """What is wrong with a config: a small good one with these changes."""
    with pytest.raises(ConfigError) as caught:
        resolve(SMALL | changes if config is None else config, SCHEMA)
    for problem in caught.value.problems:
        assert f"  - {problem}" in str(caught.value)
    return caught.value.problems


def problem(**changes):
    (only,) = problems(**changes)
    return only


class TestGood:
    def test_the_shipped_config(self):
        config = resolve(SHIPPED, SCHEMA)
        assert config["workbook"] == "demo"
        assert config["splits"] == {
            "final": {"protocol": "final", "settings": {}},
            "half": {"protocol": "half", "settings": {"seed": 0}},
            "holdout": {"protocol": "holdout", "settings": {"seed": 0, "test_size": 0.25}},
            **{
                name: {"protocol": name, "settings": {"folds": 5, "repeats": 1, "seed": 0}}
                for name in ("patient", "recording", "shuffled")
            },
        }
        assert config["models"]["knn"] == {"algorithm": "knn", "settings": {"n_neighbors": 5}}

    def test_the_shipped_examples(self):
        """With what is behind a # as well, there is a model of every algorithm."""
        text = (ROOT / "config.yaml").read_text(encoding="utf-8")
        above, models = text.split("\nmodels:\n")
        models = re.sub(r"^  # (\w+: \{.+\})$", r"  \1", models, flags=re.M)
        config = resolve(yaml.safe_load(f"{above}\nmodels:\n{models}"), SCHEMA)
        known = {model["algorithm"] for model in config["models"].values()}
        assert known == ALGORITHMS.keys()
        assert "knn_sweep-n_neighbors-51" in config["models"]
        assert len(config["models"]["knn_tuned"]["tune"]["candidates"]) == 4

    def test_defaults_are_filled_in(self):
        assert ok() == {
            "workbook": "demo",
            "sha256": None,
            "score": None,
            "score_sheet": None,
            "against": None,
            "sheet": None,
            "reader": "calamine",
            "max_rows": 1000000,
            "max_megabytes": 2000,
            "checks": {
                **dict.fromkeys(["duplicate", "order", "range"], "error"),
                **dict.fromkeys(["category", "error_cell", "id", "overlap", "patient"], "warn"),
            },
            "results": "results",
            "demo": {"seed": 2017, "patients": 126},
            "clean": {
                "drop": ["IMC", "height", "weight"],
                "missing": "impute",
                "impute": "in_fold",
            },
            "target": "state",
            "features": STATISTICS,
            "fit_timeout": None,
            "allow_missing": False,
            "max_kernel_rows": 50000,
            "above_max_kernel_rows": "error",
            "splits": {"half": {"protocol": "half", "settings": {"seed": 0}}},
            "models": {"knn": {"algorithm": "knn", "settings": {}}},
        }

    def test_the_shipped_values_are_the_defaults(self):
        sections = {key: SHIPPED[key] for key in ("splits", "models")}
        assert resolve(sections, SCHEMA) == resolve(SHIPPED, SCHEMA)

    def test_what_is_given_beats_the_default(self):
        config = ok(demo={"patients": 12}, clean={"missing": "drop"}, sheet="Cycles")
        assert config["demo"] == {"seed": 2017, "patients": 12}
        dropped = ["IMC", "height", "weight"]
        assert config["clean"] == {"drop": dropped, "missing": "drop", "impute": "in_fold"}
        assert config["sheet"] == "Cycles"

    def test_every_random_choice_of_a_model_has_a_seed(self):
        config = ok(models={"svc": {}, "logistic_regression": {"random_state": 3}, "svr": {}})
        seeds = {k: m["settings"].get("random_state") for k, m in config["models"].items()}
        assert seeds == {"logistic_regression": 3, "svc": 0, "svr": None}

    def test_the_given_config_is_left_alone(self):
        given = copy.deepcopy(SMALL | {"models": {"knn": None}, "demo": {}})
        before, schema = copy.deepcopy(given), copy.deepcopy(SCHEMA)
        resolve(given, schema)["features"].append("x")
        assert given == before
        assert schema == SCHEMA
        resolve(SMALL, schema)
        assert schema == yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))

    def test_settings_of_the_protocols(self):
        splits = {"patient": {"repeats": 3}, "published": {"list": "a.txt", "aliases": {"a": "b"}}}
        splits |= {"device": {"protocol": "leave_group_out", "column": "device"}}
        assert ok(splits=splits)["splits"] == {
            "patient": {"protocol": "patient", "settings": {"folds": 5, "repeats": 3, "seed": 0}},
            "published": {
                "protocol": "published",
                "settings": {"list": "a.txt", "aliases": {"a": "b"}},
            },
            "device": {"protocol": "leave_group_out", "settings": {"column": "device"}},
        }

    def test_settings_can_be_params_of_a_job(self):
        splits = ok(splits={"published": {"list": "a.txt"}})["splits"]
        assert pickle.loads(pickle.dumps(splits)) == splits
        settings = splits["published"]["settings"]
        assert settings == {"list": "a.txt", "aliases": {}}
        settings["aliases"]["a"] = "b"  # the next config has the default again
        again = ok(splits={"published": {"list": "a.txt"}})["splits"]["published"]["settings"]
        assert again["aliases"] == {}

    def test_nothing_behind_the_colon_is_no_settings(self):
        text = "splits:\n  half:\n  final:\nmodels:\n  knn:\n  mean:\n"
        config = resolve(yaml.safe_load(text), SCHEMA)
        assert config["models"]["knn"] == {"algorithm": "knn", "settings": {}}
        assert config["splits"]["half"] == {"protocol": "half", "settings": {"seed": 0}}

    def test_names_of_ones_own(self):
        models = {"knn_25": {"algorithm": "knn", "n_neighbors": 25}, "knn": {}}
        config = ok(models=models, splits={"again": {"protocol": "half", "seed": 7}})
        settings = {"algorithm": "knn", "settings": {"n_neighbors": 25}}
        assert config["models"]["knn_25"] == settings
        assert config["splits"] == {"again": {"protocol": "half", "settings": {"seed": 7}}}

    def test_integer_keys_are_names(self):
        config = ok(models={5: {"algorithm": "knn"}}, splits={1: {"protocol": "final"}})
        assert list(config["models"]) == ["5"] and list(config["splits"]) == ["1"]

    def test_features_of_a_model(self):
        models = {"knn": {}, "svr": {"features": ["Var", "Range"]}}
        config = ok(models=models, features=["Fine_Av", "Var"])
        assert features_of(config, "knn") == ["Fine_Av", "Var"]
        assert features_of(config, "svr") == ["Var", "Range"]
        assert "features" not in config["models"]["svr"]["settings"]

    def test_a_baseline_by_device_looks_at_the_device_whatever_others_look_at(self):
        models = {"by_device": {}, "by_place": {"algorithm": "by_device", "features": ["location"]}}
        config = ok(models=models, features=["Var"])
        assert features_of(config, "by_device") == ["device"]
        assert features_of(config, "by_place") == ["location"]
        assert config["models"]["by_device"]["settings"] == {}
        assert {"patient_ID", "recording"} <= used_columns(config).keys()

    def test_fits_are_sorted(self):
        config = ok(splits={"half": {}, "final": {}}, models={"svr": {}, "b": {"algorithm": "knn"}})
        assert fits(config) == [
            {"model": "b", "algorithm": "knn", "split": "final"},
            {"model": "svr", "algorithm": "svr", "split": "final"},
            {"model": "b", "algorithm": "knn", "split": "half"},
            {"model": "svr", "algorithm": "svr", "split": "half"},
        ]


class TestWhatIsDealtOutWhole:
    LISTED = {"protocol": "listed_folds", "list": "a.txt"}
    SPLITS = {
        "by_name": LISTED,
        "by_sound": LISTED | {"by": "recording"},
        "cycles": {"protocol": "shuffled"},
        "final": {},
        "half": {},
        "holdout": {},
        "hospital": {"protocol": "leave_group_out", "column": "device"},
        "patient": {},
        "published": {"list": "b.txt"},
        "recording": {},
    }

    def test_splits_whose_folds_are_alike_but_for_that(self):
        """What is compared to see what was heard; a single part tested on is no such split.

        Fault 14: folds listed by patient keep patients apart.
        """
        config = ok(splits=self.SPLITS)
        assert config["splits"]["by_name"]["settings"] == {"list": "a.txt", "by": "patient"}
        assert apart(config) == {
            "by_name": "patient",
            "by_sound": "recording",
            "cycles": "cycle",
            "patient": "patient",
            "recording": "recording",
        }
        assert apart(ok()) == {}


class TestNormalised:
    def test_five_is_five(self):
        whole = ok(models={"knn": {"n_neighbors": 5}})
        assert repr(ok(models={"knn": {"n_neighbors": 5.0}})) == repr(whole)

    def test_order_does_not_matter(self):
        def turned(value):
            if isinstance(value, dict):
                return {key: turned(value[key]) for key in reversed(value)}
            return value

        assert list(turned(SHIPPED)) != list(SHIPPED)
        assert repr(resolve(turned(SHIPPED), SCHEMA)) == repr(resolve(SHIPPED, SCHEMA))

    def test_order_of_features_does(self):
        assert ok(features=["Range", "Var"])["features"] == ["Range", "Var"]

    def test_values(self):
        value = {"b": [1.0, 2.5, {"y": (3.0,), "x": True}], "a": None, 3: "1.0"}
        expected = "{'3': '1.0', 'a': None, 'b': [1, 2.5, {'x': True, 'y': [3]}]}"
        assert repr(normalise(value)) == expected


class TestWrong:
    def test_every_wrong_key_at_once(self):
        config = {
            "workbok": "x.xlsx",
            "sheet": -1,
            "demo": {"sead": 1, "patients": 7},
            "clean": {"mising": "drop", "missing": "imput"},
            "features": ["Var", "Rnge"],
            "splits": {"half": {"sed": 1}, "hold_out": {}, "mine": {"protocol": "finale"}},
            "models": {
                "knn": {"n_neighbours": 7, "weights": "uniformly"},
                "svm": {"algorithm": "svv"},
                "forest": {},
                "svr": {"features": ["Vra"], "C": 0},
            },
        }
        assert sorted(problems(config)) == sorted(
            [
                "workbok: not a key of the config; did you mean `workbook`?",
                "sheet: -1 is less than the minimum of 0",
                "demo.sead: not a key of the config; did you mean `seed`?",
                "demo.patients: 7 is less than the minimum of 8",
                "clean.mising: not a key of the config; did you mean `missing`?",
                "clean.missing: 'imput' is none of impute, drop",
                f"features.1: 'Rnge' is none of {', '.join(FEATURES)}",
                "splits.half.sed: not a setting of protocol half; did you mean `seed`?",
                "splits.hold_out: there is no protocol `hold_out`; did you mean `holdout`? "
                "(a name of your own needs `protocol:`)",
                "splits.mine.protocol: there is no protocol `finale`; did you mean `final`?",
                "models.knn.n_neighbours: not a setting of algorithm knn; "
                "did you mean `n_neighbors`?",
                "models.knn.weights: 'uniformly' is none of uniform, distance",
                "models.svm.algorithm: there is no algorithm `svv`; did you mean `svr`?",
                "models.forest: there is no algorithm `forest`; did you mean `random_forest`? "
                "(a name of your own needs `algorithm:`)",
                f"models.svr.features.0: 'Vra' is none of {', '.join(FEATURES)}",
                "models.svr.C: 0 is less than or equal to the minimum of 0",
            ]
        )

    def test_settings_of_another_algorithm(self):
        said = problem(models={"svr": {"n_neighbors": 5}})
        known = sorted(ALGORITHMS["svr"].settings)
        expected = f"not a setting of algorithm svr; there are: {', '.join(known)}"
        assert said == f"models.svr.n_neighbors: {expected}"
        said = problem(models={"mean": {"seed": 5}})
        assert said == "models.mean.seed: not a setting of algorithm mean; it has none"

    def test_settings_of_another_protocol(self):
        said = problem(splits={"half": {"test_size": 0.3}})
        assert said == "splits.half.test_size: not a setting of protocol half; there are: seed"

    @pytest.mark.parametrize(
        ("model", "said"),
        [
            ({"knn": {"n_neighbors": 5.5}}, "knn.n_neighbors: 5.5 is not of type 'integer'"),
            ({"knn": {"n_neighbors": "5"}}, "knn.n_neighbors: '5' is not of type 'integer'"),
            ({"knn": {"n_neighbors": True}}, "knn.n_neighbors: True is not of type 'integer'"),
            ({"knn": {"n_neighbors": 0}}, "knn.n_neighbors: 0 is less than the minimum of 1"),
            ({"svc": {"gamma": "big"}}, "svc.gamma: 'big' is not one of ['scale', 'auto'] and "),
            ({"svc": {"random_state": -1}}, "svc.random_state: -1 is less than the minimum of 0"),
            ({"knn": 5}, "knn: 5 is not of type 'object'"),
            ({"knn": [5]}, "knn: [5] is not of type 'object'"),
            ({"a": {"algorithm": ["knn"]}}, "a.algorithm: there is no algorithm `['knn']`; did"),
            ({"a": {"algorithm": None}}, "a.algorithm: there is no algorithm `None`; there are"),
            ({"by_device": {"tune": True}}, "by_device.tune: nothing to choose among"),
            ({"by_device": {"features": []}}, "by_device.features: [] should be non-empty"),
            ({"by_device": {"column": "a"}}, "by_device.column: not a setting of algorithm by_dev"),
            ({"knn": {"features": []}}, "knn.features: [] should be non-empty"),
            ({"knn": {"features": "Var"}}, "knn.features: 'Var' is not of type 'array'"),
            ({"knn": {"features": ["Var", "Var"]}}, "knn.features: ['Var', 'Var'] has non-unique"),
        ],
    )
    def test_values_of_models(self, model, said):
        assert problem(models=model).startswith(f"models.{said}")

    @pytest.mark.parametrize(
        ("split", "said"),
        [
            ({"half": {"seed": -1}}, "half.seed: -1 is less than the minimum of 0"),
            ({"half": {"seed": 0.5}}, "half.seed: 0.5 is not of type 'integer'"),
            ({"holdout": {"test_size": "a"}}, "holdout.test_size: 'a' is not of type 'number'"),
            ({"holdout": {"test_size": 0}}, "holdout.test_size: 0 is less than or equal"),
            ({"holdout": {"test_size": 1.0}}, "holdout.test_size: 1 is greater than or equal"),
            ({"holdout": {"test_size": 30}}, "holdout.test_size: 30 is greater than or equal"),
            ({"patient": {"folds": 1}}, "patient.folds: 1 is less than the minimum of 2"),
            ({"shuffled": {"folds": 1}}, "shuffled.folds: 1 is less than the minimum of 2"),
            (
                {"recording": {"fold": 2}},
                "recording.fold: not a setting of protocol recording; did",
            ),
            ({"patient": {"repeats": 0}}, "patient.repeats: 0 is less than the minimum of 1"),
            ({"patient": {"repeat": 2}}, "patient.repeat: not a setting of protocol patient; did"),
            ({"published": {}}, "published.list: missing; protocol published needs it"),
            ({"leave_group_out": {}}, "leave_group_out.column: missing; protocol leave_group_out"),
            ({"published": {"list": "a", "aliases": "b"}}, "published.aliases: 'b' is not of type"),
            ({"a": {"protocol": ["half"]}}, "a.protocol: there is no protocol `['half']`; did"),
            ({"half": "seed"}, "half: 'seed' is not of type 'object'"),
        ],
    )
    def test_values_of_splits(self, split, said):
        assert problem(splits=split).startswith(f"splits.{said}")

    @pytest.mark.parametrize("name", ["a/b", "..", ".a", "", "-a", "_a", "a b", "a.b", "é", "a\n"])
    @pytest.mark.parametrize(
        ("section", "entry"), [("models", {"algorithm": "knn"}), ("splits", {"protocol": "half"})]
    )
    def test_names_that_are_no_folder_names(self, section, name, entry):
        said = problem(**{section: {name: entry}})
        assert said.startswith(f"{section}.{name}: a name may hold letters, digits, _ and -")

    def test_no_splits_and_no_models(self):
        assert problems({}) == ["splits: missing", "models: missing"]
        assert sorted(problems({"splits": {}, "models": {}})) == [
            "models: {} should be non-empty",
            "splits: {} should be non-empty",
        ]

    @pytest.mark.parametrize("section", ["demo", "clean", "splits", "models"])
    @pytest.mark.parametrize("value", [None, 5, "half", ["half"]])
    def test_sections_that_are_no_mapping(self, section, value):
        assert problem(**{section: value}) == f"{section}: {value!r} is not of type 'object'"

    def test_draws_are_told_to_be_gone(self):
        said = "bootstrap: not a key of the config any more, as intervals need no draws; delete it"
        assert problem(bootstrap={"resamples": 2000, "seed": 0}) == said
        assert problem(bootstrap=None) == said
        forest = {"random_forest": {"bootstrap": False}}  # a setting of scikit-learn's
        assert ok(models=forest)["models"]["random_forest"]["settings"]["bootstrap"] is False

    def test_checks(self):
        given = yaml.safe_load("checks: {overlap: off, patient: error}")
        assert given["checks"]["overlap"] is False
        checks = ok(**given)["checks"]
        assert (checks["overlap"], checks["patient"], checks["range"]) == ("off", "error", "error")
        wrong = {"overlaps": "warn", "range": "warning", "order": True}
        assert sorted(problems(checks=wrong, max_rows=0, reader="pandas")) == [
            "checks.order: True is none of error, warn, off",
            "checks.overlaps: not a key of the config; did you mean `overlap`?",
            "checks.range: 'warning' is none of error, warn, off",
            "max_rows: 0 is less than the minimum of 1",
            "reader: 'pandas' is none of calamine, openpyxl",
        ]

    @pytest.mark.parametrize(
        ("key", "changes"),
        [
            ("fit_timeout", lambda value: {"fit_timeout": value}),
            ("max_megabytes", lambda value: {"max_megabytes": value}),
            ("max_rows", lambda value: {"max_rows": value}),
            ("max_kernel_rows", lambda value: {"max_kernel_rows": value}),
            ("demo.patients", lambda value: {"demo": {"patients": value}}),
            ("splits.patient.folds", lambda value: {"splits": {"patient": {"folds": value}}}),
            ("splits.patient.repeats", lambda value: {"splits": {"patient": {"repeats": value}}}),
            ("models.mean.fit_timeout", lambda value: {"models": {"mean": {"fit_timeout": value}}}),
        ],
    )
    def test_numbers_without_end_and_too_large_ones(self, key, changes):
        """Fault 12: so is a number beyond what the job can take, of every other key."""
        for value in (float("nan"), float("inf"), float("-inf"), 10**30, 1e300, "5", True, -1):
            for said in problems(**changes(value)):
                assert said.startswith(f"{key}: "), said

    def test_integer_keys(self):
        said = problem(**{"models": {"knn": {1: 2}}})
        assert said.startswith("models.knn.1: not a setting of algorithm knn; there are: ")
        assert problems({**SMALL, 7: 1})[0].startswith("7: not a key of the config; there are: ")

    def test_columns_that_are_needed_cannot_be_dropped(self):
        models = {"knn": {"features": ["Var"]}, "svr": {"features": ["Range"]}}
        drop = ["IMC", "Range", "Fine_Av", "state"]
        assert problems(clean={"drop": drop}, models=models) == [
            "clean.drop: `Range` cannot be left out, it is a feature of model svr",
            "clean.drop: `state` cannot be left out, the workflow needs it",
        ]
        assert "feature of model knn" in problem(clean={"drop": ["Fine_Av"]})
        assert ok(clean={"drop": ["Fine_Av"]}, models=models)["clean"]["drop"] == ["Fine_Av"]

    def test_columns_that_splits_group_by_cannot_be_dropped(self):
        """Fault 8: what a split needs is named by the config, before anything is read."""
        groups = {"old": {"protocol": "leave_group_out", "column": "age"}}
        groups |= {"box": {"protocol": "leave_group_out", "column": "device"}}
        assert problems(clean={"drop": ["age", "patient_ID", "Diagnosis"]}, splits=groups) == [
            "clean.drop: `age` cannot be left out, split old groups by it",
            "clean.drop: `patient_ID` cannot be left out, the workflow needs it",
        ]
        said = problem(clean={"drop": ["Diagnosis"]}, target="Diagnosis", models={"knn": {}})
        assert said == "clean.drop: `Diagnosis` cannot be left out, it is the target"

    @pytest.mark.parametrize(
        ("config", "expected"),
        [
            ({}, []),
            ({"target": "Diagnosis"}, ["Diagnosis"]),
            ({"features": ["Var", "sex", "device"]}, ["sex"]),
            ({"models": {"knn": {"features": ["age", "Var"]}}}, ["age"]),
            (
                {"splits": {"leave_group_out": {"column": "weight"}}, "clean": {"drop": []}},
                ["weight"],
            ),
            ({"splits": {"leave_group_out": {"column": "clinic"}}}, []),
        ],
    )
    def test_columns_that_a_workbook_may_not_lack(self, config, expected):
        """Fault 8: Diagnosis, age and sex are needed only where something is made of them."""
        assert optional_columns(ok(**config)) == expected


def test_nearest():
    assert nearest("sed", ["seed", "size"]) == "did you mean `seed`?"
    assert nearest("xyz", ["seed", "size"]) == "there are: seed, size"
    assert nearest("xyz", []) == "it has none"


def test_exponent_without_a_point_is_explained():
    said = problems(models={"svc": {"tol": "1e-4"}})
    assert any("models.svc.tol" in line and "1.0e-4" in line for line in said)


def test_starting_the_workflow_imports_nothing_heavy():
    code = "import sys, auscultation.config.resolve; print(*{'sklearn', 'pandas', 'pyarrow'} & {*sys.modules})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
