"""What a fit measures of itself: how long it fits and predicts, and how much memory it takes."""

import multiprocessing
import sys
import time
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has none
    resource = None

MEGABYTE = 10**6
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in what getrusage calls one of ru_maxrss


class Meter:
    """Adds up the seconds of folds, and reads the memory of a job and of its folds' processes."""

    def __init__(self):
        self.began = time.perf_counter()
        self.fit = self.predict = 0.0

    def add(self, fit: float, predict: float) -> None:
        """Add the wall times (s) of a fold, which its own process has taken."""
        self.fit += fit
        self.predict += predict

    def read(self, failed: bool = False) -> dict[str, float | None]:
        """Return what `fit.json` says.

        Parameters
        ----------
        failed
            Whether there is no result: then the fit took as long as it was tried, and nothing was
            predicted.

        Returns
        -------
        dict
            fit_seconds and predict_seconds, wall times (s) summed over the folds, and
            peak_memory_mb, of the process of the job that took most; None where unknown.
        """
        fit, predict = self.fit, self.predict
        if failed:
            fit, predict = time.perf_counter() - self.began, None
        memory = peak_memory()
        return {
            "fit_seconds": round(fit, 6),
            "predict_seconds": None if predict is None else round(predict, 6),
            "peak_memory_mb": None if memory is None else round(memory / MEGABYTE, 1),
        }


def peak_memory() -> int | None:
    """Return the most resident memory (bytes) that this process, or one that it forked, ever had.

    Of those, the largest one: their sum would count what they share several times. None where the
    system does not say.
    """
    known = [_high_water("self")]
    # folds that still run, where time is up
    known += [_high_water(str(child.pid)) for child in multiprocessing.active_children()]
    if resource is not None:
        known.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * UNIT)
        if known[0] is None:
            known.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT)
    return max(filter(None, known), default=None)


def _high_water(process: str) -> int | None:
    """Return the most resident memory (bytes) of a process since its program began; None if unknown.

    On Linux, getrusage also counts what the process had before its program began: that of
    Snakemake, which started it.
    """
    try:
        lines = Path("/proc", process, "status").read_text(encoding="utf-8").splitlines()
    except OSError:  # another system, or a process that has just ended
        return None
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
