"""What is done about problems of recordings."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from auscultation.recordings import problems
from auscultation.recordings.audio import USELESS
from auscultation.recordings.problems import (
    CHECKS,
    DEFAULTS,
    FATAL,
    Problem,
    grouped,
    level_of,
    write_problems,
)
from auscultation.workbook import checks as workbook
from harness import ROOT

MANY = [Problem("clipped", f"{n}.wav", "", "loud") for n in range(25)]
WRONG = Problem("finite", "=a.wav", "sample 7, 0.001 s", "a sample that is no finite number")


def test_what_makes_a_result_wrong_is_an_error_whatever_the_config_has():
    assert {level_of(check, {check: "off"}) for check in FATAL} == {"error"}
    # a recording that cannot be used may be left out, but not unless the config has it so
    assert {level_of(check, {}) for check in USELESS} == {"error"}
    assert {level_of(check, {check: "warn"}) for check in USELESS} == {"warn"}
    assert (
        level_of("clipped", {}) == "warn" and level_of("clipped", {"clipped": "error"}) == "error"
    )
    assert level_of("order", {}) == "error" and level_of("order", {"order": "off"}) == "off"


def test_problems_are_grouped_by_check():
    clipped, finite = grouped([*MANY, WRONG])
    assert clipped.startswith("clipped, 25 files:\n  - 0.wav: loud\n  - 1.wav")
    assert clipped.endswith("\n  - and 5 more")
    assert finite.endswith("=a.wav, sample 7, 0.001 s: a sample that is no finite number")


def test_every_problem_is_in_the_csv_but_those_that_are_off(tmp_path):
    write_problems(tmp_path / "p.csv", [*MANY, WRONG], {"clipped": "off"})
    with open(tmp_path / "p.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["level", "check", "file", "where", "problem"]
    assert rows[1:] == [["error", "finite", "'=a.wav", *WRONG[2:]]]


def test_every_check_of_the_package_has_a_level_and_a_meaning():
    package = Path(problems.__file__).parent
    named = re.compile(
        r"(?:Problem|\badd|_nothing)\(\s*\"(\w+)\"|\bcheck, message = \"(\w+)\"|\bcheck = \"(\w+)\"|yield \"(\w+)\", f?\""
    )
    checks = {
        next(filter(None, names))
        for path in package.glob("*.py")
        for names in named.findall(path.read_text(encoding="utf-8"))
    }
    # of tables, which the checks of a workbook read; others are returned by name
    checks |= {*workbook.FATAL, "range", "category", "order", "id", "error_cell"}
    assert checks - {*CHECKS} == set()
    assert {level for level, _ in CHECKS.values()} == {"fatal", "error", "warn"}


@pytest.mark.consistency
def test_the_config_has_every_check_that_is_not_fatal_with_its_level():
    text = (Path(__file__).parents[2] / "config.schema.yaml").read_text(encoding="utf-8")
    schema = yaml.safe_load(text)["properties"]["checks"]["properties"]
    assert {check: about["default"] for check, about in schema.items()} == DEFAULTS


def test_the_docs_list_every_check_with_its_level():
    text = (ROOT / "docs" / "recordings.md").read_text(encoding="utf-8")
    words = {"fatal": "error, always", "error": "error", "warn": "warning"}
    rows = [f"| `{c}` | {meaning} | {words[level]} |" for c, (level, meaning) in CHECKS.items()]
    assert "\n".join(rows) in text
