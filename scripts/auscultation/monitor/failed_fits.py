"""Fits whose jobs have failed: marked until they are tried anew, so that a run can do without them.

A job that fails marks its fit itself (`auscultation.job.log`). One that is killed from outside cannot; the run
does it, at its end. A fit whose run was ended with it is not marked, and is run again.
"""

import contextlib
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path

from auscultation.job.errors import out_of_memory
from auscultation.job.log import ERROR
from auscultation.job.record import LOG, MARK, record_of

ENDED = "its job was ended before it was done, most often for lack of memory or time"
NO_MEMORY = ("OpenBLAS error: Memory allocation", "std::bad_alloc")  # libraries' last words


def mark_killed(jobs: Iterable) -> list[str]:
    """Mark the fits whose jobs were ended from outside, of the scheduler's jobs that have failed.

    Of fits that share a job, and of jobs that a cluster ran as one, those that had begun and not
    ended, or all where none had.
    Return for each a line that says why, and where its log is.
    """
    said = []
    for job in jobs:
        parts = job.jobs if job.is_group() else [job]
        logs = [Path(log) for part in parts for log in (*part.log, *logs_of_several(part))]
        logs = [log for log in logs if log.name == LOG and log.parent.is_dir()]
        begun = [log for log in logs if record_of(log).exists()]
        for log in [log for log in begun if record_of(log).stat().st_size] if begun else logs:
            why = _why(log)
            said.append(f"{ERROR}{why} (log: {log})")
            with contextlib.suppress(OSError):  # a full disk, or one that cannot be written
                log.with_name(MARK).write_text(why, encoding="utf-8")
    return said


def logs_of_several(job) -> list[Path]:
    """Return the logs of the fits that share a job; none of a job that is no such."""
    several = getattr(getattr(job, "params", None), "together", None)
    return [Path(path).with_name(LOG) for path in job.output.summary] if several else []


def _why(log: Path) -> str:
    """Return why a job ended that could not say so itself: its log's last words may tell."""
    with contextlib.suppress(OSError):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]:
            if any(words in line for words in NO_MEMORY):
                return out_of_memory(line)
    return ENDED


def note_sigterm(told: list[int]) -> None:
    """Add the signal to a list when this process is told to end, by SIGTERM.

    Its jobs may have been told so too: they have not failed then.
    """
    before = signal.getsignal(signal.SIGTERM)

    def note(number: int, frame) -> None:
        told.append(number)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, note)


def lost(fits: Iterable[Mapping[str, str]], results: str) -> list[dict[str, str]]:
    """Return those of the fits whose jobs have failed, each with the `reason`; only reads."""
    failed = []
    for fit in fits:
        mark = Path(results, "fits", fit["model"], fit["split"], MARK)
        if mark.exists():  # predictions may be there, of fits before that share a job
            reason = mark.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
            failed.append({**fit, "reason": reason or ENDED})
    return failed
