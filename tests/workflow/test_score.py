"""`snakemake score`: what fitted models say of new workbooks."""

import hashlib

import pyarrow.parquet as pq
import pytest
from harness import Project
from openpyxl import load_workbook

CONFIG = {
    "demo": {"seed": 3, "patients": 12},
    "splits": {"final": {}, "patient": {"folds": 2}},
    "bootstrap": {"resamples": 200},
    "models": {
        "most_frequent": {},
        "lstsq": {},
        "knn": {"n_neighbors": 3, "scale": "standard", "features": ["Var", "duration", "device"]},
    },
}
LABELS = ("state", "crackles", "wheezes", "Diagnosis")
NAMES = ("normal", "crackles", "wheezes", "both")


def rows_of(sheet):
    """Rows of a sheet below its header, by the header's names."""
    _, head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A project with models, the workbook they know, and it again without labels, a bit changed."""
    project = Project(tmp_path_factory.mktemp("score"))
    project.configure(CONFIG)
    project.run("results/comparison.csv")
    book = load_workbook(project.results / "demo" / "workbook.xlsx")
    sheet = book.active
    place = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, place["Var"]).value = 1e9
    sheet.cell(3, place["Var"]).value = None
    sheet.cell(4, place["adq_format"]).value = "1b1_Al_sc_Elsewhere"
    sheet.cell(1, sheet.max_column + 1).value = "remark"
    sheet.cell(2, sheet.max_column).value = "=1+1 is how it was typed"
    sheet.cell(2, sheet.max_column).data_type = "s"
    for name in LABELS:
        sheet.delete_cols(next(cell.column for cell in sheet[1] if cell.value == name))
    book.save(project.folder / "new patients.xlsx")
    known = str(project.results / "demo" / "workbook.xlsx")
    project.configure(CONFIG | {"score": ["new patients.xlsx", known]})
    assert project.planned("score") == {"score_workbook": 2, "score": 1}
    project.run("score")
    return project


def test_known_cycles_get_what_the_fits_said_of_them(scored):
    table = pq.read_table(scored.results / "scored" / "workbook.parquet")
    for model in CONFIG["models"]:
        fit = pq.read_table(scored.results / "fits" / model / "final" / "predictions.parquet")
        part = [row for row in fit.to_pylist() if row["part"] == "test"]
        raw = [row["prediction"] for row in part]
        if model == "lstsq":
            assert table["lstsq number"].to_pylist() == pytest.approx(raw, rel=1e-12)
            raw = [min(max(round(value), 0), 3) for value in raw]
        assert table[model].to_pylist() == [NAMES[int(value)] for value in raw]
        if model != "lstsq":
            for k, name in enumerate(NAMES):
                expected = [row[f"p{k}"] for row in part]
                assert table[f"{model} p({name})"].to_pylist() == pytest.approx(expected, rel=1e-12)
    assert set(table["outside training"].to_pylist()) == {""}


def test_rows_stay_as_they_were_without_labels(scored):
    table = pq.read_table(scored.results / "scored" / "new_patients.parquet")
    old = pq.read_table(scored.results / "table" / "raw.parquet")
    assert table.num_rows == old.num_rows and not set(LABELS) & set(table.column_names)
    for name in ("patient_ID", "Range", "age"):
        assert table[name].equals(old[name])
    flags = table["outside training"].to_pylist()
    assert flags[:3] == ["Var above", "no Var", "another device"] and set(flags[3:]) == {""}
    for model in CONFIG["models"]:
        called = table[model].to_pylist()
        assert called[1] is None and None not in called[2:]


def test_sheets_of_the_workbook(scored):
    book = load_workbook(scored.results / "scored" / "new_patients.xlsx")
    cycles, shares, models = (rows_of(book[name]) for name in book.sheetnames)
    assert cycles[0]["remark"] == "=1+1 is how it was typed"
    assert all(cell.data_type != "f" for row in book["Cycles"] for cell in row)
    own = [row for row in cycles if row["patient_ID"] == cycles[-1]["patient_ID"]]
    (row,) = (
        row
        for row in shares
        if (row["of"], row["name"]) == ("patient", str(own[0]["patient_ID"]))
        and row["model"] == "knn"
    )
    assert row["cycles"] == len(own)
    for name in NAMES:
        assert row[name] == sum(cycle["knn"] == name for cycle in own) / len(own)
    recordings = {row["name"] for row in shares if row["of"] == "recording"}
    assert recordings == {f"{c['patient_ID']}_{c['adq_format']}" for c in cycles}
    about = {row["model"]: row for row in models}
    comparison = pq.read_table(scored.results / "comparison.parquet").to_pylist()
    (score,) = (
        row
        for row in comparison
        if (row["model"], row["split"], row["part"], row["metric"])
        == ("knn", "patient", "test", "icbhi_score")
    )
    assert about["knn"]["icbhi_score under patient"] == pytest.approx(score["value"], rel=1e-14)
    assert about["knn"]["icbhi_score under patient, high"] == pytest.approx(
        score["ci_high"], rel=1e-14
    )
    assert about["most_frequent"]["better than the best baseline under patient"] == "a baseline"
    model = scored.results / "fits" / "knn" / "final" / "model.skops"
    assert about["knn"]["SHA-256 of the model"] == hashlib.sha256(model.read_bytes()).hexdigest()


def test_nothing_is_fitted_or_scored_again(scored):
    assert scored.planned("score") == {}


def test_without_a_workbook_it_says_what_to_do(finished):
    done = finished.snakemake("score")
    assert done.returncode != 0 and "--config score=new.xlsx" in done.stdout
