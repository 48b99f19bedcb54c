"""Paired differences between models.

A model is compared with the best prediction that ignores the cycle (the best constant), with the
best baseline, and with the best model.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple, TypedDict, cast

import numpy as np

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.names import LOWER_IS_BETTER, compared_by
from auscultation.scores.comparison import Fit
from auscultation.scores.constant import constant
from auscultation.scores.fit_scores import AREAS, Part, Scores, losses_of
from auscultation.scores.intervals import (
    ROUNDING,
    Estimate,
    corrected_resampled_t,
    holm,
    of_difference,
    of_share,
)
from auscultation.scores.tables import schema_of

CONSTANT = "best constant"
# Protocols whose folds are of about the same size, as the test over folds needs them.
EVEN = ("patient", "recording", "shuffled")


class Difference(TypedDict):
    """One row of the differences."""

    split: str
    metric: str
    model: str
    against: str
    against_is: str
    difference: float | None
    se: float | None
    df: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_holm: float | None
    fold_t_p: float | None
    fold_t_p_holm: float | None


DIFFERENCES = schema_of(Difference)


class Evaluated(NamedTuple):
    """What is kept of one fit to compare it with others."""

    test: Part
    train_rows: float  # of a fold, on average


def compared(target: Target) -> tuple[str, ...]:
    """Return the metrics by which models are compared, that of the ranking first."""
    return (*compared_by(target), *losses_of(target), *AREAS)


def compare_splits(
    fits: Sequence[Fit],
    parts: Mapping[tuple[str, str], Evaluated],
    protocols: Mapping[str, str],
    target: Target,
) -> list[Difference]:
    """Return the rows of the differences: in each split, each model against the best.

    `fits` are those with a result; `parts` are by (model, split), `protocols` by split.
    """
    rows = []
    for split in sorted({fit["split"] for fit in fits}):
        models = {fit["model"]: fit["algorithm"] for fit in fits if fit["split"] == split}
        ratio = None
        if protocols[split] in EVEN:
            test, train_rows = parts[next(iter(models)), split]
            ratio = test.n_rows / len(test.true_by_fold) / train_rows
        tests = {model: parts[model, split].test for model in models}
        rows += differences(split, tests, models, ratio, target)
    return rows


def differences(
    split: str,
    parts: Mapping[str, Part],
    algorithms: Mapping[str, str],
    test_to_train: float | None,
    target: Target,
) -> list[Difference]:
    """Return the paired differences of each model of a split from the best constant, baseline, model.

    A difference is the model's value minus that of the one it is compared with. The p values are
    corrected for the number of models compared with the same one by the same metric. With several
    folds of one size, also those of the corrected resampled t test over the folds. `parts` are the
    test parts by model, of the same patients; `test_to_train` is the size of the test part over
    that of the training part, of folds of about the same size, None where the sizes differ.
    """
    scored = {model: part.scores for model, part in sorted(parts.items())}
    baselines = {m: s for m, s in scored.items() if algorithms[m] in BASELINES}
    models = {m: s for m, s in scored.items() if algorithms[m] not in BASELINES}
    some = next(iter(parts.values()))
    groups = (
        (CONSTANT, {"constant": constant(some, target)}),
        ("best baseline", baselines),
        ("best model", models),
    )
    rows, side = [], min(some.sides)
    for metric, (against_is, group) in product(compared(target), groups):
        against = best(group, metric)
        if against is None:
            continue
        family: list[Difference] = []
        for model, scores in models.items():
            if (against_is, against) == ("best model", model) or metric not in scores.values:
                continue
            value, error = paired(scores, group[against], metric, side)
            row = {
                "split": split,
                "metric": metric,
                "model": model,
                "against": against,
                "against_is": against_is,
                "difference": value,
                **error._asdict(),
                "fold_t_p": fold_p(scores, group[against], metric, test_to_train),
            }
            family.append(cast(Difference, row))
        corrected = (holm([row[p] for row in family]) for p in ("p", "fold_t_p"))
        for row, p, by_folds in zip(family, *corrected, strict=True):
            row["p_holm"], row["fold_t_p_holm"] = p, by_folds
        rows += family
    return rows


def best(scored: Mapping[str, Scores], metric: str) -> str | None:
    """Return the model with the best value of a metric, the first by name of several."""
    sign = -1 if metric in LOWER_IS_BETTER else 1
    values = {m: sign * float(s.values.get(metric, np.nan)) for m, s in sorted(scored.items())}
    valid = {model: value for model, value in values.items() if not np.isnan(value)}
    return max(valid, key=lambda model: valid[model]) if valid else None


def paired(scores: Scores, others: Scores, metric: str, side: int) -> tuple[float | None, Estimate]:
    """Return the difference of a metric between two models, and its error.

    The difference of a share from a constant that no patient changes is as certain as the share.
    """
    value, reference = float(scores.values[metric]), float(others.values[metric])
    without, without_reference = scores.without[metric], others.without[metric]
    difference = value - reference
    is_share = metric not in LOWER_IS_BETTER and 0 < reference < 1
    if is_share and (np.abs(without_reference - reference) <= ROUNDING).all():
        error = of_share(value, without, side, reference)
        if error.ci_low is not None and error.ci_high is not None:
            low, high = error.ci_low - reference, error.ci_high - reference
            error = error._replace(ci_low=low, ci_high=high)
    else:
        error = of_difference(difference, without - without_reference, side)
    return None if np.isnan(difference) else difference, error


def fold_p(
    scores: Scores, others: Scores, metric: str, test_to_train: float | None
) -> float | None:
    """Return the p value of the corrected resampled t test of a difference; None where it has none."""
    gaps = scores.by_fold[metric] - others.by_fold[metric]
    if test_to_train is None or len(gaps) < 2 or np.isnan(gaps).any():
        return None
    return corrected_resampled_t(gaps, test_to_train)["p"]
