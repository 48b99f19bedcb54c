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
    """Return a file of other people's, which lies beside the project, not in it; skip without it."""
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


@pytest.fixture(scope="session")
def icbhi_list_of_921() -> Path:
    """The same as it is in circulation: with both spellings of one recording."""
    what = "the challenge's list as others ship it"
    return others_data("ICBHI_challenge_train_test_921.txt", what)


@pytest.fixture(scope="session")
def listed_patients() -> Path:
    """Folds of the patients, as others have published them."""
    return others_data("respirenet_folds.txt", "published folds, of RespireNet's repository")


@pytest.fixture(scope="session")
def icbhi_4k() -> Path:
    """All recordings of the ICBHI database at 4 kHz, with their annotations."""
    return others_data("icbhi_4k", "the ICBHI recordings at 4 kHz")


@pytest.fixture(scope="session")
def icbhi_native() -> Path:
    """Some recordings of the ICBHI database as they were published, with their annotations."""
    return others_data("icbhi_native", "some ICBHI recordings as published")


@pytest.fixture(scope="session")
def icbhi_patients() -> list[Path]:
    """The demographics and the diagnoses of the ICBHI database."""
    names = ("icbhi_demographics.txt", "icbhi_diagnosis.txt")
    return [others_data(name, "a table of ICBHI's patients") for name in names]


@pytest.fixture
def job(tmp_path):
    """A job of a fitting rule on two folds; state 3 is missing from training, not from testing."""
    from fit_jobs import two_folds  # scikit-learn, which most modules do without

    return two_folds(tmp_path)
