"""Paired differences between models, and what having heard the recording or the patient is worth.

A model is compared with the best that can be said without looking at any cycle (the best constant),
with the best baseline, and with the best model.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.classes import metrics
from auscultation.metrics.names import LOWER_IS_BETTER, compared_by
from auscultation.scores.fit_scores import PAIRS, Part, Scores, losses_of
from auscultation.scores.intervals import (
    ROUNDING,
    corrected_resampled_t,
    holm,
    of_difference,
    of_share,
)

DIFFERENCES = pa.schema(
    [
        ("split", pa.string()),
        ("metric", pa.string()),
        ("model", pa.string()),
        ("against", pa.string()),
        ("against_is", pa.string()),
        ("difference", pa.float64()),
        ("se", pa.float64()),
        ("df", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("p", pa.float64()),
        ("p_holm", pa.float64()),
        ("fold_t_p", pa.float64()),
        ("fold_t_p_holm", pa.float64()),
    ]
)
LEAKAGE = pa.schema(
    [
        ("model", pa.string()),
        ("algorithm", pa.string()),
        ("metric", pa.string()),
        ("heard", pa.string()),
        ("split", pa.string()),
        ("other_split", pa.string()),
        ("score", pa.float64()),
        ("other_score", pa.float64()),
        ("difference", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("p", pa.float64()),
        ("p_holm", pa.float64()),
    ]
)
CONSTANT = "best constant"
AREAS = tuple(name + ending for name in ("auc_ovr", "auc_abnormal") for ending in PAIRS)
SIZES = 0.1  # training parts that differ less than that are of the same size


def compared(target: Target) -> tuple[str, ...]:
    """Name the metrics that models are compared by, that of the ranking first."""
    return (*compared_by(target), *losses_of(target), *AREAS)


def constant(part: Part, target: Target) -> Scores:
    """Return the best that a constant can score: a model that says the same of every cycle.

    Parameters
    ----------
    part
        Test part of any model of the split: the cycles' true classes are the same for all.
    target
        What was predicted.

    Returns
    -------
    Scores
        Of a class, the one with the best value of the metric; of a number, the mean; of
        probabilities, the classes' shares; all of the cycles tested on, which no model knows, so
        that none is called better too easily. An AUC of a constant is 0.5.
    """
    total = part.true.sum(0)
    given = total, total - part.true, part.true_by_fold
    found = Scores({}, {}, {})
    k = len(target.classes)
    for name in compared_by(target):
        if name == "mse":
            continue
        made = [[metrics(_all_called(counts, c))[name] for counts in given] for c in range(k)]
        best = max(made, key=lambda values: -np.inf if np.isnan(values[0]) else float(values[0]))
        for into, value in zip(found, best, strict=True):
            into[name] = value
    for into, counts in zip(found, given, strict=True):
        n = counts.sum(-1, keepdims=True)
        shares = np.divide(counts, n, out=np.full(counts.shape, np.nan), where=n > 0)
        codes = np.arange(k)
        logs = np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
        into["log_loss"] = -(shares * logs).sum(-1)
        into["brier_score"] = 1 - (shares**2).sum(-1)
        if target.ordered:
            variance = (shares * codes**2).sum(-1) - (shares * codes).sum(-1) ** 2
            into["mse"] = into["mse_expected"] = variance
        into |= dict.fromkeys(AREAS, np.full(counts.shape[:-1], 0.5))
    return found


def _all_called(counts: np.ndarray, called: int) -> np.ndarray:
    """Return the sums of `auscultation.metrics.classes.group_sums` where every cycle is called one class."""
    k = counts.shape[-1]
    sums = np.zeros((*counts.shape[:-1], k * k + 2))
    sums[..., called : k * k : k] = counts
    return sums


def differences(
    split: str,
    parts: dict[str, Part],
    algorithms: dict[str, str],
    test_to_train: float | None,
    target: Target,
) -> list[dict]:
    """Compare each model of a split with the best constant, baseline and model, in pairs.

    Parameters
    ----------
    split
        Its name.
    parts
        The test part of each model. All have the same patients.
    algorithms
        The algorithm of each model.
    test_to_train
        Size of the test part over that of the training part, of folds of about the same size;
        None where the folds are not.
    target
        What was predicted.

    Returns
    -------
    list of dict
        Rows of `DIFFERENCES`: the model's value minus that of the one it is compared with. The p
        values are corrected for the number of models compared with the same one by the same metric.
        With more than one fold, and all of a size, also those of the corrected resampled t test
        over the folds.
    """
    scored = {model: part.scores for model, part in sorted(parts.items())}
    baselines = {m: s for m, s in scored.items() if algorithms[m] in BASELINES}
    models = {m: s for m, s in scored.items() if algorithms[m] not in BASELINES}
    some = next(iter(parts.values()))
    groups = ({"": constant(some, target)}, CONSTANT), (baselines, "best baseline")
    rows = []
    for metric in compared(target):
        for group, what in (*groups, (models, "best model")):
            against = best(group, metric)
            if against is None:
                continue
            family = []
            for model, own in models.items():
                if model == against or metric not in own.values:
                    continue
                key = {"split": split, "metric": metric, "model": model}
                key |= {"against": against or "constant", "against_is": what}
                row = key | gap_row(own, group[against], metric, min(some.sides))
                row["fold_t_p"] = fold_p(own, group[against], metric, test_to_train)
                family.append(row)
            rows += corrected(family, ("p", "fold_t_p"))
    return rows


def best(scored: dict[str, Scores], metric: str) -> str | None:
    """Name the model with the best value of a metric, the first by name of several."""
    sign = -1 if metric in LOWER_IS_BETTER else 1
    values = {m: sign * float(s.values.get(metric, np.nan)) for m, s in sorted(scored.items())}
    known = {m: value for m, value in values.items() if not np.isnan(value)}
    return max(known, key=known.get) if known else None


def gap_row(one: Scores, other: Scores, metric: str, side: int) -> dict:
    """Return the difference of a metric, with what is known of its error.

    That of a share from a constant that is the same without any patient is as sure as the share.
    """
    mine, its = float(one.values[metric]), float(other.values[metric])
    without = one.without[metric], other.without[metric]
    value = mine - its
    is_share = metric not in LOWER_IS_BETTER and 0 < its < 1
    if is_share and (np.abs(without[1] - its) <= ROUNDING).all():
        found = of_share(mine, without[0], side, its)
        if found.ci_low is not None:
            found = found._replace(ci_low=found.ci_low - its, ci_high=found.ci_high - its)
    else:
        found = of_difference(value, without[0] - without[1], side)
    return {"difference": None if np.isnan(value) else value} | found._asdict()


def fold_p(one: Scores, other: Scores, metric: str, test_to_train: float | None) -> float | None:
    """Return the p value of the corrected resampled t test of a difference; None where it has none."""
    gaps = one.by_fold[metric] - other.by_fold[metric]
    if test_to_train is None or len(gaps) < 2 or np.isnan(gaps).any():
        return None
    return corrected_resampled_t(gaps, test_to_train)["p"]


def corrected(rows: list[dict], names: tuple[str, ...]) -> list[dict]:
    """Add to each row its p values, corrected for their number in these rows (Holm)."""
    for name in names:
        for row, value in zip(rows, holm([row[name] for row in rows]), strict=True):
            row[f"{name}_holm"] = value
    return rows


def steps(splits: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Return pairs of splits that differ in what a model may have heard of those it is tested on.

    Parameters
    ----------
    splits
        Name of each, and what it keeps apart: cycle, recording or patient.

    Yields
    ------
    tuple
        What may have been heard in the one and not in the other, and the two splits' names.
    """
    heard = {
        ("cycle", "recording"): "recording",
        ("recording", "patient"): "patient",
        ("cycle", "patient"): "patient or recording",
    }
    for (one, other), what in heard.items():
        for name, apart in splits:
            if apart == one:
                yield from ((what, name, n) for n, its in splits if its == other)


def leakage(
    what: tuple[str, str, str],
    fits: dict[str, str],
    parts: dict[tuple[str, str], dict],
    target: Target,
) -> list[dict]:
    """Say how much better models score in one split than in another of folds of the same size.

    Parameters
    ----------
    what
        Of `steps`.
    fits
        The algorithm of each model; baselines, which hear no cycle, are left out.
    parts
        Test part, and mean number of training rows of a fold, by model and split.
    target
        What was predicted.

    Returns
    -------
    list of dict
        Rows of `LEAKAGE`, corrected for the number of models; none where the training parts differ
        in size.
    """
    heard, split, other = what
    rows = []
    for metric in compared(target):
        family = []
        for model, algorithm in sorted(fits.items()):
            pair = [parts.get((model, name)) for name in (split, other)]
            if algorithm in BASELINES or None in pair:
                continue
            sizes = [side["train_rows"] for side in pair]
            if max(sizes) > (1 + SIZES) * min(sizes):
                continue
            tests = [side["test"] for side in pair]
            if any(metric not in test.scores.values for test in tests):
                continue
            if not np.array_equal(tests[0].patients, tests[1].patients):
                continue
            key = {"model": model, "algorithm": algorithm, "metric": metric, "heard": heard}
            key |= {"split": split, "other_split": other}
            for name, test in zip(("score", "other_score"), tests, strict=True):
                key[name] = float(test.scores.values[metric])
            row = key | gap_row(*(test.scores for test in tests), metric, min(tests[0].sides))
            family.append({name: row.get(name) for name in LEAKAGE.names})
        rows += corrected(family, ("p",))
    return rows
