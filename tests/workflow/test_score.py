"""`snakemake score`, `export`, `archive` and `diff`: what people do after the comparison."""

import faulthandler
import hashlib
import json
import re
import shutil
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

import score_workbook
from auscultation.data.name_pattern import ICBHI
from auscultation.export import new_cycles
from auscultation.job.errors import InputError
from auscultation.workbook.read import read_workbook
from auscultation.workbook.simulation import simulate_cycles
from harness import ROOT, Project

CONFIG = {
    "demo": {"seed": 3, "patients": 12},
    "splits": {"final": {}, "patient": {"folds": 2}},
    "models": {
        "most_frequent": {},
        "lstsq": {},
        "knn": {"n_neighbors": 3, "scale": "standard", "features": ["Var", "duration", "device"]},
    },
}
LABELS = ("state", "crackles", "wheezes", "Diagnosis")
OWN = ("knn", "KNN: State", "lstsq: number", "outside training")  # columns of the new workbook
NAMES = ("normal", "crackles", "wheezes", "both")


SAID = {"most_frequent": "most_frequent: state", "lstsq": "lstsq: state", "knn": "knn: state (2)"}


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
    for name in OWN:
        sheet.cell(1, sheet.max_column + 1).value = name
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, sheet.max_column).value = f"{name} {row}"
    for name in LABELS:
        sheet.delete_cols(next(cell.column for cell in sheet[1] if cell.value == name))
    book.save(project.folder / "новые пациенты.xlsx")
    write_elsewhere(project.folder / "elsewhere.csv")
    known = str(project.results / "demo" / "workbook.xlsx")
    project.configure(CONFIG | {"score": ["новые пациенты.xlsx", known, "elsewhere.csv"]})
    assert project.planned("score") == {"score_workbook": 3, "validate_scored": 3, "score": 1}
    project.run("score")
    return project


def write_elsewhere(path):
    """Other patients, whose labels are missing in some rows, and wrong in others."""
    table = pd.DataFrame(simulate_cycles(8, 14)).astype({"state": object})
    table["patient_ID"] = [f"B{patient}" for patient in table["patient_ID"]]
    table = table.drop(columns=["crackles"])
    table.loc[0, "state"], table.loc[1, "state"], table.loc[2, "state"] = None, "maybe", 9
    table.loc[[5, 6], "Var"] = None
    table.to_csv(path, index=False)


def validated(project, name):
    """The rows of a validation, the page, and the comparison's rows of the same cycles."""
    scored = project.results / "scored"
    rows = pyarrow.csv.read_csv(scored / f"{name}.csv").to_pylist()
    return rows, (scored / f"{name}.html").read_text(encoding="utf-8")


def test_a_labelled_workbook_gets_the_metrics_of_the_same_rows_in_the_workflow(scored):
    rows, page = validated(scored, "workbook")
    expected = {
        (row["model"], row["metric"]): row
        for row in pq.read_table(scored.results / "comparison.parquet").to_pylist()
        if (row["split"], row["part"]) == ("final", "test")
    }
    assert {(row["model"], row["metric"]) for row in rows} == expected.keys()
    for row in rows:
        same = expected[row["model"], row["metric"]]
        for name in ("value", "ci_low", "ci_high"):
            assert row[name] == pytest.approx(same[name], rel=1e-12, abs=1e-12)
        assert row["n_patients"] == same["n_patients"] == 12
        assert (row["n_cycles"], row["n_without_prediction"]) == (same["n_cycles"], 0)
    gaps = [
        row
        for row in pq.read_table(scored.results / "differences.parquet").to_pylist()
        if (row["split"], row["against"]) == ("final", "constant")
    ]
    made = {(row["model"], row["metric"]): row for row in rows}
    for gap in gaps:
        row = made[gap["model"], gap["metric"]]
        assert row["from_constant"] == pytest.approx(gap["difference"], rel=1e-9, abs=1e-12)
        assert row["p_holm"] == pytest.approx(gap["p_holm"], rel=1e-6)
    assert "Patients that training may know." in page


def test_elsewhere_is_scored_on_its_valid_labels_beside_the_scores_inside(scored):
    rows, page = validated(scored, "elsewhere")
    table = pq.read_table(scored.results / "scored" / "elsewhere.parquet").to_pandas()
    truth = pd.DataFrame(simulate_cycles(8, 14))["state"].to_numpy()
    about = json.loads((scored.results / "scored" / "elsewhere.json").read_text(encoding="utf-8"))
    assert about["left_out"] == {"with a label that is no valid value": 2, "without a label": 1}
    assert about["labelled"] == len(truth) - 3 and about["patients_in_training"] == []
    valid = np.arange(len(truth)) > 2
    comparison = pq.read_table(scored.results / "comparison.parquet").to_pylist()
    for model in SAID:
        called = table[f"{model}: state"]
        kept = valid & called.notna().to_numpy()
        right = [NAMES[state] for state in truth[kept]] == called[kept].to_numpy()
        (row,) = (r for r in rows if (r["model"], r["metric"]) == (model, "accuracy"))
        assert row["value"] == pytest.approx(right.mean(), rel=1e-12)
        assert (row["n_cycles"], row["n_patients"]) == (kept.sum(), 14)
        assert row["n_without_prediction"] == 2
        (inside,) = (
            r
            for r in comparison
            if tuple(r[k] for k in KEY) == (model, "patient", "test", "accuracy")
        )
        assert row["internal_value"] == inside["value"] and row["internal_split"] == "patient"
    assert "labelled cycles of 14 patients" in page and "2 with a label that is no valid" in page
    sheet = rows_of(load_workbook(scored.results / "scored" / "elsewhere.xlsx")["Validation"])
    assert [row["metric"] for row in sheet] == [row["metric"] for row in rows]
    assert [row["value"] for row in sheet] == pytest.approx([row["value"] for row in rows])


def test_without_labels_the_page_says_what_is_called(scored):
    rows, page = validated(scored, "новые_пациенты")
    assert rows == [] and "has no labels for crackles and wheezes" in page
    book = load_workbook(scored.results / "scored" / "новые_пациенты.xlsx")
    assert "Validation" not in book.sheetnames


def test_known_cycles_get_what_the_fits_said_of_them(scored):
    table = pq.read_table(scored.results / "scored" / "workbook.parquet")
    for model in CONFIG["models"]:
        fit = pq.read_table(scored.results / "fits" / model / "final" / "predictions.parquet")
        part = [row for row in fit.to_pylist() if row["part"] == "test"]
        raw = [row["prediction"] for row in part]
        if model == "lstsq":
            assert table["lstsq: number"].to_pylist() == pytest.approx(raw, rel=1e-12)
            raw = [min(max(round(value), 0), 3) for value in raw]
        assert table[f"{model}: state"].to_pylist() == [NAMES[int(value)] for value in raw]
        if model != "lstsq":
            for k, name in enumerate(NAMES):
                expected = [row[f"p{k}"] for row in part]
                found = table[f"{model}: p({name})"].to_pylist()
                assert found == pytest.approx(expected, rel=1e-12)
    assert set(table["outside training"].to_pylist()) == {""}


def test_rows_stay_as_they_were_without_labels(scored):
    table = pq.read_table(scored.results / "scored" / "новые_пациенты.parquet")
    old = pq.read_table(scored.results / "table" / "raw.parquet")
    assert table.num_rows == old.num_rows and not set(LABELS) & set(table.column_names)
    for name in ("patient_ID", "Range", "age"):
        assert table[name].equals(old[name])
    flags = table["outside training (2)"].to_pylist()
    assert flags[:3] == ["Var above", "no Var", "another device"] and set(flags[3:]) == {""}
    for model in CONFIG["models"]:
        called = table[SAID[model]].to_pylist()
        assert called[1] is None and None not in called[2:]


def test_sheets_of_the_workbook(scored):
    book = load_workbook(scored.results / "scored" / "новые_пациенты.xlsx")
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
        assert row[f"called {name}"] == sum(c[SAID["knn"]] == name for c in own) / len(own)
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
    assert about["most_frequent"]["useful under patient"] == "a baseline"
    answer = json.loads((scored.results / "answer.json").read_text(encoding="utf-8"))
    for model in ("knn", "lstsq"):
        for question in ("information", "useful"):
            (one,) = (
                m for m in answer["splits"][0]["answers"][question]["models"] if m["model"] == model
            )
            said = about[model][f"{question} under patient"]
            expected = "no" if one["p_holm"] is not None else "unknown"
            expected = "yes" if one["by_patients"] else expected
            assert said.split()[0] == (expected if answer["splits"][0]["enough"] else "unknown")
    model = scored.results / "fits" / "knn" / "final" / "model.skops"
    assert about["knn"]["SHA-256 of the model"] == hashlib.sha256(model.read_bytes()).hexdigest()


def test_columns_named_as_what_the_models_say_stay(scored):
    """Fault 4: a workbook may have columns named like a model's; both files hold both."""
    path = scored.results / "scored" / "новые_пациенты.parquet"
    table = pq.read_table(path)
    names = table.column_names
    assert len({name.casefold() for name in names}) == len(names)
    assert {*OWN, *SAID.values(), "lstsq: number (2)"} <= set(names)
    assert list(pd.read_parquet(path).columns) == names
    book = load_workbook(path.with_suffix(".xlsx"))
    rows = rows_of(book["Cycles"])
    assert list(rows[0]) == names
    for name in OWN:
        expected = [f"{name} {row}" for row in range(2, len(rows) + 2)]
        assert table[name].to_pylist() == expected == [row[name] for row in rows]
    for name in SAID.values():
        assert table[name].to_pylist() == [row[name] for row in rows]


@pytest.fixture
def score_again(scored, tmp_path):
    """Score a further workbook in this process; give the paths of both files."""
    summaries = [scored.results / "fits" / model / "final" / "fit.json" for model in SAID]

    def score(workbook, **read):
        shipped = {"reader": "calamine", "max_rows": 10**6, "max_megabytes": 100, "checks": {}}
        kept = [next(summary.parent.glob("model.*")) for summary in summaries]
        fits = [{"model": name, "algorithm": name, "split": "final"} for name in SAID]
        known = {"about": [], "comparison": scored.results / "comparison.parquet"}
        known |= {"answer": scored.results / "answer.json"}
        known |= {"train": [scored.results / "splits" / "final" / "train.parquet"]}
        known |= {"source": scored.results / "table" / "source.json"}
        outputs = {end: tmp_path / f"said.{end}" for end in ("xlsx", "parquet")}
        outputs |= {end: tmp_path / f"said.{end}.x" for end in ("predictions", "about")}
        score_workbook.main(
            SimpleNamespace(
                input=SimpleNamespace(workbook=workbook, models=kept, summaries=summaries, **known),
                output=SimpleNamespace(**outputs),
                params=SimpleNamespace(
                    name="said",
                    fits=fits,
                    sheet=0,
                    columns={},
                    name_pattern=ICBHI,
                    read=shipped | read,
                ),
            )
        )
        return outputs["xlsx"], outputs["parquet"]

    return score


def test_what_was_scored_can_be_scored_again(scored, score_again):
    """Fault 4: the sheet that was written is a workbook too, whose columns all stay."""
    first = scored.results / "scored" / "workbook.xlsx"
    _, parquet = score_again(first)
    table, before = pq.read_table(parquet), pq.read_table(first.with_suffix(".parquet"))
    assert table["knn: state"].equals(before["knn: state"])
    assert table["knn: state (2)"].equals(before["knn: state"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory so")
def test_a_cell_far_from_the_table_is_explained(scored, score_again, tmp_path, monkeypatch):
    """Fault 9: a new workbook is read with the limit of memory that the first one has."""

    def read(*args, **kwargs):
        faulthandler.disable()  # it would print where the child was when it ended
        return read_workbook(*args, **kwargs)

    monkeypatch.setattr(new_cycles, "read_workbook", read)
    book = load_workbook(scored.results / "demo" / "workbook.xlsx")
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(InputError, match=r"far more memory.*Ctrl\+End"):
        score_again(tmp_path / "far.xlsx")
    assert not list(tmp_path.glob("said.*"))


def test_nothing_is_fitted_or_scored_again(scored):
    assert scored.planned("score") == {}


@pytest.fixture(scope="module")
def taken(scored):
    """The project with its archive, and with what changed since a run that differs in known ways."""
    scored.run("archive")
    other = scored.folder / "before"
    other.mkdir()
    rows = pq.read_table(scored.results / "comparison.parquet")
    known = ("knn", "patient", "test", "icbhi_score")
    values = [
        row["value"] - (0.125 if tuple(row[k] for k in KEY) == known else 0)
        for row in rows.to_pylist()
    ]
    rows = rows.set_column(rows.column_names.index("value"), "value", [values])
    pq.write_table(rows, other / "comparison.parquet")
    about = json.loads((scored.results / "provenance.json").read_text(encoding="utf-8"))
    about["config"]["models"]["knn"]["settings"]["n_neighbors"] = 33
    (other / "provenance.json").write_text(json.dumps(about), encoding="utf-8")
    scored.run("diff", "--config", "against=before")
    return scored


KEY = ("model", "split", "part", "metric")


def test_exported_models_predict_what_the_fits_predicted(taken):
    cycles = pq.read_table(taken.results / "table" / "cycles.parquet").to_pylist()
    source = json.loads((taken.results / "table" / "source.json").read_text(encoding="utf-8"))
    for model in CONFIG["models"]:
        folder = taken.results / "export" / model
        session = onnxruntime.InferenceSession(folder / "model.onnx")
        about = session.get_modelmeta().custom_metadata_map
        assert about["workbook_sha256"] == source["sha256"]
        given = []
        for cycle in cycles:
            values = cycle | {"duration": cycle["end"] - cycle["start"]}
            device = cycle["recording"].rsplit("_", 1)[1]
            line = json.loads(about["columns"])
            given.append(
                [values[n] if n in values else float(n == f"device={device}") for n in line]
            )
        called, *_ = session.run(["class"], {"features": np.array(given)})
        fit = pq.read_table(taken.results / "fits" / model / "final" / "predictions.parquet")
        raw = [r["prediction"] for r in fit.to_pylist() if r["part"] == "test"]
        assert called.tolist() == np.clip(np.rint(raw), 0, 3).tolist()
        card = (folder / "card.md").read_text(encoding="utf-8")
        assert source["sha256"] in card and "Not a medical" in card
        words = "It is a baseline" if model == "most_frequent" else "Under `patient`, which keeps"
        assert words in card.splitlines()[2]


def test_the_documents_lines_load_a_model(taken, monkeypatch, capsys):
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(taken.folder)
    exec(code, {})
    assert eval(capsys.readouterr().out)[0] in NAMES


def test_the_archive_holds_no_cycles(taken):
    with zipfile.ZipFile(taken.results / "archive" / "results.zip") as archive:
        names = {name.removeprefix("results/") for name in archive.namelist()}
        sums = archive.read("results/SHA256SUMS").decode().splitlines()
        crate = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        for line in sums:
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(f"results/{name}")).hexdigest() == digest
    wanted = {"report.html", "comparison.csv", "comparison.xlsx", "comparison.parquet"}
    wanted |= {"provenance.json", "answer.json", "export/knn/card.md", "export/knn/model.onnx"}
    wanted |= {"fits/knn/final/model.skops", "fits/knn/patient/fit.json", "figures/scores.svg"}
    assert wanted <= names and len(sums) == len(names) - 2
    files = {entity["name"]: entity["description"] for entity in crate if entity["@type"] == "File"}
    assert files.keys() == names - {"ro-crate-metadata.json"}
    assert "A file of the results" not in files.values()
    assert not [
        n for n in names if re.search(r"predictions|cycles|raw|train|test|demo|log|scored", n)
    ]


def test_the_difference_that_was_made_is_said(taken):
    page = (taken.results / "diff.html").read_text(encoding="utf-8")
    said = re.search(r'<p class="answer">(.*?)</p>', page)[1]
    assert said.startswith("1 config key differs; nothing else")
    assert "The largest change of the ICBHI score under patient is +0.125, of knn" in said
    assert "models.knn.settings.n_neighbors" in page.replace("<wbr>", "") and ">33<" in page
    first = (taken.results / "diff.csv").read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith("patient,test,knn,icbhi_score,knn,")


def test_several_runs_stand_on_one_page(taken):
    shutil.copytree(taken.folder / "before", taken.folder / "third")
    taken.run("diff", "--config", "against=[before,third]")
    page = (taken.results / "diff.html").read_text(encoding="utf-8")
    assert "How do the runs compare?" in page and "<svg" in page
    assert "models.knn.settings.n_neighbors" in page.replace("<wbr>", "") and ">33<" in page
    table = (taken.results / "diff.csv").read_text(encoding="utf-8").splitlines()
    n_rows = pq.read_metadata(taken.results / "comparison.parquet").num_rows
    assert [line.split(",")[0] for line in table] == [
        "run",
        *(name for name in ("results", "before", "third") for _ in range(n_rows)),
    ]


def test_what_is_asked_afterwards_reruns_nothing(taken):
    given = ("against=before", "score=новые пациенты.xlsx", "score_sheet=1")
    asked = ("--config", *given)
    assert taken.planned("all", "archive", *asked) == {}


def test_without_a_workbook_it_says_what_to_do(finished):
    done = finished.snakemake("score")
    assert done.returncode != 0 and "--config score=new.xlsx" in done.stdout
    done = finished.snakemake("diff")
    assert done.returncode != 0 and "--config against=other_results" in done.stdout
