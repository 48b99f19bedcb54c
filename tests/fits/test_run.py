"""Every algorithm's script on tiny splits: predictions, model file, summary, refusals."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR, LinearSVC
from skops import io

from auscultation.fits.estimators import fit_estimator
from auscultation.fits.load import load
from auscultation.job.errors import InputError
from fit_jobs import (
    ESTIMATORS,
    FEATURES,
    NUMPY,
    PROBABILITIES,
    SETTINGS,
    keeps_contract,
    run,
    shares,
    sides,
)
from fit_lstsq import fit_lstsq
from fit_stratified import fit_stratified

TREE = ["sklearn.metrics._dist_metrics.EuclideanDistance64", "sklearn.neighbors._kd_tree.KDTree"]
TRUSTED = dict.fromkeys(ESTIMATORS, []) | {
    "knn": TREE,
    "random_forest": ["sklearn.tree._tree.Tree"],
    "extra_trees": ["sklearn.tree._tree.Tree"],
    "hist_gradient_boosting": ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
}


def estimator(algorithm):
    """Make scikit-learn's own, with the settings to run with."""
    if algorithm == "linear_svc":
        return make_pipeline(Nystroem(n_components=20, random_state=0), LinearSVC(random_state=0))
    return ESTIMATORS[algorithm](**SETTINGS[algorithm])


class TestEveryAlgorithm:
    @pytest.mark.parametrize("algorithm", [*NUMPY, *ESTIMATORS])
    def test_predictions_keep_the_contract(self, job, algorithm):
        table, _, summary = run(job, algorithm, **SETTINGS.get(algorithm, {}))
        keeps_contract(job, table, algorithm in PROBABILITIES)
        assert summary["features"] == summary["inputs"] == FEATURES
        assert summary["scale"] == "none" and "tune" not in summary
        assert [fold["fold"] for fold in summary["folds"]] == [0, 1]
        assert [fold["warnings"] for fold in summary["folds"]] == [[], []]
        assert not any("converged" in fold for fold in summary["folds"]) and "failed" not in summary

    @pytest.mark.parametrize("algorithm", ESTIMATORS)
    def test_estimators_are_scikit_learns_own_and_load_again(self, job, algorithm):
        _, parts, summary = run(job, algorithm, **SETTINGS[algorithm])
        known = ESTIMATORS[algorithm]().get_params().keys()
        assert known <= summary["settings"].keys()
        assert sorted(io.get_untrusted_types(file=job.output.model)) == TRUSTED[algorithm]
        saved = io.load(job.output.model, trusted=TRUSTED[algorithm])
        assert len(saved) == 2
        for fold, X, y, seen, part in sides(job, parts):
            model = estimator(algorithm).fit(X, y)
            np.testing.assert_allclose(part["prediction"], model.predict(seen), rtol=1e-12)
            again = saved[fold].predict(seen)
            np.testing.assert_array_equal(part["prediction"].to_numpy(), again)
            if algorithm in PROBABILITIES:
                expected = model.predict_proba(seen)
                np.testing.assert_allclose(shares(part)[:, :3], expected, atol=1e-12)

    @pytest.mark.parametrize("algorithm", NUMPY)
    def test_coefficients_load_again(self, job, algorithm):
        _, parts, _ = run(job, algorithm)
        saved = dict(np.load(job.output.model, allow_pickle=False))
        assert saved["features"].tolist() == FEATURES
        for fold, _, _, seen, part in sides(job, parts):
            if algorithm in ("stratified", "by_device"):
                got = load(job.output.model)[fold][1].predict(seen)
            elif algorithm == "lstsq":
                theta = saved["theta"][fold]
                got = theta[0] + seen @ theta[1:]
            else:
                got = np.full(len(seen), saved["value"][fold])
            np.testing.assert_allclose(part["prediction"].to_numpy(), got, rtol=1e-14)
            if algorithm in ("most_frequent", "stratified"):
                np.testing.assert_array_equal(
                    shares(part)[0][:3], saved["shares"][fold]
                )  # no 3 in training


@pytest.mark.parametrize("solver", ["svd", "lsqr"])
def test_lda_is_bayes_rule_for_normal_classes_of_one_covariance(job, solver):
    """Shares of the classes times densities by scipy; the covariance is the maximum likelihood's."""
    for _, X, y, seen, part in sides(job, run(job, "lda", solver=solver)[1]):
        counts = np.bincount(y)
        means = np.array([X[y == k].mean(axis=0) for k in range(3)])
        apart = X - means[y]
        covariance = apart.T @ apart / len(y)
        joint = [
            n * multivariate_normal(mean, covariance).pdf(seen)
            for n, mean in zip(counts, means, strict=True)
        ]
        expected = np.column_stack(joint) / np.sum(joint, axis=0)[:, None]
        np.testing.assert_allclose(shares(part)[:, :3], expected, atol=1e-9)


class TestNumpyModels:
    def test_mean_is_the_dummy_regressor(self, job):
        for _, X, y, seen, part in sides(job, run(job, "mean")[1]):
            expected = DummyRegressor().fit(X, y).predict(seen)
            np.testing.assert_allclose(part["prediction"].to_numpy(), expected, rtol=1e-14)

    def test_most_frequent_is_the_dummy_classifier(self, job):
        for _, X, y, seen, part in sides(job, run(job, "most_frequent")[1]):
            dummy = DummyClassifier(strategy="prior").fit(X, y)
            assert part["prediction"].to_pylist() == dummy.predict(seen).tolist()
            np.testing.assert_allclose(shares(part)[:, :3], dummy.predict_proba(seen), rtol=1e-14)

    def test_stratified_has_the_shares_of_the_dummy_classifier(self, job):
        _, parts, summary = run(job, "stratified", seed=4)
        assert summary["settings"] == {"seed": 4}
        for _, X, y, seen, part in sides(job, parts):
            dummy = DummyClassifier(strategy="stratified", random_state=0).fit(X, y)
            np.testing.assert_allclose(shares(part)[0, :3], dummy.class_prior_, rtol=1e-14)
            model = fit_stratified(X, y, seed=4)
            assert part["prediction"].to_pylist() == model.predict(seen).tolist()
            drawn = model.predict(np.zeros(100_000))
            got = np.bincount(drawn, minlength=4) / len(drawn)
            np.testing.assert_allclose(got[:3], dummy.class_prior_, atol=0.006)
            assert (drawn != fit_stratified(X, y, seed=5).predict(drawn)).any()

    def test_lstsq_is_linear_regression(self, job):
        _, parts, summary = run(job, "lstsq")
        for fold, X, y, seen, part in sides(job, parts):
            model = LinearRegression().fit(X, y)
            np.testing.assert_allclose(part["prediction"], model.predict(seen), rtol=1e-10)
            (theta,) = summary["folds"][fold]["theta"]
            np.testing.assert_allclose(theta, [model.intercept_, *model.coef_], rtol=1e-10)
        assert summary["settings"] == {"rcond": None}

    def test_lstsq_minds_features_of_all_sizes(self):
        random = np.random.default_rng(3)
        X = random.normal(size=(200, 3)) * [1, 1e-4, 1e-9]
        theta = np.array([0.5, 2.0, -3e4, 4e8])
        model = fit_lstsq(X, theta[0] + X @ theta[1:])
        np.testing.assert_allclose(model.theta, theta, rtol=1e-9)
        assert abs(fit_lstsq(X, X[:, 2] * 4e8, rcond=1e-6).theta[3]) < 1


class TestSettings:
    def test_reach_the_library(self, job):
        _, parts, summary = run(job, "knn", n_neighbors=1, weights="distance")
        assert {"n_neighbors": 1, "weights": "distance"}.items() <= summary["settings"].items()
        for _, X, y, seen, part in sides(job, parts):
            nearest = y[((seen[:, None] - X[None]) ** 2).sum(2).argmin(1)]
            assert part["prediction"].to_pylist() == nearest.tolist()

    def test_warnings_are_kept_for_each_fold(self, job):
        _, _, summary = run(job, "logistic_regression", max_iter=1)
        for fold in summary["folds"]:
            (said,) = fold["warnings"]
            assert "failed to converge" in said
            assert fold["iterations"] == [1] and fold["converged"] is False

    @pytest.mark.parametrize(
        ("estimator", "settings", "message"),
        [
            (KNeighborsClassifier, {"n_neighbours": 3}, "'n_neighbours'"),
            (KNeighborsClassifier, {"n_neighbors": -3}, "'n_neighbors'.*-3"),
            (KNeighborsClassifier, {"metric": "crow"}, "'metric'.*'crow'"),
            (LogisticRegression, {"solver": "liblinear"}, "liblinear"),
            (SVR, {"C": 0}, "'C' parameter of SVR"),
            (LogisticRegression, {"dual": True}, "dual=False"),
            (HistGradientBoostingClassifier, {"scoring": "crow", "early_stopping": True}, "crow"),
            (KNeighborsClassifier, {"metric": "seuclidean", "metric_params": {"w": [1]}}, "'w'"),
        ],
    )
    def test_refused_with_the_models_name(self, job, estimator, settings, message):
        job.params.settings = settings
        with pytest.raises(InputError, match=f"(?s)^model 'mine'.*{message}"):
            fit_estimator(job, estimator)
        assert not any(path.exists() for path in vars(job.output).values())
