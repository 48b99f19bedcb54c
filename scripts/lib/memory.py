"""Do work in a child process that may take so much memory and no more.

A library that asks for more than there is may end its whole process, and a workbook of a few
kilobytes can make it ask: two cells far apart are enough.
"""

import contextlib
import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable

from lib.job import InputError, cause

# Address space that reading may take, for each byte unpacked and beside: far more than it does.
EACH, BESIDE = 10, 10**9
_limited = False


def allow(size: int) -> None:
    """Allow the work so much more memory as reading this many unpacked bytes may take.

    Does nothing outside of `limited`, and on systems that know no such limit.
    """
    if not _limited or sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = now + BESIDE + EACH * size
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def limited(work: Callable[[], None]) -> None:
    """Do the work of reading a workbook in a child process, whose memory `allow` limits.

    Raises
    ------
    InputError
        Where the work raised one, or took too much memory.
    RuntimeError
        Where the work failed otherwise.
    """
    receive, send = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(receive)
        _run(work, send)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        said = pipe.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return
    if code == 2:
        raise InputError(said)
    if code == 3 or -code in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS):
        raise InputError(
            "reading the workbook was ended by the system, most likely because it took far more "
            "memory than a workbook of its size needs: it is damaged, or has cells far from the "
            "table (in Excel: Ctrl+End; delete those rows and columns)"
        )
    raise RuntimeError(said or f"reading the workbook was ended by signal {-code}")


def _run(work: Callable[[], None], send: int) -> None:
    """Do the work and end the process: 0 done, 3 out of memory, 2 what a user can mend, 1 else."""
    global _limited
    code, said = 1, ""
    try:
        _follow_parent()
        _limited = True
        work()
        code = 0
    except BaseException as error:
        known = cause(error)
        code = 3 if isinstance(error, MemoryError) else 2 if known else 1
        said = known or traceback.format_exc()
        with contextlib.suppress(OSError):  # a full disk takes no log either
            traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        with os.fdopen(send, "wb") as pipe:
            pipe.write(said.encode())
        os._exit(code)


def _follow_parent() -> None:
    """End with the parent (on Linux): nothing may write results after a job was stopped."""
    if sys.platform == "linux":
        parent_death = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(parent_death, signal.SIGKILL)
