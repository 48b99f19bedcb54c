"""The protocols that deal out patients, recordings and cycles, or keep lists and groups apart."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import StratifiedGroupKFold

import clean
import split
from auscultation.data.name_pattern import ICBHI
from auscultation.data.recordings import with_recording
from auscultation.data.target import Target
from auscultation.splits.protocols.leave_group_out import leave_group_out
from auscultation.splits.protocols.patient import patient
from auscultation.splits.protocols.published import published
from auscultation.splits.protocols.recording import recording
from auscultation.splits.protocols.shuffled import shuffled
from auscultation.workbook.read import read_workbook

ALIASES = {"226_1b1_Pl_sc_Meditron": "226_1b1_Pl_sc_LittC2SE"}


@pytest.fixture(scope="module")
def real_table(real_workbook):
    return clean.clean(read_workbook(real_workbook, 0).table, [], "impute")[0]


@pytest.fixture(scope="module")
def real_cycles(real_table):
    cycles = columns_of(real_table)
    return cycles | {"class": cycles["state"]}


def columns_of(table):
    return {name: table[name].to_numpy() for name in table.column_names}


def simulated(n_patients=40, seed=3):
    """Cycles of patients who have few or many, each mostly of one state; in no order.

    A patient has up to three recordings.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.geometric(0.03, n_patients) + 1
    ids = rng.permutation(np.repeat(np.arange(n_patients), sizes))
    likings = rng.dirichlet([1.0, 0.6, 0.3, 0.2], n_patients)
    state = np.array([rng.choice(4, p=likings[i]) for i in ids])
    return {
        "cycle": np.arange(len(ids)) * 3,
        "patient_ID": np.array([f"P_{i}" for i in ids]),
        "recording": np.array(
            [f"P_{i}_{r}b" for i, r in zip(ids, rng.integers(3, size=len(ids)), strict=False)]
        ),
        "class": state,
    }


def fold_of(cycles, folds, column="patient_ID"):
    """Fold in which each patient, or other unit (sorted), is tested."""
    units = np.unique(cycles[column])
    fold = np.full(len(units), -1)
    for number, (_, test) in enumerate(folds):
        fold[np.isin(units, cycles[column][test])] = number
    return fold


def likeness(cycles, partitions):
    """Adjusted Rand index over cycles of pairs of partitions: 1 the same, about 0 by chance."""
    dealt = []
    for folds in partitions:
        dealt.append(np.full(len(cycles["cycle"]), -1))
        for number, (_, test) in enumerate(folds):
            dealt[-1][test] = number
    return [adjusted_rand_score(a, b) for a, b in itertools.combinations(dealt, 2)]


def check_partitions(cycles, folds, k, repeats, column="patient_ID"):
    """All cycles of a patient, or other unit, on one side; each tested once in each repeat."""
    n = len(cycles["cycle"])
    assert len(folds) == k * repeats
    for train, test in folds:
        assert len(train) and len(test)
        assert sorted([*train, *test]) == list(range(n))
        assert not set(cycles[column][train]) & set(cycles[column][test])
    for repeat in range(repeats):
        tested = np.concatenate([test for _, test in folds[repeat * k : (repeat + 1) * k]])
        assert sorted(tested) == list(range(n))


class TestPatient:
    @pytest.mark.parametrize(("k", "repeats"), [(5, 1), (2, 3), (10, 2), (40, 1)])
    def test_patients_stay_together(self, k, repeats):
        cycles = simulated()
        folds = patient(cycles, folds=k, repeats=repeats)
        check_partitions(cycles, folds, k, repeats)
        sizes = np.bincount(fold_of(cycles, folds[:k]), minlength=k)
        assert sizes.max() - sizes.min() <= 1

    def test_stratified_better_than_by_chance(self):
        cycles = simulated()

        def unevenness(folds):
            counts = np.array(
                [np.bincount(cycles["class"][test], minlength=4) for _, test in folds]
            )
            return (((counts - counts.mean(0)) / counts.mean(0)) ** 2).sum()

        _, group = np.unique(cycles["patient_ID"], return_inverse=True)
        rng = np.random.default_rng(0)
        chance = []
        for _ in range(200):
            fold = rng.permutation(np.arange(40) % 5)[group]
            chance.append(unevenness([(None, np.flatnonzero(fold == k)) for k in range(5)]))
        for seed in range(5):
            assert unevenness(patient(cycles, seed=seed)) < np.min(chance)

    def test_the_seed_decides(self):
        cycles = simulated()
        one, again = (patient(cycles, repeats=2, seed=7) for _ in range(2))
        for sides, same in zip(one, again, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(sides, same, strict=True))
        first = patient(cycles, seed=7)  # more repeats leave the first as it is
        assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, one[:5], strict=True))
        one, other = (fold_of(cycles, patient(cycles, seed=seed)) for seed in (7, 8))
        assert adjusted_rand_score(one, other) < 0.3

    def test_order_of_the_cycles_does_not_matter(self):
        cycles = simulated()
        turned = {name: values[::-1] for name, values in cycles.items()}
        expected = fold_of(cycles, patient(cycles))
        assert fold_of(turned, patient(turned)).tolist() == expected.tolist()

    @pytest.mark.parametrize("folds", [0, 1, 41])
    def test_too_few_patients(self, folds):
        with pytest.raises(ValueError, match=f"{folds} .*2 to 40"):
            patient(simulated(), folds=folds)

    def test_one_patient(self):
        with pytest.raises(ValueError, match="patients"):
            patient({"cycle": np.arange(3), "patient_ID": np.ones(3), "class": np.arange(3)})

    def test_the_notebooks_workbook(self, real_cycles):
        repeats = 6
        folds = patient(real_cycles, repeats=repeats)
        check_partitions(real_cycles, folds, 5, repeats)
        counts = np.array(
            [np.bincount(real_cycles["class"][test], minlength=4) for _, test in folds]
        )
        mean = np.array([3642, 1864, 886]) / 5  # cycles of states 0 to 2 in the database
        assert np.abs(counts[:, :3] / mean - 1).max() < 0.15

        parts = [folds[r * 5 : (r + 1) * 5] for r in range(repeats)]
        assert max(likeness(real_cycles, parts)) < 0.3

    def test_why_not_scikit_learns(self, real_cycles):
        state, group = real_cycles["state"], real_cycles["patient_ID"]
        parts = [
            StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(state, state, group)
            for seed in range(4)
        ]
        assert min(likeness(real_cycles, parts)) > 0.8


def counts_of(cycles, folds):
    """Count the tested cycles of each fold by class, shape (folds, 4)."""
    return np.array([np.bincount(cycles["class"][test], minlength=4) for _, test in folds])


class TestRecordingsAndCycles:
    UNITS = {"recording": (recording, "recording"), "shuffled": (shuffled, "cycle")}

    @pytest.mark.parametrize(("k", "repeats"), [(5, 1), (2, 3), (10, 2)])
    @pytest.mark.parametrize("name", UNITS)
    def test_units_stay_together_in_folds_of_one_size(self, name, k, repeats):
        protocol, column = self.UNITS[name]
        cycles = simulated()
        folds = protocol(cycles, folds=k, repeats=repeats)
        check_partitions(cycles, folds, k, repeats, column)
        sizes = np.bincount(fold_of(cycles, folds[:k], column), minlength=k)
        assert sizes.max() - sizes.min() <= 1

    @pytest.mark.parametrize("name", UNITS)
    def test_patients_are_on_both_sides(self, name):
        cycles = simulated()
        for train, test in self.UNITS[name][0](cycles):
            known = np.isin(cycles["patient_ID"][test], cycles["patient_ID"][train])
            assert known.mean() > 0.5

    @pytest.mark.parametrize("k", [2, 5, 7])
    def test_shuffled_folds_differ_by_one_cycle_of_a_class_at_most(self, k):
        cycles = simulated()
        for repeat in range(3):
            counts = counts_of(cycles, shuffled(cycles, folds=k, repeats=3))[repeat * k :][:k]
            assert (np.ptp(counts, axis=0) <= 1).all() and np.ptp(counts.sum(axis=1)) <= 1

    @pytest.mark.parametrize("name", UNITS)
    def test_the_seed_decides_and_repeats_differ(self, name):
        cycles, (protocol, _) = simulated(), self.UNITS[name]
        one, again = (protocol(cycles, repeats=2, seed=7) for _ in range(2))
        for sides, same in zip(one, again, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(sides, same, strict=True))
        first = protocol(cycles, seed=7)  # more repeats leave the first as it is
        assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, one[:5], strict=True))
        parts = [one[:5], one[5:], protocol(cycles, seed=8)]
        assert max(likeness(cycles, parts)) < 0.3

    @pytest.mark.parametrize(
        ("name", "k", "said"), [("recording", 3, "2, .*recordings"), ("shuffled", 5, "4, .*cycles")]
    )
    def test_more_folds_than_units_are_refused(self, name, k, said):
        cycles = recordings("101_1b1", "101_2b1") | {"class": np.arange(4)}
        with pytest.raises(ValueError, match=f"folds: {k} is not from 2 to {said}"):
            self.UNITS[name][0](cycles, folds=k)

    def test_the_notebooks_workbook(self, real_cycles):
        folds = recording(real_cycles)
        check_partitions(real_cycles, folds, 5, 1, "recording")
        assert np.ptp(counts_of(real_cycles, folds), axis=0).max() <= 5
        assert np.ptp(counts_of(real_cycles, shuffled(real_cycles)), axis=0).max() <= 1


def recordings(*names, cycles_each=2):
    names = np.repeat(names, cycles_each)
    patients = np.array([name.split("_")[0] for name in names])
    columns = {"cycle": np.arange(len(names)), "recording": names, "patient_ID": patients}
    return columns_of(with_recording(pa.table(columns), ICBHI))


class TestPublished:
    def test_names_that_look_the_same(self, tmp_path):
        """Fault 17: a list names the recordings that look as its names do."""
        path = tmp_path / "list.txt"
        path.write_text("Zoe\u0308_1\ttrain\nP\u200b2_1 test\nold\u0301_1 test\n", encoding="utf-8")
        cycles = recordings("Zo\u00eb_1", "P2_1", "new_1")
        ((train, test),) = published(cycles, list=str(path), aliases={"ol\u0064\u0301_1": "new_1"})
        assert train.tolist() == [0, 1] and test.tolist() == [2, 3, 4, 5]

    def test_icbhi_list_as_it_is(self, real_cycles, icbhi_list):
        with pytest.raises(ValueError) as caught:
            published(real_cycles, list=str(icbhi_list))
        ours, theirs = str(caught.value).split("; ")
        assert ours.startswith(
            "226_1b1_Pl_sc_Meditron is in the list but not in the workbook (near"
        )
        assert theirs.startswith(
            "226_1b1_Pl_sc_LittC2SE is in the workbook but not in the list (ne"
        )
        assert "226_1b1_Pl_sc_LittC2SE" in ours and "226_1b1_Pl_sc_Meditron" in theirs

    def test_icbhi_list_with_its_alias(self, real_cycles, icbhi_list):
        folds = published(real_cycles, list=str(icbhi_list), aliases=ALIASES)
        (summary,) = split.summarise(real_cycles, folds, Target())
        names = ("normal", "crackles", "wheezes", "both")
        for side, recordings_, patients, states in (
            ("train", 539, 79, (2063, 1215, 501, 363)),
            ("test", 381, 49, (1579, 649, 385, 143)),
        ):
            assert summary[side] == {
                "patients": patients,
                "recordings": recordings_,
                "cycles": sum(states),
                "classes": dict(zip(names, states, strict=True)),
            }
        assert [str(name) for name in summary["patients_on_both_sides"]] == ["156", "218"]


class TestLeaveGroupOut:
    CYCLES = recordings(
        "101_1b1_Al_sc_Meditron",
        "101_1b1_Pr_sc_AKGC417L",
        "P_2_1b1_Al_mc_Meditron",
        "103_2b2_Tc_mc_Litt3200",
    ) | {"age": np.array([3, 3, 3, 3, 70, 70, 9, 70])}

    @pytest.mark.parametrize(
        ("column", "tests"),
        [
            ("device", [[2, 3], [6, 7], [0, 1, 4, 5]]),  # AKGC417L, Litt3200, Meditron
            ("location", [[0, 1, 4, 5], [2, 3], [6, 7]]),  # Al, Pr, Tc
            ("age", [[0, 1, 2, 3], [6], [4, 5, 7]]),
        ],
    )
    def test_each_group_is_tested_once(self, column, tests):
        folds = leave_group_out(self.CYCLES, column=column)
        assert [test.tolist() for _, test in folds] == tests
        for train, test in folds:
            assert sorted([*train, *test]) == list(range(8))

    def test_one_value_only(self):
        cycles = self.CYCLES | {"sex": np.full(8, "F", dtype=object)}
        with pytest.raises(ValueError, match="'sex' has one value only: F"):
            leave_group_out(cycles, column="sex")

    def test_no_such_column(self):
        with pytest.raises(ValueError, match="no column 'devise'; there are: .*device.*age"):
            leave_group_out(self.CYCLES, column="devise")

    def test_the_notebooks_workbook(self, real_cycles):
        folds = leave_group_out(real_cycles, column="device")
        devices = ["AKGC417L", "Litt3200", "LittC2SE", "Meditron"]  # of the ICBHI 2017 database
        assert len(folds) == 4
        for device, (train, test) in zip(devices, folds, strict=True):
            ends = {name.rsplit("_", 1)[1] for name in real_cycles["recording"][test]}
            assert ends == {device}
            assert len(train) + len(test) == 6898
        assert len(leave_group_out(real_cycles, column="location")) == 7

    def test_folds_fit_the_tables(self):
        cycles = self.CYCLES | {"class": np.arange(8) % 4}
        summary = split.summarise(cycles, leave_group_out(cycles, column="device"), Target())
        assert summary[0]["patients_on_both_sides"] == ["101"]
        assert [entry["test"]["recordings"] for entry in summary] == [1, 1, 2]
