"""The same tables, byte for byte, whatever the folder, the number of cores and Python's hash seed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from harness import ROOT

CONFIG = {
    "demo": {"patients": 12},
    "splits": {"patient": {"folds": 2, "repeats": 2}},
    "bootstrap": {"resamples": 200},
    # those that compute with several threads, or draw
    "models": {
        "gradient_descent": {"iterations": 20},
        "hist_gradient_boosting": {"max_iter": 5},
        "knn": {"n_neighbors": [1, 5], "scale": "quantile", "tune": True},
        "logistic_regression": {"scale": "standard"},
        "random_forest": {"n_estimators": 8, "class_weight": "balanced"},
        "stratified": {},
    },
}


def checkout(folder: Path) -> Path:
    """Copy what git knows of the project, as it is in the working folder."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, names.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def run(project: Path, folder: Path, cores: int, seed: int) -> dict[str, bytes]:
    """Run a checkout; give the bytes of every table, and of the models kept as arrays."""
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(project / "Snakefile")]
    command += ["--directory", str(folder), "--cores", str(cores), "results/comparison.csv"]
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.suffix in (".parquet", ".csv", ".npz")
    }


def test_same_bytes(tmp_path):
    other = checkout(tmp_path / "a checkout elsewhere")
    (tmp_path / "work").mkdir()
    one = run(ROOT, tmp_path / "work", cores=2, seed=1)
    two = run(other, other, cores=1, seed=2)
    assert len([name for name in one if name.endswith("predictions.parquet")]) == 6
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
