"""Rows of the comparison and of the leakage, made up, for the figures of scores."""

from auscultation.data.target import Target
from auscultation.scores.comparison import wide

VALUES = {"icbhi_score": 0.5, "accuracy": 0.5, "mse": 0.9, "sensitivity": 0.2, "specificity": 0.8}


def comparison(models, splits=("half", "patient"), values=VALUES):
    return [
        {
            "model": model,
            "algorithm": algorithm,
            "split": split,
            "part": part,
            "metric": metric,
            "value": value,
            "ci_low": value - 0.02,
            "ci_high": value + 0.02,
            "n_folds": 1,
            "n_cycles": 60,
            "n_patients": 12,
        }
        for model, algorithm in models.items()
        for split in splits
        for part in ("train", "test")
        for metric, value in values.items()
    ]


MODELS = {"mean": "mean", "most_frequent": "most_frequent"} | {
    f"a_model_with_a_rather_long_name_{i}": "knn" for i in range(9)
}
STATE = Target()
MANY = MODELS | {f"svc_of_number_{i}": "svc" for i in range(20)}

HEARD = {
    ("shuffled", "recording"): "recording",
    ("recording", "patient"): "patient",
    ("shuffled", "patient"): "patient or recording",
}
# Of a model, what is drawn in each split.
SCORES = {"shuffled": 0.75, "recording": 0.625, "patient": 0.5}


def leaks(models, metrics=("icbhi_score", "auc_ovr_between_patients"), pairs=HEARD, scores=SCORES):
    """Rows of the leakage; of a pair, the names may have a number behind them."""
    rows = []
    for pair in pairs:
        one, other = (scores.get(split, SCORES[split.rstrip("0123456789")]) for split in pair)
        row = {"heard": HEARD[tuple(split.rstrip("0123456789") for split in pair)]}
        row |= {"split": pair[0], "other_split": pair[1], "score": one, "other_score": other}
        row |= {
            "difference": one - other,
            "ci_low": one - other - 0.1,
            "ci_high": one - other + 0.1,
        }
        for model, algorithm in models.items():
            rows += [{"model": model, "algorithm": algorithm, "metric": m} | row for m in metrics]
    return rows


def areas(models, values, splits=("patient",)):
    """Rows of the comparison of models that have these AUCs, with intervals of 0.02 to each side."""
    return comparison(models, splits, VALUES | values)


def by_split(models, splits=("patient", "half", "shuffled", "recording")):
    return wide(comparison(models, splits), "test", STATE)


PROBABLE = {
    "auc_ovr_between_patients": 0.6,
    "auc_ovr_within_device": 0.55,
    "auc_abnormal_between_patients": 0.7,
}
NUMBER = {"auc_abnormal_between_patients": 0.65, "auc_abnormal_within_device": 0.52}
DEVICE = {"by_device": "by_device"}
BOTH = areas({"forest": "random_forest"}, PROBABLE) + areas({"a_number": "svr"}, NUMBER)
BOTH += areas(DEVICE, {"auc_ovr_between_patients": 0.58, "auc_abnormal_between_patients": 0.61})
