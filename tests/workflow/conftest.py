"""Project folders for the workflow tests."""

import pytest
from harness import SMALL, Project


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
