"""Folds fitted at once: the same bytes, the same errors, never more threads than the job has."""

import os
import runpy
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_info

from auscultation.fits.estimators import fit_estimator
from auscultation.job import parallel as folds
from auscultation.job.errors import InputError
from auscultation.job.parallel import FORKS, Share, each, share
from fit_jobs import ROOT, compare_threads, three_folds
from processes import alive, succeeds_alone, wait_for

SCRIPTS = ROOT / "scripts"
forks = pytest.mark.skipif(not FORKS, reason="folds are fitted at once on Linux only")


@pytest.fixture
def job(tmp_path):
    return three_folds(tmp_path)


class TestShare:
    @pytest.mark.parametrize(
        ("threads", "expected"), [(1, (1, 1)), (2, (2, 1)), (3, (3, 1)), (5, (3, 1)), (7, (3, 2))]
    )
    def test_never_more_than_the_job_has(self, job, monkeypatch, threads, expected):
        monkeypatch.setattr(folds, "FORKS", True)
        assert share(job.input.train, threads) == expected
        assert expected[0] * expected[1] <= threads

    def test_one_process_where_a_fork_is_not_safe(self, job, monkeypatch):
        monkeypatch.setattr(folds, "FORKS", False)
        assert share(job.input.train, 7) == (1, 7)


def pools():
    """Threads of each library that is loaded, by what it is for."""
    return os.getpid(), [(pool["user_api"], pool["num_threads"]) for pool in threadpool_info()]


@forks
class TestEach:
    def test_in_order_and_in_processes_of_their_own(self):
        def work(item):
            time.sleep(0.1 * (3 - item))
            return item, os.getpid()

        given = list(each(work, range(4), Share(2, 1)))
        assert [item for item, _ in given] == [0, 1, 2, 3]
        workers = {pid for _, pid in given}
        assert len(workers) == 2 and os.getpid() not in workers

    def test_one_process_is_this_one(self):
        assert list(each(lambda item: os.getpid(), range(2), Share(1, 3))) == [os.getpid()] * 2

    @pytest.mark.parametrize("shared", [Share(1, 1), Share(1, 2), Share(2, 1), Share(2, 2)])
    def test_libraries_keep_to_the_threads_of_a_fold(self, shared):
        for pid, found in each(lambda item: pools(), range(2), shared):
            assert (pid == os.getpid()) == (shared.processes == 1)
            assert {"blas", "openmp"} <= {api for api, _ in found}
            for api, threads in found:
                assert threads == (1 if api == "blas" else shared.threads)

    def test_killed_process_is_explained(self):
        def work(item):
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.raises(InputError, match="was killed.*memory"):
            list(each(work, range(2), Share(2, 1)))

    def test_error_that_cannot_travel_is_told(self):
        class Odd(Exception):
            def __init__(self, where, what):
                super().__init__(f"{what} in {where}")

        def work(item):
            raise Odd("the attic", "noise")

        with pytest.raises(RuntimeError, match="noise in the attic"):
            list(each(work, range(2), Share(2, 1)))

    def test_processes_end_with_the_job(self, tmp_path):
        """Fault 16: each process says who it is in a file of its own; no wait is without end."""
        script = f"""
            import os, sys, time
            from pathlib import Path
            sys.path.insert(0, {str(SCRIPTS)!r})
            from auscultation.job.parallel import Share, each
            def work(item):
                (Path(sys.argv[1]) / str(os.getpid())).touch()
                time.sleep(60)
            list(each(work, range(2), Share(2, 1)))
        """
        command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
        with subprocess.Popen(command) as process:
            try:
                wait_for(lambda: len(os.listdir(tmp_path)) == 2, "both folds at work")
            finally:
                process.kill()
        workers = [int(name) for name in os.listdir(tmp_path)]
        wait_for(lambda: not any(map(alive, workers)), "the job was killed, its processes end")


@forks
class TestFits:
    ALGORITHMS = ["stratified", "lstsq", "svc", "logistic_regression", "random_forest"]

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_same_bytes_whatever_the_threads(self, tmp_path, algorithm):
        compare_threads(tmp_path, algorithm)

    def test_openmp_too(self, tmp_path):
        # in a process of its own: OpenMP cannot be forked once it has computed with several threads
        script = f"""
            import sys
            sys.path[:0] = [{str(SCRIPTS)!r}, {str(ROOT / "tests" / "helpers")!r}]
            from pathlib import Path
            from fit_jobs import compare_threads
            compare_threads(Path({str(tmp_path)!r}), "hist_gradient_boosting")
        """
        succeeds_alone(script)

    def test_tensorflow_too(self, tmp_path):
        # in a process of its own: TensorFlow cannot be forked once it has computed something
        script = f"""
            import sys
            sys.path[:0] = [{str(SCRIPTS)!r}, {str(ROOT / "tests" / "helpers")!r}]
            from pathlib import Path
            import tensorflow as tf
            import fit_gradient_descent, fit_mlp
            from fit_jobs import products, three_folds
            scripts = (fit_gradient_descent, {{"iterations": 50}}, 2), (fit_mlp, {{"epochs": 5}}, 1)
            made = [], []
            for threads in (6, 1):
                for number, (script, settings, of_a_fold) in enumerate(scripts):
                    folder = Path({str(tmp_path)!r}) / f"{{threads}}{{number}}"
                    folder.mkdir()
                    job = three_folds(folder)
                    job.threads, job.params.settings = threads, settings
                    script.main(job)
                    made[number].append(products(job))
                    if threads > 1:
                        assert tf.config.threading.get_intra_op_parallelism_threads() == of_a_fold
                        assert tf.config.threading.get_inter_op_parallelism_threads() == 1
            for many, single in made:
                assert len(many) == 3 and many == single
        """
        succeeds_alone(script)

    @pytest.mark.parametrize("threads", [1, 3])
    def test_same_error_whatever_the_threads(self, job, threads):
        job.threads, job.params.settings = threads, {"n_neighbors": -3}
        with pytest.raises(InputError) as raised:
            fit_estimator(job, KNeighborsClassifier)
        said = str(raised.value)
        assert said.startswith("model 'mine', fold 0: The 'n_neighbors' parameter of KNeighbors")
        assert "Traceback" not in said
        assert not any(path.exists() for path in vars(job.output).values())

    @pytest.mark.parametrize("threads", [1, 3])
    def test_library_error_is_in_the_log_as_the_cause(self, job, capfd, caplog, threads):
        job.threads, job.params.settings = threads, {"n_neighbors": 41}
        job.output.model = job.output.model.with_suffix(".skops")
        runpy.run_path(str(SCRIPTS / "fit_knn.py"), {"snakemake": job})
        assert "in kneighbors" in caplog.text and "ValueError: Expected n_neighbors" in caplog.text
        assert "no result: fold 0: Expected n_neighbors" in caplog.text
        assert "Traceback" not in capfd.readouterr().err
        job.params.settings = {"n_neighbors": -3}
        with pytest.raises(SystemExit):
            runpy.run_path(str(SCRIPTS / "fit_knn.py"), {"snakemake": job})
        log = job.log[0].read_text(encoding="utf-8")
        assert "in validate_parameter_constraints" in log and "InvalidParameterError" in log
        said = capfd.readouterr().err
        assert "Error: model 'mine', fold 0: The 'n_neighbors' parameter" in said
        assert "Traceback" not in said
