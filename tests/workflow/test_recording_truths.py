"""The answer to simulated recordings: what was put into them is found, and where nothing was, nothing is."""

import json
import re

import pytest

import truths
from auscultation.recordings.families.registry import column_names
from harness import Project
from simulated_recordings import table_of

FAMILIES = ["transient", "tonal", "mfcc"]
REGRESSION = {"logistic_regression": {"scale": "standard", "C": 0.1, "max_iter": 1000}}
PATIENTS, SEEDS = 20, 20
FOUND_AT_LEAST, SEEN_AT_MOST = 18, 3  # of 20


def information(folder, seed, sounds):
    """Whether a model hears crackles and wheezes in patients that it has not heard."""
    book = table_of(folder / "sounds", seed, PATIENTS, sounds, FAMILIES)
    config = {"features": [*column_names(FAMILIES)], "splits": {"patient": {}}}
    return truths.answer_of(folder, book, config | {"models": REGRESSION})["information"]


@pytest.mark.slow
@pytest.mark.parametrize(("sounds", "expected"), [(True, "yes"), (False, "no")])
def test_what_is_heard_is_found_and_nothing_where_labels_are_silent(tmp_path, sounds, expected):
    assert information(tmp_path, 0, sounds) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("sounds", [True, False])
def test_20_folders_of_recordings(tmp_path, sounds):
    answers = []
    for seed in range(SEEDS):
        (tmp_path / str(seed)).mkdir()
        answers.append(information(tmp_path / str(seed), seed, sounds))
    assert "unknown" not in answers
    if sounds:
        assert answers.count("yes") >= FOUND_AT_LEAST, answers
    else:
        assert answers.count("yes") <= SEEN_AT_MOST, answers


@pytest.mark.slow
def test_from_nothing_to_a_page_that_says_yes(tmp_path):
    """`recordings: demo`; what lies beside the recordings is no problem of theirs."""
    project = Project(tmp_path)
    project.configure(
        {"recordings": "demo", "demo": {"seed": 5, "recordings": {"patients": 12}}}
        | {"families": FAMILIES, "splits": {"patient": {}}}
        | {"models": REGRESSION | {"most_frequent": {}}}
    )
    project.run()
    answer = json.loads((project.results / "answer.json").read_text(encoding="utf-8"))
    assert answer["information"] == answer["useful"] == "yes"
    page = (project.results / "report.html").read_text(encoding="utf-8")
    (marks,) = re.findall(r'<p class="answer"([^>]*)>', page)
    assert 'data-information="yes"' in marks
    source = json.loads((project.results / "table" / "source.json").read_text(encoding="utf-8"))
    recordings = project.results / "demo" / "recordings"
    assert source["recordings"] == len([*recordings.glob("*.wav")]) and not source["without_rows"]
    assert source["warnings"] == [] and source["rows"] == source["cycles"]
    assert (recordings / ".snakemake_timestamp").exists()
    assert not re.search(r"left out|snakemake_timestamp", json.dumps(source["notes"]))
    assert project.planned() == {}
