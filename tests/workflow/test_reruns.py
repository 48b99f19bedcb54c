"""What runs again after a change of the config, and what does not."""

import copy
import json

import pyarrow.csv
import pytest
import yaml
from harness import SMALL, Project

AFTER_A_FIT = {"compare": 1, "figures": 1, "report": 1}


@pytest.fixture
def changed(finished):
    """Give a copy of the finished project's config to change; put the old one back afterwards."""
    before = (finished.folder / "config.yaml").read_text(encoding="utf-8")
    yield copy.deepcopy(yaml.safe_load(before))
    finished.configure(before)


def test_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.run()


def test_changed_setting_reruns_its_fits_and_what_follows(finished, changed):
    changed["models"]["knn"]["n_neighbors"] = 7
    finished.configure(changed)
    assert finished.planned() == {"fit_knn": 2} | AFTER_A_FIT


def test_added_model_reruns_nothing_of_the_others(finished, changed):
    changed["models"]["knn_1"] = {"algorithm": "knn", "n_neighbors": 1}
    finished.configure(changed)
    assert finished.planned() == {"fit_knn": 2} | AFTER_A_FIT


def test_added_value_of_a_sweep_reruns_nothing_of_the_others(tmp_path):
    project, config = Project(tmp_path), copy.deepcopy(SMALL)
    sweep = {"algorithm": "knn", "n_neighbors": [1, 5], "scale": "standard"}
    config |= {"models": {"mean": {}, "near": sweep}, "splits": {"half": {}}}
    project.configure(config)
    table = "results/comparison.csv"
    project.run(table)
    made = {path.name for path in (project.results / "fits").iterdir()}
    assert made == {"mean", "near-n_neighbors-1", "near-n_neighbors-5"}
    sweep["n_neighbors"] = [5, 25, 1]
    project.configure(config)
    assert project.planned(table) == {"fit_knn": 1, "compare": 1}
    said = project.run(table)
    assert "Fit near-n_neighbors-25 under half" in said
    rows = pyarrow.csv.read_csv(project.folder / table).to_pylist()
    assert {row["model"] for row in rows} == made | {"near-n_neighbors-25"}
    sweep["scale"] = "log"
    project.configure(config)
    assert project.planned(table) == {"fit_knn": 3, "compare": 1}
    sweep |= {"scale": "standard", "tune": "accuracy"}
    project.configure(config)
    assert project.planned(table) == {"fit_knn": 1, "compare": 1}
    project.run(table)
    summary = json.loads((project.results / "fits/near/half/fit.json").read_text(encoding="utf-8"))
    (fold,) = summary["folds"]
    assert [c["settings"]["n_neighbors"] for c in fold["candidates"]] == [5, 25, 1]
    best = max(fold["candidates"], key=lambda candidate: candidate["score"])
    assert fold["chosen"] == best["settings"]


def test_added_split_reruns_nothing_of_the_others(finished, changed):
    changed["splits"]["half_7"] = {"protocol": "half", "seed": 7}
    finished.configure(changed)
    fits = {f"fit_{name}": 1 for name in ("mean", "most_frequent", "lstsq", "knn")}
    assert finished.planned() == {"split": 1} | fits | AFTER_A_FIT


def test_removed_model_reruns_only_what_follows(finished, changed):
    del changed["models"]["lstsq"]
    finished.configure(changed)
    assert finished.planned() == AFTER_A_FIT


def test_changed_cleaning_reruns_all_but_the_reading(finished, changed):
    changed["clean"] = {"missing": "drop"}
    finished.configure(changed)
    planned = finished.planned()
    assert planned["clean"] == 1 and planned["split"] == 2 and planned["fit_knn"] == 2
    assert "read_workbook" not in planned and "simulate_workbook" not in planned


def test_order_and_comments_rerun_nothing(finished, changed):
    def turned(value):
        if not isinstance(value, dict):
            return value
        return {key: turned(value[key]) for key in reversed(value)}

    text = "# another comment\n" + yaml.safe_dump(turned(changed), sort_keys=False)
    assert text.index("models:") < text.index("demo:")
    finished.configure(text)
    assert finished.planned() == {}


def test_whole_number_written_as_float_reruns_nothing(finished, changed):
    changed["models"]["knn"]["n_neighbors"] = 5.0
    changed["splits"]["half"] = {"seed": 0.0}
    finished.configure(changed)
    assert finished.planned() == {}


def test_default_written_out_reruns_nothing(finished, changed):
    changed["workbook"] = "demo"
    changed["clean"] = {"missing": "impute", "drop": ["weight", "height", "IMC"]}
    finished.configure(changed)
    assert finished.planned() == {}
