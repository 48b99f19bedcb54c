"""What a fit measures of itself: seconds of fitting and predicting, memory of its processes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from auscultation.data.parquet import write_parquet
from auscultation.fits.models import LinearModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.job.measure import peak_memory
from auscultation.job.parallel import FORKS
from auscultation.scores.one_fit import read_measured
from processes import fill

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
FIT, PREDICT = 0.05, 0.02  # s that the model below takes a fold, and a part


class Slow(LinearModel):
    """Predicts 0, after a while."""

    def predict(self, X):
        time.sleep(PREDICT)
        return super().predict(X)


@pytest.fixture
def job(tmp_path):
    """A job of a fitting rule on two folds."""
    sides = {"train": 20, "test": 10}
    for name, n in sides.items():
        table = {"cycle": np.arange(n), "patient_ID": np.arange(n), "state": np.arange(n) % 4}
        table |= {"Var": np.arange(n) / n}
        folds = [pa.table(table | {"fold": np.full(n, fold)}) for fold in range(2)]
        write_parquet(folds, tmp_path / f"{name}.parquet")
    params = {"settings": {}, "features": ["Var"], "scale": "none", "missing": "median"}
    params |= {"tune": {}, "timeout": None}
    output = {"model": "model.npz", "predictions": "predictions.parquet", "summary": "fit.json"}
    return SimpleNamespace(
        input=SimpleNamespace(**{name: tmp_path / f"{name}.parquet" for name in sides}),
        output=SimpleNamespace(**{key: tmp_path / name for key, name in output.items()}),
        params=SimpleNamespace(**params),
        wildcards=SimpleNamespace(model="mine", split="half"),
        threads=1,
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fit_measures_itself(job, threads):
    """Fault 5: a fit says what it took itself, that of folds in other processes included."""
    before = peak_memory() / 1e6

    def fit(X, y):
        time.sleep(FIT)
        # a fork has all that this process has, but has touched little of it
        fill(150 if threads == 1 else int(before) + 150)
        return Slow(np.zeros(2))

    job.threads = threads
    began = time.perf_counter()
    run_fit(job, fit, save_arrays, {})
    took = time.perf_counter() - began
    measured = read_measured(job.output.summary)
    assert measured == json.loads(job.output.summary.read_text(encoding="utf-8"))["measured"]
    assert 2 * FIT <= measured["fit_seconds"] <= took * threads
    assert 2 * 2 * PREDICT <= measured["predict_seconds"] <= took * threads
    assert measured["peak_memory_mb"] >= 150
    if threads == 2 and FORKS:
        assert measured["peak_memory_mb"] >= before + 150
        assert peak_memory() / 1e6 >= before + 150  # that of a process which has ended


def test_a_fit_without_a_result_says_how_long_it_was_tried(job):
    """Fault 5: a fit that has failed measures what it can."""

    def fit(X, y):
        time.sleep(FIT)
        raise np.linalg.LinAlgError("it did not converge")

    run_fit(job, fit, save_arrays, {})
    measured = read_measured(job.output.summary)
    assert measured["fit_seconds"] >= FIT and measured["predict_seconds"] is None
    assert measured["peak_memory_mb"] > 10  # Python alone has more


def test_a_fit_that_was_given_up_knows_its_folds_memory(job):
    """Fault 5: where time is up, folds in other processes still run; their memory counts."""
    script = f"""
import sys, time
from types import SimpleNamespace
sys.path[:0] = [{str(SCRIPTS)!r}, {str(Path(__file__).parents[1] / "helpers")!r}]
from auscultation.fits.run import run_fit
from processes import fill

def fit(X, y):
    kept = fill(300)
    time.sleep(600)

given = {vars(job.input)!r}, {vars(job.output)!r}, {vars(job.params) | {"timeout": 4}!r}
"""
    script = script.replace("PosixPath(", "str(")
    script += """
run_fit(
    SimpleNamespace(
        **dict(zip(("input", "output", "params"), (SimpleNamespace(**one) for one in given))),
        threads=2,
    ),
    fit, None, {},
)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    measured = read_measured(job.output.summary)
    assert measured["fit_seconds"] >= 3.9 and measured["predict_seconds"] is None
    assert measured["peak_memory_mb"] >= 300


def test_memory_of_who_started_the_job_is_not_its_own():
    """Fault 5: on Linux, ru_maxrss begins with the memory of the process that started this one."""
    fill(400)
    assert peak_memory() >= 400e6
    script = "from auscultation.job.measure import peak_memory; print(peak_memory())"
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    said = subprocess.check_output(
        [sys.executable, "-c", script], env=environment, text=True, timeout=60
    )
    assert 5e6 < int(said) < 200e6


def test_importing_is_no_part_of_a_fit(job, tmp_path):
    """Fault 5: what a job imports late is start-up, and not in the seconds of its fit."""
    script = """
import json, sys
from types import SimpleNamespace
from auscultation.fits import run as fitting
from auscultation.fits.models import LinearModel, save_arrays
from auscultation.scores.one_fit import read_measured
import numpy as np

loaded, one = [], fitting.time.perf_counter

def clock():
    loaded.append(len(sys.modules))
    return one()

fitting.time = SimpleNamespace(perf_counter=clock)
given = json.loads(sys.argv[1])
fitting.run_fit(
    SimpleNamespace(**{key: SimpleNamespace(**value) for key, value in given.items()}, threads=1),
    lambda X, y: LinearModel(np.zeros(2)), save_arrays, {},
)
assert len(loaded) == 2 * 3, loaded
assert loaded[1] - loaded[0] < 20, loaded
"""
    given = {name: vars(getattr(job, name)) for name in ("input", "output", "params")}
    command = [sys.executable, "-c", script, json.dumps(given, default=str)]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_system_that_does_not_say(monkeypatch):
    """Fault 5: without /proc and getrusage (Windows) there is no number, not a wrong one."""
    monkeypatch.setattr("auscultation.job.measure.resource", None)
    monkeypatch.setattr("auscultation.job.measure._high_water", lambda process: None)
    assert peak_memory() is None
