"""Project folders for the workflow tests."""

import time

import pytest

from harness import SMALL, Project
from running import CONFIG, results


@pytest.fixture
def project(tmp_path) -> Project:
    """An empty project folder with the small config."""
    project = Project(tmp_path)
    project.configure(SMALL)
    return project


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A project folder with a finished run of the small config; tests leave its results alone."""
    project = Project(tmp_path_factory.mktemp("finished"))
    project.configure(SMALL)
    project.run()
    return project


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> tuple[dict[str, object], float]:
    """What a run that nothing happens to gives, and how many seconds it takes."""
    project = Project(tmp_path_factory.mktemp("undisturbed"))
    project.configure(CONFIG)
    began = time.monotonic()
    project.run()
    return results(project), time.monotonic() - began
