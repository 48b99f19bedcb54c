"""Kills at random moments, of anything: the next run always comes out as if nothing had been."""

import contextlib
import os
import random
import signal
import time

import pytest

from harness import Project
from running import CONFIG, alive, end_all, needs_proc, results, start

pytestmark = [needs_proc, pytest.mark.thorough]


@pytest.fixture(autouse=True)
def nothing_outlives_a_test():
    """No process that a test has started is left by it."""
    yield
    end_all()


def tell(pids, what=signal.SIGKILL):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)


def jobs(run):
    return [pid for pid in alive(run.pid) if pid != run.pid]


def snakemake(run, again, rng):
    tell([run.pid])


def everything(run, again, rng):
    tell(alive(run.pid))


def one_job(run, again, rng):
    tell(rng.sample(found, 1) if (found := jobs(run)) else [])


def snakemake_then_its_jobs(run, again, rng):
    tell([run.pid])
    time.sleep(rng.uniform(0, 1))
    tell(jobs(run))


def a_job_then_snakemake(run, again, rng):
    one_job(run, again, rng)
    time.sleep(rng.uniform(0, 0.2))
    tell([run.pid])


def twice_in_a_row(run, again, rng):
    tell([run.pid])
    second = again()
    time.sleep(rng.uniform(0.5, 6))
    tell([second.pid])


def two_more_at_the_same_instant(run, again, rng):
    tell([run.pid])
    both = again(), again()
    time.sleep(rng.uniform(0.5, 6))
    tell([rng.choice(both).pid])


def ctrl_c_twice(run, again, rng):
    for _ in range(2):
        tell(alive(run.pid), signal.SIGINT)
        time.sleep(rng.uniform(0, 0.5))


def told_to_end(run, again, rng):
    tell([run.pid], signal.SIGTERM)


def all_told_to_end(run, again, rng):
    tell(alive(run.pid), signal.SIGTERM)


KILLS = [
    snakemake,
    everything,
    one_job,
    snakemake_then_its_jobs,
    a_job_then_snakemake,
    twice_in_a_row,
    two_more_at_the_same_instant,
    ctrl_c_twice,
    told_to_end,
    all_told_to_end,
]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.__name__)
def test_the_next_run_comes_out_the_same(tmp_path, undisturbed, kill, number):
    """Fault 3: whatever is killed, and when, the next run needs no help and gives the same."""
    expected, seconds = undisturbed
    rng = random.Random(number)
    project = Project(tmp_path)
    project.configure(CONFIG)
    runs = [start(project, *(["--keep-going"] if number % 2 else []))]
    # the first of each is killed while it reads the rules
    time.sleep(rng.uniform(0.1, 0.9) * seconds if number else 1)

    def again():
        runs.append(start(project, said=f"said{len(runs)}.txt"))
        return runs[-1]

    kill(runs[0], again, rng)
    for run in runs:
        run.wait(300)
    project.run()
    assert results(project) == expected
    assert [path.name for path in project.results.rglob(".*")] == []
