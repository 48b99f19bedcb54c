"""The line that says where a run is, from records as Snakemake logs them."""

import logging

import pytest
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from auscultation.monitor.progress import Progress, duration


class Run:
    """A run told by Snakemake's events, with a clock that is set by hand."""

    def __init__(self, recordings=None, **jobs):
        self.now = 0.0
        self.progress = Progress(lambda: self.now, lambda: recordings or {})
        self.total = sum(jobs.values())
        self.tell(LogEvent.RUN_INFO, stats=jobs | {"total": self.total})

    def tell(self, event, **what):
        record = logging.LogRecord("snakemake", logging.INFO, "", 0, None, None, None)
        vars(record).update(what | {"event": event})
        assert self.progress.filter(record) is True
        return record

    def start(self, job, rule):
        self.tell(LogEvent.JOB_INFO, jobid=job, rule_name=rule)

    def finish(self, job, done):
        self.tell(LogEvent.JOB_FINISHED, job_id=job)
        return self.tell(LogEvent.PROGRESS, done=done, total=self.total).msg


def test_counts_and_bar():
    run = Run(split=1, fit=3)
    run.start(0, "split")
    run.now = 10
    assert run.finish(0, 1).startswith(
        "[#####...............] 1 of 4 jobs done, 0 running, 0 failed"
    )
    for job in (1, 2, 3):
        run.start(job, "fit")
    run.tell(LogEvent.JOB_ERROR, jobid=2)
    run.now = 20
    assert "2 of 4 jobs done, 1 running, 1 failed, about" in run.finish(1, 2)
    run.start(2, "fit")
    run.now = 30
    assert "3 of 4 jobs done, 1 running, 0 failed, about" in run.finish(3, 3)
    run.now = 40
    said = run.finish(2, 4)
    assert said == "[####################] 4 of 4 jobs done, 0 running, 0 failed"


def test_recordings_are_counted_until_all_are_heard():
    run = Run(recordings={7: 300, 8: 1200}, hear=2, join=1)
    for job, rule in ((7, "hear"), (8, "hear"), (9, "join")):
        run.start(job, rule)
    run.now = 10
    assert "0 failed, 0 of 1,500 recordings heard" in run.progress.line(0, 3)
    assert "1 of 3 jobs done, 2 running, 0 failed, 0 of 1,500 recordings heard" in run.finish(9, 1)
    assert ", 300 of 1,500 recordings heard, about" in run.finish(7, 2)
    assert run.finish(8, 3).endswith("0 failed")


def test_time_left_of_jobs_that_follow_each_other():
    run = Run(fit=4)
    for job in range(3):
        run.start(job, "fit")
        run.now += 60
        said = run.finish(job, job + 1)
        assert run.progress.left() == pytest.approx(60 * (3 - job))
    assert said.endswith("about 60 s left")
    run.start(3, "fit")
    run.now += 20
    assert run.progress.left() == pytest.approx(40)


def test_time_left_of_jobs_that_run_at_once():
    run = Run(fit=8)
    for job in range(4):
        run.start(job, "fit")
    run.now = 600
    for job in range(4):
        said = run.finish(job, job + 1)
    # four took ten minutes together, so the other four will
    assert run.progress.left() == pytest.approx(600)
    assert said.endswith("about 10 min left")


def test_time_left_of_jobs_that_wait_in_a_queue():
    run = Run(fit=6)
    for job in range(6):
        run.start(job, "fit")
    for job in range(3):
        run.now += 60
        run.finish(job, job + 1)
    # served one after the other, a minute each, though all were handed in at once
    assert run.progress.left() == pytest.approx(180)


def test_time_left_knows_the_rules():
    run = Run(quick=2, slow=2)
    for job, (rule, seconds) in enumerate([("quick", 2), ("slow", 100), ("quick", 2)]):
        run.start(job, rule)
        run.now += seconds
        run.finish(job, job + 1)
    assert run.progress.left() == pytest.approx(100)


def test_nothing_is_said_of_the_time_before_anything_has_finished():
    run = Run(fit=2)
    assert run.progress.left() is None
    run.start(0, "fit")
    assert run.tell(LogEvent.PROGRESS, done=0, total=2).msg.endswith("1 running, 0 failed")


def test_quiet_still_leaves_the_line_out():
    record = Run(fit=1).tell(LogEvent.PROGRESS, done=0, total=1)
    assert record.quietness is Quietness.PROGRESS and record.event is None


def test_other_records_pass_unchanged():
    record = Run(fit=1).tell(None, msg="Building DAG of jobs...")
    assert record.msg == "Building DAG of jobs..." and record.event is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "10 s"), (44, "40 s"), (89, "90 s"), (91, "2 min"), (3000, "50 min"), (9000, "2.5 h")],
)
def test_duration(seconds, said):
    assert duration(seconds) == said
