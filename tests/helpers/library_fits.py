"""Fits of every algorithm with settings of the config, by the libraries themselves."""

import copy
import warnings
from pathlib import Path

import numpy as np
import yaml
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from auscultation.config.resolve import ConfigError, resolve
from fit_hist_gradient_boosting import hist_gradient_boosting
from fit_linear_svc import linear_svc

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
MADE = {
    "linear_regression": LinearRegression,
    "knn": KNeighborsClassifier,
    "svr": SVR,
    "svc": SVC,
    "logistic_regression": LogisticRegression,
    "linear_svc": linear_svc,
    "random_forest": RandomForestClassifier,
    "extra_trees": ExtraTreesClassifier,
    "lda": LinearDiscriminantAnalysis,
    "hist_gradient_boosting": hist_gradient_boosting,
}
FEATURES = ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]
# So that a fit is quick; the most that there may be is a user's own choice.
QUICK = {
    "random_forest": {"n_estimators": 3},
    "extra_trees": {"n_estimators": 3, "bootstrap": True},
    "hist_gradient_boosting": {"max_iter": 2, "early_stopping": True},
}


def config(algorithm, target="state", **settings):
    """Return a config with one model of an algorithm, called `mine`."""
    models = {"mine": {"algorithm": algorithm, **settings}, "knn": {}}
    return {"splits": {"half": {}}, "models": models, "target": target}


def problems(config):
    """Return what is wrong with a config."""
    try:
        resolve(config, SCHEMA)
    except ConfigError as error:
        return error.problems
    return []


def table(classes, n=40):
    """Features from 0 that say something of the class."""
    random = np.random.default_rng(5)
    y = np.arange(n) % classes
    return random.uniform(0, 1, (n, len(FEATURES))) + 0.3 * y[:, None], y


def fit(algorithm, settings, classes):
    """Fit as a job does, and predict."""
    X, y = table(classes)
    settings = copy.deepcopy(settings)  # a kNN adds to its metric_params
    weights = settings.get("class_weight")
    if isinstance(weights, dict):
        settings["class_weight"] = {int(name): w for name, w in weights.items()}
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        model = MADE[algorithm](**settings).fit(X, y)
        model.predict(X)
        if hasattr(model, "predict_proba"):
            model.predict_proba(X)
    return model


def library_refuses(algorithm, settings, classes):
    """Return whether a fit raises."""
    try:
        fit(algorithm, settings, classes)
    except (NotImplementedError, TypeError, ValueError, ZeroDivisionError):
        return True
    return False
