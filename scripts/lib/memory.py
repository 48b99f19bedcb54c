"""Do work in a child process that may take so much memory and no more.

A library that asks for more than there is may end its whole process, and a workbook of a few
kilobytes can make it ask: two cells far apart are enough.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

from lib.job import InputError

# Address space for each megabyte unpacked, and for Python and its libraries: reading a real
# workbook takes a third of that.
EACH, BASE = 6, 4000


def limited(work: Callable[[], None], megabytes: float) -> None:
    """Do the work of reading a workbook in a child process with a limit on its memory.

    Parameters
    ----------
    work
        Its exceptions are raised here too, as far as it matters: an `InputError` as it is.
    megabytes
        Most that the workbook may have, unpacked.

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
        _run(work, megabytes, send)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        said = pipe.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return
    if code == 2:
        raise InputError(said)
    if -code in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS):
        raise InputError(
            "reading the workbook was ended by the system, most likely because it took more "
            f"memory than there is or than config key `max_megabytes: {megabytes:g}` allows; look "
            "for cells far from the table (in Excel: Ctrl+End), delete their rows and columns"
        )
    raise RuntimeError(said or f"reading the workbook was ended by signal {-code}")


def _run(work: Callable[[], None], megabytes: float, send: int) -> None:
    """Do the work and end the process: 0 done, 2 with the message of an `InputError`, 1 else."""
    import traceback

    code, said = 1, ""
    try:
        _follow_parent()
        _set_limit(int((BASE + EACH * megabytes) * 10**6))
        work()
        code = 0
    except InputError as error:
        code, said = 2, str(error)
        traceback.print_exc()
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
    except BaseException:
        said = traceback.format_exc()
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


def _set_limit(size: int) -> None:
    import resource

    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or size < hard:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))
