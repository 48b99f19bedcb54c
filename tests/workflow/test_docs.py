"""The documents' instructions, carried out."""

import re
import shutil
import sys

import pyarrow.csv
import pyarrow.parquet as pq
import yaml

from docs_edits import add_algorithm
from harness import ROOT, SMALL, run

PARTS = ("Snakefile", "rules", "scripts", "report", "envs", "profiles", "config.schema.yaml")
PARTS += ("requirements.txt",)
IGNORE = shutil.ignore_patterns("__pycache__")


def copy_project(folder):
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=IGNORE)
        else:
            shutil.copy(source, folder / name)


# what is not of the project itself
NOT_COPIED = (".venv", ".git", ".snakemake", "results", "work", "node_modules", "__pycache__")
NOT_COPIED += (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")


def snakemake(folder, *args):
    return run([sys.executable, "-m", "snakemake", "--cores", "2", *args], folder)


def test_adding_an_algorithm_as_described(tmp_path):
    copy_project(tmp_path)
    small = SMALL | {"models": {"most_frequent": {}}, "splits": {"half": {}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(small, sort_keys=False))
    add_algorithm(tmp_path)
    assert (tmp_path / "scripts" / "fit_decision_tree.py").exists()
    snakemake(tmp_path)
    rows = pyarrow.csv.read_csv(tmp_path / "results" / "comparison.csv").to_pylist()
    assert {row["model"] for row in rows} == {"most_frequent", "decision_tree"}
    assert "decision_tree" in (tmp_path / "results" / "report.html").read_text(encoding="utf-8")


def test_adding_a_protocol_as_described(tmp_path):
    copy_project(tmp_path)
    config = SMALL | {"models": {"most_frequent": {}}, "splits": {"left_side": {}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    section = (
        (ROOT / "docs" / "add-a-model.md")
        .read_text(encoding="utf-8")
        .split("## Another protocol")[1]
    )
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    (path,) = re.findall(r"`(scripts/\S+/left_side\.py)`", section)
    (tmp_path / path).write_text(code, encoding="utf-8")
    snakemake(tmp_path)
    splits = tmp_path / "results" / "splits" / "left_side"
    for side, left in (("train", False), ("test", True)):
        names = pq.read_table(splits / f"{side}.parquet")["recording"].unique().to_pylist()
        assert names and {name.split("_")[2].endswith("l") for name in names} == {left}


def test_added_algorithms_agree_with_the_rest_of_the_project(tmp_path):
    """What holds the parts of the project against each other holds with a classifier and a regressor more."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    add_algorithm(folder)
    ridge = {"decision_tree": "ridge", "a decision tree": "ridge regression"}
    ridge |= {"sklearn.tree": "sklearn.linear_model", "DecisionTreeClassifier": "Ridge"}
    ridge |= {"predicts: class": "predicts: number", "#aa4499": "#661100"}
    ridge |= {
        "  probabilities: true\n": "",
        "min_samples_leaf": "max_iter",
        "max_depth: 5": "alpha: 2",
    }
    ridge |= {
        'max_depth: {type: [integer, "null"], minimum: 1}': "alpha: {type: number, minimum: 0}"
    }
    add_algorithm(folder, ridge)
    run([sys.executable, "-m", "auscultation.config.editor_schema"], folder / "scripts")
    # only the files that have such tests: to collect all takes longer than to run these
    tests = sorted(folder.rglob("tests/**/test_*.py"))
    tests = [str(path) for path in tests if "mark.consistency" in path.read_text(encoding="utf-8")]
    # mypy without its cache takes half of the time, and knows the project's own scripts already
    consistency = [
        "-m",
        "consistency",
        "-k",
        "not mypy",
        "-n",
        "2",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    said = run([sys.executable, "-m", "pytest", "-q", *consistency], folder)
    assert re.search(r"\b\d{3} passed", said), said
