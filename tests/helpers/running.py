"""Runs in the background, the processes they have, and what they leave."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import SMALL, Project

# what comes out the same every time
EXACT = (".parquet", ".csv", ".json", ".npz", ".svg", ".xlsx")

CONFIG = SMALL | {"splits": {"half": {"seed": 0}}, "models": {"mean": {}, "knn": {}}}
STARTED: list[subprocess.Popen] = []

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


def results(project: Project) -> dict[str, object]:
    """Content of everything that does not hold a time, and of the fits' summaries but for that."""
    found: dict[str, object] = {
        str(path.relative_to(project.results)): path.read_bytes()
        for path in sorted(project.results.rglob("*"))
        if path.suffix in EXACT and path.name not in ("comparison.xlsx", "provenance.json")
    }
    for name, content in found.items():
        if name.endswith("/fit.json"):
            summary = json.loads(content)
            del summary["measured"]
            found[name] = summary
    return found


def start(project: Project, *args: str, said: str = "said.txt", **kwargs) -> subprocess.Popen:
    """Start snakemake in a session of its own, so that all its processes can be found."""
    command = project.command(*args, **kwargs)
    with open(project.folder / said, "w") as log:
        STARTED.append(
            subprocess.Popen(
                command,
                cwd=project.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )
    return STARTED[-1]


def end_all() -> None:
    """End what was started and all that it has left."""
    while STARTED:
        run = STARTED.pop()
        for pid in alive(run.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.wait(60)
        run.stdin.close()


def alive(session: int) -> list[int]:
    """Processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has just ended
            continue
        state, _, _, of = text.rsplit(")", 1)[1].split()[:4]
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def wait_for(condition: Callable[[], object], seconds: float = 90, what: str = "it") -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.05)
