"""A wrong config or workbook ends in one clear message, before anything half-written is left."""

import pytest
from openpyxl import load_workbook


@pytest.fixture(scope="session")
def good_workbook(finished):
    """The small simulated workbook."""
    return finished.results / "demo" / "workbook.xlsx"


def fails_with(project, config, *expected, started=True):
    """Run, expect a failure that says all of the expected, and no product of the failed job.

    The list of what is wrong with the workbook stays, as a log does.
    """
    project.configure(config)
    done = project.snakemake()
    assert done.returncode != 0, done.stdout
    for words in expected:
        assert words in done.stdout, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    assert ("Job stats" in done.stdout) == started, done.stdout
    left = [p for p in project.results.rglob("*") if p.is_file() and p.suffix != ".log"]
    assert [p.name for p in left] == ["problems.csv"] * started
    return done.stdout


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


def test_truncated_workbook(project, good_workbook):
    (project.folder / "mine.xlsx").write_bytes(good_workbook.read_bytes()[:5000])
    fails_with(project, CONFIG | {"workbook": "mine.xlsx"}, "mine.xlsx: truncated or damaged")


def test_all_that_is_wrong_with_a_workbook(project, good_workbook):
    book = load_workbook(good_workbook)
    sheet = book.active
    sheet.cell(1, 18, "Spectrum Avg")
    sheet.cell(7, 14, "loud")
    sheet.cell(9, 13, 4)
    book.save(project.folder / "mine.xlsx")
    fails_with(
        project,
        CONFIG | {"workbook": "mine.xlsx"},
        "features: there is no column 'Spectrum Av' (nearest: 'Spectrum Avg'",
        started=False,
    )
    fails_with(
        project,
        CONFIG | {"workbook": "mine.xlsx", "features": ["Var"]},
        "workbook mine.xlsx, sheet 'Sheet1': 3 kinds of error",
        "column 'Var': not a number: N7 'loud'",
        "column 'state': must be 0 to 3: M9 4",
        "All cells are listed in results/table/problems.csv",
    )


def test_wrong_sheet(project, good_workbook):
    config = CONFIG | {"workbook": str(good_workbook), "sheet": "Shet1"}
    fails_with(project, config, "there is no sheet 'Shet1'", "did you mean 'Sheet1'?")


def test_missing_list_of_recordings(project):
    config = CONFIG | {"splits": {"published": {"list": "challenge.txt"}}}
    said = "splits.published.list: no such file: challenge.txt (no .txt file in ./)"
    fails_with(project, config, said, started=False)


def test_features_that_are_names_stop_the_run_before_any_fit(project):
    rows = [f"{n % 6},{n % 2},{n / 7},text {n % 60},note {n}" for n in range(120)]
    text = "\n".join(["patient_ID,state,loudness,place,note", *rows])
    (project.folder / "mine.csv").write_text(text, encoding="utf-8")
    config = CONFIG | {"workbook": "mine.csv", "target": "abnormal"}
    models = {"mean": {}, "knn": {"features": ["place"]}}
    project.configure(config | {"features": ["loudness", "note"], "models": models})
    done = project.snakemake(cores=1)
    assert done.returncode != 0 and not (project.results / "fits").exists(), done.stdout
    said = "config key `features`: column 'note' has another value in each cycle, as an id has"
    assert said in done.stdout, done.stdout
    assert (
        "model knn: column 'place' has 60 different values, and a category at most 50"
        in done.stdout
    )
