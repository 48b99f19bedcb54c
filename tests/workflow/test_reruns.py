"""What runs again after a change of the config, and what does not."""

import copy
import json
import re

import pyarrow.csv
import pytest
import yaml

from harness import ROOT, SMALL, Project

AFTER_A_FIT = {"compare": 1, "examine": 1, "provenance": 1, "figures": 1, "report": 1}


NAMES = ("mean", "most_frequent", "lstsq", "knn")
FITS = {f"fits_{name}": 1 for name in NAMES}  # one job of both splits, quick as they are
OTHER_FEATURES = {"describe_features": 1} | AFTER_A_FIT
AFTER_CLEANING = {"clean": 1, "split": 2} | FITS | OTHER_FEATURES


def turned(value):
    """Mappings in the reverse order."""
    if not isinstance(value, dict):
        return value
    return {key: turned(value[key]) for key in reversed(value)}


def write_otherwise(config):
    config |= {
        "workbook": "demo",
        "clean": {"missing": "impute", "drop": ["weight", "height", "IMC"]},
    }
    config["models"]["knn"]["n_neighbors"] = 5.0
    config["splits"]["half"] = {"seed": 0.0}
    return "# another comment\n" + yaml.safe_dump(turned(config), sort_keys=False)


def change(section, **changes):
    """Change a section of the config."""
    return lambda config: config.setdefault(section, {}).update(changes)


WITHOUT = {name: SMALL["models"][name] for name in SMALL["models"] if name != "lstsq"}
# By the first column of the table in docs/reruns.md: what to do to the config, and what is planned.
PLANNED = {
    "nothing": (lambda config: None, {}),
    "order, comments, or `5` written as `5.0` in `config.yaml`; a default written out": (
        write_otherwise,
        {},
    ),
    "a setting, the scaling or the `fit_timeout` of one model": (
        change("models", knn={"n_neighbors": 5, "scale": "log"}),
        {"fits_knn": 1} | AFTER_A_FIT,
    ),
    "the features of one model": (
        change("models", knn={"n_neighbors": 5, "features": ["Var"]}),
        {"fits_knn": 1} | OTHER_FEATURES,
    ),
    "a model added": (
        change("models", knn_1={"algorithm": "knn", "n_neighbors": 1}),
        {"fits_knn": 1} | OTHER_FEATURES,
    ),
    "a model removed": (lambda config: config.update(models=WITHOUT), OTHER_FEATURES),
    "a split added": (
        change("splits", half_7={"protocol": "half", "seed": 7}),
        {"split": 1} | FITS | AFTER_A_FIT,
    ),
    "a setting of a split": (change("splits", half={"seed": 3}), {"split": 1} | FITS | AFTER_A_FIT),
    "`features` of all models": (
        lambda config: config.update(features=["Var", "Range"]),
        FITS | OTHER_FEATURES,
    ),
    "`fit_timeout` of all models": (
        lambda config: config.update(fit_timeout=600),
        {f"fit_{name}": 2 for name in NAMES} | AFTER_A_FIT,  # what has a time limit has its own job
    ),
    "`allow_missing`, where no fit has failed": (
        lambda config: config.update(allow_missing=True),
        {"provenance": 1, "report": 1},
    ),
    "`subgroups`, `age_bands`; `verdict` from mean to vote": (
        lambda config: config.update(verdict="vote", age_bands=[10, 60]),
        {"examine": 1, "provenance": 1, "figures": 1, "report": 1},
    ),
    "`clean`": (change("clean", missing="drop"), AFTER_CLEANING),
    "`target`": (lambda config: config.update(target="crackles"), AFTER_CLEANING),
    "`checks`, `reader`, `max_rows`, `max_megabytes`, `sheet`": (
        change("checks", overlap="error"),
        {"read_workbook": 1} | AFTER_CLEANING,
    ),
    "the workbook": (
        change("demo", patients=13),
        {"simulate_workbook": 1, "read_workbook": 1} | AFTER_CLEANING,
    ),
}
ELSEWHERE = {  # lines of the table that other tests hold
    "the number of cores",
    "a value added to a sweep",
    "`max_kernel_rows`, `above_max_kernel_rows`",
    "`score`, `score_sheet`, `window`, `against`",
    "the code of a script, or of a module that it uses",
    "a recording added, or other bytes in its sound or annotation",
    "`families`, `frames`",
    "`exact`",
    "`learning_curve`, `threshold`, `verdict: choose`, `inner`",
    "`importance`",
    "`patient_tables`; `checks`, with recordings",
}


def test_every_line_of_the_table_is_tested():
    text = (ROOT / "docs" / "reruns.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| ([^|]+?) \| [^|]+ \|$", text, re.M)[1:]
    assert {line for line in lines if line != "---"} == set(PLANNED) | ELSEWHERE


@pytest.mark.parametrize("line", PLANNED)
def test_what_runs_again(finished, line):
    config, (act, expected) = copy.deepcopy(SMALL), PLANNED[line]
    text = act(config)
    try:
        finished.configure(config if text is None else text)
        assert finished.planned() == expected
    finally:
        finished.configure(SMALL)


def stamps(project):
    """When each fit was made, by the inode of its summary, which each fit makes anew."""
    fits = project.results / "fits"
    return {str(path.relative_to(fits)): path.stat().st_ino for path in fits.glob("*/*/fit.json")}


def test_added_value_of_a_sweep_reruns_nothing_of_the_others(tmp_path):
    project, config = Project(tmp_path), copy.deepcopy(SMALL)
    sweep = {"algorithm": "knn", "n_neighbors": [1, 5], "scale": "standard"}
    config |= {"models": {"mean": {}, "near": sweep, "svr": {}}, "splits": {"half": {}}}
    project.configure(config)
    table = "results/comparison.csv"
    project.run(table)
    made = {path.name for path in (project.results / "fits").iterdir()}
    assert made == {"mean", "near-n_neighbors-1", "near-n_neighbors-5", "svr"}
    sweep["n_neighbors"] = [5, 25, 1]
    project.configure(config)
    assert project.planned(table) == {"fits_knn": 1, "compare": 1}
    before = stamps(project)
    project.run(table)
    assert {path for path, stamp in stamps(project).items() if before.get(path) != stamp} == {
        "near-n_neighbors-25/half/fit.json"
    }
    rows = pyarrow.csv.read_csv(project.folder / table).to_pylist()
    assert {row["model"] for row in rows} == made | {"near-n_neighbors-25"}
    sweep["scale"] = "log"
    project.configure(config)
    config["max_kernel_rows"] = 100
    project.configure(config)
    assert project.planned(table) == {"fits_knn": 1, "fit_svr": 1, "compare": 1}
    config.pop("max_kernel_rows")
    sweep |= {"scale": "standard", "tune": "accuracy"}
    project.configure(config)
    assert project.planned(table) == {"fit_knn": 1, "compare": 1}
    project.run(table)
    summary = json.loads((project.results / "fits/near/half/fit.json").read_text(encoding="utf-8"))
    (fold,) = summary["folds"]
    assert [c["settings"]["n_neighbors"] for c in fold["candidates"]] == [5, 25, 1]
    best = max(fold["candidates"], key=lambda candidate: candidate["score"])
    assert fold["chosen"] == best["settings"]
