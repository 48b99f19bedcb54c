"""Who has the folder: runs that refuse each other, jobs waited for, locks that are stale."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from auscultation.job.log import job_log
from auscultation.job.record import JOBS, RUN, RUN_ID, record_of
from auscultation.monitor.lock import LOCKS, Busy, Lock, living

pytest.importorskip("fcntl", reason="the system has no such locks")
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
LOG = "results/fits/knn/half/fit.log"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder in which snakemake is at work."""
    (tmp_path / ".snakemake").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(RUN_ID, "")
    return tmp_path


@pytest.fixture
def background(folder):
    """Run lines of Python there, which go on when they are told so; all end with the test."""
    started = []

    def background(body, **env):
        process = subprocess.Popen(
            [sys.executable, "-c", body],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(SCRIPTS)} | env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield background
    for process in started:
        process.kill()
        process.communicate(timeout=60)


RUNS = """
from auscultation.monitor.lock import Lock
lock = Lock()
lock.take(lambda text: print(text, flush=True))
lock.begin(local=True)
print("runs", flush=True)
input()
"""
WORKS = f"""
import os
from types import SimpleNamespace
from auscultation.job.log import job_log
said, wildcards = os.dup(1), {{"model": "knn", "split": "half"}}
with job_log(SimpleNamespace(log=["{LOG}"], rule="fit_knn", wildcards=wildcards)):
    os.write(said, b"works\\n")
    input()
"""


def leave(local=True, **run):
    """Leave the folder as a run does that is killed."""
    lock = Lock()
    lock.take(print)
    lock.begin(local)
    LOCKS.mkdir()
    (LOCKS / "0.input.lock").write_text("results/a.csv\n")
    lock.file.close()  # as the end of its process does
    if run:
        RUN.write_text(json.dumps(json.loads(RUN.read_text()) | run))


class TestLocks:
    def test_a_local_runs_locks_are_removed(self):
        leave()
        Lock().take(print)
        assert not LOCKS.exists()

    @pytest.mark.parametrize("run", [{"local": False}, {"host": "another machine"}])
    def test_jobs_elsewhere_may_still_write(self, run):
        leave(**run)
        for _ in range(2):  # nor does the second one forget it
            lock = Lock()
            lock.take(print)
            lock.begin(local=True)
            assert LOCKS.exists()
            lock.file.close()

    @pytest.mark.parametrize("text", ["", "{", "[]"])
    def test_nothing_is_known_of_who_left_it(self, text):
        leave()
        RUN.write_text(text)
        Lock().take(print)
        assert LOCKS.exists()

    def test_a_run_that_was_killed_before_its_jobs_began(self):
        lock = Lock()
        lock.take(print)
        LOCKS.mkdir()
        (LOCKS / "0.input.lock").write_text("results/a.csv\n")
        lock.file.close()
        Lock().take(print)
        assert not LOCKS.exists()

    def test_a_folder_that_cannot_be_written_is_no_failure(self, folder):
        (folder / ".snakemake").rmdir()
        (folder / ".snakemake").write_text("a file")
        lock = Lock()
        lock.take(print)
        lock.begin(local=True)
        assert lock.file is None and RUN_ID not in os.environ


class TestRuns:
    def test_another_run_is_named_and_keeps_its_locks(self, background):
        leave()
        run = background(RUNS)
        assert run.stdout.readline() == "runs\n"
        LOCKS.mkdir()
        kept = RUN.read_bytes()
        with pytest.raises(Busy, match=rf"process {run.pid} on .*, since \d{{4}}-"):
            Lock().take(print, wait=0)
        assert LOCKS.exists() and RUN.read_bytes() == kept

    def test_one_that_is_just_ending_is_waited_for(self, background):
        run = background(RUNS)
        assert run.stdout.readline() == "runs\n"
        second = background(RUNS)
        run.communicate("\n", timeout=30)
        assert second.stdout.readline() == "runs\n"

    def test_jobs_of_a_killed_one_are_waited_for(self, background):
        leave()
        job = background(WORKS)
        assert job.stdout.readline() == "works\n"
        (about,) = living()
        assert about.startswith(f"fit_knn, model knn, split half: process {job.pid} on ")
        run = background(RUNS)
        assert "waits for their end" in run.stdout.readline()
        assert run.stdout.readline().strip() == about
        assert LOCKS.exists()
        job.kill()
        assert run.stdout.readline() == "runs\n"
        assert not LOCKS.exists() and not list(JOBS.iterdir())


class TestJobs:
    def test_one_that_begins_after_another_run_has_does_nothing(self, background):
        Lock().take(print)
        mine = os.environ[RUN_ID]
        log = Path(LOG)
        log.parent.mkdir(parents=True)
        log.write_text("of the other run's job")
        late = background(WORKS, **{RUN_ID: "an earlier run"})
        assert late.wait(60) == 1 and "another has begun" in late.stderr.read()
        assert log.read_text() == "of the other run's job" and living() == []
        in_time = background(WORKS, **{RUN_ID: mine})
        assert in_time.stdout.readline() == "works\n"

    def test_the_same_job_waits_for_the_end_of_the_first(self, background):
        first = background(WORKS)
        assert first.stdout.readline() == "works\n"
        second = background(WORKS)
        assert f'"pid": {first.pid}' in second.stderr.readline()
        first.communicate("\n", timeout=30)
        assert second.stdout.readline() == "works\n"
        second.communicate("\n", timeout=30)
        assert second.returncode == 0 and living() == []

    @pytest.mark.parametrize("ends", ["itself", "killed"])
    def test_a_record_says_whether_it_ended_by_itself(self, background, ends):
        job = background(WORKS)
        assert job.stdout.readline() == "works\n"
        if ends == "killed":
            job.kill()
        job.communicate("\n", timeout=30)
        assert bool(record_of(LOG).read_text()) == (ends == "killed")

    def test_where_snakemake_is_not_at_work_there_is_no_record(self, folder):
        (folder / ".snakemake").rmdir()
        with job_log(SimpleNamespace(log=[str(folder / "a.log")])):
            pass
        assert [path.name for path in folder.iterdir()] == ["a.log"]
