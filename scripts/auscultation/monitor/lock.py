"""One run at a time in a folder, and no lock left behind by a run that was killed.

Snakemake locks a folder by files that stay when it is killed. Beside them, a run holds a lock of
the operating system here, which ends with its process, and so does each job (`auscultation.job.log`). Who has
the run's lock, while no job of an earlier run lives, may remove those files: they are stale.
"""

import contextlib
import json
import logging
import os
import shutil
import socket
import time
import uuid
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

from auscultation.job.record import JOBS, RUN, RUN_ID, read_record, this_process

LOCKS = Path(".snakemake") / "locks"  # Snakemake's own
WAIT = 5.0  # s, for another run that is just ending
LOOK = 0.2  # s, between two looks


class Busy(RuntimeError):
    """Another run is going on in the folder."""


class OnEvent(logging.Handler):
    """A handler of Snakemake's logger that acts when Snakemake says that something happens.

    Snakemake has no hook before it looks at files and its own locks, but tells its loggers that a
    run starts. What an action raises ends the run.
    """

    def __init__(self, actions: dict[LogEvent, Callable[[], None]]):
        super().__init__()
        self.actions = actions

    def emit(self, record: logging.LogRecord) -> None:
        """Act, if something is to be done."""
        event = getattr(record, "event", None)
        if event in self.actions:
            self.actions[event]()


class Lock:
    """The lock of the working folder, held from `take` until the process ends."""

    def __init__(self):
        self.file: FileIO | None = None  # open while the lock is held
        self.elsewhere = False  # whether jobs of another machine may write here

    def take(self, say: Callable[[str], None], wait: float = WAIT) -> None:
        """Take the lock, wait for jobs of a killed run, which `say` is told, remove its locks.

        Goes without where the system or the file system has no such locks, or the folder cannot be
        written to (snakemake will say so). Raises Busy where another run still holds the lock after
        `wait` (s).
        """
        os.environ.pop(RUN_ID, None)
        self.file = _locked(wait)
        if self.file is None:
            return
        left = _read(self.file)
        ours = left.get("host") == socket.gethostname() and left.get("local") is True
        self.elsewhere = not ours and any(LOCKS.glob("*"))
        # before the look for jobs: one that begins after it sees that its run is gone
        os.environ[RUN_ID] = uuid.uuid4().hex
        _write(self.file, local=not self.elsewhere)
        if self.elsewhere:  # Snakemake's own locks hold, until the user takes them away
            return
        told: list[str] = []
        while jobs := living():
            if jobs != told:
                told = jobs
                say(
                    "A run that was killed has left jobs that still run. They would write the same "
                    "files, so this run waits for their end (Ctrl-C: do not wait; kill and the "
                    "number of the process: end a job):\n  " + "\n  ".join(jobs)
                )
            time.sleep(LOOK)
        shutil.rmtree(LOCKS, ignore_errors=True)

    def begin(self, local: bool) -> None:
        """Note whether the jobs, which are about to start, run on this machine."""
        if self.file is not None:
            _write(self.file, local=local and not self.elsewhere)
            for record in JOBS.glob("*.json"):
                if _living(record) is None:
                    record.unlink(missing_ok=True)


def _locked(wait: float) -> FileIO | None:
    """Return the file of the run, locked; None where the system or the folder does not allow it."""
    try:
        import fcntl

        RUN.parent.mkdir(exist_ok=True)
        file = FileIO(os.open(RUN, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    except (ImportError, OSError):  # Windows has no such locks
        return None
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() >= end:
                break
            time.sleep(LOOK)
        except OSError:  # a file system without such locks
            file.close()
            return None
    with file:
        run = _read(file)
    about = f" ({who(run)})" if "pid" in run else ""
    raise Busy(
        f"Another run is going on in this folder{about}. Two would write the same files: start "
        "again when it has ended and no other Snakemake process is at work here."
    )


def _write(file: FileIO, local: bool) -> None:
    """Write down who holds the lock, in one piece: a killed run leaves the old text or this."""
    run = {"run": os.environ[RUN_ID]} | this_process() | {"local": local}
    file.seek(0)
    file.write(json.dumps(run).encode().ljust(os.fstat(file.fileno()).st_size))
    os.fsync(file)


def living() -> list[str]:
    """Return which jobs live, whoever has started them: each with its process, machine and start."""
    return [*filter(None, map(_living, sorted(JOBS.glob("*.json"))))]


def _living(record: Path) -> str | None:
    """Return what job of a killed run keeps its record locked; None where none does."""
    import fcntl

    # an OSError: it is gone, or cannot be locked
    with contextlib.suppress(OSError), open(record, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            job = _read(file)
            return f"{job['job']}: {who(job)}" if "job" in job else "a job that is starting"
    return None


def who(record: dict) -> str:
    """Return the process of a record, in words."""
    return f"process {record['pid']} on {record['host']}, since {record.get('since', 'earlier')}"


def _read(file: FileIO) -> dict:
    """Return a record, read from its beginning."""
    file.seek(0)
    return read_record(file.read())
