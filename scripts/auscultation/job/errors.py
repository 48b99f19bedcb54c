"""What goes wrong in a job, and how it is said in a line."""

import errno
import os

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class InputError(ValueError):
    """Something a user can mend: the message says what is wrong, where, and what to do."""


class FitFailed(ArithmeticError):
    """A fit without a result: a row of the report with its reason, not an error of the job."""


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
    """Return what an error says as one line; its type where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
