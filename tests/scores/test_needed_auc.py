"""The AUC that a score needs, against the closed form of two classes."""

import numpy as np
import pytest
from scipy.stats import norm

from auscultation.scores.needed_auc import needed_auc


@pytest.mark.parametrize("distance", [0.3, 0.8, 1.5, 2.5])
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.7, 0.3)])
def test_two_classes_have_a_closed_form(distance, shares):
    expected = norm.cdf(distance / np.sqrt(2))
    (got,) = needed_auc([norm.cdf(distance / 2)], np.array(shares), icbhi=False)
    assert got == pytest.approx(expected, abs=0.012)  # of a sample of 20,000


def test_the_icbhi_score_needs_more_than_the_balanced_accuracy_of_the_same_two_sides():
    """Calling a sick cycle sick is not enough: it has to be given its own class."""
    shares = np.array([0.53, 0.27, 0.13, 0.07])
    four = needed_auc([0.51, 0.55, 0.6], shares, icbhi=True)
    two = needed_auc([0.51, 0.55, 0.6], np.array([0.53, 0.47]), icbhi=False)
    assert all(more > less + 0.08 for more, less in zip(four, two, strict=True))
    assert four == sorted(four)


def test_no_skill_is_needed_for_what_a_constant_has():
    shares = np.array([0.53, 0.27, 0.13, 0.07])
    assert needed_auc([0.25], shares, icbhi=False) == pytest.approx([0.5], abs=0.01)


def test_what_cannot_be_reached_is_unknown():
    assert needed_auc([1.01], np.array([0.5, 0.5]), icbhi=False) is None
    assert needed_auc([0.6], np.array([1.0, 0.0]), icbhi=False) is None
