"""The answer as data: what the comparison says under each split, and how sure that is.

Three questions are put to each split. `information`: does any model carry information about the
class? Its AUC against 0.5, of pairs of different patients. `beyond_device`: does it so within devices,
where the device cannot help? `useful`: does any model classify better than the best constant? Each is
answered yes, no or unknown; a no comes with what would have been seen. A model is a yes where both
tests say so: by patients, corrected for the number of models, and, where folds are alike, by folds,
which hold the luck of the training part (the correction is not made twice). Sentences are made
elsewhere.
"""

from collections.abc import Container
from statistics import median

import numpy as np

from auscultation.data.target import Target
from auscultation.scores.differences import CONSTANT
from auscultation.scores.intervals import LEVEL, detectable, holm, share_interval
from auscultation.scores.needed_auc import needed_auc
from auscultation.scores.split_kinds import NEW, kind_of, split_order

ALPHA = 1 - LEVEL
PATIENTS, SIDE = 10, 5  # tested on at the least, in all and of each side
QUESTIONS = ("information", "beyond_device", "useful")


def asked(question: str, target: Target) -> tuple[str, ...]:
    """Name the metrics that answer a question: of a model, the first that it has."""
    if question == "useful":
        return (target.score,)
    ending = "_within_device" if question == "beyond_device" else "_between_patients"
    return (f"auc_ovr{ending}", f"auc_abnormal{ending}")


def metric_of(known: Container[str], question: str, target: Target) -> str | None:
    """Name the metric that answers a question, of those that a model has; None where it has none."""
    return next((name for name in asked(question, target) if name in known), None)


def splits_apart(splits: list[dict]) -> list[dict]:
    """Return what is said of those splits that keep patients apart, in the order they have."""
    return [about for about in splits if about["kind"] == NEW]


def enough(n_patients: int, sides: tuple[int, int]) -> str | None:
    """Say why the patients tested on are too few for a verdict; None where they are enough."""
    n_with, n_without = sides
    if n_patients < PATIENTS:
        return f"{n_patients} patients were tested on, and {PATIENTS} are the fewest that will do"
    if min(sides) < SIDE:
        return (
            f"of {n_patients} patients tested on, {n_with} have cycles that are not of the first class "
            f"and {n_without} have cycles that are; {SIDE} of each are the fewest that will do"
        )
    return None


def answers(
    rows: list[dict],
    differences: list[dict],
    splits: dict[str, dict],
    sides: dict[str, tuple[int, int]],
    target: Target,
    shares: dict[str, np.ndarray] | None = None,
) -> dict:
    """Answer the three questions under each split, and over all.

    Parameters
    ----------
    rows, differences
        Of the comparison and of the differences.
    splits
        By name, the content of each `split.json`.
    sides
        By split, the patients tested on with a cycle not of class 0, and those with one that is.
    target
        What was predicted.
    shares
        By split, those of the classes, where the AUC is to be given that a useful classifier needs.

    Returns
    -------
    dict
        target, metric (of usefulness), split (that the answer is taken from: of those that keep
        patients apart the one with the most patients to test on), the three answers of that split
        (all unknown where no split keeps patients apart), disagree (the questions that another such
        split answers the other way), and splits, the same of each, in the order to believe them.
    """
    found = []
    for split in split_order(splits):
        tested = [r for r in rows if (r["split"], r["part"]) == (split, "test")]
        counts = {name: max(row[name] for row in tested) for name in ("n_patients", "n_cycles")}
        its = sides.get(split, (0, 0))  # where every fit has failed
        why = enough(counts["n_patients"], its)
        about = {"split": split, "protocol": splits[split]["protocol"]}
        about |= {"kind": kind_of(splits[split])} | counts
        about |= dict(zip(("n_with", "n_without"), its, strict=True))
        about |= {"enough": why is None, "why": why}
        gaps = [r for r in differences if (r["split"], r["against_is"]) == (split, CONSTANT)]
        values = {(row["model"], row["metric"]): row for row in tested}
        about["answers"] = {
            question: _answer(asked(question, target), gaps, values, why is None)
            for question in QUESTIONS
        }
        useful = about["answers"]["useful"]
        useful["needed_auc"] = None
        if shares and useful["limit"] and about["kind"] == NEW:
            icbhi = target.score == "icbhi_score"
            useful["needed_auc"] = needed_auc(useful["limit"], shares[split], icbhi)
        found.append(about)
    said = {"target": target.name, "metric": target.score, "split": found[0]["split"]}
    disagree = []
    for question in QUESTIONS:
        given = [about["answers"][question]["answer"] for about in splits_apart(found)]
        said[question] = given[0] if given else "unknown"
        if {"yes", "no"} <= set(given):
            disagree.append(question)
    return said | {"disagree": disagree, "splits": found}


def _answer(
    metrics: tuple[str, ...], gaps: list[dict], values: dict[tuple[str, str], dict], sure: bool
) -> dict:
    """Answer one question under one split.

    Parameters
    ----------
    metrics
        That answer it: of each model the first that it has.
    gaps
        Rows of the differences from the best constant.
    values
        Rows of the comparison, by model and metric.
    sure
        Whether there are enough patients for a verdict.
    """
    chosen: dict[str, dict] = {}
    for metric in metrics:
        for gap in gaps:
            if gap["metric"] == metric and gap["difference"] is not None:
                chosen.setdefault(gap["model"], gap)
    models, n = [], len(chosen)
    corrected = dict(zip(chosen, holm([gap["p"] for gap in chosen.values()]), strict=True))
    for model, gap in chosen.items():
        row = values[model, gap["metric"]]
        said = {"model": model} | {k: row[k] for k in ("algorithm", "metric", "value")}
        said |= {k: row[k] for k in ("ci_low", "ci_high")} | {"difference": gap["difference"]}
        said |= {"p_holm": corrected[model], "fold_p": gap["fold_t_p"]}
        above = gap["difference"] > 0
        by = (said["p_holm"], said["fold_p"])
        patients, folds = (None if p is None else above and p < ALPHA for p in by)
        said |= {"by_patients": bool(patients), "by_folds": folds}
        said |= {"yes": bool(patients) and folds is not False}
        said |= dict.fromkeys(("best_low", "best_high", "limit"))
        if gap["se"] is not None:
            ends = row["ci_low"], row["ci_high"]
            if gap["se"] and 0 < row["value"] < 1:
                ends = share_interval(row["value"], gap["se"], gap["df"], n)
            said |= dict(zip(("best_low", "best_high"), ends, strict=True))
            reference = row["value"] - gap["difference"]
            # what no patient changes, as what a constant scores, says not what could be seen
            if gap["se"] and 0 < reference < 1:
                said["limit"] = detectable(reference, gap["se"], gap["df"], n)
        models.append(said)
    models.sort(key=lambda one: (metrics.index(one["metric"]), -one["value"], one["model"]))
    limits = [one["limit"] for one in models if one["limit"] is not None]
    verdict = "unknown"
    if sure and any(one["p_holm"] is not None for one in models):
        verdict = "yes" if any(one["yes"] for one in models) else "no"
    limit = [median(limits), max(limits)] if limits else None
    return {"answer": verdict, "limit": limit, "n_models": n, "models": models}
