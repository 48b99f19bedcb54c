"""Fits without a result: what they write, how they are marked, and that time is kept to."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fit_jobs import ROOT, without_result
from lib.fitting import run_fit
from lib.lost import ENDED, lost, mark_killed, note_sigterm
from lib.models import LinearModel, save_arrays
from processes import alive, wait_for


def fit_with(change):
    """A fit that predicts 0."""

    def fit(X, y):
        return change(LinearModel(np.zeros(1 + X.shape[1])))

    return fit


def nan(model):
    model.theta[0] = np.nan
    return model


def singular(model):
    raise np.linalg.LinAlgError("SVD did not converge")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("change", "message"),
    [(nan, "fold 0: 40 predictions on the train part"), (singular, "fold 0: SVD did not converge")],
)
def test_without_a_result_there_is_a_reason(job, threads, change, message):
    job.threads = threads
    run_fit(job, fit_with(change), save_arrays, {"rcond": None})
    without_result(job, message)


def test_one_fold_is_enough(job):
    first = job.folds[0][0]["state"].to_numpy()

    def fit(X, y):
        model = LinearModel(np.zeros(1 + X.shape[1]))
        return model if np.array_equal(y, first) else nan(model)

    run_fit(job, fit, save_arrays, {})
    without_result(job, "fold 1: ")


SLOW = """
import os, sys, time
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from lib.fitting import run_fit
folder, threads = Path(sys.argv[2]), int(sys.argv[3])

def fit(X, y):
    (folder / f"{os.getpid()}.pid").touch()
    time.sleep(600)

run_fit(
    SimpleNamespace(
        input=SimpleNamespace(train=folder / "train.parquet", test=folder / "test.parquet"),
        output=SimpleNamespace(
            model=folder / "model.npz",
            predictions=folder / "predictions.parquet",
            summary=folder / "fit.json",
        ),
        threads=threads,
        params=SimpleNamespace(
            settings={}, features=["Range", "Var", "Fine_Av"], scale="none", tune={}, timeout=4
        ),
    ),
    fit,
    None,
    {},
)
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_what_takes_too_long_is_given_up(job, tmp_path, threads):
    command = [sys.executable, "-c", SLOW, str(ROOT / "scripts"), str(tmp_path), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    without_result(job, r"took longer than fit_timeout \(4 s\)")
    fitting = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert len(fitting) >= threads
    wait_for(lambda: not any(map(alive, fitting)), "the processes of the folds end")


class TestMarks:
    FIT = {"model": "svc", "algorithm": "svc", "split": "half"}
    OTHER = {"model": "knn", "algorithm": "knn", "split": "half"}

    @pytest.fixture(autouse=True)
    def at_work(self, tmp_path, monkeypatch):
        """A folder in which snakemake is at work."""
        (tmp_path / ".snakemake").mkdir()
        monkeypatch.chdir(tmp_path)

    def lost(self):
        return [(fit["model"], fit["reason"]) for fit in lost([self.FIT, self.OTHER], "results")]

    def log(self, fit=FIT):
        return Path("results", "fits", fit["model"], fit["split"], "fit.log")

    def work(self, body, fit=FIT):
        """Do a job's work; give its status."""
        wildcards = {name: fit[name] for name in ("model", "split")}
        given = f"log=[{str(self.log(fit))!r}], rule='fit', wildcards={wildcards}"
        script = f"""
import os, signal, time
from types import SimpleNamespace
from lib.job import InputError, job_log, limited
with job_log(SimpleNamespace({given})):
    {body}
"""
        env = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
        return subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, timeout=60
        ).returncode

    def failed(self, *fits):
        """A job of Snakemake's that has failed, or several that a cluster ran as one."""
        jobs = [SimpleNamespace(log=[str(self.log(fit))], is_group=lambda: False) for fit in fits]
        return jobs[0] if len(jobs) == 1 else SimpleNamespace(jobs=jobs, is_group=lambda: True)

    def test_a_job_that_fails_is_lost_with_its_reason_until_it_is_tried_anew(self):
        assert self.work("raise InputError('no such kernel\\nmore of it')") == 1
        assert self.lost() == [("svc", "no such kernel")]
        mark_killed([self.failed(self.FIT)])  # which knows less than the job
        assert self.lost() == [("svc", "no such kernel")]
        assert self.work("pass") == 0
        assert self.lost() == []

    def test_one_that_has_a_result_is_not(self):
        self.work("raise InputError('no such kernel')")
        self.log().with_name("predictions.parquet").touch()
        assert self.lost() == []

    def test_a_job_that_is_killed_is_lost_if_its_run_says_so(self):
        assert self.work("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
        assert self.lost() == []  # killed with its run
        mark_killed([self.failed(self.FIT)])
        assert self.lost() == [("svc", ENDED)]
        assert self.work("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
        assert self.lost() == []  # tried anew, and killed with its run

    def test_so_is_one_that_is_killed_before_it_begins(self):
        self.log().parent.mkdir(parents=True)
        mark_killed([self.failed(self.FIT)])
        assert self.lost() == [("svc", ENDED)]

    def test_one_that_gave_up_in_time_has_ended_by_itself(self):
        body = "with limited(0.01, lambda reason: None): time.sleep(60)"
        assert self.work(body) == 0
        mark_killed([self.failed(self.FIT)])
        assert self.lost() == []

    def test_an_interrupted_one_is_not(self):
        assert self.work("raise KeyboardInterrupt") != 0
        mark_killed([self.failed(self.FIT)])
        assert self.lost() == []
        assert self.log().read_text().endswith("Interrupted\n")

    def test_of_jobs_that_share_one_those_are_that_had_begun_and_not_ended(self):
        self.work("pass", self.OTHER)
        self.work("os.kill(os.getpid(), signal.SIGKILL)")
        mark_killed([self.failed(self.FIT, self.OTHER)])
        assert self.lost() == [("svc", ENDED)]

    def test_or_all_where_none_had_begun(self):
        for fit in (self.FIT, self.OTHER):
            self.log(fit).parent.mkdir(parents=True)
        mark_killed([self.failed(self.FIT, self.OTHER)])
        assert self.lost() == [("svc", ENDED), ("knn", ENDED)]

    def test_other_jobs_leave_no_mark(self, tmp_path):
        mark_killed([SimpleNamespace(log=["results/logs/compare.log"], is_group=lambda: False)])
        assert not list(tmp_path.rglob("failed"))


def test_what_is_told_to_end_says_so_and_ends():
    told, ended = [], []
    before = signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    try:
        note_sigterm(told)
        os.kill(os.getpid(), signal.SIGTERM)
        assert told == [signal.SIGTERM] and ended == [True]
    finally:
        signal.signal(signal.SIGTERM, before)
