"""Processes that tests start: whether they end, and as they should."""

import mmap
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path


def fill(megabytes: int) -> mmap.mmap:
    """Take so much memory, from the system and not from what Python kept."""
    taken = mmap.mmap(-1, megabytes * 10**6)
    for at in range(0, len(taken), mmap.PAGESIZE):
        taken[at] = 1
    return taken


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is so; fail with what it was where it takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def succeeds_alone(script):
    """Run a script in a process of its own; what it asserts has to hold."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def alive(pid):
    """Return whether a process is there, not counting one that nobody has taken note of."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
