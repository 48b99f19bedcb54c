"""A limit to how long a block may take."""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator

from auscultation.job.record import write_record


@contextlib.contextmanager
def limited(seconds: float | None, give_up: Callable[[str], None]) -> Iterator[threading.Lock]:
    """Limit a block to so many seconds; None sets no limit.

    When they are over, `give_up` is called with the reason and the process ends with status 0:
    nothing less stops a library in the middle of its work. Folds in forked processes end with it.
    Yield a lock to be held where the block itself writes what `give_up` writes, too.
    """
    over = threading.Lock()  # kept by who is first: the block that is done, or the time that is up
    if seconds is None:
        yield over
        return

    def stop() -> None:
        over.acquire()
        status = 1
        try:
            give_up(f"took longer than fit_timeout ({seconds:g} s)")
            write_record("")
            status = 0
        except Exception:
            logging.exception("what is to be written of a fit without a result was not")
        finally:
            os._exit(status)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        over.acquire()
        timer.cancel()
