"""Choose settings inside the training part: patient-grouped inner folds, which no test row enters.

The score of the chosen settings is then measured on the test part, so that what is reported is
never the best of those looked at.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from auscultation.data.target import target_of
from auscultation.fits.magnitude import SQUARED, within
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import Preprocessor, columns_for
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
    preprocessor: Preprocessor,
    tune: dict,
    settings: dict = {},  # noqa: B006
) -> dict:
    """Score every candidate on inner folds of the training part, and choose the best.

    Parameters
    ----------
    train
        Training part of the outer fold.
    y
        Its classes, shape (n,).
    fit
        Called with X, y and a candidate's settings; gives a model with `predict`.
    preprocessor
        The preprocessing, of which each inner fold fits a fresh one.
    tune
        `candidates` (settings), `metric`, `folds`, `seed`.
    settings
        What `fit` is called with beside a candidate's.

    Returns
    -------
    dict
        `chosen` (of the best candidates the first), `metric` (of `auc`, which it was: auc_ovr of
        probabilities, else auc_abnormal) and `candidates`, each with `settings` and its `score` on
        the inner test parts together (None where it cannot be computed), and why it could not be
        fitted, under `failed`.

    Raises
    ------
    FitFailed
        Where there are fewer patients than inner folds, or no candidate has a score.
    InputError
        Where a candidate's settings suit no cycles, or a model has no probabilities and the metric
        is of such.
    """
    enough_patients(train["patient_ID"], tune["folds"])
    target, metric = target_of(train.schema.metadata), tune["metric"]
    failed: dict[int, str] = {}  # by candidate, why it could not be fitted
    keys = {"patient_ID": train["patient_ID"].to_numpy(), "class": y}
    columns, n_classes = columns_for(train, preprocessor.features), int(y.max()) + 1
    inner = patient(keys, folds=tune["folds"], seed=tune["seed"])
    sums, used = [np.zeros(1)] * len(tune["candidates"]), metric
    for fold, (known, unknown) in enumerate(inner):
        seen = {name: values[known] for name, values in columns.items()}
        asked = {name: values[unknown] for name, values in columns.items()}
        step = preprocessor.fresh().fit(seen)
        X, X_asked = step.transform(seen), step.transform(asked)
        for position, candidate in enumerate(tune["candidates"]):
            try:
                with told_apart(fit, settings | candidate, X.shape[1], y[known], target):
                    model = fit(X, y[known], **candidate)
                    if metric in (AREA, *LOSSES):
                        raw, p = predict(model, X_asked, n_classes)
                    else:
                        raw, p = np.asarray(model.predict(X_asked), np.float64), None
            except FitFailed as error:
                failed.setdefault(position, f"inner fold {fold}: {error}")
            except InputError as error:
                raise InputError(f"tuning with {candidate}: {error}") from error
            else:
                if within(raw, SQUARED) and (p is None or np.isfinite(p).all()):
                    if metric == AREA:
                        used = "auc_abnormal" if p is None else "auc_ovr"
                        raw = (raw != 0) * 1.0 if hasattr(model, "classes_") else raw
                    found = _sums(used, y[unknown], raw, p, n_classes)
                    sums[position] = sums[position] + found
                    continue
            sums[position] = np.full(1, np.nan)  # it diverged, or could not be fitted: no score
    scores = np.array([_score(used, total) for total in sums])
    if np.isnan(scores).all():
        why = f": {tune['candidates'][min(failed)]}, {failed[min(failed)]}" if failed else ""
        raise FitFailed(
            f"tuning: no candidate has a score ({metric}) on this training part "
            f"({of_classes(y, target)}){why}"
        )
    sign = -1 if metric in LOWER_IS_BETTER else 1
    best = int(np.nanargmax(sign * scores))
    return {
        "chosen": tune["candidates"][best],
        "metric": used,
        "candidates": [
            {"settings": candidate, "score": None if np.isnan(score) else float(score)}
            | ({"failed": failed[position]} if position in failed else {})
            for position, (candidate, score) in enumerate(
                zip(tune["candidates"], scores, strict=True)
            )
        ],
    }


def _sums(
    metric: str, y: np.ndarray, raw: np.ndarray, p: np.ndarray | None, n_classes: int
) -> np.ndarray:
    """Sum up an inner test part, so that the sums of all such parts give the metric.

    Parameters
    ----------
    metric
        auc_ovr, auc_abnormal, or one of the others.
    y
        Classes, shape (n,).
    raw
        Predictions, or what cycles are rated by for auc_abnormal, shape (n,).
    p
        Probabilities of the classes, shape (n, n_classes), where the metric needs them.

    Returns
    -------
    numpy.ndarray
        Of an AUC, pairs rated rightly and pairs of each class, shape (2, classes); pairs of cycles of
        two parts, which two models rate, are none. Of a loss, its sum and the cycles, shape (2,).
        Else as `group_sums`.

    Raises
    ------
    InputError
        Where a loss of probabilities is asked of a model without.
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


def _score(metric: str, sums: np.ndarray) -> float:
    """Return the metric from its sums (see `_sums`); nan where it has none."""
    if np.isnan(sums).any():
        return np.nan
    if metric in LOSSES:
        return sums[0] / sums[1]
    if metric.startswith(AREA):
        return float(mean_area(*sums))
    return float(metrics(sums)[metric])


def enough_patients(patient_ID: pa.ChunkedArray, folds: int) -> None:
    """Hold that there is a patient for every inner fold.

    Raises
    ------
    FitFailed
        Saying how many patients there are, and how many would do.
    """
    n = len(patient_ID.unique())
    if n < folds:
        fewer = f"; or set `tune: {{folds: {n}}}`" if n > 1 else ""
        raise FitFailed(
            f"tune divides the training part into {folds} folds of patients, for which {folds} "
            f"patients are the fewest that do, and it has {n}{fewer}"
        )
