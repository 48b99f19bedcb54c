"""The share of variance between groups: against a closed form and simulated truths."""

import numpy as np
import pytest

from auscultation.scores.variance import Groups, between, between_of_category, scaled

RNG = np.random.default_rng(20)
SIZES = RNG.integers(2, 120, 126)  # cycles of a patient, as unequal as those of a real table
PATIENT = RNG.permutation(np.repeat(np.arange(126), SIZES))


def share_of(column, groups):
    return between(scaled(np.asarray(column, float)[:, None]), Groups.of(np.asarray(groups)))[0]


def test_balanced_groups_by_hand():
    """Means 2, 4, 9 of two each: MSB 26, MSW 2, sigma2 between (26 - 2) / 2 = 12 of 12 + 2."""
    column, groups = [1, 3, 3, 5, 8, 10], [7, 7, 5, 5, 6, 6]
    assert share_of(column, groups) == pytest.approx(12 / 14, rel=1e-12)
    # blank cells and the unit do not matter, nor that the sums of squares are no numbers
    assert share_of([*column, np.nan], [*groups, 7]) == pytest.approx(12 / 14, rel=1e-12)
    assert share_of(np.array(column) * 1.7e307, groups) == pytest.approx(12 / 14, rel=1e-12)


@pytest.mark.parametrize("truth", [0.0, 0.2, 0.8])
def test_simulated_components_are_recovered(truth):
    """Mean of 400 simulated columns: the estimates are nearly without bias."""
    people = RNG.normal(0, np.sqrt(truth), (126, 400))
    columns = people[PATIENT] + RNG.normal(0, np.sqrt(1 - truth), (len(PATIENT), 400))
    columns[RNG.random(columns.shape) < 0.1] = np.nan
    shares = between(scaled(1e6 + 30 * columns), Groups.of(PATIENT))
    assert shares.mean() == pytest.approx(truth, abs=0.012)
    assert (shares >= 0).all()


def test_what_a_patient_has_once_is_all_between():
    assert share_of(RNG.choice([18.5, 64.1, 0.1], 126)[PATIENT], PATIENT) == 1
    sex = RNG.integers(0, 2, 126)[PATIENT]
    assert between_of_category(sex, Groups.of(PATIENT)) == 1


def test_a_category_of_two_levels_is_its_column():
    level = (RNG.random(126)[PATIENT] > RNG.random(len(PATIENT))).astype(int)
    expected = share_of(level, PATIENT)
    assert 0.1 < expected < 0.9
    assert between_of_category(level, Groups.of(PATIENT)) == pytest.approx(expected, rel=1e-9)
    blank = np.where(RNG.random(len(level)) < 0.5, -1, level)
    expected = share_of(np.where(blank < 0, np.nan, blank), PATIENT)
    assert between_of_category(blank, Groups.of(PATIENT)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("column", "groups"),
    [([0.1] * 4, [1, 1, 2, 2]), ([1, 2, 3, 4], [1] * 4), ([1, 2, 3, 4], [1, 2, 3, 4])],
)
def test_nothing_to_divide(column, groups):
    assert np.isnan(share_of(column, groups))
