"""The log of a job: everything it prints, and the traceback and reason if it fails."""

import contextlib
import gc
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from auscultation.job.errors import cause
from auscultation.job.record import LOG, MARK, on_record
from auscultation.job.together import parts

ERROR = "Error: "  # how the line begins that says why a job failed


@contextlib.contextmanager
def job_log(snakemake) -> Iterator[None]:
    """Write everything a job prints or logs to its log file; show failures on the terminal too.

    Libraries write to the file descriptors themselves (TensorFlow does), so these are redirected,
    not Python's streams alone. A failure's traceback goes to the log; the terminal gets the message
    alone where it is an `InputError`, else the traceback as well. A fit that fails is marked, with
    its reason, until its job begins anew. Any exception becomes SystemExit with status 1.
    """
    path, terminal = Path(snakemake.log[0]), os.dup(2)
    mark = path.with_name(MARK) if path.name == LOG else None
    try:
        with on_record(snakemake, terminal):
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
        reason = cause(error)
        text = f"{ERROR}{reason}" if reason else traceback.format_exc()
        os.write(terminal, f"\n{text.rstrip()}\n(log: {path})\n\n".encode())
        raise SystemExit(1) from error
    finally:
        os.close(terminal)


def start(script: dict, main: Callable, *args, **kwargs) -> None:
    """Run the job of a script that Snakemake started; do nothing where the script is imported.

    Snakemake puts `snakemake` into the `globals()` of a script. `main` is called with it and the
    other arguments; its output goes to the job's log. Of several fits that share a job, one that
    fails does not stop the others.
    """
    if (snakemake := script.get("snakemake")) is None:
        return
    gc.freeze()  # what the script imported stays: no collection need look at it, here or in a fork
    ended = None
    for part in parts(snakemake):
        try:
            with job_log(part):
                main(part, *args, **kwargs)
        except SystemExit as end:
            ended = end
    if ended:
        raise ended


@contextlib.contextmanager
def _everything_in(path: Path) -> Iterator[TextIO]:
    """Write everything that is printed, logged or warned of into a file, and yield it."""
    descriptors = os.dup(1), os.dup(2)
    try:
        with open(path, "w", encoding="utf-8", buffering=1) as log:
            _flush()
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            handler = logging.StreamHandler(log)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            logging.root.addHandler(handler)
            logging.root.setLevel(logging.INFO)
            logging.captureWarnings(True)
            try:
                yield log
            finally:
                logging.root.removeHandler(handler)
                _flush()
    finally:
        for number, kept in enumerate(descriptors, 1):
            os.dup2(kept, number)
            os.close(kept)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
