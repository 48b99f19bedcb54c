"""Refits on parts of the training parts: who is fitted, who is predicted, what cannot be made."""

import json
import math
import runpy
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from auscultation.fits.estimators import fit_estimator
from fit_jobs import FEATURES, ROOT, SETTINGS, array, make_job, run, side

INNER = {"kind": "inner", "folds": 3, "seed": 0}
LEARNING = {"kind": "learning", "shares": [0.3, 0.5, 0.75], "seed": 0}


def of_patients(random, fold, patients, n=90, states=(0, 0, 1, 2)):
    """Cycles of some patients, with a number of their own for each cycle."""
    cycles = side(random, fold, n, list(states))
    who = np.repeat(patients, -(-n // len(patients)))[:n]
    cycles = cycles.set_column(cycles.column_names.index("patient_ID"), "patient_ID", [who])
    number = np.arange(n) + 1000 * int(patients[0])
    return cycles.set_column(cycles.column_names.index("cycle"), "cycle", [number])


@pytest.fixture
def apart(tmp_path):
    """A job on two folds whose test patients are not among those of the training part."""
    random, patients = np.random.default_rng(3), np.arange(101, 121)
    folds = [
        (of_patients(random, fold, patients[~own]), of_patients(random, fold, patients[own], 30))
        for fold, own in enumerate([patients > 113, patients < 108])
    ]
    return make_job(tmp_path, folds)


def refit(job, algorithm, asked, main=None, **more):
    """Run a script as the job of a refit does; return its predictions and what it could not make."""
    path = job.output.predictions.with_name(f"{asked['kind']}.parquet")
    again = SimpleNamespace(**vars(job))
    again.input = SimpleNamespace(**vars(job.input), summary=job.output.summary)
    again.output = SimpleNamespace(predictions=path)
    again.params = SimpleNamespace(**vars(job.params) | more, refit=asked)
    again.log = [path.with_suffix(".log")]
    if main is None:
        runpy.run_path(str(ROOT / "scripts" / f"fit_{algorithm}.py"), {"snakemake": again})
    else:
        main(again)
    table = pq.read_table(path)
    return table, json.loads(table.schema.metadata[b"failed"])


def rows(table, **keys):
    keep = np.ones(table.num_rows, bool)
    for name, value in keys.items():
        keep &= table[name].to_numpy(zero_copy_only=False) == value
    return table.filter(pa.array(keep))


def test_inner_predictions_are_out_of_fold_and_of_all_training_cycles(apart):
    """Held against a loop with scikit-learn's own; the scaling is learnt in each inner fold."""
    apart.params.scale = "standard"
    run(apart, "logistic_regression", C=0.3, class_weight="balanced")
    table, failed = refit(apart, "logistic_regression", INNER)
    assert failed == [] and set(table["part"].to_pylist()) == {"inner"}
    names = "cycle patient_ID fold part state prediction p0 p1 p2 p3 inner"
    assert table.column_names == names.split() and table.schema.field("inner").type == pa.int64()
    for fold, (train, _) in enumerate(apart.folds):
        own = rows(table, fold=fold)
        assert sorted(own["cycle"].to_pylist()) == sorted(train["cycle"].to_pylist())
        assert set(own["inner"].to_pylist()) == {0, 1, 2}
        for inner in range(3):
            part = rows(own, inner=inner)
            unseen = np.isin(train["patient_ID"].to_numpy(), part["patient_ID"].to_numpy())
            assert part["cycle"].to_pylist() == train["cycle"].to_numpy()[unseen].tolist()
            X, y = array(train), train["state"].to_numpy()
            step = StandardScaler().fit(X[~unseen])
            model = LogisticRegression(C=0.3, class_weight="balanced")
            model.fit(step.transform(X[~unseen]), y[~unseen])
            expected = model.predict_proba(step.transform(X[unseen]))
            given = np.column_stack([part[f"p{k}"].to_numpy() for k in range(3)])
            np.testing.assert_allclose(given, expected, atol=1e-9)


class Spy(ClassifierMixin, BaseEstimator):
    """Notes the rows that it is fitted on, and those that it predicts."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        """Note the rows."""
        self.classes_ = np.unique(y)
        Spy.seen.append([{*map(tuple, X)}, set()])
        self.own = Spy.seen[-1]
        return self

    def predict_proba(self, X):
        """Note the rows; all classes are alike."""
        self.own[1] |= {*map(tuple, X)}
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        """Return the first class."""
        return np.full(len(X), self.classes_[0])


def patients_by_row(job):
    both = [table for fold in job.folds for table in fold]
    return {
        row: who
        for table in both
        for row, who in zip(map(tuple, array(table)), table["patient_ID"].to_pylist(), strict=True)
    }


@pytest.mark.parametrize("asked", [INNER, LEARNING])
def test_no_refit_has_seen_a_patient_that_it_predicts(apart, asked):
    apart.output.summary.write_text(json.dumps({"folds": [{"fold": 0}, {"fold": 1}]}))
    Spy.seen, who = [], patients_by_row(apart)
    refit(apart, "", asked, main=lambda job: fit_estimator(job, Spy))
    assert len(Spy.seen) == 6
    people = [tuple({who[row] for row in part} for part in fitted) for fitted in Spy.seen]
    for number, (seen, unseen) in enumerate(people):
        fold = number // 3
        train, test = ({*table["patient_ID"].to_pylist()} for table in apart.folds[fold])
        assert seen < train and not seen & unseen and not seen & test
        assert unseen == (train - seen if asked is INNER else test)
    if asked is LEARNING:
        for fold in range(2):
            few, half, most = (seen for seen, _ in people[3 * fold : 3 * fold + 3])
            assert few < half < most
            n = len({*apart.folds[fold][0]["patient_ID"].to_pylist()})
            expected = [math.ceil(share * n) for share in LEARNING["shares"]]
            assert [len(few), len(half), len(most)] == expected


def test_learning_predicts_the_test_part_after_each_share(apart):
    run(apart, "lstsq")
    table, failed = refit(apart, "lstsq", LEARNING | {"shares": [1, 0.5]})
    assert failed == [] and table.column_names[-2:] == ["share", "n_patients"]
    assert set(table["share"].to_pylist()) == {0.5}  # a share of 1 is the fit itself
    for fold, (_, test) in enumerate(apart.folds):
        part = rows(table, fold=fold)
        assert part["cycle"].to_pylist() == test["cycle"].to_pylist()
        assert set(part["part"].to_pylist()) == {"test"}
    other, _ = refit(apart, "lstsq", LEARNING | {"shares": [0.5], "seed": 1})
    assert other["prediction"].to_pylist() != table["prediction"].to_pylist()


def test_a_tuned_model_is_refitted_with_what_each_fold_has_chosen(apart):
    candidates = [
        {"C": C, "class_weight": weight, "features": names}
        for C in (1e-6, 1.0)
        for weight, names in (({"0": 1.0, "1": 3.0}, FEATURES), (None, FEATURES[:1]))
    ]
    apart.params.tune = {"candidates": candidates, "metric": "auc", "folds": 2, "seed": 0}
    run(apart, "logistic_regression")
    summary = json.loads(apart.output.summary.read_text())
    # as if the folds had chosen otherwise
    for about, candidate in zip(summary["folds"], (candidates[2], candidates[1]), strict=True):
        about["chosen"] = candidate
    apart.output.summary.write_text(json.dumps(summary))
    table, _ = refit(apart, "logistic_regression", LEARNING | {"shares": [0.999]})
    settings = ((1.0, {0: 1, 1: 3}, 3), (1e-6, None, 1))
    for fold, (C, weight, n) in enumerate(settings):
        train, test = apart.folds[fold]
        part = rows(table, fold=fold)
        model = LogisticRegression(C=C, class_weight=weight)
        model.fit(array(train)[:, :n], train["state"].to_numpy())
        expected = model.predict_proba(array(test)[:, :n])
        given = np.column_stack([part[f"p{k}"].to_numpy() for k in range(3)])
        np.testing.assert_allclose(given, expected, atol=1e-9)


class TestWhatCannotBeMade:
    def test_is_named_with_its_reason_and_the_others_are_kept(self, tmp_path):
        """The only patient with abnormal cycles is needed in training."""
        random, patients = np.random.default_rng(5), np.arange(101, 107)
        folds = []
        for fold in range(2):
            train = of_patients(random, fold, patients[:4], 60)
            state = (train["patient_ID"].to_numpy() == 102).astype(int) * random.integers(0, 2, 60)
            train = train.set_column(train.column_names.index("state"), "state", [state])
            folds.append((train, of_patients(random, fold, patients[4:], 20)))
        job = make_job(tmp_path, folds)
        run(job, "logistic_regression")
        table, failed = refit(job, "logistic_regression", INNER | {"folds": 9})
        assert [entry["fold"] for entry in failed] == [0, 1]
        assert all("are of one class, 'normal'" in entry["reason"] for entry in failed)
        for entry in failed:
            left = set(rows(table, fold=entry["fold"])["inner"].to_pylist())
            assert left == {0, 1, 2, 3} - {entry["inner"]}  # 4 patients are 4 inner folds
            out = rows(table, fold=entry["fold"])["patient_ID"].to_pylist()
            assert set(out) == {101, 103, 104}

    def test_settings_that_suit_the_fit_alone_are_no_error(self, apart):
        run(apart, "knn", n_neighbors=60)
        table, failed = refit(apart, "knn", LEARNING)
        assert {entry["share"] for entry in failed} == {0.3, 0.5, 0.75} - {0.75}
        assert set(table["share"].to_pylist()) == {0.75}

    def test_one_patient_cannot_be_divided(self, tmp_path):
        random = np.random.default_rng(5)
        fold = of_patients(random, 0, np.array([101])), of_patients(random, 0, np.array([102]), 9)
        job = make_job(tmp_path, [fold])
        run(job, "mean")
        table, failed = refit(job, "mean", INNER)
        reason = "inner folds need two patients in the training part, and it has 1"
        assert failed == [{"fold": 0, "inner": None, "reason": reason}] and not table.num_rows
        assert table.column_names[-1] == "inner"

    @pytest.mark.parametrize("asked", [INNER, LEARNING])
    def test_a_fit_without_result_has_no_refit(self, apart, asked):
        apart.output.summary.write_text(json.dumps({"folds": [], "failed": "it diverged"}))
        table, failed = refit(apart, "lstsq", asked)
        assert not table.num_rows
        assert [entry["reason"] for entry in failed] == ["the fit has no result (it diverged)"]


@pytest.mark.parametrize("algorithm", ["random_forest", "svc"])
@pytest.mark.parametrize("asked", [INNER, LEARNING])
def test_threads_change_no_byte(apart, algorithm, asked):
    apart.params.kernel = {"max_rows": 40, "above": "subsample"}
    run(apart, algorithm, **SETTINGS[algorithm])
    made = []
    for threads in (1, 3):
        apart.threads = threads
        refit(apart, algorithm, asked)
        made.append(apart.output.predictions.with_name(f"{asked['kind']}.parquet").read_bytes())
    assert made[0] == made[1]
