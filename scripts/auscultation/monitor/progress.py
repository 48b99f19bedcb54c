"""Where a run is: jobs done, running and failed, and the time left, after each job that finishes.

Snakemake says "6 of 13 steps (46%) done"; this puts a line that says more in its place, wherever
that goes: terminal, file, log. Nothing is redrawn, so it mixes with what jobs print.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping

from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

WIDTH = 20


def duration(seconds: float) -> str:
    """Return a time left (s) as a reader wants it: rough."""
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Progress(logging.Filter):
    """A filter of Snakemake's logger that watches the jobs and rewrites its line of progress.

    Parameters
    ----------
    clock
        Of seconds.
    recordings
        Asked at the start of a run: how many recordings a job will hear, by its number.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        recordings: Callable[[], Mapping[int, int]] = dict,
    ):
        super().__init__()
        self.clock, self.recordings = clock, recordings
        self.began = clock()
        self.planned: Counter = Counter()  # jobs of each rule
        self.running: dict[int, tuple[str, float]] = {}  # rule and start of each job
        self.times: dict[str, list[float]] = {}  # of each rule's jobs, s
        self.failed: set[int] = set()
        self.to_hear: Mapping[int, int] = {}  # recordings of each job
        self.heard = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Learn from a record; let it pass."""
        about = vars(record)
        event = about.get("event")
        if event == LogEvent.RUN_INFO:
            self.began = self.clock()
            self.planned = Counter({k: n for k, n in about["stats"].items() if k != "total"})
            self.to_hear, self.heard = self.recordings(), 0
        elif event == LogEvent.JOB_INFO:
            self.running[about["jobid"]] = (about["rule_name"], self.clock())
            self.failed.discard(about["jobid"])
        elif event == LogEvent.JOB_FINISHED and about["job_id"] in self.running:
            rule, start = self.running.pop(about["job_id"])
            self.times.setdefault(rule, []).append(self.clock() - start)
            self.heard += self.to_hear.get(about["job_id"], 0)
        elif event == LogEvent.JOB_ERROR:
            self.running.pop(about["jobid"], None)
            self.failed.add(about["jobid"])
        elif event == LogEvent.PROGRESS:
            # a record that is no event is printed as it is; `--quiet progress` still leaves it out
            about |= {"event": None, "quietness": Quietness.PROGRESS}
            record.msg = self.line(about["done"], about["total"])
        return True

    def left(self) -> float | None:
        """Return the estimated time left (s): jobs take as long as others of their rule.

        As many run at once as did on average until now. Those that have already taken longer, as
        in a cluster's queue, finish as often as jobs did until now. None before the first has.
        """
        now = self.clock()
        took = sum(map(sum, self.times.values()))
        if not took:
            return None
        finished = sum(map(len, self.times.values()))
        usual = dict.fromkeys(self.planned, took / finished)
        usual |= {rule: sum(times) / len(times) for rule, times in self.times.items()}
        waiting = self.planned - Counter({rule: len(times) for rule, times in self.times.items()})
        waiting -= Counter(rule for rule, _ in self.running.values())
        so_far = [(rule, now - start) for rule, start in self.running.values()]
        work = sum(usual[rule] * jobs for rule, jobs in waiting.items())
        to_go = [usual.get(rule, 0.0) - seconds for rule, seconds in so_far]
        work += sum(seconds for seconds in to_go if seconds > 0)
        late = sum(seconds <= 0 for seconds in to_go)
        elapsed = now - self.began
        at_once = (took + sum(seconds for _, seconds in so_far)) / elapsed
        return work / at_once + late * elapsed / finished

    def line(self, done: int, total: int) -> str:
        """Return the bar and the numbers."""
        full = WIDTH * done // max(total, 1)
        text = f"[{'#' * full}{'.' * (WIDTH - full)}] {done} of {total} jobs done"
        text += f", {len(self.running)} running, {len(self.failed)} failed"
        if self.heard < (recordings := sum(self.to_hear.values())):
            text += f", {self.heard:,} of {recordings:,} recordings heard"
        left = self.left()
        return text if left is None or done == total else f"{text}, about {duration(left)} left"
