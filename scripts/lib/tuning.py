"""Choose settings inside the training part: patient-grouped inner folds, which no test row enters.

The score of the chosen settings is then measured on the test part, so that what is reported is
never the best of those looked at.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from lib.job import FitFailed
from lib.metrics import LOWER_IS_BETTER, group_sums, metrics
from lib.preprocess import Preprocessor, columns_for
from lib.protocols import patient


def choose(
    train: pa.Table, y: np.ndarray, fit: Callable, features: list[str], scale: str, tune: dict
) -> dict:
    """Score every candidate on inner folds of the training part, and choose the best.

    The preprocessing is fitted in each inner fold anew.

    Parameters
    ----------
    train
        Training part of the outer fold.
    y
        Its classes, shape (n,).
    fit
        Called with X, y and a candidate's settings; gives a model with `predict`.
    features, scale
        Of the preprocessing.
    tune
        `candidates` (settings), `metric`, `folds`, `seed`.

    Returns
    -------
    dict
        `chosen` (of the best candidates the first) and `candidates`, each with `settings` and its
        `score` on the pooled inner test parts (None where it cannot be computed).

    Raises
    ------
    ValueError
        Where there are fewer patients than inner folds.
    FitFailed
        Where no candidate has a score.
    """
    keys = {"patient_ID": train["patient_ID"].to_numpy(), "class": y}
    columns, n_classes = columns_for(train, features), int(y.max()) + 1
    inner = patient(keys, folds=tune["folds"], seed=tune["seed"])
    sums = np.zeros((len(tune["candidates"]), n_classes**2 + 2))
    for known, unknown in inner:
        seen = {name: values[known] for name, values in columns.items()}
        asked = {name: values[unknown] for name, values in columns.items()}
        step = Preprocessor(features, scale).fit(seen)
        X, X_asked = step.transform(seen), step.transform(asked)
        for position, candidate in enumerate(tune["candidates"]):
            try:
                predicted = fit(X, y[known], **candidate).predict(X_asked)
                raw = np.asarray(predicted, np.float64)
                if not np.isfinite(raw).all():  # it diverged: no score
                    sums[position] = np.nan
                    continue
                sums[position] += group_sums(y[unknown], raw, n_classes=n_classes)[0]
            except ValueError as error:
                raise ValueError(f"tuning with {candidate}: {error}") from error
    scores = metrics(sums)[tune["metric"]]
    if np.isnan(scores).all():
        raise FitFailed(f"tuning: no candidate has a {tune['metric']} on this training part")
    sign = -1 if tune["metric"] in LOWER_IS_BETTER else 1
    best = int(np.nanargmax(sign * scores))
    return {
        "chosen": tune["candidates"][best],
        "candidates": [
            {"settings": candidate, "score": None if np.isnan(score) else float(score)}
            for candidate, score in zip(tune["candidates"], scores, strict=True)
        ],
    }
