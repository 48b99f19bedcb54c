"""Runs that are killed, stopped, started twice, or run out of disk: what follows comes out right."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest

from harness import Project
from running import CONFIG, alive, end_all, needs_proc, results, start, wait_for


@pytest.fixture(autouse=True)
def nothing_outlives_a_test():
    """No process that a test has started is left by it."""
    yield
    end_all()


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


# kNN's job, once its log is open, waits for as long as a file says, and notes when it is at work
HELD_JOB = """
import atexit, os, sys, time
from pathlib import Path

folder = Path(__file__).parent

def note(what):
    with open(folder / "noted.txt", "a") as file:
        file.write(f"{what} {os.getpid()}\\n")

def hold(event, args):
    if event == "open" and str(args[0]).endswith("knn/half/fit.log") and args[1] == "w":
        note("begins")
        atexit.register(note, "ends")
        while (folder / "hold").exists():
            time.sleep(0.05)

if any("fit_knn" in word for word in sys.orig_argv):
    sys.addaudithook(hold)
"""
# snakemake that stays until its input is closed
STAYS = """
import sys
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    sys.stdin.read()
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that keeps the job of kNN from going on as long as `hold` is in it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(HELD_JOB)
    (site / "hold").touch()
    monkeypatch.setenv("PYTHONPATH", str(site))
    return site


@needs_proc
def test_a_run_has_its_folder_alone_and_waits_for_jobs_of_a_killed_one(tmp_path, undisturbed, site):
    """Fault 3: no run starts beside another or beside a killed one's jobs, whoever looks on."""
    project = Project(tmp_path)
    project.configure(CONFIG)
    noted = site / "noted.txt"

    def said(name):
        return (tmp_path / name).read_text(encoding="utf-8")

    project.run("results/splits/half/split.json")  # its locks would be stale now
    looks = start(project, "--dry-run", said="looks.txt", program=("-c", STAYS))
    wait_for(lambda: "This was a dry-run" in said("looks.txt"), what="the dry run")
    run = start(project)
    wait_for(noted.exists, what="the job of kNN")
    job = noted.read_text().split()[1]
    looks.communicate(timeout=60)
    second = project.snakemake(timeout=120)
    assert second.returncode != 0 and f"process {run.pid} on" in second.stdout, second.stdout
    assert run.poll() is None, said("said.txt")

    run.kill()
    run.wait(60)
    third = start(project, said="third.txt")
    about = f"fits_knn, model knn, split half: process {job} on"
    wait_for(lambda: about in said("third.txt"), what="a word of the job that still runs")
    third.send_signal(signal.SIGINT)
    assert third.wait(60) != 0 and "nothing was started" in said("third.txt")
    fourth = start(project, said="fourth.txt")
    wait_for(lambda: about in said("fourth.txt"), what="a word of the job that still runs")
    assert noted.read_text().splitlines() == [f"begins {job}"]
    (site / "hold").unlink()
    assert fourth.wait(300) == 0, said("fourth.txt")
    what = [line.split() for line in noted.read_text().splitlines()]
    assert what == [["begins", job], ["ends", job]]  # what it has finished is kept
    assert results(project) == undisturbed[0]


@needs_proc
def test_stopped_by_ctrl_c_while_another_waits(tmp_path, undisturbed, site):
    project = Project(tmp_path)
    project.configure(CONFIG)
    run = start(project)
    wait_for((site / "noted.txt").exists, what="the job of kNN")
    second = project.snakemake()
    assert second.returncode != 0 and f"process {run.pid} on" in second.stdout
    assert run.poll() is None, (project.folder / "said.txt").read_text()
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(60) != 0
    wait_for(lambda: not alive(run.pid), 10)
    assert not (project.results / "report.html").exists()
    (site / "hold").unlink()
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
        assert "Error in rule fits_" in done.stdout
        assert "no space left on the disk" in done.stdout, done.stdout
        assert not (project.results / "comparison.csv").exists()
        remount("size=50m,ro")
        done = project.snakemake()
        assert done.returncode != 0 and "Read-only file system" in done.stdout, done.stdout
        remount("size=50m,rw")
        project.run()
        assert results(project) == undisturbed[0]


def files(folder):
    """Bytes and time of change of a folder's files, without Snakemake's own log and memory."""
    own = [folder / ".snakemake" / name for name in ("log", "iocache")]
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not any(path.is_relative_to(name) for name in own)
    }


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
    """Fault 2: what only looks changes no file after a failed fit; the report does without it."""
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
    before = files(project.folder)
    for look in (["--dry-run"], ["--dry-run", "--forceall"], ["--lint"], ["--summary"]):
        project.run(*look)
        assert files(project.folder) == before, look
    said = project.run("--config", "allow_missing=true")
    assert "Done without linear_svc under half: out of memory" in said
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert "Without a result: knn under half, linear_svc under half." in page
    assert "took longer than fit_timeout (0.001 s)" in page
    assert project.planned()["fit_linear_svc"] == 1  # it is not forgotten


# kNN with 9 neighbours cannot write its model, as long as a file is there
NO_MODEL = """
import sys
from pathlib import Path

def refuse(event, args):
    if event == "open" and "knn-n_neighbors-9/half/.model" in str(args[0]):
        if (Path(__file__).parent / "refuse").exists():
            raise RuntimeError("no model for you")

sys.addaudithook(refuse)
"""


def test_one_fails_of_several_fits_that_share_a_job(tmp_path, monkeypatch):
    """It has its own reason, log and place; the others come out, before as after."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NO_MODEL)
    monkeypatch.setenv("PYTHONPATH", str(site))
    project = Project(tmp_path)

    def configure(**settings):
        config = {"demo": {"seed": 3, "patients": 20}, "splits": {"half": {}}}
        project.configure(config | {"models": {"mean": {}, "knn": settings}})

    configure(n_neighbors=[5, 9])
    (site / "refuse").touch()
    done = project.snakemake("--keep-going")
    assert done.returncode != 0 and "Error in rule fits_knn" in done.stdout
    fits = project.results / "fits"
    failed, other = (fits / f"knn-n_neighbors-{k}" / "half" for k in (9, 5))
    assert "no model for you" in (failed / "failed").read_text(encoding="utf-8")
    assert "no model for you" in (failed / "fit.log").read_text(encoding="utf-8")
    assert not (other / "failed").exists()
    table = "results/comparison.csv"
    said = project.run(table, "--config", "allow_missing=true")
    assert "Done without knn-n_neighbors-9 under half" in said
    assert (other / "predictions.parquet").exists()
    (site / "refuse").unlink()
    project.run(table)
    assert (failed / "predictions.parquet").exists() and not (failed / "failed").exists()
    # what was there before is put back, and counts as lost all the same
    (site / "refuse").touch()
    configure(n_neighbors=[5, 9], weights="distance")
    assert project.snakemake("--keep-going").returncode != 0
    assert (failed / "predictions.parquet").exists()
    said = project.run(table, "--config", "allow_missing=true")
    assert "Done without knn-n_neighbors-9 under half" in said
