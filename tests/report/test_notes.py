"""What the page says of the hardest patients and of what others published."""

import csv
from pathlib import Path

from auscultation.report.notes import hardest_sentences, published_sentences
from auscultation.scores.published import SCORES, band, read_published

PAPERS = """method,year,source,specificity,sensitivity,icbhi_score,seen_in
Old,2018,a challenge,,,40.0,another paper's table
New,2026,arXiv:1,90.5,41.5,66.0,abstract
"""


def hard(group, right, never, name="both", by="patient_ID"):
    about = {"by": by, "group": group, "n_cycles": 4, "mean_right": right, "n_never_right": never}
    return about | {"main_class": name, "share_never_right": never / 4, "n_models": 7}


def test_hardest_patients_are_told_by_class():
    rows = [hard("a", 0.1, 4), hard("b", 0.2, 1, "wheezes"), hard("c", 0.3, 0)]
    said = hardest_sentences([*rows, hard("all cycles", 0.5, 3, by="all")])
    assert said[0].startswith("3 of 4 cycles (75.0 %) are given their class by none of 7 models")
    assert said[1] == "1 of 3 patients have no cycle that any model gets right."
    assert (
        said[2].startswith("Of the 3 hardest patients") and "both in 2 and wheezes in 1" in said[2]
    )
    assert hardest_sentences([]) == []


def split_of(train, test):
    return {"folds": [{"train": {"cycles": train}, "test": {"cycles": test}}]}


def test_published_scores_are_read_and_told(tmp_path):
    (tmp_path / "p.csv").write_text(PAPERS)
    rows = read_published(tmp_path / "p.csv")
    assert [row["method"] for row in rows] == ["New", "Old"]
    assert rows[1]["sensitivity"] is None and rows[0]["specificity"] == 90.5
    assert band(rows) == (0.4, 0.66)
    best = {"value": 0.497, "model": "knn"}
    said = published_sentences(rows, "published", split_of(4142, 2756), best)
    assert "40.0 % (Old, 2018) to 66.0 % (New, 2026)" in said[0] and "hear the audio" in said[0]
    assert "0.497, by knn" in said[1] and len(said) == 2


def test_another_division_than_the_official_is_warned_of(tmp_path):
    (tmp_path / "p.csv").write_text(PAPERS)
    said = published_sentences(read_published(tmp_path / "p.csv"), "mine", split_of(50, 20), None)
    assert said[-1].startswith("Take care") and "50" in said[-1] and "4,142" in said[-1]


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
        assert {*SCORES, "method", "year", "source", "seen_in"} == set(
            csv.DictReader(file).fieldnames
        )
