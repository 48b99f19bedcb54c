"""What others published, and whether it is about the same cycles."""

import csv
import re
from pathlib import Path

from auscultation.report.published import published_of
from auscultation.scores.published import ON_TEST, SCORES, band, read_published
from verdicts import words

PAPERS = """method,year,source,specificity,sensitivity,icbhi_score,seen_in,chosen_on,chosen_source
Old,2018,a challenge,,,40.0,another paper's table,,
New,2026,arXiv:1,90.5,41.5,66.0,abstract,test part,"code, main.py:7"
"""


def split_of(train, test):
    return {"folds": [{"train": {"cycles": train}, "test": {"cycles": test}}]}


def test_published_scores_are_read_and_told(tmp_path):
    (tmp_path / "p.csv").write_text(PAPERS)
    rows = read_published(tmp_path / "p.csv")
    assert [row["method"] for row in rows] == ["New", "Old"]
    assert rows[1]["sensitivity"] is None and rows[0]["specificity"] == 90.5
    assert band(rows) == (0.4, 0.66)
    best = {"value": 0.497, "model": "knn"}
    published = published_of(rows, "published", split_of(4142, 2756), best)
    assert published.is_official
    text = words("say_published", published, file="sections/published.j2")
    assert "40.0 % (Old, 2018) to 66.0 % (New, 2026)" in text and "0.497, by knn" in text
    assert text.count("<li>") == 3
    assert published.on_test == ["New"]
    assert "New chose the training epoch by its results on the test part" in " ".join(text.split())


def test_another_division_than_the_official_is_warned_of(tmp_path):
    (tmp_path / "p.csv").write_text(PAPERS)
    rows = read_published(tmp_path / "p.csv")
    published = published_of(rows, "mine", split_of(50, 20), None)
    assert not published.is_official and published.cycles == {"train": 50, "test": 20}
    text = words("say_published", published, file="sections/published.j2")
    assert "mine has 50 and 20" in text and "4,142" in text


def test_the_projects_own_table_names_where_each_score_is_from():
    path = Path(__file__).resolve().parents[2] / "report" / "icbhi_published_scores.csv"
    rows = read_published(path)
    assert len(rows) >= 17
    for row in rows:
        assert row["source"] and row["seen_in"] and row["year"] >= 2017
        if row["sensitivity"] is not None:
            # the score is the mean of the two, as printed
            assert abs((row["sensitivity"] + row["specificity"]) / 2 - row["icbhi_score"]) < 0.02
    with open(path, newline="") as file:
        names = {"method", "year", "source", "seen_in", "chosen_on", "chosen_source"}
        assert {*SCORES} | names == set(csv.DictReader(file).fieldnames)


def test_where_the_epoch_was_chosen_is_said_by_a_line_of_code():
    """The code behind these rows chooses it on the test part; of others it is unknown."""
    rows = read_published(Path(__file__).resolve().parents[2] / "report/icbhi_published_scores.csv")
    chosen = {row["method"]: row["chosen_source"] for row in rows if row["chosen_on"] == ON_TEST}
    assert {"Patch-Mix CL", "BTS", "SCL (CNN6)", "RespireNet"} <= chosen.keys()
    for source in chosen.values():
        assert re.fullmatch(r"github\.com/\S+/\S+, \w+\.py:\d+ \([0-9a-f]{7}\)", source), source
    assert all(not row["chosen_source"] for row in rows if not row["chosen_on"])
