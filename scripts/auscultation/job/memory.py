"""Do work in a child process that may take so much memory and no more.

A library that asks for more than there is may end its whole process, and a workbook of a few
kilobytes can make it ask: two cells far apart are enough. Linux alone has such a limit and forks
safely; elsewhere the work is done in this process, without a limit.
"""

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

from auscultation.job.errors import InputError, cause

# Address space that reading may take, for each byte unpacked and beside: far more than it does.
EACH, BESIDE = 10, 10**9
PR_SET_PDEATHSIG = 1
STATM = "/proc/self/statm"  # its first number: pages of address space
T = TypeVar("T")
_limited = False


def allow(size: int) -> None:
    """Allow the work so much more memory as reading this many unpacked bytes may take.

    Does nothing outside of `limited`, and on systems that know no such limit.
    """
    if not _limited or not os.path.exists(STATM):
        return
    import resource

    with open(STATM, encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    most, hard = now + BESIDE + EACH * size, resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def limited(work: Callable[[], T], what: str = "the workbook") -> T:
    """Return what the work of reading `what` gives, done in a child with memory as `allow` limits.

    To be called before anything is computed with several threads: these do not survive a fork. What
    the work gives can be pickled. Raises InputError where the work raised one or took too much
    memory, and RuntimeError where it failed otherwise.
    """
    if sys.platform != "linux":
        return work()
    receive, send = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(receive)
        _run(work, send)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        sent = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return pickle.loads(sent)
    message = sent.decode(errors="replace")
    if code == 2:
        raise InputError(message)
    if code == 3 or -code in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS):
        raise InputError(
            f"reading {what} was ended by the system, most likely because it took far more "
            "memory than a workbook of its size needs: it is damaged, or has cells far from the "
            "table (in Excel: Ctrl+End; delete those rows and columns)"
        )
    raise RuntimeError(message or f"reading {what} was ended by signal {-code}")


def _run(work: Callable[[], object], send: int) -> None:
    """Do the work and exit: 0 done, 3 out of memory, 2 what the user can mend, 1 anything else."""
    global _limited
    code, sent = 1, b""
    try:
        # end with the parent: nothing may write results after a job was stopped
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _limited = True
        sent = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        code = 0
    except BaseException as error:
        reason = cause(error)
        code = 3 if isinstance(error, MemoryError) else 2 if reason else 1
        sent = (reason or traceback.format_exc()).encode()
        with contextlib.suppress(OSError):  # a full disk takes no log either
            traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        with os.fdopen(send, "wb") as pipe:
            pipe.write(sent)
        os._exit(code)
