"""A job's log, what a failure shows, and files that appear whole or not at all."""

import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from auscultation.job.files import atomic_path, write_text

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def job(tmp_path):
    """Run lines of Python as the work of a job; give the process and the log's text."""

    def job(body, log=True):
        script = f"""
import logging, os, subprocess, sys, warnings
from types import SimpleNamespace
from auscultation.job.errors import InputError
from auscultation.job.log import job_log
print("before, out")
with job_log(SimpleNamespace(log=[r"{tmp_path}/logs/deep/fit.log"])):
{textwrap.indent(textwrap.dedent(body).strip(), "    ")}
print("after, out")
print("after, err", file=sys.stderr)
"""
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=SCRIPTS, capture_output=True, text=True, timeout=60
        )
        return (
            done
            if not log
            else (done, (tmp_path / "logs/deep/fit.log").read_text(encoding="utf-8"))
        )

    return job


class TestLog:
    def test_everything_said_lands_in_the_log(self, job):
        done, log = job(
            """
            print("printed")
            print("complained", file=sys.stderr)
            os.write(1, b"written to descriptor 1\\n")
            os.write(2, b"written to descriptor 2\\n")
            subprocess.run([sys.executable, "-c", "print('said by a child')"], check=True)
            logging.info("logged %d", 7)
            warnings.warn("a warning", stacklevel=1)
            """
        )
        said = ["printed", "complained", "written to descriptor 1", "written to descriptor 2"]
        for words in [*said, "said by a child", "INFO logged 7", "a warning"]:
            assert log.count(words) == 1, words
        assert done.returncode == 0
        assert done.stdout == "before, out\nafter, out\n"
        assert done.stderr == "after, err\n"

    def test_a_message_for_the_user_stands_alone(self, job):
        done, log = job('raise InputError("sheet Cycles, cell B2: mend it")')
        assert done.returncode == 1
        lines = [line for line in done.stderr.splitlines() if line]
        assert lines[0] == "Error: sheet Cycles, cell B2: mend it"
        assert lines[1].startswith("(log: ") and lines[1].endswith("logs/deep/fit.log)")
        assert len(lines) == 2
        assert (
            "Traceback" in log
            and "auscultation.job.errors.InputError: sheet Cycles, cell B2: mend it" in log
        )
        assert "after" not in done.stdout

    def test_any_other_failure_shows_its_traceback(self, job):
        done, log = job("{}['absent']")
        assert done.returncode == 1
        for text in (done.stderr, log):
            assert "Traceback" in text and "KeyError: 'absent'" in text
        assert done.stderr.count("Traceback") == 1

    def test_the_cause_is_in_the_log(self, job):
        done, log = job(
            """
            try:
                int("x")
            except ValueError as error:
                raise InputError("no number") from error
            """
        )
        assert "invalid literal" in log and "no number" in log
        assert "invalid literal" not in done.stderr

    @pytest.mark.parametrize(
        ("raised", "said"),
        [
            ("OSError(28, 'no', 'a.parquet')", "Error: a.parquet: no space left on the disk."),
            ("OSError(30, 'no', 'a.parquet')", "Error: a.parquet: Read-only file system."),
            ("PermissionError(13, 'no', 'a.parquet')", "Error: a.parquet: Permission denied."),
            ("MemoryError('Unable to allocate 8 GiB')", "Error: out of memory (Unable to allo"),
        ],
    )
    def test_causes_that_a_user_can_mend_stand_alone(self, job, raised, said):
        done, log = job(f"raise {raised}")
        assert done.returncode == 1 and "Traceback" in log
        assert done.stderr.strip().startswith(said) and "Traceback" not in done.stderr

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
    def test_a_disk_too_full_for_the_log(self, job, tmp_path):
        (tmp_path / "logs" / "deep").mkdir(parents=True)
        (tmp_path / "logs" / "deep" / "fit.log").symlink_to("/dev/full")
        done = job("logging.info('x' * 10_000)\nprint('y' * 10_000)", log=False)
        assert done.returncode == 1 and "after" not in done.stdout
        assert "no space left on the disk" in done.stderr

    def test_a_log_that_cannot_be_written(self, job, tmp_path):
        (tmp_path / "logs").write_text("a file, not a folder")
        done = job("pass", log=False)
        assert done.returncode == 1 and "logs" in done.stderr and "after" not in done.stdout

    def test_what_was_said_before_a_failure_is_kept(self, job):
        _, log = job(
            """
            print("said before")
            raise InputError("failed")
            """
        )
        assert "said before" in log and "failed" in log

    def test_exit_status_of_an_exit(self, job):
        done, _ = job("sys.exit(3)")
        assert done.returncode == 3


class TestAtomicPath:
    def test_takes_its_place_when_whole(self, tmp_path):
        path = tmp_path / "new" / "a.txt"
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            assert temporary.parent == path.parent and temporary.suffix == ".txt"
            assert not path.exists()
        assert path.read_text() == "half"
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_leaves_nothing_on_failure(self, tmp_path, error):
        with pytest.raises(error), atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error
        assert list(tmp_path.iterdir()) == []

    def test_removes_what_a_killed_job_has_left(self, tmp_path):
        (tmp_path / ".a.txt~x1y2.txt").write_text("half")
        (tmp_path / ".b.a.txt~x1y2.txt").write_text("of another file")
        write_text(tmp_path / "a.txt", "whole")
        assert sorted(p.name for p in tmp_path.iterdir()) == [".b.a.txt~x1y2.txt", "a.txt"]

    def test_keeps_the_old_file_on_failure(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("old")
        with pytest.raises(ValueError), atomic_path(path) as temporary:
            temporary.write_text("half")
            raise ValueError
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_replaces_the_old_file(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("old")
        write_text(path, "µ new")
        assert path.read_text(encoding="utf-8") == "µ new"

    def test_others_may_read_as_with_any_new_file(self, tmp_path):
        (tmp_path / "plain").touch()
        write_text(tmp_path / "a.txt", "x")
        modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "a.txt")]
        assert modes[0] == modes[1]
