"""What the answer says of one model."""

import pytest

from auscultation.scores.verdict import is_better


@pytest.mark.parametrize(
    ("difference", "p", "better"),
    [(0.1, 0.01, True), (0.1, 0.06, False), (0.1, None, False), (-0.1, 0.01, False)],
)
def test_better_needs_the_corrected_p_value(difference, p, better):
    assert is_better({"difference": difference, "p_holm": p}) == better
    assert is_better({"difference": -difference, "p_holm": p}, sign=-1) == better
