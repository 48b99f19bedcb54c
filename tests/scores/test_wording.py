"""Numbers and lists for reading."""

from auscultation.scores.wording import interval, listed, number, signed


def test_numbers_for_reading():
    assert number(-0.0001) == "0.000"
    assert number(-0.25, 2) == "−0.25"
    assert number(None) == "–"
    assert interval(-0.1, 0.25) == "−0.100 to 0.250"
    assert interval(None, None) == ""
    assert (signed(0.05), signed(-0.05)) == ("+0.050", "−0.050")


def test_lists_are_cut_where_they_are_long():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d"], 3) == "a, b and 2 more"
