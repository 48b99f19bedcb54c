"""What models rely on, on request: its jobs run once a model and split, and its table, figure and page."""

import csv

import pytest

from harness import Project

pytestmark = pytest.mark.slow

CONFIG = {
    "demo": {"seed": 3, "patients": 12},
    "splits": {"patient": {"folds": 3}, "shuffled": {"folds": 3}, "final": {}},
    "models": {
        "mean": {},
        "by_device": {},
        "lstsq": {},
        "knn": {"features": ["Var", "Range", "duration", "device"]},
    },
    "importance": True,
}
AFTER = {"compare": 1, "examine": 1, "provenance": 1, "figures": 1, "report": 1}


def test_importance(tmp_path):
    project = Project(tmp_path)
    project.configure(CONFIG)
    project.run()
    with open(project.results / "importance.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["model"], row["split"]) for row in rows} == {
        (model, split)
        for model in ("by_device", "lstsq", "knn")
        for split in ("patient", "shuffled")
    }
    with open(project.results / "comparison.csv", encoding="utf-8", newline="") as file:
        scores = {
            (row["model"], row["split"], row["metric"]): row["value"]
            for row in csv.DictReader(file)
            if row["part"] == "test"
        }
    for row in rows:
        value = scores[row["model"], row["split"], row["metric"]]
        assert float(row["value"]) == pytest.approx(float(value), abs=1e-12)
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert '<section id="importance"' in page and "figures/importance.svg" in page
    assert (project.results / "recognising.csv").stat().st_size
    project.configure(CONFIG | {"models": CONFIG["models"] | {"lda": {}}})
    own = {"fit_lda": 3, "describe_features": 1, "importance": 2, "gather_importance": 1}
    assert project.planned() == AFTER | own
    project.configure(CONFIG | {"importance": {"repeats": 2}})
    planned = {"importance": 6, "gather_importance": 1, "provenance": 1, "figures": 1, "report": 1}
    assert project.planned() == planned
