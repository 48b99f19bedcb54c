"""A workbook that says of patients and recordings only who and which: every target does without."""

import csv
import json
import re
import shutil
import zipfile

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from harness import Project
from simulate_workbook import simulate_cycles

ABSENT = ("Diagnosis", "age", "sex", "IMC", "weight", "height")
# all that the config lets go, with what the workbook does not have
DROPPED = ["Diagnosis", "IMC", "Range", "adq_format", "age", "crackles", "end", "sex", "start"]
DROPPED += ["Coarse_Av", "Fine_Av", "Spectrum Av", "height", "weight", "wheezes"]
CONFIG = {
    "workbook": "bare.csv",
    "clean": {"drop": DROPPED},
    "features": ["Var"],
    "splits": {"final": {}, "half": {}, "patient": {"folds": 2}},
    "models": {name: {} for name in ("mean", "lstsq", "knn", "most_frequent", "by_device")},
}


def write_bare(path, formats, absent=ABSENT):
    """Write a simulated workbook as CSV, its recordings named anew: each by one of some names."""
    columns = {k: v.tolist() for k, v in simulate_cycles(3, 12).items() if k not in absent}
    known = {}
    columns["adq_format"] = [
        formats[known.setdefault(name, len(known)) % len(formats)].format(known[name])
        for name in zip(columns["patient_ID"], columns["adq_format"], strict=True)
    ]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A project that has made all its targets of such a workbook."""
    project = Project(tmp_path_factory.mktemp("bare"))
    # fewer parts than a device needs, and one whose last part is empty
    formats = ["rec{}", "1b{}_Al", "2b{}_Al_sc_"]
    write_bare(project.folder / "bare.csv", formats)
    write_bare(project.folder / "new.csv", formats, (*ABSENT, "state", "crackles", "wheezes"))
    project.configure(CONFIG | {"score": "new.csv"})
    project.run("all", "score", "export", "archive", "methods")
    shutil.copytree(project.results, project.folder / "before")
    project.run("diff", "--config", "against=before")
    return project


def test_the_page_does_without(bare):
    """Fault 8: nothing is said or left empty about diagnoses, ages and sexes that are not there.

    Fault 7: nor about devices; the baseline that looks at them is a row with its reason.
    """
    page = (bare.results / "report.html").read_text(encoding="utf-8")
    body = page.split("<main>")[1].split('id="made"')[0]
    assert body.count("no column &#39;device&#39;") >= 3
    assert "Without a result: by_device under" in body
    assert not re.search(r"\bdiagnos|by device|each device|>\s*(None|nan|undefined)\s*<", body)
    assert "correct predictions of 2 models, by patient" in body
    for table in re.findall(r"<table.*?</table>", body, re.DOTALL):
        assert table.count("<tr") > 1
    cycles = pq.read_table(bare.results / "table" / "cycles.parquet")
    assert cycles.column_names == ["cycle", "patient_ID", "state", "Var", "recording", "location"]
    errors = pq.read_table(bare.results / "errors.parquet")
    assert set(errors["by"].to_pylist()) == {"patient_ID", "all"}


def test_the_methods_do_without(bare):
    """What is written for a paper speaks of no device, and of the fits that had none."""
    folder = bare.results / "methods"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    texts = {"methods.md", "methods.tex", "references.bib", "numbers.tex", "checklist.md"}
    tables = {"scores.tex", "classes.tex", "models.tex", "tables.xlsx"}
    assert texts | tables | {"figures/scores.pdf", "figures/roc.pdf"} <= names
    text = (folder / "methods.md").read_text(encoding="utf-8")
    assert "`by_device` under" in text and "could not be fitted (" in text
    assert not re.search(r"recorded with|None|undefined", text)
    cited = {key for keys in re.findall(r"\[@([^\]]+)\]", text) for key in keys.split("; @")}
    works = re.findall(r"^@\w+\{(\w+),", (folder / "references.bib").read_text(), re.M)
    assert cited == {*works}
    keys = re.findall(r"\\cite\{([^}]+)\}", (folder / "methods.tex").read_text(encoding="utf-8"))
    assert {key for group in keys for key in group.split(",")} == cited
    numbers = (folder / "numbers.tex").read_text(encoding="utf-8")
    rows = pq.read_table(bare.results / "comparison.parquet").num_rows
    data = numbers.count("\\newcommand{\\data")
    assert numbers.count("\\newcommand") == 3 * rows + data


def test_every_target_does_without(bare):
    """Fault 8: score, cards, archive, diff do without diagnosis, age, sex. Fault 7: and device."""
    book = load_workbook(bare.results / "scored" / "new.xlsx")
    names = [cell.value for cell in book["Cycles"][2]]
    assert "knn: state" in names and not {*ABSENT, "state"} & {*names}
    assert not any(str(name).startswith("by_device") for name in names)
    card = (bare.results / "export" / "by_device" / "card.md").read_text(encoding="utf-8")
    assert "Could not be fitted under `patient`" in card and "no column 'device'" in card
    card = (bare.results / "export" / "knn" / "card.md").read_text(encoding="utf-8")
    assert "The recordings were made with" not in card and "None" not in card
    assert (bare.results / "export" / "knn" / "model.onnx").exists()
    with zipfile.ZipFile(bare.results / "archive" / "results.zip") as archive:
        assert {"results/report.html", "results/export/knn/card.md"} <= {*archive.namelist()}
    said = (bare.results / "diff.html").read_text(encoding="utf-8")
    assert "are the same" in re.search(r'<p class="answer">(.*?)</p>', said)[1]
    quality = json.loads((bare.results / "table" / "quality.json").read_text(encoding="utf-8"))
    assert quality["absent_columns"] == sorted(ABSENT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"target": "Diagnosis", "clean": {"drop": []}},
            "target: the workbook has no column `Diagnosis`",
        ),
        (
            {"features": ["Var", "age"], "clean": {"drop": ["IMC"]}},
            "features: there is no column 'age'",
        ),
        (
            {"splits": {"boxes": {"protocol": "leave_group_out", "column": "device"}}},
            "split 'boxes' (leave_group_out): column 'device' is blank in ",
        ),
    ],
)
def test_what_is_needed_is_named(tmp_path, change, said):
    """Fault 7 and 8: what the config makes something of is asked for by its name, in one line."""
    project = Project(tmp_path)
    write_bare(project.folder / "bare.csv", ["rec{}", "{}_Al_sc_Meditron"])
    project.configure(CONFIG | {"models": {"knn": {}}} | change)
    done = project.snakemake("results/comparison.csv")
    assert done.returncode != 0 and said in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
