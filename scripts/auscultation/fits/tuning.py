"""Choose settings inside the training part: patient-grouped inner folds, which no test row enters.

The score of the chosen settings is then measured on the test part, so that what is reported is
never the best of those looked at.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from auscultation.data.target import target_of
from auscultation.fits.magnitude import SQUARED, within
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import OPTIONS, Preprocessor, columns_for
from auscultation.fits.refusals import of_classes, told_apart
from auscultation.job.errors import FitFailed, InputError
from auscultation.metrics.classes import group_sums, metrics
from auscultation.metrics.names import AREA, LOSSES, LOWER_IS_BETTER
from auscultation.metrics.pairs import pairs
from auscultation.metrics.probability import cycle_losses, mean_area
from auscultation.splits.protocols.patient import patient


def choose(
    train: pa.Table,
    y: np.ndarray,
    fit: Callable,
    steps: Sequence[Preprocessor],
    tune: dict,
    settings: dict = {},  # noqa: B006
) -> dict:
    """Score every candidate on inner folds of the training part, and choose the best.

    `fit` is called with X, y and a candidate's settings, beside `settings`; `y` holds the classes,
    shape (n,), of `train`; `steps` are the preprocessing of each candidate, the same object for those
    that share it, of which each inner fold fits a fresh one; `tune` has `candidates` (settings, and
    what is another preprocessing), `metric`, `folds` and `seed`.

    Returned are `chosen` (of the best candidates the first), `metric` (of `auc`, which it was) and
    `candidates`, each with `settings`, `score` (or None) and why it could not be fitted, `failed`.
    FitFailed where there are fewer patients than inner folds, or no candidate has a score;
    InputError where settings suit no cycles, or a model lacks the probabilities of the metric.
    """
    folds, n = tune["folds"], len(train["patient_ID"].unique())
    if n < folds:
        fewer = f"; or set `tune: {{folds: {n}}}`" if n > 1 else ""
        raise FitFailed(
            f"tune divides the training part into {folds} folds of patients, for which {folds} "
            f"patients are the fewest that do, and it has {n}{fewer}"
        )
    target, candidates = target_of(train.schema.metadata), tune["candidates"]
    n_classes, metric = int(y.max()) + 1, tune["metric"]
    scored = [Scored(metric) for _ in candidates]
    for own, members in groups(steps):
        for fold, inner in enumerate(inner_folds(train, y, own, tune)):
            for candidate, scores in ((candidates[k], scored[k]) for k in members):
                if isinstance(inner, FitFailed):
                    scores.fail(f"inner fold {fold}: {inner}")
                    continue
                some = settings_of(candidate)
                try:
                    with told_apart(fit, settings | some, inner.X.shape[1], inner.y, target):
                        model = fit(inner.X, inner.y, **some, **of_patients(fit, inner.patients))
                        scores.add(model, inner.X_test, inner.y_test, n_classes)
                except FitFailed as error:
                    scores.fail(f"inner fold {fold}: {error}")
                except InputError as error:
                    raise InputError(f"tuning with {candidate}: {error}") from error
    values = np.array([scores.value() for scores in scored])
    if np.isnan(values).all():
        reasons = [(c, s.failed) for c, s in zip(candidates, scored, strict=True) if s.failed]
        why = ": {}, {}".format(*reasons[0]) if reasons else ""
        raise FitFailed(
            f"tuning: no candidate has a score ({metric}) on this training part "
            f"({of_classes(y, target)}){why}"
        )
    best = int(np.nanargmax(-values if metric in LOWER_IS_BETTER else values))
    said = [s.about(c) for c, s in zip(candidates, scored, strict=True)]
    return {"chosen": candidates[best], "metric": scored[best].metric, "candidates": said}


def of_patients(fit: Callable, patients: np.ndarray) -> dict:
    """Return the patients of the cycles, shape (n,), as the keyword of a fit that takes them."""
    return {"patients": patients} if "patients" in inspect.signature(fit).parameters else {}


def settings_of(candidate: Mapping) -> dict:
    """Return the settings of a candidate, without what is another preprocessing."""
    return {key: value for key, value in candidate.items() if key not in OPTIONS}


def groups(steps: Sequence[Preprocessor]) -> list[tuple[Preprocessor, list[int]]]:
    """Return each preprocessing once, with the positions of the candidates that share it."""
    own = {id(step): step for step in steps}
    return [(step, [k for k, of in enumerate(steps) if of is step]) for step in own.values()]


class Inner(NamedTuple):
    """An inner fold: features, shape (n, columns), and classes, shape (n,), of its two parts."""

    X: np.ndarray
    y: np.ndarray
    patients: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def inner_folds(
    train: pa.Table, y: np.ndarray, preprocessor: Preprocessor, tune: dict
) -> Iterator[Inner | FitFailed]:
    """Yield the inner folds, which keep patients apart; the preprocessing is fitted in each anew.

    In place of a fold whose features cannot be prepared, why.
    """
    keys = {"patient_ID": train["patient_ID"].to_numpy(), "class": y}
    columns = columns_for(train, preprocessor.features)
    for rows, rows_test in patient(keys, folds=tune["folds"], seed=tune["seed"]):
        own, own_test = ({k: v[part] for k, v in columns.items()} for part in (rows, rows_test))
        try:
            step = preprocessor.fresh().fit(own)
            X, X_test = step.transform(own), step.transform(own_test)
        except FitFailed as error:
            yield error
        else:
            yield Inner(X, y[rows], keys["patient_ID"][rows], X_test, y[rows_test])


class Scored:
    """What the inner test parts together say of a candidate."""

    def __init__(self, metric: str):
        self.metric = metric  # of `auc`, in the end which
        self.sums: np.ndarray = np.zeros(1)  # see `_sums`; nan where there can be no score
        self.failed = ""  # why it could not be fitted

    def add(self, model: Any, X: np.ndarray, y: np.ndarray, n_classes: int) -> None:
        """Add what a model predicts of an inner test part; where it diverged, there is no score."""
        p: np.ndarray | None = None
        if self.metric.startswith(AREA) or self.metric in LOSSES:
            predicted, p = predict(model, X, n_classes)
        else:
            predicted = np.asarray(model.predict(X), np.float64)
        if not within(predicted, SQUARED) or not (p is None or np.isfinite(p).all()):
            self.sums = np.full(1, np.nan)
            return
        if self.metric.startswith(AREA):
            self.metric = "auc_abnormal" if p is None else "auc_ovr"
            predicted = (predicted != 0) * 1.0 if hasattr(model, "classes_") else predicted
        self.sums = self.sums + _sums(self.metric, y, predicted, p, n_classes)

    def fail(self, reason: str) -> None:
        """Note why the candidate could not be fitted; the first reason stays."""
        self.failed = self.failed or reason
        self.sums = np.full(1, np.nan)

    def value(self) -> float:
        """Return the score; nan where there is none."""
        if np.isnan(self.sums).any():
            return np.nan
        if self.metric in LOSSES:
            return self.sums[0] / self.sums[1]
        if self.metric.startswith(AREA):
            return float(mean_area(*self.sums))
        return float(metrics(self.sums)[self.metric])

    def about(self, candidate: dict) -> dict:
        """Return what the summary says of a candidate, whose settings these are."""
        score = self.value()
        said = {"settings": candidate, "score": None if np.isnan(score) else float(score)}
        return said | ({"failed": self.failed} if self.failed else {})


def _sums(
    metric: str, y: np.ndarray, raw: np.ndarray, p: np.ndarray | None, n_classes: int
) -> np.ndarray:
    """Sum up an inner test part, so that the sums of all such parts give the metric.

    Of an AUC, pairs rated rightly and pairs of each class, shape (2, classes); pairs of cycles of
    two parts, which two models rate, are none. Of a loss, its sum and the cycles, shape (2,). Else
    as `group_sums`. `raw` is what cycles are rated by for auc_abnormal.
    """
    if metric in LOSSES:
        if p is None:
            raise InputError(f"tuning by {metric}: the model has no probabilities; take {AREA}")
        return np.array([cycle_losses(y, p)[:, LOSSES.index(metric)].sum(), len(y)])
    if metric == "auc_ovr" and p is not None:
        rated = [(p[:, k], y == k) for k in range(n_classes)]
    elif metric == "auc_abnormal":
        rated = [(raw, y != 0)]
    else:
        return group_sums(y, raw, n_classes=n_classes)[0]
    one = np.zeros(len(y), dtype=np.int64)
    counted = [[side[of].sum() for side in pairs(rating, of, one)] for rating, of in rated]
    return np.array(counted).T
