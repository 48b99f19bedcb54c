"""The answer as data: what the comparison shows under each split, and how certain that is.

Three questions are asked of each split. `information`: does any model carry information about the
class? Its AUC against 0.5, of pairs of different patients. `beyond_device`: also within devices,
where the device cannot help? `useful`: does any model classify better than the best constant? Each
is answered yes, no or unknown; a no comes with the effect that would have been detected. A model is
a yes where both tests agree: that over patients, corrected for the number of models, and, where
folds are of one size, that over folds, which includes variation of the training part (uncorrected:
one correction is enough). Sentences are made elsewhere.
"""

from collections.abc import Collection, Iterable, Mapping
from statistics import median
from typing import cast

import numpy as np

from auscultation.data.target import Target
from auscultation.scores.comparison import Row
from auscultation.scores.differences import CONSTANT, Difference
from auscultation.scores.intervals import detectable, holm, share_interval
from auscultation.scores.leakage import Leakage
from auscultation.scores.needed_auc import needed_auc
from auscultation.scores.questions import (
    ALPHA,
    QUESTIONS,
    Answer,
    LeakageAnswer,
    ModelAnswer,
    Question,
    SplitAnswer,
    asked,
    enough,
    splits_apart,
)
from auscultation.scores.split_kinds import NEW, kind_of, split_order
from auscultation.scores.tables import without_nan
from auscultation.splits.folds import SplitSummary


def answers(
    rows: Collection[Row],
    differences: Collection[Difference],
    splits: Mapping[str, SplitSummary],
    sides: Mapping[str, tuple[int, int]],
    target: Target,
    shares: Mapping[str, np.ndarray] | None = None,
) -> Answer:
    """Return the answers to the three questions under each split, and overall, without `leakage`.

    Of the splits that keep patients apart, the overall answer is that of the one with the most
    patients to test on (unknown where there is none); `disagree` names the questions that another
    such split answers the other way. `sides` has by split the patients tested on with an abnormal
    cycle, and those with a normal one; `shares` those of the classes, where the AUC is wanted that
    a useful classifier needs.
    """
    by_split = []
    for split in split_order(splits):
        tested = [row for row in rows if (row["split"], row["part"]) == (split, "test")]
        own = [row for row in differences if row["split"] == split]
        gaps = [row for row in own if row["against_is"] == CONSTANT]
        # no sides where every fit has failed
        about = split_answer(split, splits[split], tested, gaps, sides.get(split, (0, 0)), target)
        useful = about["answers"]["useful"]
        useful["needed_auc"] = None
        if shares and useful["limit"] and about["kind"] == NEW:
            icbhi = target.score == "icbhi_score"
            useful["needed_auc"] = needed_auc(useful["limit"], shares[split], icbhi)
        by_split.append(about)
    verdicts = {
        question: [about["answers"][question]["answer"] for about in splits_apart(by_split)]
        for question in QUESTIONS
    }
    overall = {question: (*of_splits, "unknown")[0] for question, of_splits in verdicts.items()}
    return {
        "target": target.name,
        "metric": target.score,
        "split": by_split[0]["split"],
        "information": overall["information"],
        "beyond_device": overall["beyond_device"],
        "useful": overall["useful"],
        "disagree": [name for name in QUESTIONS if {"yes", "no"} <= set(verdicts[name])],
        "splits": by_split,
    }


def split_answer(
    split: str,
    summary: SplitSummary,
    tested: Collection[Row],
    gaps: Collection[Difference],
    sides: tuple[int, int],
    target: Target,
) -> SplitAnswer:
    """Return the answers under one split.

    `tested` and `gaps` are its rows of the comparison (test part) and of the differences from the
    best constant.
    """
    n_patients = max(row["n_patients"] for row in tested)
    why = enough(n_patients, sides)
    values = {(row["model"], row["metric"]): row for row in tested}
    return {
        "split": split,
        "protocol": summary["protocol"],
        "kind": kind_of(summary),
        "n_patients": n_patients,
        "n_cycles": max(row["n_cycles"] for row in tested),
        "n_with": sides[0],
        "n_without": sides[1],
        "enough": why is None,
        "why": why,
        "answers": {
            question: _answer(asked(question, target), gaps, values, why is None)
            for question in QUESTIONS
        },
    }


def _answer(
    metrics: tuple[str, ...],
    gaps: Collection[Difference],
    values: Mapping[tuple[str, str], Row],
    sure: bool,
) -> Question:
    """Return the answer of those metrics (of each model the first that it has) under one split."""
    chosen: dict[str, Difference] = {}
    for metric in metrics:
        for gap in gaps:
            if gap["metric"] == metric and gap["difference"] is not None:
                chosen.setdefault(gap["model"], gap)
    corrected = holm([gap["p"] for gap in chosen.values()])
    models = [
        _model_answer(values[model, gap["metric"]], gap, p_holm, len(chosen))
        for (model, gap), p_holm in zip(chosen.items(), corrected, strict=True)
    ]
    models.sort(key=lambda row: (metrics.index(row["metric"]), -row["value"], row["model"]))
    limits = [row["limit"] for row in models if row["limit"] is not None]
    verdict = "unknown"
    if sure and any(row["p_holm"] is not None for row in models):
        verdict = "yes" if any(row["yes"] for row in models) else "no"
    return {
        "answer": verdict,
        "limit": [median(limits), max(limits)] if limits else None,
        "n_models": len(models),
        "models": models,
    }


def _model_answer(row: Row, gap: Difference, p_holm: float | None, n_models: int) -> ModelAnswer:
    """Return what one model adds to an answer: its row, and its difference from the best constant."""
    value, difference = row["value"], gap["difference"]
    assert value is not None and difference is not None  # only such are chosen
    by_patients = p_holm is not None and difference > 0 and p_holm < ALPHA
    fold_p = gap["fold_t_p"]
    by_folds = None if fold_p is None else difference > 0 and fold_p < ALPHA
    low, high, limit = None, None, None
    if gap["se"] is not None and gap["df"] is not None:
        low, high = row["ci_low"], row["ci_high"]
        if gap["se"] and 0 < value < 1:
            low, high = share_interval(value, gap["se"], gap["df"], n_models)
        reference = value - difference
        # where no patient changes the value (as that of a constant), no limit can be computed
        if gap["se"] and 0 < reference < 1:
            limit = detectable(reference, gap["se"], gap["df"], n_models)
    return {
        "model": row["model"],
        "algorithm": row["algorithm"],
        "metric": row["metric"],
        "value": value,
        "ci_low": row["ci_low"],
        "ci_high": row["ci_high"],
        "difference": difference,
        "p_holm": p_holm,
        "fold_p": fold_p,
        "by_patients": by_patients,
        "by_folds": by_folds,
        "yes": by_patients and by_folds is not False,
        "best_low": low,
        "best_high": high,
        "limit": limit,
    }


def leakage_answers(rows: Iterable[Leakage], target: Target) -> list[LeakageAnswer]:
    """Return the leakage of the metrics that answer a question, with None in place of nan."""
    return [
        cast(LeakageAnswer, {k: v for k, v in without_nan(row).items() if k != "algorithm"})
        for row in rows
        if row["metric"] in (target.score, *asked("information", target))
    ]
