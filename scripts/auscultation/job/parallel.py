"""The folds of one fit at once: as many processes as the job has threads for, and no more.

They are forked: one that starts anew imports for seconds (TensorFlow 7 s), a fork takes 0.04 s.
"""

import ctypes
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple, TypeVar, cast

import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from auscultation.job.errors import InputError

# elsewhere a fork is not safe, or is not there: the folds follow each other
FORKS = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
Item = TypeVar("Item")
Result = TypeVar("Result")
WORK: list[Callable] = []  # of this process's folds; handed on by the fork, so it is never pickled


class Share(NamedTuple):
    """The use of a job's threads: `processes` at once, each with `threads`."""

    processes: int
    threads: int


def share(train: str | os.PathLike, threads: int) -> Share:
    """Divide the threads of a job among its folds, which are the row groups of a Parquet file."""
    with pq.ParquetFile(train) as file:
        folds = file.num_row_groups
    processes = max(1, min(threads, folds)) if FORKS else 1
    return Share(processes, max(1, threads // processes))


def limit(threads: int) -> threadpool_limits:
    """Limit OpenMP to some threads, and BLAS to one, whose sums depend on the number in the last digit.

    TensorFlow has its own settings, which must precede its first operation.
    """
    return threadpool_limits({"openmp": threads, "blas": 1})


def _begin(work: Callable, threads: int) -> None:
    """Set up a forked process; it ends with the job, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.freeze()
    limit(threads)
    WORK[:] = [work]


def _work(item: object) -> object:
    """Work in a forked process; an error that cannot travel is sent as its traceback."""
    try:
        return WORK[0](item)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            raise RuntimeError(traceback.format_exc()) from None
        raise


def each(work: Callable[[Item], Result], items: Iterable[Item], share: Share) -> Iterator[Result]:
    """Yield work(item) for each item, in order, done in this process or in forks of it.

    Results can be pickled. Raises InputError where a process was killed from outside.
    """
    if share.processes == 1 or not FORKS:
        with limit(share.threads):
            yield from map(work, items)
        return
    sys.stdout.flush()
    sys.stderr.flush()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(share.processes, fork, _begin, (work, share.threads)) as pool:
        try:
            yield from cast("Iterator[Result]", pool.map(_work, items))  # of `work`, forked
        except BrokenProcessPool as error:
            raise InputError(
                "a process of the job was killed, most often for lack of memory: give the job more "
                "of it, or fewer threads, so that fewer folds are fitted (or fits scored) at once"
            ) from error
