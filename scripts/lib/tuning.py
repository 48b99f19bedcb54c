"""Choose settings inside the training part: patient-grouped inner folds, which no test row enters.

The score of the chosen settings is then measured on the test part, so that what is reported is
never the best of those looked at.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from lib.job import FitFailed, InputError
from lib.magnitude import SQUARED, within
from lib.metrics import LOWER_IS_BETTER, group_sums, metrics
from lib.preprocess import Preprocessor, columns_for
from lib.protocols import patient
from lib.refusals import of_classes, told_apart
from lib.target import target_of


def choose(
    train: pa.Table,
    y: np.ndarray,
    fit: Callable,
    features: list[str],
    scale: str,
    tune: dict,
    settings: dict = {},  # noqa: B006
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
    settings
        What `fit` is called with beside a candidate's.

    Returns
    -------
    dict
        `chosen` (of the best candidates the first) and `candidates`, each with `settings` and its
        `score` on the pooled inner test parts (None where it cannot be computed), and why it could
        not be fitted, under `failed`.

    Raises
    ------
    FitFailed
        Where there are fewer patients than inner folds, or no candidate has a score.
    InputError
        Where a candidate's settings suit no cycles.
    """
    enough_patients(train["patient_ID"], tune["folds"])
    target, failed = target_of(train.schema.metadata), {}
    keys = {"patient_ID": train["patient_ID"].to_numpy(), "class": y}
    columns, n_classes = columns_for(train, features), int(y.max()) + 1
    inner = patient(keys, folds=tune["folds"], seed=tune["seed"])
    sums = np.zeros((len(tune["candidates"]), n_classes**2 + 2))
    for fold, (known, unknown) in enumerate(inner):
        seen = {name: values[known] for name, values in columns.items()}
        asked = {name: values[unknown] for name, values in columns.items()}
        step = Preprocessor(features, scale).fit(seen)
        X, X_asked = step.transform(seen), step.transform(asked)
        for position, candidate in enumerate(tune["candidates"]):
            try:
                with told_apart(fit, settings | candidate, X.shape[1], y[known], target):
                    predicted = fit(X, y[known], **candidate).predict(X_asked)
            except FitFailed as error:
                failed.setdefault(position, f"inner fold {fold}: {error}")
            except InputError as error:
                raise InputError(f"tuning with {candidate}: {error}") from error
            else:
                raw = np.asarray(predicted, np.float64)
                if within(raw, SQUARED):
                    sums[position] += group_sums(y[unknown], raw, n_classes=n_classes)[0]
                    continue
            sums[position] = np.nan  # it diverged, or could not be fitted: no score
    scores = metrics(sums)[tune["metric"]]
    if np.isnan(scores).all():
        why = f": {tune['candidates'][min(failed)]}, {failed[min(failed)]}" if failed else ""
        raise FitFailed(
            f"tuning: no candidate has a {tune['metric']} on this training part "
            f"({of_classes(y, target)}){why}"
        )
    sign = -1 if tune["metric"] in LOWER_IS_BETTER else 1
    best = int(np.nanargmax(sign * scores))
    return {
        "chosen": tune["candidates"][best],
        "candidates": [
            {"settings": candidate, "score": None if np.isnan(score) else float(score)}
            | ({"failed": failed[position]} if position in failed else {})
            for position, (candidate, score) in enumerate(
                zip(tune["candidates"], scores, strict=True)
            )
        ],
    }


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
