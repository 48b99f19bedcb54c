"""Scores with intervals, paired differences, their families, and leakage."""

import numpy as np
import pyarrow as pa
import pytest
from lib import scoring
from lib.intervals import corrected_resampled_t, draws
from lib.metrics import METRICS
from lib.probability import PROBABILITY_METRICS
from lib.scoring import best, differences, leakage, scores, sum_parts
from lib.target import Target
from scipy import stats
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error

R, SEED = 400, 3
COMPARED = Target().compared


def table(patient, state, prediction, fold=None, part="test", p=None):
    """A table of predictions; folds of whole patients unless given."""
    n = len(state)
    columns = {
        "cycle": np.arange(n),
        "patient_ID": patient,
        "fold": np.zeros(n, int) if fold is None else fold,
        "part": [part] * n,
        "state": state,
        "prediction": np.asarray(prediction, dtype=float),
    }
    p = [pa.nulls(n, pa.float64())] * 4 if p is None else list(p.T)
    return pa.table(columns | {f"p{s}": p[s] for s in range(4)})


def part_of(patient, state, prediction, **more):
    """The test part of such a table; the training part is one cycle."""
    one = {name: values[:1] for name, values in (("p", more.get("p")),) if values is not None}
    train = table(patient[:1], state[:1], prediction[:1], part="train", **one)
    test = table(patient, state, prediction, **more)
    return sum_parts(pa.concat_tables([train, test]))["test"]


def cohort(seed=0, n_patients=30, skills=(0.3, 0.4, 0.5)):
    """Patient and state of cycles, five folds of patients, predictions of models by skill."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients) + 101, rng.integers(5, 30, n_patients))
    state = rng.choice(4, len(patient), p=[0.5, 0.25, 0.15, 0.1])
    called = [
        np.where(rng.random(len(state)) < skill, state, rng.integers(0, 4, len(state)))
        for skill in skills
    ]
    return patient, state, patient % 5, called


@pytest.fixture(scope="module")
def models():
    """Two baselines and three models of rising skill, tested in five folds."""
    patient, state, fold, called = cohort()
    said = {"mean": np.full(len(state), 0.9), "most_frequent": np.zeros(len(state))}
    said |= dict(zip(("knn", "svc", "svr"), called, strict=True))
    return {name: part_of(patient, state, values, fold=fold) for name, values in said.items()}


def algorithms(parts):
    return {name: name.split("-")[0] for name in parts}


def compare(parts, ratio=0.25, resamples=R):
    rows = differences("patient", parts, algorithms(parts), ratio, COMPARED, resamples, SEED)
    for row in rows:
        assert row.keys() == set(scoring.DIFFERENCES.names)
    return rows


def only(rows, **wanted):
    (row,) = (row for row in rows if wanted.items() <= row.items())
    return row


class TestSumParts:
    def test_sums_of_repeats(self):
        # two repeats of two folds: each cycle is tested twice
        patient, state = np.array([1, 1, 2, 2] * 2), np.array([0, 1, 2, 3] * 2)
        fold = np.array([0, 0, 1, 1, 2, 2, 3, 3])
        test = table(patient, state, [0, 1, 2, 0, 0, 0, 2, 3], fold=fold)
        test = test.set_column(0, "cycle", pa.array([0, 1, 2, 3] * 2))
        train = table(patient, state, state, part="train")
        part = sum_parts(pa.concat_tables([train, test]))["test"]
        assert part.counts == {"n_folds": 4, "n_cycles": 4, "n_patients": 2}
        assert part.n_rows == 8
        assert part.by_patient[:, :16].sum(1).tolist() == [4, 4]
        assert part.by_fold[:, -1].tolist() == [0, 9, 1, 0]  # squared errors
        assert part.probabilities is None and part.calibration == ()

    def test_text_ids(self):
        part = part_of(np.array(["b", "a", "b"]), np.array([0, 1, 2]), np.array([0, 1, 1]))
        assert part.patients.tolist() == ["a", "b"]
        assert part.by_patient[:, -1].tolist() == [0, 1]


class TestScores:
    def test_value_and_interval(self):
        patient, state, _, (called, *_) = cohort()
        rows = {
            row["metric"]: row for row in scores(part_of(patient, state, called), METRICS, R, SEED)
        }
        assert tuple(rows) == METRICS
        assert rows["accuracy"]["value"] == pytest.approx(accuracy_score(state, called), abs=1e-12)
        for row in rows.values():
            assert row["ci_low"] < row["value"] < row["ci_high"]

    def test_seeded(self):
        patient, state, _, (called, *_) = cohort()
        part = part_of(patient, state, called)
        assert scores(part, METRICS, R, SEED) == scores(part, METRICS, R, SEED)
        assert scores(part, METRICS, R, SEED) != scores(part, METRICS, R, SEED + 1)

    def test_unknown_metrics_have_no_interval(self):
        part = part_of(np.array([1, 1, 2]), np.array([1, 1, 1]), np.array([1, 0, 1]))
        rows = {row["metric"]: row for row in scores(part, METRICS, R, SEED)}
        unknown = {name for name, row in rows.items() if row["value"] is None}
        assert unknown == {"r2", "specificity", "icbhi_score"}
        for row in rows.values():
            assert (row["ci_low"] is None) == (row["ci_high"] is None) == (row["value"] is None)

    def test_probabilities_where_there_are_any(self):
        patient, state, _, (called, *_) = cohort()
        p = np.random.default_rng(0).dirichlet(np.ones(4), len(state))
        rows = {
            row["metric"]: row
            for row in scores(part_of(patient, state, called, p=p), METRICS, R, SEED)
        }
        assert tuple(rows) == METRICS + PROBABILITY_METRICS
        got = rows["log_loss"]
        assert got["value"] == pytest.approx(log_loss(state, p), abs=1e-12)
        # a bootstrap of patients by their rows
        loss = -np.log(p[np.arange(len(state)), state])
        drawn = [np.average(loss, weights=weight[patient - 101]) for weight in draws(30, R, SEED)]
        limits = np.percentile(drawn, [2.5, 97.5])
        assert (got["ci_low"], got["ci_high"]) == pytest.approx(tuple(limits), abs=1e-12)
        for name in PROBABILITY_METRICS:
            assert rows[name]["ci_low"] < rows[name]["value"] < rows[name]["ci_high"]

    def test_one_state_has_no_auc(self):
        p = np.tile([0.5, 0.5, 0, 0], (3, 1))
        part = part_of(np.array([1, 1, 2]), np.ones(3, int), np.ones(3), p=p)
        row = only(scores(part, METRICS, R, SEED), metric="auc_ovr")
        assert row == {"metric": "auc_ovr", "value": None, "ci_low": None, "ci_high": None}


class TestBest:
    def test_direction_of_the_metric(self):
        state = np.array([0, 0, 1, 2, 3])
        parts = {
            # right most often, but far off where wrong; never right, but near
            "bold": part_of(state, state, np.array([0, 0, 1, 2, -9])),
            "near": part_of(state, state, state + 0.6),
        }
        assert best(parts, "accuracy") == "bold"
        for metric in ("mse", "mae", "rmse"):
            assert best(parts, metric) == "near"

    def test_first_by_name_of_several(self):
        state = np.array([0, 1])
        parts = {name: part_of(state, state, state) for name in ("b", "a", "c")}
        assert best(parts, "accuracy") == best(parts, "mse") == "a"

    def test_no_value(self):
        state = np.array([1, 1])
        assert best({"a": part_of(state, state, state)}, "specificity") is None
        assert best({}, "accuracy") is None


class TestDifferences:
    def test_who_is_compared_with_whom(self, models):
        rows = compare(models)
        # mean says 0.9: nearer than 0, but crackles; of two that are equal, the first by name
        baselines = {"mse": "mean", "balanced_accuracy": "mean"}
        for metric in COMPARED:
            against = {
                what: {
                    (row["model"], row["against"])
                    for row in rows
                    if row["metric"] == metric and row["against_is"] == what
                }
                for what in ("best baseline", "best model")
            }
            assert {model for model, _ in against["best baseline"]} == {"knn", "svc", "svr"}
            assert against["best model"] == {("knn", "svr"), ("svc", "svr")}
            (found,) = {other for _, other in against["best baseline"]}
            assert found == baselines.get(metric, "most_frequent")
        assert len(rows) == len(COMPARED) * 5

    def test_value_is_model_minus_other(self):
        patient, state, fold, (knn, svc, _) = cohort()
        parts = {"knn": part_of(patient, state, knn), "svc": part_of(patient, state, svc)}
        rows = compare(parts)
        row = only(rows, metric="accuracy", model="knn")
        expected = accuracy_score(state, knn) - accuracy_score(state, svc)
        assert row["against"] == "svc"
        assert row["difference"] == pytest.approx(expected, abs=1e-12)
        assert row["ci_low"] < expected < row["ci_high"]
        row = only(rows, metric="mse")
        better, worse = sorted((knn, svc), key=lambda said: mean_squared_error(state, said))
        expected = mean_squared_error(state, worse) - mean_squared_error(state, better)
        assert row["difference"] == pytest.approx(expected, abs=1e-12)
        assert row["difference"] > 0  # worse than the best

    def test_paired(self):
        # the same predictions under two names: no draw can tell them apart
        patient, state, _, (called, *_) = cohort()
        parts = {name: part_of(patient, state, called) for name in ("knn", "knn-again")}
        for row in compare(parts):
            assert (row["difference"], row["ci_low"], row["ci_high"]) == (0, 0, 0)
            assert row["p"] == row["p_holm"] == 1

    def test_pairing_narrows_the_interval(self):
        patient, state, _, (called, *_) = cohort()
        nearly = called.copy()
        nearly[::50] = state[::50]
        parts = {"knn": part_of(patient, state, called), "knn-b": part_of(patient, state, nearly)}
        row = only(compare(parts), metric="accuracy")
        own = only(scores(parts["knn"], METRICS, R, SEED), metric="accuracy")
        assert row["ci_high"] - row["ci_low"] < (own["ci_high"] - own["ci_low"]) / 3

    def test_families_of_holm(self, models):
        rows = compare(models)
        for metric in COMPARED:
            for what, size in (("best baseline", 3), ("best model", 2)):
                family = [r for r in rows if r["metric"] == metric and r["against_is"] == what]
                assert len(family) == size
                for name in ("p", "fold_t_p"):
                    p = sorted(row[name] for row in family)
                    expected = np.maximum.accumulate(
                        [min(1, value * (size - i)) for i, value in enumerate(p)]
                    )
                    got = sorted(row[f"{name}_holm"] for row in family)
                    assert got == pytest.approx(expected.tolist(), abs=1e-15)

    def test_fold_t_is_that_of_the_folds(self):
        patient, state, fold, (knn, svc, _) = cohort()
        parts = {
            "knn": part_of(patient, state, knn, fold=fold),
            "svc": part_of(patient, state, svc, fold=fold),
        }
        gaps = np.array(
            [
                accuracy_score(state[fold == k], knn[fold == k])
                - accuracy_score(state[fold == k], svc[fold == k])
                for k in range(5)
            ]
        )
        row = only(compare(parts), metric="accuracy")
        assert row["fold_t_p"] == pytest.approx(corrected_resampled_t(gaps, 0.25)["p"], abs=1e-12)
        row = only(compare(parts, ratio=0), metric="accuracy")
        assert row["fold_t_p"] == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue, abs=1e-12)

    def test_no_fold_t_with_one_fold(self):
        patient, state, _, called = cohort()
        parts = {str(k): part_of(patient, state, values) for k, values in enumerate(called)}
        for row in compare(parts):
            assert row["fold_t_p"] is None and row["fold_t_p_holm"] is None
            assert row["p"] is not None

    def test_no_fold_t_where_a_fold_has_no_value(self):
        # no abnormal cycle in fold 0: its score is unknown, its accuracy is not
        patient, state, fold, (knn, svc, _) = cohort()
        state = np.where(fold == 0, 0, state)
        parts = {n: part_of(patient, state, v, fold=fold) for n, v in (("a", knn), ("b", svc))}
        rows = compare(parts)
        assert only(rows, metric="icbhi_score")["fold_t_p"] is None
        assert only(rows, metric="icbhi_score")["p"] is not None
        assert only(rows, metric="accuracy")["fold_t_p"] is not None

    def test_metric_that_nobody_has(self):
        patient = np.repeat([1, 2, 3], 2)
        parts = {
            name: part_of(patient, np.ones(6, int), np.array(said))
            for name, said in (("mean", [1, 0] * 3), ("knn", [1] * 6))
        }
        metrics = {row["metric"] for row in compare(parts)}
        assert metrics == set(COMPARED) - {"icbhi_score"}

    @pytest.mark.parametrize("names", [("mean", "most_frequent"), ("knn",)])
    def test_nothing_to_compare(self, models, names):
        assert compare({name: models[name] for name in names}) == []


class TestLeakage:
    FIT = {"model": "forest", "algorithm": "random_forest", "split": "half"}

    def of(self, shuffled, grouped, seed=SEED):
        rows = leakage(self.FIT, ("half", shuffled), ("patient", grouped), COMPARED, R, seed)
        for row in rows:
            assert list(row) == scoring.LEAKAGE.names
        assert [row["metric"] for row in rows] == list(COMPARED)
        return {row["metric"]: row for row in rows}

    def test_sign(self):
        patient, state, _, (worse, _, better) = cohort()
        rows = self.of(part_of(patient, state, better), part_of(patient, state, worse))
        row = rows["accuracy"]
        assert (row["shuffled"], row["patient"]) == pytest.approx(
            (accuracy_score(state, better), accuracy_score(state, worse)), abs=1e-12
        )
        assert row["difference"] == pytest.approx(row["shuffled"] - row["patient"], abs=1e-15)
        assert 0 < row["ci_low"] < row["difference"] < row["ci_high"]
        assert rows["mse"]["difference"] < 0  # a smaller error when shuffled
        assert (row["model"], row["algorithm"]) == ("forest", "random_forest")
        assert (row["shuffled_split"], row["patient_split"]) == ("half", "patient")

    def test_same_predictions_leak_nothing(self):
        patient, state, _, (called, *_) = cohort()
        part = part_of(patient, state, called)
        for row in self.of(part, part).values():
            assert (row["difference"], row["ci_low"], row["ci_high"]) == (0, 0, 0)

    @pytest.mark.parametrize("kept", ["some", "others"])
    def test_patients_of_either_split_are_drawn(self, kept):
        # half of the patients are in one split only: those drawn are the union of both
        patient, state, _, (one, _, other) = cohort()
        inside = (patient < 116) if kept == "some" else (patient >= 116)
        row = self.of(
            part_of(patient[inside], state[inside], other[inside]), part_of(patient, state, one)
        )["accuracy"]
        drawn = []
        for weight in draws(30, R, SEED):
            w = weight[patient - 101]
            drawn.append(
                np.average((other == state)[inside], weights=w[inside])
                - np.average(one == state, weights=w)
            )
        limits = np.percentile(drawn, [2.5, 97.5])
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(limits), abs=1e-12)

    def test_unknown_metric(self):
        patient, state = np.array([1, 1, 2]), np.ones(3, int)
        part = part_of(patient, state, np.array([1, 0, 1]))
        row = self.of(part, part)["icbhi_score"]
        assert np.isnan(row["difference"]) and row["ci_low"] is row["ci_high"] is None
