"""What all tests share: where the project is, and the notebook's own workbook where there is one."""

import sys
from pathlib import Path

import pyarrow as pa
import pytest

pa.array([0])  # pyarrow looks for pandas once: before a script that does without it runs here

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_workbook() -> Path:
    """The notebook's workbook: other people's data, so it lies beside the project, not in it."""
    path = SHARED / "auscultation_features.xlsx"
    if not path.exists():
        pytest.skip("the notebook's workbook is not at ../shared/data/auscultation_features.xlsx")
    return path
