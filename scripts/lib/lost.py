"""Fits whose jobs have failed: marked while a run goes on, so that a later one can do without them.

A log without predictions is not enough: a job that was interrupted leaves that too, and is to be
run again.
"""

import logging
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

from lib.job import ERROR, INTERRUPTED

LOG, MARK = "fit.log", "failed"  # in the folder of a fit
ENDED = "its job was ended before it was done, most often for lack of memory or time"


class Marks(logging.Filter):
    """A filter of Snakemake's logger that marks the fits whose jobs fail, until they are tried anew."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Learn from a record; let it pass."""
        event = getattr(record, "event", None)
        if event in (LogEvent.JOB_INFO, LogEvent.JOB_ERROR):
            for log in map(Path, record.log or ()):
                mark = log.parent / MARK
                if log.name == LOG and event == LogEvent.JOB_INFO:
                    for old in (mark, log):
                        old.unlink(missing_ok=True)
                elif log.name == LOG and log.parent.is_dir():
                    mark.touch()
        return True


def lost(fits: list[dict], results: str) -> list[dict]:
    """Give those of the fits whose jobs have failed, each with the `reason` that its log gives."""
    found = []
    for fit in fits:
        folder = Path(results) / "fits" / fit["model"] / fit["split"]
        if (folder / MARK).exists() and not (folder / "predictions.parquet").exists():
            why = reason(folder / LOG)
            found += [fit | {"reason": why}] if why else []
    return found


def reason(log: Path) -> str | None:
    """Give the line of a log that says why its job failed; None where it was only interrupted.

    A job that was interrupted (Ctrl-C) while it was starting has no log yet.
    """
    if not log.exists():
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if INTERRUPTED in lines:
        return None
    said = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
    return said[-1] if said else ENDED
