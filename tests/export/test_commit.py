"""Which commit the project is of: its own, or the one of a repository that tracks it, or none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from auscultation.export.commit import code

NONE = {"commit": None, "changed": None}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(folder: Path, *command: str) -> str:
    """Run git as somebody, without anybody's settings."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    who += ("-c", "protocol.file.allow=always")
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *who, *command]
    return subprocess.check_output(command, env=environment, text=True, timeout=60).strip()


def project(folder: Path) -> Path:
    """Make a folder that looks like the project's."""
    (folder / "scripts").mkdir(parents=True)
    (folder / "Snakefile").write_text("rule all:\n")
    (folder / "scripts" / "clean.py").write_text("# cleans\n")
    return folder


def repository(folder: Path) -> str:
    """Make a repository of all that is there; give its commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", str(folder))
    return git(folder, "rev-parse", "HEAD")


def test_project_that_is_a_repository(tmp_path):
    commit = repository(project(tmp_path))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "new.csv").touch()  # untracked: no change of the code
    assert code(tmp_path) == {"commit": commit, "changed": False}
    (tmp_path / "scripts" / "clean.py").write_text("# does not\n")
    assert code(tmp_path) == {"commit": commit, "changed": True}
    assert code(tmp_path, without=("scripts/clean.py",)) == {"commit": commit, "changed": False}


@pytest.mark.parametrize("ignored", [True, False])
def test_untracked_in_another_repository(tmp_path, ignored):
    """Fault 6: the commit of a repository that does not hold the project is not the project's."""
    (tmp_path / "thesis.txt").write_text("x")
    (tmp_path / ".gitignore").write_text("models/\n" if ignored else "")
    repository(tmp_path)
    inside = project(tmp_path / "models")
    (tmp_path / "thesis.txt").write_text("changed")
    assert code(inside) == NONE
    if not ignored:
        git(tmp_path, "add", "models")
        assert code(inside) == NONE  # the commit does not hold it yet
        git(tmp_path, "commit", "--quiet", "--message", "models")
        assert code(inside)["commit"] == git(tmp_path, "rev-parse", "HEAD")


def test_folder_that_another_repository_tracks(tmp_path):
    """Fault 6: there the commit is that repository's, and only the project's files count."""
    inside = project(tmp_path / "models")
    (tmp_path / "thesis.txt").write_text("x")
    commit = repository(tmp_path)
    (tmp_path / "thesis.txt").write_text("changed")
    assert code(inside) == {"commit": commit, "changed": False}
    (inside / "Snakefile").write_text("# changed\n")
    assert code(inside) == {"commit": commit, "changed": True}


def test_worktree_submodule_and_shallow_clone(tmp_path):
    """Fault 6: wherever a checkout keeps its history, the commit is the project's own."""
    commit = repository(project(tmp_path / "one"))
    git(tmp_path / "one", "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{tmp_path}/one", "shallow")
    (tmp_path / "outer").mkdir()
    outer = repository(tmp_path / "outer")
    git(tmp_path / "outer", "submodule", "--quiet", "add", f"file://{tmp_path}/one", "models")
    for place in ("tree", "shallow", "outer/models"):
        assert code(tmp_path / place) == {"commit": commit, "changed": False}, place
    assert commit != outer


def test_another_repository_that_runs_this(tmp_path, monkeypatch):
    """Fault 6: a hook's GIT_DIR names its own repository, not the project's."""
    commit = repository(project(tmp_path / "one"))
    other = repository(project(tmp_path / "two"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "two" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "two"))
    assert code(tmp_path / "one")["commit"] == commit != other


def test_no_commit_is_known(tmp_path, monkeypatch, caplog):
    """Fault 6: no repository, no commit yet, one that git refuses, no git: the log says why."""
    caplog.set_level("INFO")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = project(tmp_path / "one")
    assert code(folder) == NONE
    git(folder, "init", "--quiet")
    assert code(folder) == NONE
    assert "not a git repository" in caplog.text
    repository(folder)
    assert code(folder) != NONE
    with monkeypatch.context() as other:
        other.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        other.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        other.setenv("GIT_CONFIG_NOSYSTEM", "1")
        assert code(folder) == NONE
    assert "safe.directory" in caplog.text
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code(folder) == NONE
    assert "git cannot be started" in caplog.text
