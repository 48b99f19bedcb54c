"""A wrong config or workbook ends in one clear message, before anything half-written is left."""

import zipfile

import pytest
from openpyxl import Workbook, load_workbook


@pytest.fixture(scope="session")
def good_workbook(finished):
    """The small simulated workbook."""
    return finished.results / "demo" / "workbook.xlsx"


def fails_with(project, config, *expected, started=True):
    """Run, expect a failure that says all of the expected, and no product of the failed job."""
    project.configure(config)
    done = project.snakemake()
    assert done.returncode != 0, done.stdout
    for words in expected:
        assert words in done.stdout, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    assert ("Job stats" in done.stdout) == started, done.stdout
    left = [p for p in project.results.rglob("*") if p.is_file() and p.suffix != ".log"]
    assert left == []
    return done.stdout


def edited(good_workbook, path, edit):
    book = load_workbook(good_workbook)
    edit(book.active)
    book.save(path)


CONFIG = {"splits": {"half": {}}, "models": {"mean": {}}}


def test_wrong_keys_are_all_named_with_the_nearest_name(project):
    config = {
        "workbok": "x.xlsx",
        "clean": {"missing": "imputed"},
        "splits": {"half": {"sed": 1}, "holdout": {"test_size": "a lot"}},
        "models": {"knn": {"n_neighbours": 7}, "forest": {}, "svm": {"algorithm": "svv"}},
    }
    said = fails_with(
        project,
        config,
        "workbok: not a key of the config; did you mean `workbook`?",
        "clean.missing: 'imputed' is none of impute, drop",
        "splits.half.sed: not a setting of protocol half; did you mean `seed`?",
        "splits.holdout.test_size: 'a lot' is not of type 'number'",
        "models.knn.n_neighbours: not a setting of algorithm knn; did you mean `n_neighbors`?",
        "models.forest: there is no algorithm `forest`",
        "models.svm.algorithm: there is no algorithm `svv`; did you mean `svr`?",
        started=False,
    )
    assert said.count("\n  - ") == 7


def test_missing_workbook_is_named_before_any_job(project):
    (project.folder / "cycles.xlsx").touch()
    fails_with(
        project,
        CONFIG | {"workbook": "cycle.xlsx"},
        "no such file: cycle.xlsx",
        "`cycles.xlsx`",
        started=False,
    )


@pytest.mark.parametrize("content", [b"patient_ID,state\n101,0\n", b"PK\x03\x04 cut off", b""])
def test_file_that_is_no_workbook(project, content):
    (project.folder / "mine.xlsx").write_bytes(content)
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, "mine.xlsx", "not an .xlsx file")


def test_zip_that_is_no_workbook(project):
    with zipfile.ZipFile(project.folder / "mine.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, "mine.xlsx", "not an .xlsx file")


def test_missing_column(project, good_workbook):
    path = project.folder / "mine.xlsx"
    edited(good_workbook, path, lambda sheet: sheet.cell(1, 18, "Spectrum Avg"))
    expected = "row 1: missing column 'Spectrum Av' (there is 'Spectrum Avg')"
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, "sheet 'Sheet1'", expected)


def test_word_in_a_number_column(project, good_workbook):
    path = project.folder / "mine.xlsx"
    edited(good_workbook, path, lambda sheet: sheet.cell(7, 14, "loud"))
    expected = "sheet 'Sheet1', column 'Var', cell N7: 'loud' is not a number"
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, expected)


def test_empty_sheet(project):
    Workbook().save(project.folder / "mine.xlsx")
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, "sheet 'Sheet': empty")


def test_wrong_sheet(project, good_workbook):
    config = CONFIG | {"workbook": str(good_workbook), "sheet": "Shet1"}
    fails_with(project, config, "there is no sheet 'Shet1'", "did you mean 'Sheet1'?")


def test_missing_list_of_recordings(project):
    config = CONFIG | {"splits": {"published": {"list": "challenge.txt"}}}
    said = "splits.published.list: no such file: challenge.txt (no .txt file in ./)"
    fails_with(project, config, said, started=False)
