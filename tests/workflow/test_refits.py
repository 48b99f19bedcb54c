"""Refits in a workflow: made where a key asks for them, and again only where it asks for others."""

import json

import pyarrow.csv
import pyarrow.parquet as pq

from harness import Project
from report_page import Page

CONFIG = {
    "demo": {"seed": 3, "patients": 24},
    "splits": {"patient": {"folds": 3}, "shuffled": {"folds": 2}},
    "models": {"most_frequent": {}, "lstsq": {}, "lda": {"tune": True, "shrinkage": [0.1, 0.9]}},
}
CONFIG["models"]["lda"]["solver"] = "lsqr"
ASKED = {"threshold": {"specificity": 0.8}, "learning_curve": {"shares": [0.5, 1]}}
REFITS = {"refit_most_frequent": 1, "refit_lstsq": 1, "refit_lda": 1}
AFTER = {"examine": 1, "figures": 1, "report": 1, "provenance": 1}


def test_refits_are_made_on_request_and_again_only_where_they_change(tmp_path):
    project = Project(tmp_path)
    project.configure(CONFIG)
    assert not [rule for rule in project.planned() if rule.startswith("refit")]
    project.configure(CONFIG | ASKED)
    # two kinds of a model; only of the split that keeps patients apart
    planned = project.planned()
    assert {k: n for k, n in planned.items() if k.startswith("refit")} == dict.fromkeys(REFITS, 2)
    project.run()
    fits = project.results / "fits"
    for model in CONFIG["models"]:
        folder = fits / model / "patient"
        for name, part in (("inner", "inner"), ("learning", "test")):
            table = pq.read_table(folder / f"{name}.parquet")
            assert set(table["part"].to_pylist()) == {part}
            assert set(table["fold"].to_pylist()) == {0, 1, 2}
            assert json.loads(table.schema.metadata[b"failed"]) == []
            assert (folder / f"{name}.log").exists()
        assert not (fits / model / "shuffled" / "inner.parquet").exists()
    compared = {
        (row["model"], row["metric"]): row["value"]
        for row in pyarrow.csv.read_csv(project.results / "comparison.csv").to_pylist()
        if (row["split"], row["part"]) == ("patient", "test")
    }
    learning = pyarrow.csv.read_csv(project.results / "learning.csv").to_pylist()
    assert {(row["model"], row["share"]) for row in learning} == {
        (model, share) for model in CONFIG["models"] for share in (0.5, 1)
    }
    for row in learning:
        if row["share"] == 1:
            assert row["value"] == compared[row["model"], row["metric"]]
    operating = pyarrow.csv.read_csv(project.results / "operating.csv").to_pylist()
    assert {row["goal"] for row in operating} == {"specificity 0.8"}
    assert {row["model"] for row in operating} == set(CONFIG["models"])
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert {"operating", "learning"} <= {*Page(page).ids}
    assert (project.results / "figures" / "learning.svg").exists()
    assert project.planned() == {}

    # what is planned where a key changes; provenance has the whole config
    changes = {
        "learning_curve": ({"shares": [0.3, 0.5, 1]}, REFITS | AFTER),
        "threshold": ({"sensitivity": 0.9}, AFTER),
        "inner": ({"folds": 4}, REFITS | AFTER),
    }
    for key, (value, expected) in changes.items():
        project.configure(CONFIG | ASKED | {key: value})
        assert project.planned() == expected
    project.configure(CONFIG | ASKED | {"learning_curve": {"shares": [0.5]}})
    assert not [rule for rule in project.planned() if rule.startswith(("fit", "refit"))]
    project.configure(CONFIG)
    assert not [rule for rule in project.planned() if rule.startswith(("fit", "refit"))]
