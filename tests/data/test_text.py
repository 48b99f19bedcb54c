"""Texts that look the same are the same, and no others."""

import pytest

from auscultation.data.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("P\u00a012", "P 12"),
        ("P\u202f\u2009 12 ", "P 12"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\ufeff101\u200b", "101"),
        ('="101"', "101"),
        ('="P ""x"" 1"', 'P "x" 1'),
        ("226_1b1_Pl_sc_Meditron", "226_1b1_Pl_sc_Meditron"),
    ],
)
def test_one_spelling(text, folded):
    """Fault 17: spaces, composed letters, characters without width and Excel's wrapper."""
    assert fold(text) == folded == fold(folded)


def test_what_looks_different_stays_different():
    texts = ["007", "7", "7.0", "1E1", "10", "p1", "P1", "+7", "-7", "'7", "=7", "", "a b", "ab"]
    assert len({fold(text) for text in texts}) == len(texts)
