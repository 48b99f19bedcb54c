"""What surrounds the work of a job: log, record, errors, files that appear whole or not at all."""

import contextlib
import errno
import glob
import hashlib
import json
import logging
import os
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import TextIO


class InputError(ValueError):
    """Something a user can mend: the message says what is wrong, where, and what to do."""


class FitFailed(ArithmeticError):
    """A fit without a result: a row of the report with its reason, not an error of the job."""


ERROR = "Error: "  # how the line begins that says why a job failed
LOG, MARK = "fit.log", "failed"  # in the folder of a fit: its log, and why its job has failed
RUN = Path(".snakemake") / "run.json"  # who has the folder; locked as long as that run lives
JOBS = Path(".snakemake") / "jobs"  # a record of each job; locked as long as the job lives
RUN_ID = "AUSCULTATION_RUN"  # environment variable: by which run a job was started
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def cause(error: BaseException) -> str | None:
    """Say in a line what a user can mend; None where only a traceback helps."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"out of memory ({error or 'no more to be had'}). Run fewer jobs at once (--cores)"
    if not isinstance(error, OSError) or error.errno not in FULL + FORBIDDEN:
        return None
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        return (
            f"{where}no space left on the disk. Free some and start again; what is finished is kept"
        )
    return f"{where}{os.strerror(error.errno)}. Make the folder writable, or give another one"


def one_line(error: object) -> str:
    """Give what an error says as one line; its type where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


@contextlib.contextmanager
def job_log(snakemake) -> Iterator[None]:
    """Send everything a job prints or logs to its log file; show failures on the terminal too.

    Libraries write to the file descriptors themselves (TensorFlow does), so these are redirected,
    not Python's streams alone. A failure's traceback goes to the log; the terminal gets the message
    alone where it is an `InputError`, else the traceback as well. A fit that fails is marked, with
    its reason, until its job begins anew.

    Raises
    ------
    SystemExit
        With status 1, after any exception of the job.
    """
    path, terminal = Path(snakemake.log[0]), os.dup(2)
    mark = path.with_name(MARK) if path.name == LOG else None
    try:
        with _on_record(snakemake, terminal):
            path.parent.mkdir(parents=True, exist_ok=True)
            if mark:
                mark.unlink(missing_ok=True)
            with _everything_in(path) as log:
                try:
                    yield
                except KeyboardInterrupt:
                    log.write("Interrupted\n")
                    raise
                except Exception as error:
                    why = cause(error) or repr(error)
                    with contextlib.suppress(OSError):  # a full disk takes no log either
                        traceback.print_exc(file=log)
                        log.write(f"{ERROR}{why}\n")
                    if mark:
                        with contextlib.suppress(OSError):
                            mark.write_text(why, encoding="utf-8")
                    raise
    except Exception as error:
        known = cause(error)
        what = f"{ERROR}{known}" if known else traceback.format_exc()
        os.write(terminal, f"\n{what.rstrip()}\n(log: {path})\n\n".encode())
        raise SystemExit(1) from error
    finally:
        os.close(terminal)


def this_process() -> dict[str, object]:
    """Give what a record says of this process: its number, its machine, the time now."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def read_record(text: str | bytes) -> dict:
    """Read a record of a run or job; an empty one where it says nothing."""
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def record_of(log: str | os.PathLike) -> Path:
    """Give the path of the record of the job that has this log."""
    return JOBS / f"{hashlib.sha256(os.fsencode(log)).hexdigest()[:32]}.json"


@contextlib.contextmanager
def _on_record(snakemake, terminal: int) -> Iterator[None]:
    """Keep a record of a job: locked while it or a fork of it lives, empty when it ended by itself.

    A job may outlive the run that has started it. So the same job waits for the end of an earlier
    one, and one that begins only after another run has begun does nothing.

    Raises
    ------
    InputError
        Where another run has begun.
    """
    global _record
    _record = None
    try:
        if JOBS.parent.is_dir():  # else it was not snakemake that has started it
            JOBS.mkdir(exist_ok=True)
            _record = open(record_of(snakemake.log[0]), "ab+", buffering=0)  # noqa: SIM115
    except OSError:  # no room, or not writable: what the job writes will fail, and say so
        pass
    if _record is None:
        yield
        return
    with _record:
        _wait_for_lock(_record, terminal)
        if _superseded():
            raise InputError("not done: the run that started this job is gone, another has begun")
        wildcards = "".join(f", {name} {value}" for name, value in snakemake.wildcards.items())
        about = {"job": f"{snakemake.rule}{wildcards}"} | this_process()
        with contextlib.suppress(OSError):
            _write_record(json.dumps(about))
        try:
            yield
        finally:
            _write_record("")


_record: FileIO | None = None  # of this process's job


def _write_record(text: str) -> None:
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
    """Say whether a run of this machine has begun after the one that has started this job."""
    mine = os.environ.get(RUN_ID)
    try:
        run = read_record(RUN.read_bytes())
    except OSError:
        return False
    # another machine's file may be seen late, and snakemake's own locks hold there
    return bool(mine) and run.get("run") != mine and run.get("host") == socket.gethostname()


@contextlib.contextmanager
def _everything_in(path: Path) -> Iterator[TextIO]:
    """Send what is printed, logged or warned of into a file."""
    descriptors = os.dup(1), os.dup(2)
    try:
        with open(path, "w", encoding="utf-8", buffering=1) as log:
            _flush()
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            logging.basicConfig(
                level=logging.INFO, stream=log, format="%(asctime)s %(levelname)s %(message)s"
            )
            logging.captureWarnings(True)
            try:
                yield log
            finally:
                _flush()
    finally:
        for number, kept in enumerate(descriptors, 1):
            os.dup2(kept, number)
            os.close(kept)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside `path` which takes its place when the block succeeds.

    The temporary name keeps the suffix, since some writers choose the format by it. One that a
    killed job has left of the same path is removed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}~"
    for left in path.parent.glob(f"{glob.escape(prefix)}*"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: str | os.PathLike) -> dict:
    """Read one of the workflow's JSON files."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256_of(path: str | os.PathLike) -> str:
    """Give the SHA-256 of a file in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def limited(seconds: float | None, give_up: Callable[[str], None]) -> Iterator[None]:
    """Give a block so many seconds; None gives it all it wants.

    Where they are over, `give_up` is told, and the process ends, as a job that did what it could:
    nothing less stops a library in the middle of its work. Folds in forked processes end with it.
    """
    if seconds is None:
        yield
        return
    over = threading.Lock()  # taken by who is first: the block that is done, or the time that is up

    def stop() -> None:
        if not over.acquire(blocking=False):
            return
        status = 1
        try:
            give_up(f"took longer than fit_timeout ({seconds:g} s)")
            _write_record("")
            status = 0
        except Exception:
            logging.exception("what is to be written of a fit without a result was not")
        finally:
            os._exit(status)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        over.acquire()
        timer.cancel()
