"""What candidates are scored by: areas under curves and losses, held against scikit-learn's."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from auscultation.data.target import Target
from auscultation.fits.preprocess import Preprocessor
from auscultation.fits.tuning import choose
from auscultation.job.errors import FitFailed, InputError
from auscultation.splits.protocols.patient import patient

FEATURES = ["Var", "Range"]


def training(seed=0, n=240, patients=15, classes=4, rare=False):
    """A training part; with `rare`, all cycles of the last class are of one patient."""
    random = np.random.default_rng(seed)
    y = random.choice(classes - rare, n)
    who = random.integers(0, patients, n)
    if rare:
        y[(who == 3) & (random.random(n) < 0.5)] = classes - 1
    noise = random.normal(size=(2, n))
    table = {"patient_ID": who, "Var": y + noise[0], "Range": noise[1]}
    return pa.table(table), y


def chosen(train, y, fit, candidates, metric="auc", folds=3):
    tune = {"metric": metric, "folds": folds, "seed": 0, "candidates": candidates}
    return choose(train, y, fit, [Preprocessor(FEATURES)] * len(candidates), tune)


def scores(given):
    return [one["score"] for one in given["candidates"]]


def inner(train, y):
    X = np.column_stack([train[name].to_numpy() for name in FEATURES])
    who = train["patient_ID"].to_numpy()
    for known, unknown in patient({"patient_ID": who, "class": y}, folds=3, seed=0):
        yield X[known], y[known], X[unknown], y[unknown]


def area(rated):
    """Of each fold's ratings and positives: the share of all pairs within folds."""
    won = met = 0
    for rating, positive in rated:
        n = positive.sum() * (~positive).sum()
        if n:
            won, met = won + n * roc_auc_score(positive, rating), met + n
    return won / met


def laid_out(model, X, classes=4):
    p = np.zeros((len(X), classes))
    p[:, model.classes_] = model.predict_proba(X)
    return p


def knn(X, y, n_neighbors):
    return KNeighborsClassifier(n_neighbors).fit(X, y)


def machine(X, y, C):
    return SVC(C=C).fit(X, y)


def line(X, y, fit_intercept):
    return LinearRegression(fit_intercept=fit_intercept).fit(X, y)


NEIGHBOURS = [{"n_neighbors": k} for k in (1, 7)]


@pytest.mark.parametrize("rare", [False, True])
def test_area_of_probabilities_is_the_mean_over_classes_of_pairs_within_inner_folds(rare):
    """Also where a training part lacks a class, which then has probability 0 for every cycle."""
    train, y = training(rare=rare)
    given = chosen(train, y, knn, NEIGHBOURS)
    expected = []
    for candidate in NEIGHBOURS:
        sides = [(laid_out(knn(X, s, **candidate), Z), t) for X, s, Z, t in inner(train, y)]
        expected.append(np.mean([area([(p[:, k], t == k) for p, t in sides]) for k in range(4)]))
    assert any(len(np.unique(s)) < 4 for _, s, _, _ in inner(train, y)) == rare
    np.testing.assert_allclose(scores(given), expected, rtol=1e-12)
    assert given["metric"] == "auc_ovr"
    assert given["chosen"] == NEIGHBOURS[int(np.argmax(expected))]


def test_area_of_numbers_is_that_of_not_class_0():
    train, y = training()
    candidates = [{"fit_intercept": True}, {"fit_intercept": False}]
    given = chosen(train, y, line, candidates)
    expected = [
        area([(line(X, s, **c).predict(Z), t != 0) for X, s, Z, t in inner(train, y)])
        for c in candidates
    ]
    np.testing.assert_allclose(scores(given), expected, rtol=1e-12)
    assert given["metric"] == "auc_abnormal"


def test_area_of_classes_alone_is_that_of_class_0_or_not():
    train, y = training()
    candidates = [{"C": 0.01}, {"C": 1}]
    given = chosen(train, y, machine, candidates)
    expected = [
        area([(machine(X, s, **c).predict(Z) != 0, t != 0) for X, s, Z, t in inner(train, y)])
        for c in candidates
    ]
    np.testing.assert_allclose(scores(given), expected, rtol=1e-12)
    assert given["metric"] == "auc_abnormal"
    assert expected[0] < expected[1] and given["chosen"] == {"C": 1}


@pytest.mark.parametrize("metric", ["log_loss", "brier_score"])
def test_losses_are_those_of_all_inner_test_cycles_and_the_lowest_is_best(metric):
    train, y = training()
    given = chosen(train, y, knn, NEIGHBOURS, metric)
    expected = []
    for candidate in NEIGHBOURS:
        sides = [(laid_out(knn(X, s, **candidate), Z), t) for X, s, Z, t in inner(train, y)]
        p, true = (np.concatenate(side) for side in zip(*sides, strict=True))
        if metric == "log_loss":
            expected.append(log_loss(true, p, labels=range(4)))
        else:
            expected.append(((p - np.eye(4)[true]) ** 2).sum(1).mean())
    np.testing.assert_allclose(scores(given), expected, rtol=1e-12)
    assert given["metric"] == metric
    assert given["chosen"] == NEIGHBOURS[int(np.argmin(expected))]


@pytest.mark.parametrize("metric", ["log_loss", "brier_score"])
@pytest.mark.parametrize(
    ("fit", "candidate"), [(machine, {"C": 1}), (line, {"fit_intercept": True})]
)
def test_losses_of_probabilities_need_such(metric, fit, candidate):
    train, y = training()
    with pytest.raises(InputError, match=f"tuning by {metric}: the model has no probabilities"):
        chosen(train, y, fit, [candidate], metric)


def test_what_ranks_cycles_best_is_chosen_and_not_what_draws_the_line_best():
    """By a score of classes, the better order loses where it calls all cycles abnormal."""
    train, y = training(classes=2)

    class Ranked:
        classes_ = np.arange(2)

        def __init__(self, noise, line):
            self.noise, self.line = noise, line

        def predict_proba(self, X):
            blurred = X[:, 0] + self.noise * X[:, 1] - self.line
            p = 1 / (1 + np.exp(-blurred))
            return np.column_stack([1 - p, p])

        def predict(self, X):
            return (self.predict_proba(X)[:, 1] > 0.5).astype(int)

    def fit(X, y, noise, line):
        return Ranked(noise, line)

    worse, better = {"noise": 2, "line": 0.5}, {"noise": 0, "line": -9}
    assert chosen(train, y, fit, [worse, better])["chosen"] == better
    assert chosen(train, y, fit, [worse, better], "balanced_accuracy")["chosen"] == worse


def test_without_a_pair_no_candidate_has_a_score():
    train, y = training()
    y = np.zeros_like(y)
    for fit, candidate in ((knn, NEIGHBOURS[0]), (line, {"fit_intercept": True})):
        with pytest.raises(FitFailed, match=r"no candidate has a score \(auc\)"):
            chosen(train, y, fit, [candidate])


def test_a_candidate_whose_probabilities_are_no_numbers_is_not_chosen():
    train, y = training()

    def fit(X, y, broken):
        model = knn(X, y, 5)
        if broken:
            model.predict_proba = lambda X: np.full((len(X), 4), np.nan)
            model.weights = "distance"
        return model

    given = chosen(train, y, fit, [{"broken": True}, {"broken": False}])
    assert given["chosen"] == {"broken": False} and scores(given)[0] is None


def test_targets_that_are_classes_alone_are_scored_alike():
    """A diagnosis: classes without an order."""
    train, y = training(classes=3)
    train = train.replace_schema_metadata(
        Target("Diagnosis", ("Healthy", "COPD", "URTI")).to_metadata()
    )
    assert scores(chosen(train, y, knn, NEIGHBOURS))[1] > 0.6
