"""Whose values a cycle takes: those of a random cycle of another patient of its fold."""

import numpy as np
import pytest

from auscultation.scores.permutation import donor_rows, donors, permuted

RNG = np.random.default_rng(0)
PATIENT = np.repeat(np.arange(12), RNG.integers(1, 9, 12))
FOLD = PATIENT % 3


@pytest.mark.parametrize(("n", "repeats"), [(2, 5), (5, 4), (5, 11), (30, 7)])
def test_no_patient_is_its_own_donor_and_each_gives_once_in_a_draw(n, repeats):
    drawn = donors(n, repeats, np.random.default_rng(1))
    assert drawn.shape == (repeats, n)
    assert (drawn != np.arange(n)).all()
    assert (np.sort(drawn, axis=1) == np.arange(n)).all()


def test_as_many_draws_as_others_are_each_of_them_once():
    drawn = donors(9, 8, np.random.default_rng(2))
    for own, of in enumerate(drawn.T):
        assert sorted(of.tolist()) == [k for k in range(9) if k != own]


def test_every_other_patient_is_as_likely():
    drawn = donors(5, 1, np.random.default_rng(3))
    counts = np.zeros((5, 5))
    for seed in range(2000):
        drawn = donors(5, 1, np.random.default_rng(seed))[0]
        counts[np.arange(5), drawn] += 1
    expected = 500 * (1 - np.eye(5))
    assert np.abs(counts - expected).max() < 5 * np.sqrt(500)


def test_one_patient_has_no_donor():
    with pytest.raises(ValueError, match="one patient"):
        donors(1, 1, RNG)


def test_rows_are_of_the_donor_and_the_fold():
    rows = donor_rows(PATIENT, FOLD, 6, 0)
    assert (FOLD[rows] == FOLD).all()
    assert (PATIENT[rows] != PATIENT).all()
    for drawn in rows:
        for patient in np.unique(PATIENT):
            assert len({*PATIENT[drawn][patient == PATIENT]}) == 1


def test_cycles_of_a_donor_are_drawn_evenly():
    patient, fold = np.array([0] * 3000 + [1] * 4), np.zeros(3004, int)
    counts = np.bincount(donor_rows(patient, fold, 1, 5)[0][:3000] - 3000, minlength=4)
    assert np.abs(counts - 750).max() < 120


def test_the_draws_depend_on_the_seed_alone():
    one, same, other = (donor_rows(PATIENT, FOLD, 2, seed) for seed in (4, 4, 5))
    assert (one == same).all() and (one != other).any()


def test_columns_are_taken_jointly_and_the_rest_stays():
    X = RNG.normal(size=(len(PATIENT), 4))
    before, rows = X.copy(), donor_rows(PATIENT, FOLD, 1, 0)[0]
    changed = permuted(X, np.array([1, 3]), rows)
    assert (before == X).all()
    assert (changed[:, [1, 3]] == X[rows][:, [1, 3]]).all()
    assert (changed[:, [0, 2]] == X[:, [0, 2]]).all()


def test_what_is_constant_within_a_patient_stays_so():
    age = RNG.normal(size=12)[PATIENT][:, None]
    changed = permuted(age, np.array([0]), donor_rows(PATIENT, FOLD, 1, 0)[0])[:, 0]
    assert all(len({*changed[patient == PATIENT]}) == 1 for patient in range(12))
