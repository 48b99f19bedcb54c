"""Run commands one at a time, and say how long they took and how much memory. Imports little: a
child's peak counts the memory of the process that started it.
"""

import contextlib
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from importlib import metadata, util
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
PACKAGES = ("snakemake", "scikit-learn", "tensorflow-cpu", "tensorflow", "pyarrow", "pandas")
PACKAGES += ("openpyxl", "python-calamine", "dvc", "nbconvert", "librosa")
NEEDS = {"DVC": "dvc", "notebook (less work)": "nbconvert"}  # contenders: what must be installed


def child(
    command: list, folder: Path, timeout: float = 3600, env: dict[str, str] | None = None
) -> dict[str, float]:
    """Run a command in a folder, with `env` added to the environment.

    Returns
    -------
    dict
        `seconds`; `cpu`, seconds of processors, of all its processes; and `peak_mb`, the peak
        resident memory of its largest process.

    Raises
    ------
    TimeoutError
        Where it took longer than that many seconds; it and what it started are ended.
    RuntimeError
        Where it failed; with the end of what it printed, which is in `bench.log`.
    """
    log = folder / "bench.log"
    with open(log, "wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"DVC_NO_ANALYTICS": "1", "CI": "1"} | (env or {}),
        )
        late = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == -signal.SIGKILL and seconds >= timeout:
        raise TimeoutError(f"stopped after {timeout:.0f} s: {command}")
    if process.returncode:
        end = log.read_text(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {process.returncode}\n{end}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    cpu = used.ru_utime + used.ru_stime
    return {"seconds": seconds, "cpu": cpu, "peak_mb": used.ru_maxrss / unit}


def printed(folder: Path) -> Any:
    """Return what the command that was run last in a folder printed as JSON."""
    return json.loads((folder / "bench.log").read_text().splitlines()[-1])


def alternate(
    contenders: dict[str, Callable[[int], dict[str, float]]],
    repeats: int,
    once: Collection[str] = (),
) -> dict[str, list[dict[str, float]]]:
    """Measure contenders in turn, so that what slows the machine for a while slows all of them.

    Those of `once` are measured once; those that need what is not installed are left out.
    """
    absent = [name for name in contenders if not installed(NEEDS.get(name, "sys"))]
    print("".join(f"  left out, not installed: {name}\n" for name in absent), end="")
    runs: dict[str, list] = {name: [] for name in contenders if name not in absent}
    for repeat in range(repeats):
        for name in runs:
            if repeat and name in once:
                continue
            runs[name].append(contenders[name](repeat))
            said = ", ".join(f"{key} {value:.2f}" for key, value in runs[name][-1].items())
            print(f"  {repeat + 1}/{repeats} {name}: {said}", flush=True)
    return runs


def installed(module: str) -> bool:
    """Return whether a module can be imported."""
    return util.find_spec(module) is not None


def middle(runs: list[dict[str, float]], key: str = "seconds") -> float:
    """Return the median of a measure."""
    return median(run[key] for run in runs)


def machine() -> str:
    """Say what machine and system this is."""
    model = platform.processor() or platform.machine()
    memory = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = f", {total / 2**30:.0f} GB of memory"
    system = platform.system()
    if hasattr(platform, "freedesktop_os_release"):
        with contextlib.suppress(OSError):
            system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{model}, {os.cpu_count()} cores{memory}, {system}"


def versions() -> str:
    """Return the versions of what is compared."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def commit() -> str:
    """Name the commit, and say whether files differ from it."""
    sys.path.insert(0, str(ROOT / "scripts"))
    from auscultation.export.commit import code

    known = code(ROOT, without=("docs/benchmarks.md",))
    return (known["commit"] or "unknown")[:7] + " with changes" * bool(known["changed"])


def today() -> str:
    """Return the date."""
    return datetime.date.today().isoformat()
