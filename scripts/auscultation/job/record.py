"""The record that a job keeps of itself while it runs, so that no job runs twice at once."""

import contextlib
import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from auscultation.job.errors import InputError

LOG, MARK = "fit.log", "failed"  # in the folder of a fit: its log, and why its job has failed
RUN = Path(".snakemake") / "run.json"  # who has the folder; locked as long as that run lives
JOBS = Path(".snakemake") / "jobs"  # a record of each job; locked as long as the job lives
RUN_ID = "AUSCULTATION_RUN"  # environment variable: by which run a job was started
ANEW = "AUSCULTATION_ANEW"  # environment variable: 1 where the run keeps nothing that is there


def this_process() -> dict[str, object]:
    """Return the record of this process: its number, its machine, the time now."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def read_record(text: str | bytes) -> dict:
    """Read a record of a run or job; an empty one where the text is no record."""
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def record_of(log: str | os.PathLike) -> Path:
    """Return the path of the record of the job that has this log."""
    return JOBS / f"{hashlib.sha256(os.fsencode(log)).hexdigest()[:32]}.json"


@contextlib.contextmanager
def on_record(snakemake, terminal: int) -> Iterator[None]:
    """Keep a record of a job: locked while it or a fork of it lives, empty when it ended by itself.

    A job may outlive the run that has started it. So the same job waits for the end of an earlier
    one, and one that begins only after another run has begun does nothing: it raises InputError.
    """
    global _record
    _record = None
    # an OSError: no room, or not writable; what the job writes will fail, and say so
    with contextlib.suppress(OSError):
        if JOBS.parent.is_dir():  # else it was not snakemake that has started it
            JOBS.mkdir(exist_ok=True)
            _record = open(record_of(snakemake.log[0]), "ab+", buffering=0)  # noqa: SIM115
    if _record is None:
        yield
        return
    with _record:
        _wait_for_lock(_record, terminal)
        if _superseded():
            raise InputError("not done: the run that started this job is gone, another has begun")
        wildcards = "".join(f", {name} {value}" for name, value in snakemake.wildcards.items())
        with contextlib.suppress(OSError):
            write_record(json.dumps({"job": f"{snakemake.rule}{wildcards}"} | this_process()))
        try:
            yield
        finally:
            write_record("")


_record: FileIO | None = None  # of this process's job


def write_record(text: str) -> None:
    """Write the record of this process's job, where it has one."""
    if _record is not None and not _record.closed:
        _record.truncate(0)
        _record.write(text.encode())


def _wait_for_lock(file: FileIO, terminal: int) -> None:
    """Lock a job's record; without, where the system or the file system has no such locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        os.write(terminal, b"Waiting for the end of the same job: %s\n" % file.read())
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError:
        return


def _superseded() -> bool:
    """Return whether another run has begun on this machine after the one that started this job."""
    mine = os.environ.get(RUN_ID)
    try:
        run = read_record(RUN.read_bytes())
    except OSError:
        return False
    # another machine's file may be seen late, and snakemake's own locks hold there
    return bool(mine) and run.get("run") != mine and run.get("host") == socket.gethostname()
