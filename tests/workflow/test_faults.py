"""Runs that are killed, stopped, started twice, or run out of disk: what follows comes out right."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import SMALL, Project

# what comes out the same every time
EXACT = (".parquet", ".csv", ".json", ".npz", ".svg", ".xlsx")
CONFIG = SMALL | {"splits": {"half": {"seed": 0}}, "models": {"mean": {}, "knn": {}}}


def results(project):
    """Content of everything that does not hold a time, and of the fits' summaries but for that."""
    found = {
        str(path.relative_to(project.results)): path.read_bytes()
        for path in sorted(project.results.rglob("*"))
        if path.suffix in EXACT and path.name not in ("comparison.xlsx", "provenance.json")
    }
    for name in found:
        if name.endswith("/fit.json"):
            found[name] = json.loads(found[name])
            del found[name]["measured"]
    return found


def start(project, *args):
    """Start snakemake in a session of its own, so that all its processes can be found."""
    command = project.command(*args)
    log = open(project.folder / "said.txt", "w")  # noqa: SIM115
    return subprocess.Popen(
        command, cwd=project.folder, stdout=log, stderr=log, start_new_session=True
    )


def alive(session):
    """Processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has just ended
            continue
        state, _, _, of = text.rsplit(")", 1)[1].split()[:4]
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a run that nothing happens to gives, and how many seconds it takes."""
    project = Project(tmp_path_factory.mktemp("undisturbed"))
    project.configure(CONFIG)
    began = time.monotonic()
    project.run()
    return results(project), time.monotonic() - began


@needs_proc
@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, 20))]
)
def test_a_killed_run_is_taken_up_again(tmp_path, undisturbed, number):
    expected, seconds = undisturbed
    project = Project(tmp_path)
    project.configure(CONFIG)
    run = start(project)
    time.sleep(random.Random(number).uniform(0.2, 0.9) * seconds)
    for pid in alive(run.pid):
        os.kill(pid, signal.SIGKILL)
    run.wait(60)
    project.run()
    assert results(project) == expected
    left = [path.name for path in project.results.rglob(".*")]
    assert left == [], "a killed job's temporary files stay"


@needs_proc
def test_stopped_by_ctrl_c_while_another_waits(tmp_path, undisturbed):
    project = Project(tmp_path)
    project.configure(CONFIG)
    run = start(project)
    wait_for(lambda: list((project.results / "fits").glob("*/*/fit.log")))
    second = project.snakemake()
    assert second.returncode != 0 and "no other Snakemake process" in second.stdout
    assert run.poll() is None, (project.folder / "said.txt").read_text()
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(60) != 0
    wait_for(lambda: not alive(run.pid), 10)
    assert not (project.results / "report.html").exists()
    # what was interrupted has not failed: nothing is left out
    assert "Done without" not in project.run("--config", "allow_missing=true")
    project.run()
    assert results(project) == undisturbed[0]


@contextmanager
def small_disk(folder, size):
    """A file system of its own in a folder; skipped where that is not allowed."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    known = shutil.which("mount") is not None
    if not known or subprocess.run(command, capture_output=True, timeout=60).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield lambda options: subprocess.run(
            ["mount", "-o", f"remount,{options}", str(folder)], check=True, timeout=60
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=60)


def test_a_full_disk_and_one_that_cannot_be_written(tmp_path, undisturbed):
    project = Project(tmp_path)
    project.configure(CONFIG)
    with small_disk(project.results / "fits", "48k") as remount:
        done = project.snakemake("--keep-going")
        assert done.returncode != 0
        assert "Error in rule fit_" in done.stdout
        assert "no space left on the disk" in done.stdout, done.stdout
        assert not (project.results / "comparison.csv").exists()
        remount("size=50m,ro")
        done = project.snakemake()
        assert done.returncode != 0 and "Read-only file system" in done.stdout, done.stdout
        remount("size=50m,rw")
        project.run()
        assert results(project) == undisturbed[0]


# linear_svc's job alone may take little more memory than it has when it opens its log
LITTLE_MEMORY = """
import resource, sys

def limit(event, args):
    if event == "open" and str(args[0]).endswith("fit.log"):
        with open("/proc/self/statm") as file:
            size = int(file.read().split()[0]) * resource.getpagesize() + 200 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

if any("fit_linear_svc" in word for word in sys.orig_argv):
    sys.addaudithook(limit)
"""


@needs_proc
def test_a_fit_out_of_memory_and_the_report_without_it(tmp_path, monkeypatch):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(LITTLE_MEMORY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    project = Project(tmp_path)
    svc = {"n_components": 1600}  # a matrix of 1600 x 1600 and its decomposition
    slow = {"fit_timeout": 0.001}
    project.configure(
        {
            "demo": {"seed": 3, "patients": 60},
            "splits": {"half": {}},
            "models": {"mean": {}, "lstsq": {}, "knn": slow, "linear_svc": svc},
        }
    )
    done = project.snakemake("--keep-going")
    assert done.returncode != 0
    assert "Error in rule fit_linear_svc" in done.stdout
    assert re.search(r"^Error: out of memory \(.*\)\. Run fewer jobs at once", done.stdout, re.M)
    assert "--config allow_missing=true" in done.stdout
    fits = project.results / "fits"
    assert all((fits / model / "half" / "fit.json").exists() for model in ("mean", "lstsq", "knn"))
    said = project.run("--config", "allow_missing=true")
    assert "Done without linear_svc under half: out of memory" in said
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert "Without a result: knn under half, linear_svc under half." in page
    assert "took longer than fit_timeout (0.001 s)" in page
    assert project.planned()["fit_linear_svc"] == 1  # it is not forgotten
