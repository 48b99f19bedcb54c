"""Names and paths in the config: what cannot be a file or folder is named before anything starts."""

from pathlib import Path

import pytest
import yaml

from auscultation.config.paths import without_dot
from auscultation.config.resolve import ConfigError, resolve

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
URL = "https://example.org/cycles.xlsx"
KNN, HALF = {"algorithm": "knn"}, {"protocol": "half"}


def given(**changes):
    return {"splits": {"half": {}}, "models": {"mean": {}}} | changes


def problems(**changes):
    try:
        resolve(given(**changes), SCHEMA)
    except ConfigError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    ("section", "entries", "names"),
    [
        ("models", {"knn": {}, "KNN": KNN}, ("KNN", "knn")),
        ("models", {"Near": KNN, "near": KNN}, ("near", "Near")),
        ("splits", {"half": {}, "Half": HALF}, ("Half", "half")),
        (
            "models",
            {"a": KNN | {"n_neighbors": [1, 2]}, "A": KNN | {"n_neighbors": [2, 3]}},
            ("A-n_neighbors-2", "a-n_neighbors-2"),
        ),
        (
            "models",
            {"knn": {"p": [1]}, "KNN-p-1": KNN},
            ("KNN-p-1", "knn-p-1"),
        ),
    ],
)
def test_names_that_differ_by_case_alone(section, entries, names):
    """Fault 12: names that are one folder on macOS and Windows are refused, and both are named."""
    one, other = names
    assert problems(**{section: entries}) == [
        f"{section}.{one}: `{other}` and `{one}` would be one folder on macOS and Windows; rename one"
    ]


def test_values_that_differ_by_case_alone():
    weights = [{"COPD": 2}, {"copd": 2}]
    (line,) = problems(models={"svc": {"class_weight": weights}}, target="Diagnosis")
    assert "`svc-class_weight-COPD_2` and `svc-class_weight-copd_2` would be one folder" in line


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "Prn", "com1", "LPT9"])
@pytest.mark.parametrize(("section", "entry"), [("models", KNN), ("splits", HALF)])
def test_names_that_windows_cannot_have(section, entry, name):
    """Fault 12: names that Windows keeps for devices are refused."""
    line = f"{section}.{name}: Windows cannot have a folder of this name; rename it"
    assert problems(**{section: {name: entry}}) == [line]
    assert problems(**{section: {f"{name}s_5": entry}}) == []


def test_names_that_are_too_long():
    assert problems(models={"a" * 200: KNN}) == []
    (line,) = problems(models={"a" * 201: KNN})
    assert line.endswith(": 201 characters are too many for the name of a folder; at most 200")


@pytest.mark.parametrize("text", ["on", "no", "Yes", "true", "null", "~"])
@pytest.mark.parametrize(("section", "entry"), [("models", KNN), ("splits", HALF)])
def test_names_that_yaml_takes_for_something_else(section, entry, text):
    entries = yaml.safe_load(f"{text}: {entry}")
    (line,) = problems(**{section: entries})
    assert line.startswith(f"{section}.{next(iter(entries))}: YAML reads on, off, yes, no, ")
    assert problems(**{section: yaml.safe_load(f"'{text}': {entry}")}) == [] or text == "~"


MISNAMED = ["a{b}", "a{b", "a<b>", "a\nb", "a\tb", " a", "a ", "\u200ba", "~/a", "~nobody/a"]


@pytest.mark.parametrize("workbook", ["demo", "published", URL, "cycles.xlsx"])
@pytest.mark.parametrize("path", MISNAMED)
def test_results_are_checked_whatever_the_workbook_is(workbook, path):
    """Fault 12: a folder of results that Snakemake misreads is refused with a path and with a URL."""
    (line,) = problems(workbook=workbook, results=path)
    assert line.startswith("results: ")


@pytest.mark.parametrize("path", MISNAMED)
@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("workbook", lambda path: {"workbook": path}),
        ("score", lambda path: {"score": path}),
        ("score.1", lambda path: {"score": ["new.xlsx", path]}),
        ("against", lambda path: {"against": path}),
        ("against.1", lambda path: {"against": ["other", path]}),
        (
            "splits.mine.list",
            lambda path: {"splits": {"mine": {"protocol": "published", "list": path}}},
        ),
    ],
)
def test_every_path_is_checked(key, changes, path):
    """Fault 12: so is every other path of the config."""
    (line,) = problems(**changes(path))
    assert line.startswith(f"{key}: ")


def test_paths_that_can_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = ["a b", "a(b)[c]+$^", "../out", "out/", "Zo\u00eb", "~a", "a~/b", str(tmp_path / "x")]
    paths += ["\u60a3\u8005\u3000\u4e00", "\u0645\u06cc\u200c\u062e"]  # spaces of other writings
    for path in paths:
        assert problems(results=path) == []
        assert problems(workbook=path, score=path, against=path) == []
    (tmp_path / "~odd").mkdir()
    assert problems(workbook="~odd/cycles.xlsx") == []


def test_results_need_a_folder_of_their_own(tmp_path, monkeypatch):
    """Fault 12: results go neither over the project nor over the folder they are started in."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "file").touch()
    monkeypatch.chdir(tmp_path / "work")
    for path in (".", "./", "..", "../..", "/", str(tmp_path / "work"), str(ROOT), "x/.."):
        (line,) = problems(results=path)
        assert "holds more than results; name a folder of their own" in line, path
    for name in ("scripts", "rules/new", "report", ".snakemake/a"):
        (line,) = problems(results=str(ROOT / name))
        assert "is a folder of the project itself" in line, name
    (line,) = problems(results="file")
    assert line == "results: file is a file; name a folder"
    assert problems(results=str(ROOT / "results")) == problems(results="work") == []


def test_inputs_in_the_results(tmp_path, monkeypatch):
    """Fault 12: a workbook or list that lies among the results would be deleted: it is refused."""
    monkeypatch.chdir(tmp_path)
    listed = {"published": {"list": "out/list.txt"}}
    for key, changes in (
        ("workbook", {"workbook": "out/table/raw.parquet"}),
        ("workbook", {"workbook": str(tmp_path / "out" / "mine.xlsx")}),
        ("score", {"score": "out/scored/new.xlsx"}),
        ("score.1", {"score": ["new", "./out/../out/scored/"]}),
        ("splits.published.list", {"splits": listed}),
    ):
        (line,) = problems(results="out", **changes)
        assert line.startswith(f"{key}: ") and "writes over files; put it elsewhere" in line
    for changes in ({"workbook": "outer/a.xlsx"}, {"score": "out/demo/workbook.xlsx"}):
        assert problems(results="out", **changes) == []


def test_the_dot_in_front_is_taken_off():
    config = given(workbook="./a.xlsx", score=["./new", ".//b.csv"], results="././out")
    resolved = resolve(config, SCHEMA)
    assert [resolved[key] for key in ("workbook", "score", "results")] == [
        "a.xlsx",
        ["new", "b.csv"],
        "out",
    ]
    # ./demo is a file, demo is none
    assert [without_dot(path) for path in ("./demo", "./published", "demo", None)] == [
        "./demo",
        "./published",
        "demo",
        None,
    ]


@pytest.mark.parametrize("key", ["workbook", "results", "score", "against"])
@pytest.mark.parametrize("value", [1e5, 123, True, yaml.safe_load("2017-01-01")])
def test_paths_that_were_read_as_something_else(key, value):
    """Fault 23: a path that was read as a number, a date or true: the message says how to write it."""
    (line,) = problems(**{key: value})
    assert line.startswith(f"{key}: ")
    assert f'(for a file of such a name write --config {key}=./1e5, or "1e5" in a' in line


def test_other_texts_that_were_read_as_something_else():
    """Fault 23: so it does of a sheet, and of what stands deeper in the config."""
    for key in ("sheet", "score_sheet"):
        for value in (1e5, 1.5, True):
            (line,) = problems(**{key: value})
            assert f"write --config '{key}=!!str 1e5', or \"1e5\" in a config file" in line, value
    splits = {"mine": {"protocol": "published", "list": 2017}}
    for changes in ({"clean": {"drop": [2017]}}, {"splits": splits}):
        (line,) = problems(**changes)
        assert line.endswith('(for such a text write quotes around it, as in "1e5")')
