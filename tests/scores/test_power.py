"""What the comparison could have shown: against the noncentral t of scipy, and by simulation."""

import numpy as np
import pytest
from scipy import stats

from auscultation.data.target import Target
from auscultation.scores.answer import split_answer
from auscultation.scores.differences import differences
from auscultation.scores.fit_scores import scores
from auscultation.scores.power import Compared, power_rows
from cohorts import cohort, only, part_of, probabilities

STATE = Target()
SCORE, AREA = "icbhi_score", "auc_ovr_between_patients"
SUMMARY = {"protocol": "patient", "folds": [{"patients_on_both_sides": []}]}
PATIENT, TRUE, FOLD, CALLED = cohort(1, 40, (0.3, 0.35, 0.4, 0.5))
P = [probabilities(TRUE, seed, skill=0.2 + 0.1 * seed) for seed in range(4)]


def power(distance, se, df, tests):
    """The power of a two-sided test at 5 % divided by the number of tests."""
    return stats.nct.sf(stats.t.ppf(1 - 0.025 / tests, df), df, distance / se)


def rows_of(copies=1, models=4):
    """Rows of the power of models on so many copies of the patients; the first is a baseline."""
    k = 1 + int(PATIENT.max())
    patient = np.concatenate([PATIENT + k * copy for copy in range(copies)])
    true, fold = np.tile(TRUE, copies), np.tile(FOLD, copies)
    names = ["base", *(f"model{number}" for number in range(1, models))]
    algorithms = dict.fromkeys(names, "knn") | {"base": "by_device"}
    parts = {
        name: part_of(patient, true, np.tile(called, copies), fold=fold, p=np.tile(p, (copies, 1)))
        for name, called, p in zip(names, CALLED, P, strict=False)
    }
    every = differences("patient", parts, algorithms, None, STATE)
    tested = [
        {"model": name, "algorithm": algorithms[name], **row, **part.counts}
        for name, part in parts.items()
        for row in scores(part)
    ]
    gaps = [row for row in every if row["against_is"] == "best constant"]
    some = parts["base"]
    about = split_answer("patient", SUMMARY, tested, gaps, some.sides, STATE)
    return power_rows(every, [about], STATE), every, about


ROWS, EVERY, ABOUT = rows_of()


@pytest.mark.parametrize("metric", [SCORE, AREA])
@pytest.mark.parametrize("against", ["best model", "best baseline"])
def test_what_could_be_shown_has_a_power_of_80_percent(metric, against):
    own = [row for row in EVERY if (row["metric"], row["against_is"]) == (metric, against)]
    largest = max(own, key=lambda row: row["se"])
    row = only(ROWS, metric=metric, against=against, error="largest")
    assert row["model"] == largest["model"] and row["n_models"] == len(own)
    assert row["n_patients"] == 40 and row["se"] == largest["se"]
    reached = power(row["detectable"], row["se"], row["df"], len(own))
    assert reached == pytest.approx(0.8, abs=1e-5)
    middle = sorted(own, key=lambda row: row["se"])[(len(own) - 1) // 2]
    assert only(ROWS, metric=metric, against=against, error="median")["model"] == middle["model"]


def test_against_a_constant_it_is_the_limit_of_the_answer():
    for metric, question in ((SCORE, "useful"), (AREA, "information")):
        limit = ABOUT["answers"][question]["limit"]
        row = only(ROWS, metric=metric, against="best constant", error="largest")
        assert row["detectable"] == pytest.approx(limit[1] - 0.5, abs=1e-12)
        row = only(ROWS, metric=metric, against="best constant", error="median")
        assert row["detectable"] == pytest.approx(limit[0] - 0.5, abs=1e-12)  # three models


@pytest.mark.parametrize("reference", [None, 0.5, 0.3])
@pytest.mark.parametrize("tests", [1, 12])
def test_so_many_patients_are_the_fewest_with_that_power(reference, tests):
    for se, df, n, wanted in ((0.04, 119, 126, 0.02), (0.03, 8.5, 20, 0.1), (0.002, 40, 50, 0.05)):
        needed = Compared("m", se, df, n, tests, reference).patients_for(wanted)
        distance = wanted
        if reference is not None:
            above = reference + wanted
            distance = np.log(above / (1 - above)) - np.log(reference / (1 - reference))
            distance *= reference * (1 - reference)
        powers = []
        for patients in (needed - 1, needed):
            own = max(1, (df + 1) * patients / n - 1)
            powers.append(power(distance, se * np.sqrt(n / patients), own, tests))
        assert powers[0] < 0.8 + 1e-6 and powers[1] > 0.8 - 1e-6


def test_copies_of_the_patients_show_what_they_are_said_to_show():
    for against in ("best model", "best baseline", "best constant"):
        before = only(ROWS, metric=SCORE, against=against, error="largest")
        copies = int(np.ceil(before["patients_005"] / 40))
        after = only(rows_of(copies)[0], metric=SCORE, against=against, error="largest")
        assert after["n_patients"] == 40 * copies
        assert after["detectable"] <= 0.051
        assert after["patients_005"] == pytest.approx(before["patients_005"], rel=0.04)


def test_a_share_cannot_be_above_one():
    compared = Compared("m", 0.01, 30, 50, 1, 0.95)
    assert compared.patients_for(0.1) is None and compared.patients_for(0.02) > 2


def test_models_of_one_class_alone_and_failed_fits_have_no_power():
    assert power_rows([], [ABOUT], STATE) == []
    unknown = [row | {"se": None, "df": None, "p": None} for row in EVERY]
    assert power_rows(unknown, [ABOUT], STATE) == []


def test_differences_that_could_be_shown_are_shown_in_four_samples_of_five():
    """Samples of patients; one model is right more often by what could be shown."""
    rng = np.random.default_rng(0)

    def sample(gain, n=60, each=10):
        patient = np.repeat(np.arange(n), each)
        true = (rng.random(n * each) < rng.beta(2, 2, n)[patient]) * 1
        skill = rng.beta(6, 4, n)[patient]
        called = [
            np.where(rng.random(n * each) < skill + more, true, 1 - true) for more in (0, gain)
        ]
        target = Target("abnormal", ("normal", "abnormal"))
        parts = {
            name: part_of(patient, true, c, target=target)
            for name, c in zip("ab", called, strict=True)
        }
        rows = differences("patient", parts, dict.fromkeys("ab", "svc"), None, target)
        row = only(rows, metric="balanced_accuracy", against_is="best model")
        return row, Compared("b", row["se"], row["df"], n, 1, None)

    gain = np.median([sample(0.06)[1].detectable for _ in range(20)])
    shown = [row["p"] < 0.05 for row in (sample(gain)[0] for _ in range(200))]
    assert np.mean(shown) == pytest.approx(0.8, abs=0.08)
