"""A whole run that predicts something else than the state."""

import json

import pyarrow.parquet as pq
import pytest
from sklearn.metrics import balanced_accuracy_score

from harness import SMALL, Project

MODELS = {
    "mean": {},
    "lstsq": {},
    "knn": {"n_neighbors": 5},
    "most_frequent": {},
}


def test_from_workbook_to_page(tmp_path):
    """The classes are names; targets that are numbers are those of tables of one's own."""
    project, target = Project(tmp_path), "Diagnosis"
    config = {"target": target, "splits": {"patient": {"folds": 3}}, "models": MODELS}
    project.configure(SMALL | config)
    said = project.run()
    numbers = {"lstsq", "mean"}
    assert "Left out, as they predict a number: lstsq, mean" in said
    rows = pq.read_table(project.results / "comparison.parquet").to_pylist()
    assert {row["model"] for row in rows} == set(MODELS) - numbers
    cycles = pq.read_table(project.results / "table" / "cycles.parquet")
    true = dict(zip(cycles["cycle"].to_pylist(), cycles[target].to_pylist(), strict=True))
    counts = json.loads((project.results / "splits" / "patient" / "split.json").read_text())
    classes = list(counts["folds"][0]["test"]["classes"])
    for model in ("knn", "most_frequent"):
        table = pq.read_table(project.results / "fits" / model / "patient" / "predictions.parquet")
        part = [row for row in table.to_pylist() if row["part"] == "test"]
        assert {row["cycle"] for row in part} == set(true)
        called = [classes[int(row["prediction"])] for row in part]
        expected = balanced_accuracy_score([true[row["cycle"]] for row in part], called)
        chosen = (model, "patient", "test", "balanced_accuracy")
        keys = ("model", "split", "part", "metric")
        (row,) = (row for row in rows if tuple(row[key] for key in keys) == chosen)
        assert row["value"] == pytest.approx(expected, abs=1e-12)
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert "ICBHI score" not in page.split("<pre")[0]
    assert "tell the diagnosis from a patient&#39;s respiratory cycles" in page
