"""Errors of a job, and the one line that tells a user what to do."""

import errno
import os

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class InputError(ValueError):
    """An error a user can repair: the message says what is wrong, where, and what to do."""


class FitFailed(ArithmeticError):
    """A fit has no result: the report shows the reason; the job does not fail."""


def cause(error: BaseException) -> str | None:
    """Return in one line what a user can repair; None where only a traceback helps."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return out_of_memory(error or "no more to be had")
    if not isinstance(error, OSError) or error.errno not in FULL + FORBIDDEN:
        return None
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        again = "Free some and start again; what is finished is kept"
        return f"{where}no space left on the disk. {again}"
    return f"{where}{os.strerror(error.errno)}. Make the folder writable, or give another one"


def out_of_memory(detail: object) -> str:
    """Return what is said of a job that had too little memory."""
    return f"out of memory ({detail}). Run fewer jobs at once (--cores)"


def one_line(error: object) -> str:
    """Return the message of an error as one line; the name of its type where it has no message."""
    return " ".join(str(error).split()) or type(error).__name__
