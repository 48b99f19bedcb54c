"""What the unit tests share."""

import pytest


@pytest.fixture
def job(tmp_path):
    """A job of a fitting rule on two folds; state 3 is missing from training, not from testing."""
    from fit_jobs import two_folds  # scikit-learn, which most modules do without

    return two_folds(tmp_path)
