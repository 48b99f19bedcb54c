"""One run at a time in a folder, and no lock left behind by a run that was killed.

Snakemake locks a folder by files that stay when it is killed. Beside them, a run holds a lock of the
operating system here, which ends with its process: where it is free, a local run's files are stale.
"""

import json
import os
import shutil
import socket
from pathlib import Path
from typing import TextIO

RUN = Path(".snakemake") / "run.json"
LOCKS = Path(".snakemake") / "locks"


def hold(folder: Path = Path()) -> TextIO | None:
    """Take the lock of a folder if it is free, and remove what a killed local run has left.

    Parameters
    ----------
    folder
        Where snakemake was started.

    Returns
    -------
    file or None
        To be kept open as long as the run takes; None where another run holds the lock, or the
        system or the file system has no such locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    path = folder / RUN
    try:
        path.parent.mkdir(exist_ok=True)
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115
    except OSError:  # a folder that cannot be written to; snakemake will say so
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.seek(0)
    if _is_ours(file.read()):
        shutil.rmtree(folder / LOCKS, ignore_errors=True)
    return file


def _is_ours(text: str) -> bool:
    """Say whether the run that has left its lock ran here, and its jobs too."""
    try:
        run = json.loads(text)
    except ValueError:
        return False
    return run["host"] == socket.gethostname() and run["local"]


def note(file: TextIO | None, local: bool) -> None:
    """Write down who holds the lock, and whether its jobs run on this machine."""
    if file is None:
        return
    file.seek(0)
    file.truncate()
    json.dump({"host": socket.gethostname(), "pid": os.getpid(), "local": local}, file)
    file.flush()
