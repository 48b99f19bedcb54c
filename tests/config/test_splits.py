"""Entries under `splits:` of the config."""

import pickle

import pytest

from configs import problem, resolved


def test_settings_of_the_protocols():
    splits = {"patient": {"repeats": 3}, "published": {"list": "a.txt", "aliases": {"a": "b"}}}
    splits |= {"device": {"protocol": "leave_group_out", "column": "device"}}
    assert resolved(splits=splits)["splits"] == {
        "patient": {"protocol": "patient", "settings": {"folds": 5, "repeats": 3, "seed": 0}},
        "published": {
            "protocol": "published",
            "settings": {"list": "a.txt", "aliases": {"a": "b"}},
        },
        "device": {"protocol": "leave_group_out", "settings": {"column": "device"}},
    }


def test_settings_can_be_params_of_a_job():
    splits = resolved(splits={"published": {"list": "a.txt"}})["splits"]
    assert pickle.loads(pickle.dumps(splits)) == splits
    settings = splits["published"]["settings"]
    assert settings == {"list": "a.txt", "aliases": {}}
    settings["aliases"]["a"] = "b"  # the next config has the default again
    again = resolved(splits={"published": {"list": "a.txt"}})["splits"]["published"]["settings"]
    assert again["aliases"] == {}


def test_settings_of_another_protocol():
    line = problem(splits={"half": {"test_size": 0.3}})
    assert line == "splits.half.test_size: not a setting of protocol half; there are: seed"


@pytest.mark.parametrize(
    ("split", "line"),
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
def test_values_of_splits(split, line):
    assert problem(splits=split).startswith(f"splits.{line}")
