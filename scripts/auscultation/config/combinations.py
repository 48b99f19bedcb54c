"""Settings that do not go together: what the libraries refuse only when a model is fitted.

The schema says what each setting may be by itself; here is what it may be beside the others, the
features and the target. Imports no library: starting the workflow asks it.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from auscultation.data.derived import CATEGORIES
from auscultation.data.features import LEFT_OUT, is_pattern
from auscultation.data.target import CLASSES, wanted

# What the libraries take for a setting that is left out, of those that the rules ask for.
DEFAULTS: dict[str, dict] = {
    "knn": {"metric": "minkowski", "metric_params": None, "p": 2},
    "svc": {"break_ties": False, "class_weight": None, "decision_function_shape": "ovr"},
    "logistic_regression": {"C": 1, "dual": False, "l1_ratio": 0, "solver": "lbfgs"},
    "linear_svc": {
        "dual": "auto",
        "kernel": "rbf",
        "loss": "squared_hinge",
        "multi_class": "ovr",
        "penalty": "l2",
    },
    "random_forest": {"bootstrap": True, "max_samples": None, "oob_score": False},
    "extra_trees": {"bootstrap": False, "max_samples": None, "oob_score": False},
    "lda": {"shrinkage": None, "solver": "svd"},
    "hist_gradient_boosting": {
        "early_stopping": "auto",
        "scoring": "loss",
        "validation_fraction": 0.1,
    },
}
OF_TWO_CLASSES = ("f1", "jaccard", "precision", "recall", "roc_auc")  # scorings
OF_POSITIVE = ("additive_chi2", "chi2")  # kernels of features that are not below 0
NO_COUNT = 1000  # classes of a target whose number the workbook says


class Beside(NamedTuple):
    """What stands beside a model's settings: its features and scale, and the number of classes."""

    features: list[str]
    scale: str
    classes: int


def refused(algorithm: str, settings: Mapping, beside: Beside) -> list[str]:
    """Return which settings do not go together, as lines `setting: why; what to do`."""
    problems: list[str] = []
    weights = settings.get("class_weight")
    if isinstance(weights, Mapping) and [*weights.values()] == [0] * beside.classes:
        problems.append("class_weight: all are 0; give one class at least a weight above 0")
    if algorithm in RULES:
        problems += RULES[algorithm](DEFAULTS[algorithm] | dict(settings), beside)
    return problems


def classes_of(target: str | Mapping) -> int:
    """Return the number of classes of a target; NO_COUNT where only the workbook says it."""
    column, classes, positive = wanted(target)
    if positive is not None:
        return 2
    return len(classes or CLASSES.get(column, ())) or NO_COUNT


def _knn(s: Mapping, beside: Beside) -> Iterator[str]:
    params = s["metric_params"] or {}
    if s["metric"] == "seuclidean" and "V" not in params:
        yield "metric: seuclidean needs the variance of each feature, `metric_params: {V: [..]}`"
    takes = {"seuclidean": ("V",), "minkowski": ("w",), "p": ("w",)}.get(s["metric"], ())
    for key in sorted(params.keys() - set(takes)):
        yield f"metric_params.{key}: not for metric {s['metric']}; leave it out"
    categories = [name for name in beside.features if name in CATEGORIES]
    for key in sorted(params.keys() & set(takes)):
        numbers, features = len(params[key]), beside.features
        if any(is_pattern(name) or name.startswith(LEFT_OUT) for name in features):
            continue  # the workbook says how many there are
        if categories:
            columns = "which become as many columns as they have values; leave one of the two out"
            yield f"metric_params.{key}: not with {', '.join(categories)}, {columns}"
        elif numbers != len(features):
            names = f"{len(features)} features ({', '.join(features)})"
            yield f"metric_params.{key}: {numbers} numbers for {names}; write one for each"
    if "w" in params and s["metric"] == "minkowski" and math.isinf(s["p"]):
        yield "p: with weights (metric_params.w) it is a number with an end"


def _svc(s: Mapping, beside: Beside) -> Iterator[str]:
    if s["break_ties"] and s["decision_function_shape"] == "ovo":
        yield "break_ties: only with `decision_function_shape: ovr`"
    weights = s["class_weight"]
    for name, weight in weights.items() if isinstance(weights, Mapping) else ():
        if weight == 0:
            yield f"class_weight.{name}: a weight of svc is above 0; write a small one"


def _logistic_regression(s: Mapping, beside: Beside) -> Iterator[str]:
    solver, ratio, endless = s["solver"], s["l1_ratio"] or 0, math.isinf(s["C"])
    if solver == "liblinear" and beside.classes > 2:
        yield "solver: liblinear tells two classes apart, and the target has more; take lbfgs"
    if endless and solver == "liblinear":
        yield "C: solver liblinear needs a number with an end; write a large one"
    if endless and solver in ("sag", "saga") and s["l1_ratio"] is None:
        yield f"l1_ratio: with `C: .inf`, solver {solver} needs a number; write 0"
    if s["dual"] and solver != "liblinear":
        yield f"dual: solver {solver} has false only"
    elif s["dual"] and ratio:
        yield "dual: true only with `l1_ratio: 0`"
    if 0 < ratio < 1 and solver != "saga" and not endless:
        yield f"l1_ratio: {ratio} only with `solver: saga`"
    elif ratio == 1 and solver not in ("liblinear", "saga") and not endless:
        yield "l1_ratio: 1 only with `solver: saga` (or liblinear, for two classes)"


def _linear_svc(s: Mapping, beside: Beside) -> Iterator[str]:
    if s["kernel"] in OF_POSITIVE and beside.scale == "standard":
        yield f"kernel: {s['kernel']} needs features from 0, which `scale: standard` makes negative"
    if s["multi_class"] == "crammer_singer":
        return  # takes no notice of the three
    if s["loss"] == "hinge" and s["penalty"] == "l1":
        yield "penalty: l1 only with `loss: squared_hinge`"
    elif s["loss"] == "hinge" and s["dual"] is False:
        yield "dual: with `loss: hinge` it is true or auto"
    elif s["penalty"] == "l1" and s["dual"] is True:
        yield "dual: with `penalty: l1` it is false or auto"


def _forest(s: Mapping, beside: Beside) -> Iterator[str]:
    for key in ("max_samples", "oob_score"):
        if s[key] and not s["bootstrap"]:
            yield f"{key}: only with `bootstrap: true`"


def _lda(s: Mapping, beside: Beside) -> Iterator[str]:
    if s["shrinkage"] is not None and s["solver"] == "svd":
        yield "shrinkage: solver svd has none; take lsqr or eigen"


def _hist_gradient_boosting(s: Mapping, beside: Beside) -> Iterator[str]:
    if not s["early_stopping"]:
        return  # else these are asked for; with auto, where there are more than 10,000 cycles
    if s["scoring"] in OF_TWO_CLASSES and beside.classes > 2:
        other = s["scoring"] + ("_ovr" if s["scoring"] == "roc_auc" else "_macro")
        yield f"scoring: {s['scoring']} is of two classes, and the target has more; take {other}"
    part, classes = s["validation_fraction"], beside.classes
    if isinstance(part, int) and part < classes < NO_COUNT:
        cycles = f"{part} cycles cannot hold all {classes} classes"
        yield f"validation_fraction: {cycles}; write more of them, or a share"


RULES: dict[str, Callable[[Mapping, Beside], Iterator[str]]] = {
    "knn": _knn,
    "svc": _svc,
    "logistic_regression": _logistic_regression,
    "linear_svc": _linear_svc,
    "random_forest": _forest,
    "extra_trees": _forest,
    "lda": _lda,
    "hist_gradient_boosting": _hist_gradient_boosting,
}
