"""Choose settings inside the training part: patient-grouped inner folds, which no test row enters.

The score of the chosen settings is then measured on the test part, so that what is reported is
never the best of those looked at.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from lib.metrics import LOWER_IS_BETTER, group_sums, metrics
from lib.preprocess import Preprocessor, columns_for
from lib.protocols import patient


def choose(train: pa.Table, fit: Callable, features: list[str], scale: str, tune: dict) -> dict:
    """Score every candidate on inner folds of the training part, and choose the best.

    The preprocessing is fitted in each inner fold anew.

    Parameters
    ----------
    train
        Training part of the outer fold.
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
        Where there are fewer patients than inner folds, or no candidate has a score.
    """
    keys = {name: train[name].to_numpy() for name in ("patient_ID", "state")}
    columns, y = columns_for(train, features), keys["state"]
    inner = patient(keys, folds=tune["folds"], seed=tune["seed"])
    sums = np.zeros((len(tune["candidates"]), len(group_sums(y[:1], y[:1])[0])))
    for known, unknown in inner:
        seen = {name: values[known] for name, values in columns.items()}
        asked = {name: values[unknown] for name, values in columns.items()}
        step = Preprocessor(features, scale).fit(seen)
        X, X_asked = step.transform(seen), step.transform(asked)
        for position, candidate in enumerate(tune["candidates"]):
            try:
                predicted = fit(X, y[known], **candidate).predict(X_asked)
                sums[position] += group_sums(y[unknown], np.asarray(predicted, np.float64))[0]
            except ValueError as error:
                raise ValueError(f"tuning with {candidate}: {error}") from error
    scores = metrics(sums)[tune["metric"]]
    if np.isnan(scores).all():
        raise ValueError(f"tuning: no candidate has a {tune['metric']} on this training part")
    sign = -1 if tune["metric"] in LOWER_IS_BETTER else 1
    best = int(np.nanargmax(sign * scores))
    return {
        "chosen": tune["candidates"][best],
        "candidates": [
            {"settings": candidate, "score": None if np.isnan(score) else float(score)}
            for candidate, score in zip(tune["candidates"], scores, strict=True)
        ],
    }
