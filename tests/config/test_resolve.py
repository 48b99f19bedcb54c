"""The check of the config: what it fills in, and what it says of each wrong key."""

import copy
import re
import subprocess
import sys

import pytest
import yaml

from auscultation.config.resolve import resolve
from auscultation.config.schema import nearest, normalise
from auscultation.data.target import wanted
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.recordings.problems import DEFAULTS
from configs import ROOT, SCHEMA, SHIPPED, SMALL, STATISTICS, problem, problems, resolved


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

    @pytest.mark.consistency
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
        assert resolved() == {
            "workbook": "demo",
            "recordings": None,
            "patient_tables": [],
            "families": ["spectrum", "bands", "mfcc", "tonal", "transient", "envelope"],
            "frames": {
                **{"frame": 64, "hop": 16, "long_frame": 128, "long_hop": 32},
                **{"low": 100, "high": 1800, "tonal_high": 1200, "mel_bands": 24},
            },
            "exact": False,
            "columns": {},
            "name_pattern": "{patient}_{index}_{location}_{mode}_{device}",
            "feature_sets": {},
            "missing": "median",
            "max_levels": 50,
            "sha256": None,
            "score": None,
            "score_sheet": None,
            "window": 5,
            "against": None,
            "subgroups": ["sex", "age", "device", "location"],
            "age_bands": [18, 65],
            "verdict": "mean",
            "threshold": None,
            "inner": {"folds": 5, "seed": 0},
            "learning_curve": False,
            "importance": False,
            "sheet": None,
            "reader": "calamine",
            "max_rows": 1000000,
            "max_megabytes": 2000,
            "checks": DEFAULTS,
            "results": "results",
            "demo": {
                "seed": 2017,
                "patients": 126,
                "recordings": {"patients": 40, "sounds": True},
            },
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
        config = resolved(demo={"patients": 12}, clean={"missing": "drop"}, sheet="Cycles")
        assert config["demo"] == {
            "seed": 2017,
            "patients": 12,
            "recordings": {"patients": 40, "sounds": True},
        }
        dropped = ["IMC", "height", "weight"]
        assert config["clean"] == {"drop": dropped, "missing": "drop", "impute": "in_fold"}
        assert config["sheet"] == "Cycles"

    def test_true_stands_for_the_defaults(self):
        curve = {"shares": [0.2, 0.35, 0.5, 0.7, 1], "seed": 0}
        for value in (True, "true", "True", {}):
            assert resolved(learning_curve=value)["learning_curve"] == curve
        assert resolved(importance={"limit": 0.9})["importance"] == {
            **{"groups": "correlated", "limit": 0.9, "repeats": 5, "seed": 0}
        }
        assert resolved(importance="false")["importance"] is False

    def test_texts_of_the_command_line_are_read(self):
        """Fault: `--config 'demo={patients: 60}'` was refused, as Snakemake makes texts of what is inside."""
        config = resolved(
            demo={"patients": "60", "recordings": {"sounds": "false"}},
            threshold={"sensitivity": "0.9"},
            learning_curve={"shares": ["0.5", "1"]},
            checks={"range": "warn"},
        )
        assert config["demo"]["patients"] == 60
        assert config["demo"]["recordings"]["sounds"] is False
        assert config["threshold"] == {"sensitivity": 0.9}
        assert config["learning_curve"]["shares"] == [0.5, 1]
        assert (
            problem(demo={"patients": "many"}) == "demo.patients: 'many' is not of type 'integer'"
        )

    def test_the_given_config_is_left_alone(self):
        given = copy.deepcopy(SMALL | {"models": {"knn": None}, "demo": {}})
        before, schema = copy.deepcopy(given), copy.deepcopy(SCHEMA)
        resolve(given, schema)["features"].append("x")
        assert given == before
        assert schema == SCHEMA
        resolve(SMALL, schema)
        assert schema == yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))

    def test_nothing_behind_the_colon_is_no_settings(self):
        text = "splits:\n  half:\n  final:\nmodels:\n  knn:\n  mean:\n"
        config = resolve(yaml.safe_load(text), SCHEMA)
        assert config["models"]["knn"] == {"algorithm": "knn", "settings": {}}
        assert config["splits"]["half"] == {"protocol": "half", "settings": {"seed": 0}}

    def test_names_of_ones_own(self):
        models = {"knn_25": {"algorithm": "knn", "n_neighbors": 25}, "knn": {}}
        config = resolved(models=models, splits={"again": {"protocol": "half", "seed": 7}})
        settings = {"algorithm": "knn", "settings": {"n_neighbors": 25}}
        assert config["models"]["knn_25"] == settings
        assert config["splits"] == {"again": {"protocol": "half", "settings": {"seed": 7}}}

    def test_integer_keys_are_names(self):
        config = resolved(models={5: {"algorithm": "knn"}}, splits={1: {"protocol": "final"}})
        assert list(config["models"]) == ["5"] and list(config["splits"]) == ["1"]


class TestRequests:
    """What is asked of the models beside their scores has to suit the rest of the config."""

    def test_an_operating_point_needs_an_abnormal_class(self):
        goal = {"sensitivity": 0.9}
        assert problem(target="Diagnosis", threshold=goal).startswith("threshold: the target has")
        one = {"column": "Diagnosis", "positive": "COPD"}
        assert resolved(target=one, threshold=goal)["threshold"] == goal

    def test_of_one_thing(self):
        line = problem(threshold={"sensitivity": 0.9, "specificity": 0.9})
        assert line.startswith("threshold: ")

    @pytest.mark.parametrize("groups", ["sets", "families"])
    def test_groups_that_there_are_not(self, groups):
        assert problem(importance={"groups": groups}).startswith("importance.groups: ")
        there = {"feature_sets": {"shape": ["Var"]}, "recordings": "demo"}
        assert resolved(importance={"groups": groups}, **there)["importance"]["groups"] == groups


class TestNormalised:
    def test_five_is_five(self):
        whole = resolved(models={"knn": {"n_neighbors": 5}})
        assert repr(resolved(models={"knn": {"n_neighbors": 5.0}})) == repr(whole)

    def test_order_does_not_matter(self):
        def turned(value):
            if isinstance(value, dict):
                return {key: turned(value[key]) for key in reversed(value)}
            return value

        assert list(turned(SHIPPED)) != list(SHIPPED)
        assert repr(resolve(turned(SHIPPED), SCHEMA)) == repr(resolve(SHIPPED, SCHEMA))

    def test_order_of_the_targets_classes_does(self):
        groups = {"well": ["Healthy"], "chronic": ["COPD"], "acute": ["URTI"]}
        target = resolved(target={"column": "Diagnosis", "classes": groups})["target"]
        assert [*wanted(target).classes] == ["well", "chronic", "acute"]

    def test_order_of_features_does(self):
        assert resolved(features=["Range", "Var"])["features"] == ["Range", "Var"]

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
            "splits": {"half": {"sed": 1}, "hold_out": {}, "mine": {"protocol": "finale"}},
            "models": {
                "knn": {"n_neighbours": 7, "weights": "uniformly"},
                "svm": {"algorithm": "svv"},
                "forest": {},
                "svr": {"C": 0},
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
                "models.svr.C: 0 is less than or equal to the minimum of 0",
            ]
        )

    @pytest.mark.parametrize("name", ["a/b", "..", ".a", "", "-a", "_a", "a b", "a.b", "é", "a\n"])
    @pytest.mark.parametrize(
        ("section", "entry"), [("models", {"algorithm": "knn"}), ("splits", {"protocol": "half"})]
    )
    def test_names_that_are_no_folder_names(self, section, name, entry):
        line = problem(**{section: {name: entry}})
        assert line.startswith(f"{section}.{name}: a name may hold letters, digits, _ and -")

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
        line = "bootstrap: not a key of the config any more, as intervals need no draws; delete it"
        assert problem(bootstrap={"resamples": 2000, "seed": 0}) == line
        assert problem(bootstrap=None) == line
        forest = {"random_forest": {"bootstrap": False}}  # a setting of scikit-learn's
        assert resolved(models=forest)["models"]["random_forest"]["settings"]["bootstrap"] is False

    def test_checks(self):
        given = yaml.safe_load("checks: {overlap: off, patient: error}")
        assert given["checks"]["overlap"] is False
        checks = resolved(**given)["checks"]
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
            for line in problems(**changes(value)):
                assert line.startswith(f"{key}: "), line


def test_nearest():
    assert nearest("sed", ["seed", "size"]) == "did you mean `seed`?"
    assert nearest("xyz", ["seed", "size"]) == "there are: seed, size"
    assert nearest("xyz", []) == "it has none"


def test_exponent_without_a_point_is_explained():
    lines = problems(models={"svc": {"tol": "1e-4"}})
    assert any("models.svc.tol" in line and "1.0e-4" in line for line in lines)


def test_starting_the_workflow_imports_nothing_heavy():
    code = "import sys, auscultation.config.resolve; print(*{'sklearn', 'pandas', 'pyarrow'} & {*sys.modules})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
