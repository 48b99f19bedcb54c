"""What surrounds the work of a job: its log, its errors, files that appear whole or not at all."""

import contextlib
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path


class InputError(ValueError):
    """Something a user can mend: the message says what is wrong, where, and what to do."""


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
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    output, terminal = os.dup(1), os.dup(2)
    with open(path, "w", encoding="utf-8", buffering=1) as log:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        logging.basicConfig(
            level=logging.INFO, stream=log, format="%(asctime)s %(levelname)s %(message)s"
        )
        logging.captureWarnings(True)
        try:
            yield
        except Exception as error:
            traceback.print_exc(file=log)
            clear = isinstance(error, InputError)
            what = f"Error: {error}" if clear else traceback.format_exc()
            os.write(terminal, f"\n{what.rstrip()}\n(log: {path})\n\n".encode())
            sys.stderr.flush()
            raise SystemExit(1) from error
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(output, 1)
            os.dup2(terminal, 2)
            os.close(output)
            os.close(terminal)


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside `path` which takes its place when the block succeeds.

    The temporary name keeps the suffix, since some writers choose the format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
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


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
