"""The simulated cycles against what is published of ICBHI 2017 and what later stages rely on."""

import re
from collections import Counter

import numpy as np
import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.simulation import apportion, simulate_cycles
from workbooks import NAMES

SEED = 2017
STATISTICS = NAMES[13:]
SIZES = [8, 12, 40]


@pytest.fixture(scope="module")
def cycles():
    return simulate_cycles(SEED)


def is_missing(column):
    return np.array([value is None or value != value for value in column])


def recordings_of(columns):
    """Name of the recording of each cycle, and where each recording begins."""
    names = np.array(
        [f"{p}_{f}" for p, f in zip(columns["patient_ID"], columns["adq_format"], strict=False)]
    )
    return names, np.flatnonzero(np.r_[True, names[1:] != names[:-1]])


def ranks(values):
    return np.argsort(np.argsort(values))


def spearman(columns, a, b):
    return np.corrcoef(ranks(columns[a]), ranks(columns[b]))[0, 1]


class TestApportion:
    def test_gives_exact_shares_unchanged(self):
        assert apportion(6898, [6004, 726, 23, 84, 61]).tolist() == [6004, 726, 23, 84, 61]

    def test_largest_remainders_get_what_is_left(self):
        assert apportion(10, [1, 1, 1.2]).tolist() == [3, 3, 4]

    @pytest.mark.parametrize("total", [12, 13, 100])
    def test_keeps_the_minimum_and_the_total(self, total):
        parts = apportion(total, [1000, 1, 0.1, 0.1], [2, 4, 1, 5])
        assert parts.sum() == total
        assert (parts >= [2, 4, 1, 5]).all()

    def test_refuses_the_impossible(self):
        with pytest.raises(ValueError, match="3 cannot be divided"):
            apportion(3, [1, 1], 2)


class TestCounts:
    def test_columns(self, cycles):
        assert list(cycles) == NAMES
        assert {len(column) for column in cycles.values()} == {6898}

    def test_patients(self, cycles):
        ids, counts = np.unique(cycles["patient_ID"], return_counts=True)
        assert ids.tolist() == list(range(101, 227))
        # Real: 4, 26.5 and 507.
        assert counts.min() >= 4
        assert 15 <= np.median(counts) <= 40
        assert 250 <= counts.max() <= 900

    def test_recordings(self, cycles):
        names, begins = recordings_of(cycles)
        counts = np.diff(np.r_[begins, 6898])
        assert len(begins) == len(set(names)) == 920
        assert counts.min() >= 2
        assert 6 <= np.median(counts) <= 9

    def test_states(self, cycles):
        assert np.bincount(cycles["state"]).tolist() == [3642, 1864, 886, 506]
        assert (cycles["state"] == cycles["crackles"] + 2 * cycles["wheezes"]).all()
        assert set(cycles["crackles"]) == set(cycles["wheezes"]) == {0, 1}

    @pytest.mark.parametrize("seed", [0, 1, SEED])
    def test_missing_values(self, seed):
        columns = simulate_cycles(seed)
        missing = {name: is_missing(column) for name, column in columns.items()}
        counts = {name: int(mask.sum()) for name, mask in missing.items() if mask.any()}
        assert counts == {"age": 61, "sex": 61, "IMC": 894, "weight": 6149, "height": 6172}
        for name in ("sex", "IMC", "weight", "height"):
            assert missing[name][missing["age"]].all()
        (unknown,) = set(columns["patient_ID"][missing["age"]])
        assert np.sum(columns["patient_ID"] == unknown) == 61

    def test_diagnoses(self, cycles):
        _, first = np.unique(cycles["patient_ID"], return_index=True)
        assert Counter(cycles["Diagnosis"][first].tolist()) == {
            "COPD": 64,
            "Healthy": 26,
            "URTI": 14,
            "Bronchiectasis": 7,
            "Pneumonia": 6,
            "Bronchiolitis": 6,
            "LRTI": 2,
            "Asthma": 1,
        }

    @pytest.mark.parametrize("name", ["Diagnosis", "age", "sex", "IMC", "weight", "height"])
    def test_patients_do_not_change(self, cycles, name):
        for patient in np.unique(cycles["patient_ID"]):
            assert len(set(map(str, cycles[name][cycles["patient_ID"] == patient]))) == 1

    def test_devices(self, cycles):
        counts = Counter(name.split("_")[3] for name in cycles["adq_format"])
        real = {"AKGC417L": 4346, "Meditron": 1456, "LittC2SE": 594, "Litt3200": 502}
        assert counts.keys() == real.keys()
        for name, count in real.items():
            assert counts[name] == pytest.approx(count, abs=50)
        pairs = {
            (p, f.split("_")[3])
            for p, f in zip(cycles["patient_ID"], cycles["adq_format"], strict=False)
        }
        assert len(pairs) - 126 <= 6  # hardly anyone has two


class TestNamesAndTimes:
    def test_names(self, cycles):
        pattern = re.compile(
            r"\d+[bp]\d_(Tc|A[lr]|P[lr]|L[lr])_"
            r"(mc_AKGC417L|mc_LittC2SE|sc_Litt3200|sc_Meditron)"
        )
        assert all(map(pattern.fullmatch, set(cycles["adq_format"])))
        locations = {name.split("_")[1] for name in cycles["adq_format"]}
        assert locations == {"Tc", "Al", "Ar", "Pl", "Pr", "Ll", "Lr"}

    def test_order(self, cycles):
        assert (np.diff(cycles["patient_ID"]) >= 0).all()
        names, begins = recordings_of(cycles)
        assert len(begins) == len(set(names))

    def test_cycles_follow_each_other(self, cycles):
        start, end = cycles["start"], cycles["end"]
        within = np.ones(6898, dtype=bool)
        within[recordings_of(cycles)[1]] = False
        assert (start[within] == end[np.flatnonzero(within) - 1]).all()
        assert (start >= 0).all()
        assert (end > start).all()
        assert np.array_equal(start, np.round(start, 3))
        assert np.array_equal(end, np.round(end, 3))
        assert np.median(end - start) == pytest.approx(2.5, abs=0.2)

    def test_patients_are_plausible(self, cycles):
        limits = {"age": (0.1, 100), "IMC": (10, 60), "weight": (3, 90), "height": (50, 200)}
        for name, (low, high) in limits.items():
            known = cycles[name][~is_missing(cycles[name])]
            assert ((low < known) & (known < high)).all()
        assert set(cycles["sex"]) == {"M", "F", None}


class TestStatistics:
    def test_var_spans_orders_of_magnitude(self, cycles):
        assert 5e-8 < cycles["Var"].min() < 1e-6
        assert 0.02 < cycles["Var"].max() < 0.1
        assert np.log10(cycles["Var"]).std() == pytest.approx(1.02, abs=0.15)

    def test_spectrum_follows_var_almost_perfectly(self, cycles):
        assert spearman(cycles, "Var", "Spectrum Av") == pytest.approx(0.9997, abs=3e-4)
        assert 0.999 < np.corrcoef(cycles["Var"], cycles["Spectrum Av"])[0, 1] < 0.99999

    def test_range_follows_var(self, cycles):
        assert (cycles["Range"] > 0).all()
        assert spearman(cycles, "Var", "Range") == pytest.approx(0.94, abs=0.03)

    @pytest.mark.parametrize("name", ["Coarse_Av", "Fine_Av"])
    def test_averages_have_both_signs_and_heavy_tails(self, cycles, name):
        values = cycles[name]
        assert np.mean(values > 0) == pytest.approx(0.5, abs=0.03)
        assert abs(np.median(values)) < 0.1 * np.std(values)
        assert np.mean(((values - values.mean()) / values.std()) ** 4) > 10
        loud = cycles["Var"] > np.median(cycles["Var"])
        assert np.abs(values[loud]).mean() > 5 * np.abs(values[~loud]).mean()

    def test_averages_agree_a_little(self, cycles):
        assert spearman(cycles, "Coarse_Av", "Fine_Av") == pytest.approx(0.25, abs=0.06)

    def test_linear_models_see_full_rank(self, cycles):
        matrix = np.column_stack([np.ones(6898)] + [cycles[name] for name in STATISTICS])
        _, _, rank, _ = np.linalg.lstsq(matrix, cycles["state"].astype(float), rcond=None)
        assert rank == 6

    def test_numbers_have_8_significant_digits(self, cycles):
        for name in STATISTICS:
            assert all(x == float(f"{x:.8g}") for x in cycles[name])

    def test_states_cluster(self, cycles):
        names, _ = recordings_of(cycles)
        same = names[1:] == names[:-1]
        stays = np.mean(cycles["state"][1:][same] == cycles["state"][:-1][same])
        assert stays == pytest.approx(0.784, abs=0.06)

    def test_models_that_remember_patients_look_better_than_they_are(self, cycles):
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import GroupKFold, KFold, cross_val_score
        from sklearn.neighbors import KNeighborsClassifier

        features = np.column_stack([cycles[name] for name in STATISTICS])
        state, patient = cycles["state"], cycles["patient_ID"]
        forest = RandomForestClassifier(40, random_state=0, n_jobs=2)
        halves, folds = KFold(2, shuffle=True, random_state=0), GroupKFold(5)
        random = cross_val_score(forest, features, state, cv=halves).mean()
        grouped = cross_val_score(forest, features, state, groups=patient, cv=folds).mean()
        assert random > grouped + 0.05
        assert random > 3642 / 6898  # better than always the most frequent state, by memory
        assert grouped < 3642 / 6898  # and not on patients it has not heard

        # As with the real one, whose nearest neighbours score about 0.61 and 0.48.
        order = np.random.default_rng(0).permutation(6898)
        train, test = order[:3449], order[3449:]
        neighbours = KNeighborsClassifier().fit(features[train], state[train])
        assert 0.58 < neighbours.score(features[train], state[train]) < 0.70
        assert 0.45 < neighbours.score(features[test], state[test]) < 0.56


class TestSizes:
    @pytest.mark.parametrize("n_patients", SIZES)
    def test_small_ones_have_everything(self, n_patients):
        columns = simulate_cycles(SEED, n_patients)
        scale = n_patients / 126
        size = len(columns["state"])
        assert size == round(6898 * scale)
        assert list(columns) == NAMES
        assert len(set(columns["patient_ID"])) == n_patients
        names, begins = recordings_of(columns)
        assert len(begins) == len(set(names)) == round(920 * scale)
        assert np.diff(np.r_[begins, size]).min() >= 2
        counts = np.bincount(columns["state"], minlength=4)
        assert counts == pytest.approx(np.array([3642, 1864, 886, 506]) * scale, abs=1)
        missing = {name: is_missing(columns[name]) for name in ("age", "sex", "IMC", "height")}
        assert len(set(columns["patient_ID"][missing["age"]])) == 1
        assert (missing["age"] == missing["sex"]).all()
        for name in ("IMC", "height"):
            assert missing[name].any() and not missing[name].all()

    def test_large_ones_scale(self):
        columns = simulate_cycles(SEED, 1260)
        assert np.bincount(columns["state"]).tolist() == [36420, 18640, 8860, 5060]
        counts = [int(is_missing(columns[name]).sum()) for name in NAMES[2:7]]
        assert counts == [610, 610, 8940, 61490, 61720]
        assert len(recordings_of(columns)[1]) == len(set(recordings_of(columns)[0])) == 9200

    @pytest.mark.parametrize("n_patients", range(8, 30))
    def test_every_small_number_works(self, n_patients):
        for seed in range(3):
            assert set(simulate_cycles(seed, n_patients)["state"]) == {0, 1, 2, 3}

    def test_too_few_patients_are_refused(self):
        with pytest.raises(InputError, match="at least 8 patients, not 7"):
            simulate_cycles(SEED, 7)
