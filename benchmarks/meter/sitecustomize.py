"""Have each Python process write down at its end what it took, where PYTHONPATH names this folder.

Snakemake's own benchmarks look at a job twice a second, then twice a minute: too seldom for jobs of
a second.
"""

import atexit
import contextlib
import json
import os
import resource
import sys
import time
from pathlib import Path

BEGAN, PID = time.perf_counter(), os.getpid()
UNIT = 2**20 if sys.platform == "darwin" else 2**10  # of a MB, in what getrusage counts


def _peak() -> float:
    """Return the peak memory (MB) since the program began; getrusage adds its parent's before it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT


@atexit.register
def _write() -> None:
    if os.getpid() != PID:  # a fork counts as its parent's
        return
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    took = {
        "command": sys.orig_argv,
        "seconds": time.perf_counter() - BEGAN,
        "cpu": sum(used.ru_utime + used.ru_stime for used in both),
        "peak_mb": max(_peak(), both[1].ru_maxrss / UNIT),
    }
    Path(os.environ["METER"], f"{PID}.json").write_text(json.dumps(took))
