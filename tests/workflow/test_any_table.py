"""Tables of one's own: a patient, a label and 500 features; the notebook's workbook with more columns."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from auscultation.workbook.read import read_workbook
from harness import Project

WIDE = {
    "workbook": "wide.csv",
    "columns": {"patient_ID": "patient", "state": "label"},
    "target": "abnormal",
    "features": ["f*", "!f500"],
    "splits": {"patient": {"folds": 2}, "final": {}},
    "models": {
        "by_device": {},
        "lstsq": {},
        "logistic_regression": {"scale": "standard", "C": 0.01},
        "chosen": {
            "algorithm": "logistic_regression",
            "features": [["f1"], ["f2"]],
            "scale": ["none", "log"],
            "tune": {"folds": 2},
        },
    },
    "score": "new.csv",
}


def wide(seed, cycles=240):
    """Return columns: 24 patients, states, and features of which the first follows the state."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(24), cycles // 24)
    abnormal = rng.random(cycles) < rng.beta(1, 1, 24)[patient]
    features = rng.normal(size=(cycles, 500)).round(4)
    features[:, 0] += 3 * abnormal
    columns = {"patient": patient, "label": np.where(abnormal, rng.integers(1, 4, cycles), 0)}
    return columns | {f"f{n + 1}": values for n, values in enumerate(features.T)}


def write(path, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project that has made page, scores and cards of such a table."""
    project = Project(tmp_path_factory.mktemp("wide"))
    write(project.folder / "wide.csv", wide(0))
    write(project.folder / "new.csv", {k: v for k, v in wide(1).items() if k != "label"})
    project.configure(WIDE)
    project.run("all", "score", "export", "archive", "methods")
    return project


@pytest.mark.slow
def test_patient_label_and_500_features_go_all_the_way(made):
    cycles = pq.read_schema(made.results / "table" / "cycles.parquet").names
    assert cycles == [
        "cycle",
        "patient_ID",
        "state",
        *(f"f{n + 1}" for n in range(500)),
        "abnormal",
    ]
    fit = made.results / "fits" / "lstsq" / "patient" / "fit.json"
    assert json.loads(fit.read_text())["inputs"] == [f"f{n + 1}" for n in range(499)]
    described = pq.read_table(made.results / "table" / "feature_shares.parquet")
    assert described["feature"].to_pylist() and described.num_rows == 499
    assert max(described["between_patients"].to_pylist()) < 0.5
    answer = json.loads((made.results / "answer.json").read_text(encoding="utf-8"))
    assert (answer["information"], answer["useful"]) == ("yes", "yes")
    page = made.results / "report.html"
    assert page.stat().st_size < 3e6
    text = page.read_text(encoding="utf-8").split('id="made"')[0]
    assert "recordings of" not in text and ">None<" not in text and ">nan<" not in text


@pytest.mark.slow
def test_a_baseline_without_its_column_is_a_row_with_its_reason(made):
    fit = json.loads((made.results / "fits" / "by_device" / "patient" / "fit.json").read_text())
    assert "no column 'device'" in fit["failed"]


@pytest.mark.slow
def test_features_and_scale_are_chosen_inside_the_training_part(made):
    fit = json.loads((made.results / "fits" / "chosen" / "patient" / "fit.json").read_text())
    assert [fold["chosen"]["features"] for fold in fit["folds"]] == [["f1"], ["f1"]]
    assert all(len(fold["candidates"]) == 4 for fold in fit["folds"])


@pytest.mark.slow
def test_new_patients_are_scored(made):
    sheet = load_workbook(made.results / "scored" / "new.xlsx", read_only=True)["Cycles"]
    names = [cell.value for cell in next(sheet.iter_rows(min_row=2, max_row=2))]
    assert "logistic_regression: abnormal" in names and len(names) > 500
    scored = pq.read_table(made.results / "scored" / "new.parquet")
    called = np.array(scored["chosen: abnormal"].to_pylist()) == "abnormal"
    assert np.mean(called == (wide(1)["label"] > 0)) > 0.8


@pytest.mark.slow
def test_what_the_workbook_lacks_is_said_before_any_job(tmp_path):
    project = Project(tmp_path)
    write(tmp_path / "wide.csv", {k: v for k, v in wide(0, 24).items() if k != "f1"})
    models = {"knn": {"features": ["mfcc_*"]}, "lstsq": {}}
    project.configure(WIDE | {"score": None, "features": ["f1", "f2"], "models": models})
    done = project.snakemake()
    assert done.returncode != 0 and not project.results.exists()
    assert "features: there is no column 'f1' (nearest: 'f" in done.stdout
    assert "models.knn.features: the pattern 'mfcc_*' matches no column" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.slow
def test_the_notebooks_workbook_with_13_more_columns(tmp_path, real_workbook):
    table = read_workbook(real_workbook, 0).table
    rng = np.random.default_rng(0)
    for n in range(12):
        values = rng.normal(size=table.num_rows) + 0.5 * (table["state"].to_numpy() > 0)
        gaps = rng.random(table.num_rows) < (0.2 if n < 2 else 0)
        table = table.append_column(f"extra_{n}", pa.array(values, mask=gaps))
    clinic = rng.choice(["north", "south"], table.num_rows)
    pq.write_table(table.append_column("clinic", pa.array(clinic)), tmp_path / "more.parquet")
    forest = {"algorithm": "hist_gradient_boosting", "missing": "keep", "max_iter": 10}
    project = Project(tmp_path)
    project.configure(
        {
            "workbook": "more.parquet",
            "features": ["extra_*", "clinic", "Var"],
            "splits": {"patient": {"folds": 2}},
            "models": {"lstsq": {"missing": "indicator"}, "trees": forest},
        }
    )
    project.run("results/answer.json")
    fit = json.loads((project.results / "fits" / "lstsq" / "patient" / "fit.json").read_text())
    assert fit["inputs"] == [*(f"extra_{n}" for n in range(12)), "clinic", "Var"]
    assert {"extra_0 missing", "extra_1 missing", "clinic=north"} <= {*fit["features"]}
    assert "extra_2 missing" not in fit["features"]
    answer = json.loads((project.results / "answer.json").read_text(encoding="utf-8"))
    assert answer["information"] == "yes"
