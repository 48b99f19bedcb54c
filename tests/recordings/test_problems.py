"""What is done about problems of recordings."""

import csv

from auscultation.recordings.audio import USELESS
from auscultation.recordings.problems import FATAL, Problem, grouped, level_of, write_problems

MANY = [Problem("clipped", f"{n}.wav", "", "loud") for n in range(25)]
WRONG = Problem("finite", "=a.wav", "sample 7, 0.001 s", "a sample that is no finite number")


def test_what_makes_a_result_wrong_is_an_error_whatever_the_config_has():
    assert {level_of(check, {check: "off"}) for check in FATAL} == {"error"}
    # a recording that cannot be used may be left out, which nobody must have asked for
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
