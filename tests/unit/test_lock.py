"""Whose stale locks are removed, and whose stay."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lib.lock import LOCKS, RUN, hold, note

pytest.importorskip("fcntl", reason="the system has no such locks")
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def left_by(folder, **run):
    """A folder as a killed run leaves it."""
    (folder / LOCKS).mkdir(parents=True)
    (folder / LOCKS / "0.input.lock").write_text("results/a.csv\n")
    with hold(folder) as file:
        note(file, run.pop("local", True))
    if run:
        kept = json.loads((folder / RUN).read_text())
        (folder / RUN).write_text(json.dumps(kept | run))
    return folder / LOCKS


def test_a_local_runs_locks_are_removed(tmp_path):
    locks = left_by(tmp_path)
    assert locks.exists()
    with hold(tmp_path):
        assert not locks.exists()


@pytest.mark.parametrize("run", [{"local": False}, {"host": "another machine"}])
def test_jobs_elsewhere_may_still_write(tmp_path, run):
    locks = left_by(tmp_path, **run)
    with hold(tmp_path):
        assert locks.exists()


@pytest.mark.parametrize("text", ["", "{"])
def test_nothing_is_known_of_who_left_it(tmp_path, text):
    locks = left_by(tmp_path)
    (tmp_path / RUN).write_text(text)
    with hold(tmp_path):
        assert locks.exists()


def test_a_run_that_goes_on_keeps_its_locks(tmp_path):
    locks = left_by(tmp_path)
    code = (
        f"from pathlib import Path; from lib.lock import hold; print(hold(Path({str(tmp_path)!r})))"
    )
    (tmp_path / RUN).write_text("")  # so that taking the lock here removes nothing
    with hold(tmp_path) as file:
        note(file, True)
        other = subprocess.run(
            [sys.executable, "-c", code],
            cwd=SCRIPTS,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert other.stdout == "None\n" and locks.exists()


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / ".snakemake").write_text("a file")
    assert hold(tmp_path) is None
