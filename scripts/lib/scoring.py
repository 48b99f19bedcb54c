"""Scores of fits with their intervals, paired differences between models, and leakage."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from lib.comparison import BASELINES
from lib.intervals import corrected_resampled_t, draws, holm, interval, p_value, resampled
from lib.metrics import LOWER_IS_BETTER, group_sums, metrics
from lib.probability import (
    PROBABILITY_METRICS,
    Sums,
    calibration_curve,
    probability_metrics,
    probability_sums,
)
from lib.target import target_of

DIFFERENCES = pa.schema(
    [
        ("split", pa.string()),
        ("metric", pa.string()),
        ("model", pa.string()),
        ("against", pa.string()),
        ("against_is", pa.string()),
        ("difference", pa.float64()),
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
        ("shuffled_split", pa.string()),
        ("patient_split", pa.string()),
        ("shuffled", pa.float64()),
        ("patient", pa.float64()),
        ("difference", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
    ]
)
CALIBRATION = pa.schema(
    [
        ("model", pa.string()),
        ("split", pa.string()),
        ("part", pa.string()),
        ("bin", pa.int64()),
        ("mean_predicted", pa.float64()),
        ("observed", pa.float64()),
        ("n_cycles", pa.int64()),
    ]
)


class Part(NamedTuple):
    """Sums of one part (train or test) of one fit: all that its scores need."""

    patients: np.ndarray  # (p,), sorted
    by_patient: np.ndarray  # (p, 18 where there are four classes)
    by_fold: np.ndarray  # (folds, 18)
    n_cycles: int
    probabilities: Sums | None = None  # of the patients; None where the model gives none
    calibration: tuple[dict, ...] = ()  # bins of the calibration curve

    @property
    def n_rows(self) -> int:
        """Predictions in all; with repeated folds more than there are cycles."""
        return int(self.by_fold[:, :-2].sum())

    @property
    def counts(self) -> dict[str, int]:
        """How much stands behind the scores."""
        return {
            "n_folds": len(self.by_fold),
            "n_cycles": self.n_cycles,
            "n_patients": len(self.patients),
        }


def sum_parts(predictions: pa.Table) -> dict[str, Part]:
    """Sum up a fit's predictions, by part.

    Parameters
    ----------
    predictions
        Table with the columns of the predictions' contract.
    """
    target = target_of(predictions.schema.metadata)
    n_classes = len(target.classes)
    names = ("cycle", "patient_ID", "fold", target.name, "prediction")
    part = predictions["part"].to_numpy(zero_copy_only=False)
    columns = {name: predictions[name].to_numpy() for name in names}
    shares = [predictions[f"p{k}"] for k in range(n_classes)]
    known = not any(share.null_count for share in shares)
    parts = {}
    for name in ("train", "test"):
        cycle, patient, fold, true, prediction = (columns[n][part == name] for n in names)
        patients, patient = np.unique(patient, return_inverse=True)
        folds, fold = np.unique(fold, return_inverse=True)
        parts[name] = Part(
            patients,
            group_sums(true, prediction, patient, len(patients), n_classes),
            group_sums(true, prediction, fold, len(folds), n_classes),
            len(np.unique(cycle)),
        )
        if known:
            p = np.column_stack([share.to_numpy()[part == name] for share in shares])
            parts[name] = parts[name]._replace(
                probabilities=probability_sums(true, p, patient, len(patients), fold),
                calibration=tuple(calibration_curve(true, p)),
            )
    return parts


def scores(part: Part, names: tuple[str, ...], resamples: int, seed: int) -> list[dict]:
    """Give value and 95 % interval of the metrics named; None where there is none.

    The metrics of probabilities follow where the model gives probabilities.
    """
    weights = draws(len(part.patients), resamples, seed)
    values, drawn = metrics(part.by_patient.sum(0)), resampled(part.by_patient, weights)
    if part.probabilities is not None:
        values |= probability_metrics(part.probabilities)
        drawn |= probability_metrics(part.probabilities, weights)
    rows = []
    for name in (*names, *(known for known in PROBABILITY_METRICS if known in values)):
        value = float(values[name])
        low, high = interval(drawn[name])
        known = not np.isnan(value)
        rows.append(
            {
                "metric": name,
                "value": value if known else None,
                "ci_low": low if known else None,
                "ci_high": high if known else None,
            }
        )
    return rows


def best(parts: dict[str, Part], metric: str) -> str | None:
    """Name the model with the best value of a metric, the first by name of several."""
    values = {m: float(metrics(part.by_patient.sum(0))[metric]) for m, part in parts.items()}
    sign = -1 if metric in LOWER_IS_BETTER else 1
    known = {m: sign * value for m, value in sorted(values.items()) if not np.isnan(value)}
    return max(known, key=known.get) if known else None


def differences(
    split: str,
    parts: dict[str, Part],
    algorithms: dict[str, str],
    test_to_train: float | None,
    names: tuple[str, ...],
    resamples: int,
    seed: int,
) -> list[dict]:
    """Compare each model of a split with the best baseline and with the best model, in pairs.

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
    names
        Metrics to compare by.
    resamples, seed
        Of the bootstrap over patients.

    Returns
    -------
    list of dict
        Rows of `DIFFERENCES`: the model's value minus that of the one it is compared with. The p
        values are corrected for the number of models compared with the same one by the same metric.
        With more than one fold, and all of a size, also those of the corrected resampled t test
        over the folds.
    """
    baselines = {m: part for m, part in parts.items() if algorithms[m] in BASELINES}
    models = {m: part for m, part in parts.items() if algorithms[m] not in BASELINES}
    patients = next(iter(parts.values())).patients
    weights = draws(len(patients), resamples, seed)
    whole = {m: metrics(part.by_patient.sum(0)) for m, part in parts.items()}
    drawn = {m: resampled(part.by_patient, weights) for m, part in parts.items()}
    folds = {m: metrics(part.by_fold) for m, part in parts.items()}
    rows = []
    for metric in names:
        for group, what in ((baselines, "best baseline"), (models, "best model")):
            against = best(group, metric)
            family = [m for m in sorted(models) if m != against] if against else []
            compared = []
            for model in family:
                gaps = drawn[model][metric] - drawn[against][metric]
                low, high = interval(gaps)
                row = {
                    "split": split,
                    "metric": metric,
                    "model": model,
                    "against": against,
                    "against_is": what,
                    "difference": float(whole[model][metric] - whole[against][metric]),
                    "ci_low": low,
                    "ci_high": high,
                    "p": p_value(gaps),
                    "fold_t_p": None,
                }
                by_fold = folds[model][metric] - folds[against][metric]
                if test_to_train is not None and len(by_fold) > 1 and not np.isnan(by_fold).any():
                    row["fold_t_p"] = corrected_resampled_t(by_fold, test_to_train)["p"]
                compared.append(row)
            for name in ("p", "fold_t_p"):
                corrected = holm([row[name] for row in compared])
                for row, value in zip(compared, corrected, strict=True):
                    row[f"{name}_holm"] = value
            rows += compared
    return rows


def leakage(
    fit: dict[str, str],
    shuffled: tuple[str, Part],
    patient: tuple[str, Part],
    names: tuple[str, ...],
    resamples: int,
    seed: int,
) -> list[dict]:
    """Say how much better a model scores when it knows the patients: shuffled minus patient split.

    Parameters
    ----------
    fit
        model and algorithm.
    shuffled, patient
        Name and test part of the two splits. Both are resampled by the same patients.
    names
        Metrics to compare by.

    Returns
    -------
    list of dict
        Rows of `LEAKAGE`.
    """
    everyone = np.union1d(shuffled[1].patients, patient[1].patients)
    weights = draws(len(everyone), resamples, seed)
    values, drawn = [], []
    for _, part in (shuffled, patient):
        columns = weights[:, np.searchsorted(everyone, part.patients)]
        values.append(metrics(part.by_patient.sum(0)))
        drawn.append(resampled(part.by_patient, columns))
    rows = []
    for metric in names:
        low, high = interval(drawn[0][metric] - drawn[1][metric])
        one, other = (float(value[metric]) for value in values)
        rows.append(
            {
                "model": fit["model"],
                "algorithm": fit["algorithm"],
                "metric": metric,
                "shuffled_split": shuffled[0],
                "patient_split": patient[0],
                "shuffled": one,
                "patient": other,
                "difference": one - other,
                "ci_low": low,
                "ci_high": high,
            }
        )
    return rows
