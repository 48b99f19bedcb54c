"""A table that suits few models, from workbook to report: each says what it cannot."""

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from harness import Project
from simulate_workbook import simulate_cycles

CONFIG = {
    "workbook": "lopsided.csv",
    "splits": {"final": {}, "device": {"protocol": "leave_group_out", "column": "device"}},
    "models": {
        "most_frequent": {},
        "lstsq": {},
        "svc": {"scale": "log"},
        "knn_tuned": {"algorithm": "knn", "n_neighbors": [1, 3], "scale": "quantile", "tune": True},
        "hist_gradient_boosting": {"max_iter": 3},
        "random_forest": {"n_estimators": 3},
        "knn_device": {"algorithm": "knn", "features": ["duration", "device"]},
    },
}
HUGE = 7  # the cycle whose Var is 1e300


@pytest.fixture(scope="module")
def lopsided(tmp_path_factory):
    """Few cycles: all that are not normal are of one device, one number is 1e300, ids are texts."""
    project = Project(tmp_path_factory.mktemp("lopsided"))
    columns = simulate_cycles(3, 8)
    recording = [name.rsplit("_", 1)[1] for name in columns["adq_format"]]
    device = np.array(recording, dtype=str)
    rows = np.sort(
        np.concatenate(
            [
                np.flatnonzero(device == name)[:: 4 if name == "AKGC417L" else 1][:50]
                for name in np.unique(device)
            ]
        )
    )
    table = {name: values[rows] for name, values in columns.items()}
    other = device[rows] != "AKGC417L"
    for name in ("state", "crackles", "wheezes"):
        table[name] = np.where(other, 0, table[name])
    table["Var"] = np.where(np.arange(len(rows)) == HUGE, 1e300, table["Var"])
    table["patient_ID"] = np.array([f"{one}E1" for one in table["patient_ID"]])
    with open(project.folder / "lopsided.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(
            [None if value != value else value for value in row]
            for row in zip(*(column.tolist() for column in table.values()), strict=True)
        )
    project.configure(CONFIG | {"score": "lopsided.csv"})
    project.run("all", "score", "export")
    return project


def failed(project):
    """Why there is no result, by model and split; every fit.json is strict JSON."""
    found = {}
    for path in (project.results / "fits").glob("*/*/fit.json"):
        about = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
        if "failed" in about:
            found[path.parts[-3], path.parts[-2]] = about["failed"]
    return found


def test_each_model_says_what_it_cannot_and_none_stops_another(lopsided):
    """Faults 21 and 22: a training part of one class and 1e300 are rows with reasons."""
    said = failed(lopsided)
    assert said.keys() == {
        *((model, split) for model in ("lstsq", "random_forest") for split in CONFIG["splits"]),
        *((model, "device") for model in ("svc", "knn_tuned", "hist_gradient_boosting")),
    }
    for model in ("lstsq", "random_forest"):
        for split in CONFIG["splits"]:
            large = f"'Var' is too large for this model: 1e+300 in cycle {HUGE}"
            assert large in said[model, split]
    for model in ("svc", "hist_gradient_boosting"):
        assert "training cycles are of one class, 'normal'" in said[model, "device"]
    assert "no candidate has a score (auc)" in said["knn_tuned", "device"]
    page = (lopsided.results / "report.html").read_text(encoding="utf-8")
    assert "is too large for this model: 1e+300" in page and "are of one class" in page


def test_the_tables_hold_numbers_or_nothing(lopsided):
    """Faults 21 and 22: what cannot be computed is blank; no table holds nan or inf."""
    for path in [*lopsided.results.glob("*.csv"), *lopsided.results.rglob("*.json")]:
        text = path.read_text(encoding="utf-8").lower()
        if path.suffix == ".json":
            json.loads(text, parse_constant=pytest.fail)
            continue
        cells = {cell for row in csv.reader(text.splitlines()) for cell in row}
        assert not cells & {"nan", "inf", "-inf"}, path.name
    rows = pq.read_table(lopsided.results / "comparison.parquet").to_pylist()
    values = {}
    for row in rows:
        values.setdefault((row["model"], row["split"]), []).append(row["value"])
    assert len(values) == len(CONFIG["models"]) * len(CONFIG["splits"])
    without = {fit for fit, known in values.items() if set(known) == {None}}
    assert without == failed(lopsided).keys()


def test_score_export_and_diff_go_on(lopsided):
    """Faults 21 and 22: the models that have a result speak, and every model has its card."""
    book = load_workbook(lopsided.results / "scored" / "lopsided.xlsx")
    said = {row[0].value for row in book["Models"].iter_rows(min_row=3)}
    assert said == {"most_frequent", "svc", "knn_tuned", "hist_gradient_boosting", "knn_device"}
    for model in CONFIG["models"]:
        assert (lopsided.results / "export" / model / "card.md").is_file()
    other = lopsided.folder / "other"
    other.mkdir()
    for name in ("comparison.parquet", "provenance.json"):
        (other / name).write_bytes((lopsided.results / name).read_bytes())
    lopsided.run("diff", "--config", "against=other")
    assert (lopsided.results / "diff.html").is_file()
