"""What all tests share: where the project is, and other people's data where they are at hand."""

import sys
from pathlib import Path

import pyarrow as pa
import pytest

pa.array([0])  # pyarrow looks for pandas once: before a script that does without it runs here

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

SHARED = ROOT.parent / "shared" / "data"


def others_data(name: str, what: str) -> Path:
    """Give a file of other people's, which lies beside the project, not in it; skip without it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{what}, is not at ../shared/data/{name}")
    return path


@pytest.fixture(scope="session")
def real_workbook() -> Path:
    """The notebook's workbook."""
    what = "the notebook's workbook, which `workbook: published` downloads"
    return others_data("auscultation_features.xlsx", what)


@pytest.fixture(scope="session")
def icbhi_list() -> Path:
    """The ICBHI challenge's division of the recordings."""
    return others_data("ICBHI_challenge_train_test.txt", "the challenge's list, of its web site")
