"""The recipe of the container: pinned, made from the lock, not root; what it copies is all that a run needs."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from harness import ROOT, job_counts

RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
HOME = "opt/auscultation-models"


def lines(instruction):
    """Return what is behind an instruction, wherever it is in the recipe."""
    return re.findall(rf"^{instruction} +(.+)$", RECIPE, re.MULTILINE)


def test_base_image_is_pinned_by_version_and_digest():
    (base,) = lines("FROM")
    assert re.fullmatch(r"python:3\.(11|12|13)\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)


def test_packages_are_those_of_the_lock():
    (install,) = lines("RUN")
    assert install.startswith("python -m pip install") and "--require-hashes" in install
    words = [word for word in install.split() if not word.startswith("-")]
    assert words == ["python", "pip", "install", f"/{HOME}/requirements.txt"]


def test_it_runs_snakemake_and_not_as_root():
    (user,), (entry,) = lines("USER"), lines("ENTRYPOINT")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert yaml.safe_load(entry) == ["snakemake", "--snakefile", f"/{HOME}/Snakefile"]
    # snakemake asks the system for the name of a user whom the system does not know, unless it is here
    assert "USER=user " in lines("ENV")[0]
    assert RECIPE.index("\nUSER") > RECIPE.rindex("\nRUN")
    assert not re.search(r"(?i)password|secret|token|^ARG", RECIPE, re.MULTILINE)


def test_only_what_is_copied_is_sent_to_docker():
    copied = {name for line in lines("COPY") for name in line.split()[:-1]}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


@pytest.fixture
def image(tmp_path):
    """Lay out what the recipe copies; give the root folder of the image."""
    for line in lines("COPY"):
        *names, target = line.split()
        for name in names:
            place = tmp_path / "image" / target.strip("/")
            place.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, place, dirs_exist_ok=True, ignore=ignored)
            else:
                shutil.copy(ROOT / name, place)
    return tmp_path / "image"


def test_what_is_copied_suffices(image, tmp_path):
    """Scripts, their modules and templates are inputs of the rules, so a dry run misses what is not there."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(image / HOME / "config.yaml", data)
    (entry,) = lines("ENTRYPOINT")
    command = [part.replace(f"/{HOME}", str(image / HOME)) for part in yaml.safe_load(entry)]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--cores", "1", "--dry-run", "all", "export", "archive"],
        cwd=data,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert job_counts(done.stdout)["report"] == 1
    assert not list(image.rglob("__pycache__")) and not (image / HOME / ".snakemake").exists()
