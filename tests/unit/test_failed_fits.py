"""Fits without a result: what they write, how they are marked, and that time is kept to."""

import logging
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from fit_jobs import ROOT, without_result
from lib.fitting import run_fit
from lib.job import ERROR
from lib.lost import ENDED, Marks, lost
from lib.models import LinearModel, save_arrays
from processes import alive, wait_for
from snakemake_interface_logger_plugins.common import LogEvent


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

    def record(self, event, folder):
        record = logging.LogRecord("snakemake", logging.ERROR, "", 0, "", (), None)
        record.event, record.log = event, [str(folder / "fit.log")]
        return record

    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "fits" / "svc" / "half"
        folder.mkdir(parents=True)
        return folder

    def lost(self, tmp_path):
        return [fit["reason"] for fit in lost([self.FIT], str(tmp_path))]

    def test_a_job_that_fails_is_lost_with_what_its_log_says(self, tmp_path, folder):
        assert Marks().filter(self.record(LogEvent.JOB_ERROR, folder))
        (folder / "fit.log").write_text("fold 0\n")
        assert self.lost(tmp_path) == [ENDED]  # killed before it could say anything
        (folder / "fit.log").write_text(f"fold 0\nTraceback\n{ERROR}out of memory\n")
        assert self.lost(tmp_path) == ["out of memory"]

    def test_one_that_is_tried_again_or_has_a_result_is_not(self, tmp_path, folder):
        Marks().filter(self.record(LogEvent.JOB_ERROR, folder))
        (folder / "fit.log").touch()
        (folder / "predictions.parquet").touch()
        assert self.lost(tmp_path) == []
        (folder / "predictions.parquet").unlink()
        Marks().filter(self.record(LogEvent.JOB_INFO, folder))
        assert self.lost(tmp_path) == []

    def test_an_interrupted_one_is_not(self, tmp_path, folder):
        (folder / "fit.log").write_text("fold 0\n")
        assert self.lost(tmp_path) == []  # killed with its run
        Marks().filter(self.record(LogEvent.JOB_ERROR, folder))
        (folder / "fit.log").write_text("Traceback\nKeyboardInterrupt\nInterrupted\n")
        assert self.lost(tmp_path) == []
        (folder / "fit.log").unlink()
        assert self.lost(tmp_path) == []  # it was still starting

    def test_other_records_pass(self, tmp_path, folder):
        assert Marks().filter(logging.LogRecord("x", logging.INFO, "", 0, "said", (), None))
        Marks().filter(SimpleNamespace(event=LogEvent.JOB_ERROR, log=[str(tmp_path / "other.log")]))
        assert not list(tmp_path.rglob("failed"))
