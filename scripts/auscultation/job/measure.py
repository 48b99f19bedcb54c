"""The cost of a fit, measured by the fit itself: time to fit and to predict, and memory."""

import multiprocessing
import sys
import time
from pathlib import Path
from typing import TypedDict

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]  # no module of that name: not measured

MEGABYTE = 10**6
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in what getrusage calls one of ru_maxrss


class Measured(TypedDict):
    """Wall times (s) summed over the folds, and the peak memory (MB); None where unknown."""

    fit_seconds: float | None
    predict_seconds: float | None
    peak_memory_mb: float | None


class Meter:
    """Sums up the seconds of folds, and reads the memory of a job and of its folds' processes."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.fit = self.predict = 0.0

    def add(self, fit: float, predict: float) -> None:
        """Add the wall times (s) of a fold, which its own process has taken."""
        self.fit += fit
        self.predict += predict

    def read(self, failed: bool = False) -> Measured:
        """Return the `measured` part of `fit.json`, with the memory of the process that took most.

        Without a result (`failed`), the fit took as long as it was tried, and predicted nothing.
        """
        memory = peak_memory()
        return {
            "fit_seconds": round(time.perf_counter() - self.began if failed else self.fit, 6),
            "predict_seconds": None if failed else round(self.predict, 6),
            "peak_memory_mb": None if memory is None else round(memory / MEGABYTE, 1),
        }


def peak_memory() -> int | None:
    """Return the most resident memory (bytes) that this process, or one that it forked, ever had.

    Of those, the largest one: their sum would count what they share several times. None where the
    system does not say.
    """
    peaks = [_high_water("self")]
    # folds that still run, where time is up
    peaks += [_high_water(str(child.pid)) for child in multiprocessing.active_children()]
    if resource is not None:
        peaks.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * UNIT)
        if peaks[0] is None:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT)
    return max(filter(None, peaks), default=None)


def _high_water(process: str) -> int | None:
    """Return the most resident memory (bytes) of a process since its program began; None if unknown.

    On Linux, getrusage also counts what the process had before its program began: that of
    Snakemake, which started it.
    """
    try:
        lines = Path("/proc", process, "status").read_text(encoding="utf-8").splitlines()
    except OSError:  # another system, or a process that has just ended
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)
