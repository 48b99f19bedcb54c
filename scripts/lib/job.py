"""What surrounds the work of a job: its log, its errors, files that appear whole or not at all."""

import contextlib
import errno
import glob
import hashlib
import json
import logging
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO


class InputError(ValueError):
    """Something a user can mend: the message says what is wrong, where, and what to do."""


class FitFailed(ArithmeticError):
    """A fit without a result: a row of the report with its reason, not an error of the job."""


ERROR = "Error: "  # how the line begins that says why a job failed
INTERRUPTED = "Interrupted"  # a line of its own
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


@contextlib.contextmanager
def job_log(snakemake) -> Iterator[None]:
    """Send everything a job prints or logs to its log file; show failures on the terminal too.

    Libraries write to the file descriptors themselves (TensorFlow does), so these are redirected,
    not Python's streams alone. A failure's traceback goes to the log; the terminal gets the message
    alone where it is an `InputError`, else the traceback as well.

    Raises
    ------
    SystemExit
        With status 1, after any exception of the job.
    """
    path, terminal = Path(snakemake.log[0]), os.dup(2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _everything_in(path) as log:
            try:
                yield
            except KeyboardInterrupt:
                log.write(f"{INTERRUPTED}\n")
                raise
            except Exception as error:
                with contextlib.suppress(OSError):  # a full disk takes no log either
                    traceback.print_exc(file=log)
                    log.write(f"{ERROR}{cause(error) or repr(error)}\n")
                raise
    except Exception as error:
        known = cause(error)
        what = f"{ERROR}{known}" if known else traceback.format_exc()
        os.write(terminal, f"\n{what.rstrip()}\n(log: {path})\n\n".encode())
        raise SystemExit(1) from error
    finally:
        os.close(terminal)


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
