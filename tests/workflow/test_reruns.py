"""What runs again after a change of the config, and what does not."""

import copy

import pytest
import yaml

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
