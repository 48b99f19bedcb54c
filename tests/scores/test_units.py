"""Verdicts on recordings and on patients, against pandas and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, recall_score, roc_auc_score

from auscultation.data.target import Target
from auscultation.scores.tested import Tested
from auscultation.scores.units import choose, corrected, unit_scores, units_of
from random_fits import ABNORMAL, DIAGNOSIS, random_predictions

KNN = {"model": "k", "algorithm": "knn", "split": "patient"}
LINE = {"model": "l", "algorithm": "linear_regression", "split": "patient"}


def frame_of(table, groups):
    frame = table.to_pandas()
    frame["unit"] = groups
    return frame


def values(rows):
    return {row["metric"]: row["value"] for row in rows}


@pytest.mark.parametrize("target", [Target(), ABNORMAL], ids=["states", "two classes"])
@pytest.mark.parametrize("rule", ["mean", "vote"])
def test_scores_of_one_fold_are_scikit_learns(target, rule):
    """With patients as units, all pairs are of different patients: the AUC is that of every pair."""
    table, _ = random_predictions(folds=1, target=target)
    tested = Tested.of(table, KNN)
    frame = frame_of(table, tested.patient)
    frame["abnormal_cycle"] = frame[target.name] != 0
    frame["called"] = (frame["prediction"] != 0) * 1.0
    frame["share"] = 1 - frame["p0"]
    by = frame.groupby("unit")
    true = (by["abnormal_cycle"].mean() >= 0.5).to_numpy()
    rating = by["share" if rule == "mean" else "called"].mean().to_numpy()
    measured = values(unit_scores(tested, "patient", tested.patient, rule))
    verdict = rating >= 0.5
    assert measured["auc"] == pytest.approx(roc_auc_score(true, rating), abs=1e-12)
    assert measured["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(true, verdict))
    assert measured["sensitivity"] == pytest.approx(recall_score(true, verdict))
    assert measured["specificity"] == pytest.approx(recall_score(~true, ~verdict))


@pytest.mark.parametrize("rule", ["mean", "vote"])
@pytest.mark.parametrize("folds", [1, 3])
def test_units_that_a_fold_rates_the_same_are_told_by_chance(folds, rule):
    table, _ = random_predictions(folds=folds)
    tested = Tested.of(table, KNN)
    p = np.array([[0.47, 0.28, 0.13, 0.12], [0.52, 0.23, 0.14, 0.11], [0.49, 0.3, 0.11, 0.1]])
    same = tested._replace(p=p[tested.fold], prediction=np.ones(len(tested.true)))
    assert len(set(units_of(same, same.patient).cycles.tolist())) > 3
    assert values(unit_scores(same, "patient", same.patient, rule))["auc"] == 0.5


def test_of_classes_without_order_the_most_probable_is_the_verdict():
    table, _ = random_predictions(target=DIAGNOSIS, per_patient=True, folds=1, patients=60)
    tested = Tested.of(table, KNN)
    frame = frame_of(table, tested.patient)
    mean = frame.groupby("unit")[["p0", "p1", "p2"]].mean().to_numpy()
    true = frame.groupby("unit")["Diagnosis"].first().to_numpy()
    rows = unit_scores(tested, "patient", tested.patient, "mean")
    measured = values(rows)
    expected = balanced_accuracy_score(true, mean.argmax(1))
    assert measured["balanced_accuracy"] == pytest.approx(expected)
    areas = [roc_auc_score(true == k, mean[:, k]) for k in range(3)]
    assert measured["auc"] == pytest.approx(np.mean(areas), abs=1e-12)
    assert {row["n_mixed"] for row in rows} == {0}  # the patient has the class, not the cycle
    assert "sensitivity" not in measured


def test_half_of_the_cycles_make_it_abnormal():
    table, _ = random_predictions(target=ABNORMAL, folds=1)
    columns = {name: table[name].to_pylist()[:6] for name in table.column_names}
    columns["abnormal"] = [0, 1, 0, 0, 1, 1]
    tested = Tested.of(type(table).from_pydict(columns, table.schema), KNN)
    units = units_of(tested, np.array([0, 0, 1, 1, 2, 2]))
    assert units.true.tolist() == [1, 0, 1] and units.mixed.tolist() == [True, False, False]


def test_only_recordings_of_different_patients_are_compared():
    table, recording = random_predictions(folds=2)
    tested = Tested.of(table, KNN)
    units = units_of(tested, recording)
    rating = units.rating("mean")
    wins = pairs = 0.0
    for i in np.flatnonzero(units.true == 1):
        for j in np.flatnonzero(units.true == 0):
            if units.fold[i] == units.fold[j] and units.patient[i] != units.patient[j]:
                pairs += 1
                wins += (rating[i] > rating[j]) + (rating[i] == rating[j]) / 2
    rows = unit_scores(tested, "recording", recording, "mean")
    assert values(rows)["auc"] == pytest.approx(wins / pairs, abs=1e-12)
    assert rows[0]["n_units"] == len(np.unique(recording))


def test_intervals_leave_out_a_patient_with_all_recordings():
    table, recording = random_predictions(folds=1, skill=2)
    tested = Tested.of(table, KNN)
    row = next(
        row
        for row in unit_scores(tested, "recording", recording, "mean")
        if row["metric"] == "balanced_accuracy"
    )
    without = []
    for patient in range(len(tested.ids)):
        keep = tested.patient != patient
        other = Tested.of(table.filter(keep), KNN)
        rows = unit_scores(other, "recording", recording[keep], "mean")
        without.append(values(rows)["balanced_accuracy"])
    d = np.array(without) - np.mean(without)
    n = len(d)
    se = np.sqrt((n - 1) / n * (d**2).sum())
    units = units_of(tested, recording)
    sides = [len(np.unique(units.patient[units.true == k])) for k in (0, 1)]
    df = min(min(sides) - 1, 3 * (d**2).sum() ** 2 / (d**4).sum() - 2)
    reach = stats.t.ppf(0.975, df) * se / (row["value"] * (1 - row["value"]))
    logit = np.log(row["value"] / (1 - row["value"]))
    ends = 1 / (1 + np.exp(-(logit + np.array([-1, 1]) * reach)))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(ends), abs=1e-9)


def test_repeated_folds_have_every_unit_once_a_repeat():
    table, recording = random_predictions(repeats=3)
    tested = Tested.of(table, KNN)
    units = units_of(tested, recording)
    n = len(np.unique(recording))
    assert len(units.true) == 3 * n
    (row, *_) = unit_scores(tested, "recording", recording, "mean")
    once, _ = random_predictions()
    (single, *_) = unit_scores(Tested.of(once, KNN), "recording", recording[: len(once)], "mean")
    counts = ("n_units", "n_positive", "n_mixed", "n_patients")
    assert [row[key] for key in counts] == [single[key] for key in counts]
    assert row["n_units"] == n and row["n_patients"] == 24


def test_without_probabilities_cycles_vote_and_numbers_are_averaged():
    table, _ = random_predictions(probabilities=False, folds=1)
    tested = Tested.of(table, KNN)
    assert {row["rule"] for row in unit_scores(tested, "patient", tested.patient, "mean")} == {
        "vote"
    }
    tested = Tested.of(table, LINE)
    rows = unit_scores(tested, "patient", tested.patient, "mean")
    frame = frame_of(table, tested.patient).groupby("unit")
    true = frame["state"].apply(lambda states: (states != 0).mean() >= 0.5)
    assert values(rows)["auc"] == pytest.approx(roc_auc_score(true, frame["prediction"].mean()))


class TestChosen:
    """The rule is chosen on inner predictions, which know nothing of the test part."""

    def inner(self, calls):
        """Units of which those with `calls` or more abnormal cycles are abnormal, ten cycles each."""
        rng = np.random.default_rng(0)
        table, _ = random_predictions(patients=40, folds=1, target=ABNORMAL)
        frame = pd.DataFrame({"patient": np.repeat(np.arange(40), 10)})
        abnormal = np.arange(40) % 2
        called = np.where(abnormal == 1, calls, calls - 1)
        prediction = (np.tile(np.arange(10), 40) < np.repeat(called, 10)).astype(float)
        # probabilities that say nothing, on which calls do not rest
        share = rng.uniform(size=400)
        columns = {
            **{"cycle": np.arange(400), "patient_ID": frame["patient"].to_numpy()},
            **{"fold": np.zeros(400, int), "part": ["test"] * 400},
            **{"abnormal": np.repeat(abnormal, 10), "prediction": prediction},
            **{"p0": 1 - share, "p1": share},
        }
        return type(table).from_pydict(columns).replace_schema_metadata(ABNORMAL.to_metadata())

    def test_at_least_k_is_found(self):
        table = self.inner(calls=3)
        tested = Tested.of(table, KNN)
        verdict = choose(units_of(tested, tested.patient), True)
        # three of ten cycles, as a share or as a number
        assert verdict in (("vote", pytest.approx(0.3)), ("count", 3.0))

    def test_it_is_applied_to_the_test_part_of_the_fold(self):
        tested = Tested.of(self.inner(calls=3), KNN)
        inner = {0: units_of(tested, tested.patient)}
        own = unit_scores(tested, "patient", tested.patient, "chosen", inner)
        assert values(own)["balanced_accuracy"] == 1
        other = Tested.of(self.inner(calls=6), KNN)  # every patient has three calls or more
        rows = unit_scores(other, "patient", other.patient, "chosen", inner)
        assert values(rows)["sensitivity"] == 1 and values(rows)["specificity"] == 0
        assert values(rows)["auc"] == 1  # the order is right all the same

    def test_without_inner_folds_there_is_none(self):
        tested = Tested.of(self.inner(calls=3), KNN)
        assert unit_scores(tested, "patient", tested.patient, "chosen", {}) == []


def test_p_values_are_corrected_for_the_models_that_are_no_baselines():
    table, _ = random_predictions(skill=0.4, patients=40)
    rows = []
    for model, algorithm in (("a", "knn"), ("b", "svc"), ("c", "most_frequent")):
        tested = Tested.of(table, {"model": model, "algorithm": algorithm, "split": "patient"})
        rows += unit_scores(tested, "patient", tested.patient, "mean")
    areas = [row for row in corrected(rows) if row["metric"] == "auc"]
    assert [row["p_holm"] for row in areas[:2]] == pytest.approx([min(1, 2 * areas[0]["p"])] * 2)
    assert areas[2]["p_holm"] is None and areas[2]["p"] == areas[0]["p"]
