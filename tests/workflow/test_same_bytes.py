"""The same tables, byte for byte, whatever the folder, the number of cores and Python's hash seed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness import ROOT, job_counts

CONFIG = {
    "demo": {"patients": 12},
    "splits": {"patient": {"folds": 2}},
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
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60
    )
    for name in filter(None, names.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def snakemake(project: Path, folder: Path, *args: str, seed: int = 0) -> str:
    """Run a checkout in a folder; give what it says."""
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(project / "Snakefile")]
    command += ["--directory", str(folder), "results/comparison.csv", *args]
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def tables(folder: Path) -> dict[str, bytes]:
    """Bytes of every table, and of the models kept as arrays."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.suffix in (".parquet", ".csv", ".npz")
    }


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A finished checkout elsewhere."""
    folder = checkout(tmp_path_factory.mktemp("elsewhere") / "a checkout")
    snakemake(folder, folder, "--cores", "1", seed=2)
    return folder


def test_same_bytes(other, tmp_path):
    snakemake(ROOT, tmp_path, "--cores", "2", seed=1)
    one, two = tables(tmp_path), tables(other)
    assert len([name for name in one if name.endswith("predictions.parquet")]) == 6
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_another_number_of_cores_reruns_nothing(other):
    assert "Nothing to be done" in snakemake(other, other, "--cores", "2", "--dry-run")


@pytest.mark.parametrize(
    ("module", "planned"),
    [
        ("fit_knn.py", {"fit_knn", "compare"}),
        ("fit_stratified.py", {"fits_stratified", "compare"}),
        ("auscultation/scores/intervals.py", {"compare"}),
        ("auscultation/splits/protocols/half.py", set()),
        ("auscultation/fits/algorithms.py", {"compare"}),
        (
            "auscultation/splits/protocols/patient.py",
            {
                *("split", "compare", "fit_knn", "fit_random_forest", "fit_hist_gradient_boosting"),
                *(
                    f"fits_{name}"
                    for name in ("gradient_descent", "logistic_regression", "stratified")
                ),
            },
        ),
    ],
)
def test_changed_code_reruns_what_uses_it(other, module, planned):
    path = other / "scripts" / module
    before, times = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(before + "\nCHANGED = True\n", encoding="utf-8")
    said = snakemake(other, other, "--cores", "1", "--dry-run")
    path.write_text(before, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert set(job_counts(said)) == planned
