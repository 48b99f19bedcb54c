"""What the results come from is written down, and text from a workbook stays text."""

import hashlib
import html
import json
import subprocess
from datetime import datetime

import pytest
from openpyxl import load_workbook

from harness import ROOT, SMALL, Project

SCRIPT, FORMULA = "<script>alert('x')</script>", '=HYPERLINK("http://example.org","x")'


def test_provenance(finished):
    said = json.loads((finished.results / "provenance.json").read_text(encoding="utf-8"))
    workbook = (finished.results / "demo" / "workbook.xlsx").read_bytes()
    assert said["workbook"]["sha256"] == hashlib.sha256(workbook).hexdigest()
    lock = (ROOT / "requirements.txt").read_bytes()
    assert said["lock"]["sha256"] == hashlib.sha256(lock).hexdigest()
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.check_output(command, text=True, timeout=60).strip()
    assert said["code"]["commit"] == commit
    assert said["config"]["models"]["knn"]["settings"] == {"n_neighbors": 5}
    assert said["config"]["max_kernel_rows"] == 50000  # defaults included
    began, ended, made = (
        datetime.fromisoformat(text)
        for text in (said["time"]["first_fit_began"], said["time"]["last_fit_ended"], said["made"])
    )
    assert began <= ended <= made
    page = (finished.results / "report.html").read_text(encoding="utf-8")
    for text in (said["code"]["commit"], said["lock"]["sha256"], said["workbook"]["sha256"]):
        assert text in page


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, finished):
    """A run on a workbook whose cells and names want to be code."""
    project = Project(tmp_path_factory.mktemp("hostile"))
    book = load_workbook(finished.results / "demo" / "workbook.xlsx")
    sheet = book.active
    place = {cell.value: cell.column for cell in sheet[1]}
    renamed = {}
    for row in range(2, sheet.max_row + 1):
        for column, names in (("patient_ID", (SCRIPT, FORMULA)), ("Diagnosis", (FORMULA, SCRIPT))):
            cell = sheet.cell(row, place[column])
            seen = renamed.setdefault(column, {})
            seen.setdefault(cell.value, len(seen))
            if seen[cell.value] < 2:
                cell.value = names[seen[cell.value]]
            else:
                cell.value = f"name {cell.value}"
            cell.data_type = "s"
    extra = sheet.cell(1, sheet.max_column + 1)
    extra.value, extra.data_type = f"{FORMULA} {SCRIPT}", "s"
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, extra.column).value = SCRIPT
    sheet.title = "<b>cycles"
    book.save(project.folder / "&lt; cycles.xlsx")
    project.configure(
        SMALL
        | {
            "workbook": "&lt; cycles.xlsx",
            "target": "Diagnosis",
            "models": {"knn": {}, "most_frequent": {}},
        }
        | {"splits": {"half": {}}}
    )
    project.run()
    return project


def test_the_page_shows_code_as_text(hostile, finished):
    page = (hostile.results / "report.html").read_text(encoding="utf-8")
    usual = (finished.results / "report.html").read_text(encoding="utf-8")
    assert page.count("<script") == usual.count("<script")
    assert "<b>cycles" not in page and "&amp;lt; cycles" in page
    assert html.escape(SCRIPT) in page or "&lt;script&gt;alert" in page


def test_tables_hold_no_formulas(hostile):
    book = load_workbook(hostile.results / "comparison.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds
    errors = (hostile.results / "errors.csv").read_text(encoding="utf-8")
    assert "HYPERLINK" in errors
    for path in hostile.results.glob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = line.replace('"', "").split(",")
            assert not any(cell.startswith("=") for cell in cells), f"{path.name}: {line}"
