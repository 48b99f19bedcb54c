"""Answers of the comparison, from what models have, by `auscultation.scores.answer` itself."""

from auscultation.data.target import Target
from auscultation.scores.answer import answers, asked
from auscultation.scores.differences import CONSTANT

SE, DF = 0.03, 30


def split_of(protocol="patient", both=(), tested=60):
    """The content of a `split.json` of one fold."""
    fold = {"fold": 0, "test": {"patients": tested}, "patients_on_both_sides": list(both)}
    return {"protocol": protocol, "settings": {}, "folds": [fold]}


SPLITS = {"patient": split_of(), "final": split_of("final", both=(1, 2))}


def answered(
    models, splits=None, target=Target(), n_patients=60, sides=(40, 50), leakage=(), constant=0.5
):
    """Return the answer, and the rows of the comparison that it is of.

    Parameters
    ----------
    models
        By (model, algorithm, split) and metric or question, the value and its p; p over folds third.
    splits
        By name, see `split_of`; patients apart, and fitted to all cycles.
    target, n_patients, sides, leakage
        As the answer has them.
    constant
        What the best constant has of the target's score.
    """
    splits = splits or SPLITS
    rows, gaps = [], []
    for split in splits:  # a baseline, of which there is a row whatever the models have
        row = {"model": "always", "algorithm": "most_frequent", "split": split, "part": "test"}
        row |= {"metric": target.score, "value": constant, "ci_low": None, "ci_high": None}
        rows.append(row | {"n_folds": 1, "n_cycles": 50, "n_patients": n_patients})
    for (model, algorithm, split), values in models.items():
        for name, (value, p, *folds) in values.items():
            metric = asked(name, target)[-1] if name in ("information", "beyond_device") else name
            metric = target.score if name == "useful" else metric
            key = {"split": split, "metric": metric, "model": model}
            ends = {"ci_low": None, "ci_high": None}
            if p is not None:
                ends = {"ci_low": value - 0.1, "ci_high": value + 0.1}
            row = key | {"algorithm": algorithm, "part": "test", "value": value} | ends
            rows.append(row | {"n_folds": 1, "n_cycles": 50, "n_patients": n_patients})
            against = constant if metric == target.score else 0.5
            gap = key | {"against": "constant", "against_is": CONSTANT, "p": p}
            gap |= {"difference": value - against, "fold_t_p": folds[0] if folds else None}
            gaps.append(gap | {"se": None if p is None else SE, "df": None if p is None else DF})
    said = answers(rows, gaps, splits, dict.fromkeys(splits, sides), target)
    return said | {"leakage": list(leakage)}, rows
