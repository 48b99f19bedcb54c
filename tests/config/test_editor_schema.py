"""The schema for editors: up to date, and of the same mind about a config as the workflow."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from auscultation.config.editor_schema import descriptions, editor_schema_text
from auscultation.config.resolve import ConfigError, resolve
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.splits.registry import PROTOCOLS

pytestmark = pytest.mark.consistency

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
SHIPPED = yaml.safe_load(TEXT)
EDITOR = json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8"))


def wrong_keys(config):
    """Return where an editor marks an error."""
    errors = Draft202012Validator(EDITOR).iter_errors(json.loads(json.dumps(config)))
    return {".".join(map(str, error.absolute_path)) for error in errors}


def test_it_is_up_to_date():
    text = (ROOT / "config.schema.json").read_text(encoding="utf-8")
    assert text == editor_schema_text(), "config.schema.json is out of date: run `make schema`"


def test_the_config_names_it():
    assert TEXT.startswith("# yaml-language-server: $schema=config.schema.json\n")


def test_the_shipped_config_and_its_examples_are_right():
    Draft202012Validator.check_schema(EDITOR)
    examples = re.sub(r"^  # (\w+: \{.+\})$", r"  \1", TEXT, flags=re.M)
    assert wrong_keys(SHIPPED) == wrong_keys(yaml.safe_load(examples)) == set()


RIGHT = [
    {"models": {"lstsq": None, "near": {"algorithm": "knn", "n_neighbors": [1, 5], "tune": "mse"}}},
    {"models": {"knn": {"algorithm": "svc", "C": [0.1, 1], "tune": {"folds": 3}}}},
    {"models": {"svc": {"class_weight": {0: 1, 3: 2.5}, "scale": "log", "fit_timeout": 60}}},
    {"splits": {"published": {"list": "a.txt", "aliases": {"a": "b"}}}},
    {"splits": {"half": {"protocol": "patient", "repeats": 10}}},
]
WRONG = [
    ("models.knn", {"models": {"knn": {"n_neighbours": 5}}}),
    ("models.knn", {"models": {"knn": {"algorithm": "svc", "n_neighbors": 5}}}),
    ("models.mine", {"models": {"mine": {"n_neighbors": 5}}}),
    ("models.mine.algorithm", {"models": {"mine": {"algorithm": "svv"}}}),
    ("models.knn.n_neighbors", {"models": {"knn": {"n_neighbors": 0}}}),
    ("models.knn.scale", {"models": {"knn": {"scale": "standrad"}}}),
    ("splits.half", {"splits": {"half": {"sed": 1}}}),
    ("splits.published", {"splits": {"published": {}}}),
    ("splits.patient.folds", {"splits": {"patient": {"folds": 1}}}),
    ("", {"workbok": "demo"}),
    ("checks.range", {"checks": {"range": "wrn"}}),
]


@pytest.mark.parametrize("changes", RIGHT, ids=str)
def test_what_the_workflow_takes_is_right(changes):
    resolve(SHIPPED | changes, SCHEMA)
    assert wrong_keys(SHIPPED | changes) == set()


@pytest.mark.parametrize(("where", "changes"), WRONG, ids=str)
def test_what_the_workflow_refuses_is_wrong(where, changes):
    with pytest.raises(ConfigError):
        resolve(SHIPPED | changes, SCHEMA)
    assert wrong_keys(SHIPPED | changes) == {where}


def test_every_key_is_described():
    """Algorithms and protocols that the shipped config does not use are described in its comments."""
    described = descriptions(TEXT)
    for key, part in EDITOR["properties"].items():
        assert part["description"] == described[(key,)], key
        for name, inner in part.get("properties", {}).items():
            if key not in ("models", "splits"):
                assert inner["description"], (key, name)
    for section, names in (("models", ALGORITHMS), ("splits", PROTOCOLS)):
        assert EDITOR["properties"][section]["properties"].keys() == set(names)
