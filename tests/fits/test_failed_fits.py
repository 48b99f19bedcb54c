"""Fits without a result: what they write, how they are marked, and that time is kept to."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from auscultation.fits.models import LinearModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.monitor.failed_fits import ENDED, lost, mark_killed, note_sigterm
from fit_jobs import (
    ESTIMATORS,
    FEATURES,
    NUMPY,
    PROBABILITIES,
    ROOT,
    SETTINGS,
    make_job,
    run,
    shares,
    without_result,
)
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
from auscultation.fits.run import run_fit
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
            settings={},
            features=["Range", "Var", "Fine_Av"],
            scale="none",
            missing="median",
            tune={},
            timeout=4,
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
from auscultation.job.errors import InputError
from auscultation.job.log import job_log
from auscultation.job.timeout import limited
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

    def test_one_that_has_the_result_of_an_earlier_job_is_lost_as_well(self):
        self.work("raise InputError('no such kernel')")
        self.log().with_name("predictions.parquet").touch()
        assert self.lost() == [("svc", "no such kernel")]

    def test_of_fits_that_share_a_job_the_one_is_lost_that_was_at_work(self):
        self.work("pass", self.OTHER)
        assert self.work("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
        several = [self.OTHER, self.FIT]
        job = SimpleNamespace(
            log=["results/logs/fits_x.log"],
            output=SimpleNamespace(
                summary=[self.log(fit).with_name("fit.json") for fit in several]
            ),
            params=SimpleNamespace(together=several),
            is_group=lambda: False,
        )
        mark_killed([job])
        assert self.lost() == [("svc", ENDED)]

    def test_a_job_that_is_killed_is_lost_if_its_run_says_so(self):
        assert self.work("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
        assert self.lost() == []  # killed with its run
        mark_killed([self.failed(self.FIT)])
        assert self.lost() == [("svc", ENDED)]
        assert self.work("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
        assert self.lost() == []  # tried anew, and killed with its run

    def test_a_library_that_ends_the_job_for_lack_of_memory_is_heard(self):
        words = "OpenBLAS error: Memory allocation still failed after 10 retries, giving up."
        assert self.work(f"os.write(2, b'{words}\\n'); os._exit(1)") == 1
        said = mark_killed([self.failed(self.FIT)])
        why = f"out of memory ({words}). Run fewer jobs at once (--cores)"
        assert self.lost() == [("svc", why)]
        assert said == [f"Error: {why} (log: {self.log()})"]

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


def cycles(states, features=None, patients=None):
    """Cycles of fold 0 with these states; their features say something about them."""
    random, n = np.random.default_rng(5), len(states)
    y = np.array(states)
    columns = {name: random.normal(0, 1, n) + y * k for k, name in enumerate(FEATURES)}
    columns |= features or {}
    who = np.arange(n) % 4 if patients is None else patients
    about = {"cycle": np.arange(n) + 100, "patient_ID": who, "state": states}
    return pa.table(columns | about | {"fold": np.zeros(n, dtype=int)})


# Those that tell classes apart, and cannot where there is one; the others call every cycle so.
NEED_TWO = ("svc", "logistic_regression", "linear_svc", "hist_gradient_boosting", "lda")


class TestFewOrLopsidedClasses:
    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    def test_a_training_part_of_one_class(self, tmp_path, algorithm):
        """Fault 21: with one class in training a model calls all so, or says that it cannot."""
        made = make_job(tmp_path, [(cycles([1] * 12), cycles([0, 1, 3]))])
        table, _, summary = run(made, algorithm, **SETTINGS.get(algorithm, {}))
        if algorithm in NEED_TWO:
            said = "fold 0: all 12 training cycles are of one class, 'crackles', so that there is"
            without_result(made, said)
            library = summary["failed"].split("(")[1]  # its own line
            assert ("axis" if algorithm == "lda" else "class") in library
        else:
            assert table["prediction"].to_numpy() == pytest.approx(np.ones(15), abs=1e-9)

    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    def test_a_class_with_one_cycle_and_one_with_none(self, tmp_path, algorithm):
        """Fault 21: a class that training has once, or not at all, stops no model."""
        train = cycles([0] * 15 + [1] * 14 + [3])
        made = make_job(tmp_path, [(train, cycles([0, 1, 2, 3]))])
        table, parts, summary = run(made, algorithm, **SETTINGS.get(algorithm, {}))
        assert "failed" not in summary and table.num_rows == 34
        if algorithm in PROBABILITIES:
            assert not table["p2"].to_numpy().any()
            assert shares(table).sum(axis=1) == pytest.approx(np.ones(34))

    def test_early_stopping_that_a_class_is_too_small_for(self, tmp_path):
        """Fault 21: early stopping divides each class; one with one cycle is counted out."""
        train = cycles([0] * 15 + [1] * 14 + [3])
        made = make_job(tmp_path, [(train, cycles([0, 1]))])
        run(made, "hist_gradient_boosting", early_stopping=True, random_state=0)
        without_result(
            made,
            "fold 0: .*only 1 member.*30 cycles: 15 normal, 14 crackles, 0 wheezes, 1 both",
        )

    @pytest.mark.parametrize(
        ("algorithm", "settings", "said"),
        [
            ("knn", {"n_neighbors": 7}, "n_neighbors = 7, n_samples_fit = 6"),
            ("linear_svc", {"kernel": "chi2"}, "negative"),
        ],
    )
    def test_cycles_that_a_setting_does_not_suit(self, tmp_path, algorithm, settings, said):
        """Fault 21: what suits other cycles is the data's doing: a row, not an error of the job."""
        made = make_job(tmp_path, [(cycles([0, 0, 0, 1, 1, 1]), cycles([0, 1]))])
        run(made, algorithm, **settings)
        without_result(made, f"fold 0: .*{said}.*6 cycles: 3 normal, 3 crackles")

    def test_tuning_with_too_few_patients(self, tmp_path):
        """Fault 21: tune with fewer patients than folds says how many there are and would do."""
        made = make_job(tmp_path, [(cycles([0, 1] * 10), cycles([0, 1]))])
        candidates = [{"n_neighbors": 1}, {"n_neighbors": 3}]
        made.params.tune = {"metric": "accuracy", "folds": 5, "seed": 0, "candidates": candidates}
        run(made, "knn")
        said = "fold 0: tune .* 5 patients are the fewest that do, and it has 4; .*folds: 4"
        without_result(made, said)


class TestTooLarge:
    """Numbers that a model cannot take."""

    def job(self, folder, train, test=0.5):
        first = cycles([0, 1, 0, 1, 2] * 6)
        values = first["Var"].to_numpy().copy()
        values[7] = train
        first = cycles([0, 1, 0, 1, 2] * 6, {"Var": values})
        return make_job(folder, [(first, cycles([0, 1], {"Var": np.array([0.1, test])}))])

    TAKE_ANY = ("mean", "most_frequent", "stratified", "by_device", "hist_gradient_boosting")

    @pytest.mark.parametrize("part", ["train", "test"])
    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    def test_the_feature_and_its_cycle_are_named(self, tmp_path, algorithm, part):
        """Fault 22: a value of 1e300 is named with its feature and cycle, and scaling offered."""
        made = self.job(tmp_path, *((1e300, 0.5) if part == "train" else (0.5, -1e300)))
        table, _, summary = run(made, algorithm, **SETTINGS.get(algorithm, {}))
        if algorithm in self.TAKE_ANY:
            assert "failed" not in summary and np.isfinite(table["prediction"].to_numpy()).all()
            return
        value, cycle = ("1e.300", 107) if part == "train" else ("-1e.300", 101)
        said = f"the feature 'Var' is too large for this model: {value} in cycle {cycle} of"
        without_result(
            made, f"fold 0: {said} the {part} part; .*`standard`, `quantile` or `log` may help"
        )
        assert summary["failed"].count("Var") == 1

    @pytest.mark.parametrize(
        ("scale", "value"),
        [
            *((scale, value) for scale in ("quantile", "log") for value in (1e39, 1e300, 5e-324)),
            *(("standard", value) for value in (1e39, 1e150, 5e-324)),
        ],
    )
    def test_scaling_helps(self, tmp_path, value, scale):
        """Fault 22: what is offered helps: scaled, the same value is fitted."""
        made = self.job(tmp_path, value)
        made.params.scale = scale
        table, _, summary = run(made, "svc")
        assert "failed" not in summary and table.num_rows == 32

    def test_numbers_whose_squares_are_none_have_no_standard_deviation(self, tmp_path):
        """Fault 22: scikit-learn makes all of such a feature 0 where it should be refused."""
        made = self.job(tmp_path, 1e200)
        made.params.scale = "standard"
        run(made, "svc")
        without_result(made, "fold 0: the feature 'Var' is too large for `scale: standard`")

    @pytest.mark.parametrize(("value", "fails"), [(1e38, False), (1e39, True)])
    def test_forests_look_at_float32(self, tmp_path, value, fails):
        """Fault 22: a forest takes what float32 can hold, and no more."""
        _, _, summary = run(self.job(tmp_path, value), "random_forest", n_estimators=2)
        assert ("failed" in summary) == fails

    def test_after_scaling_too(self, tmp_path):
        """Fault 22: a test value that scaling by the training part leaves too large is refused."""
        made = self.job(tmp_path, 0.5, 1e300)
        made.params.scale = "standard"
        run(made, "knn")
        said = r"fold 0: the feature 'Var' .* after `scale: standard` in cycle 101 of the test part"
        without_result(made, f"{said}.*`quantile` or `log` may help")

    def test_predictions_too_large_for_an_error(self, job):
        """Fault 22: a squared error that is no number reaches no table."""

        def huge(model):
            model.theta[0] = 1e200
            return model

        run_fit(job, fit_with(huge), save_arrays, {})
        without_result(job, r"fold 0: 40 predictions on the train part are larger than 1e\+150")

    def test_the_summary_is_json_whatever_a_fit_says(self, job):
        """Fault 22: losses that are not finite are nothing in fit.json, not words JSON lacks."""

        def diverging(model):
            return LinearModel(model.theta, np.array([1.0, np.inf, np.nan]))

        run_fit(job, fit_with(diverging), save_arrays, {})
        text = job.output.summary.read_text(encoding="utf-8")
        strict = json.loads(text, parse_constant=pytest.fail)
        assert strict["folds"][0]["loss"] == [1.0, None, None]
