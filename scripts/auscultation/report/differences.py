"""What differs from the best constant, in sentences: metric by metric, and of the squared error.

Every number comes from the tables.
"""

from auscultation.data.target import Target
from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.names import LOWER_IS_BETTER, metrics_of
from auscultation.scores.answer import ALPHA
from auscultation.scores.differences import AREAS, CONSTANT
from auscultation.scores.verdict import is_better
from auscultation.scores.wording import area, interval, listed, number, p_text, signed, spoken

MODELS = 3  # models that a sentence names; the others are counted
# Metrics of the class that a number is rounded to.
ROUNDED = ("icbhi_score", "accuracy", "balanced_accuracy", "macro_f1")


def against_constant(differences: list[dict], split: str) -> dict[str, dict[str, dict]]:
    """Return the rows of a split's differences from the best constant, by metric and model."""
    found: dict[str, dict[str, dict]] = {}
    for row in differences:
        if (row["split"], row["against_is"]) == (split, CONSTANT):
            found.setdefault(row["metric"], {})[row["model"]] = row
    return found


def differing_sentences(table: list[dict], gaps: dict[str, dict[str, dict]]) -> list[str]:
    """Say what differs from the best constant, a sentence a metric and side.

    A model whose number was rounded to a class is not called worse for it.
    """
    rows = {row["model"]: row for row in table}
    said = {1: [], -1: []}
    for metric, of in gaps.items():
        if metric in AREAS:  # the answer speaks of them
            continue
        sign = -1 if metric in LOWER_IS_BETTER else 1
        for side, word in ((1, "better"), (-1, "worse")):
            differing = [
                gap
                for model, gap in of.items()
                if model in rows
                and is_better(gap, sign * side)
                and not (side < 0 and metric in ROUNDED and rows[model]["algorithm"] in REGRESSORS)
            ]
            differing.sort(key=lambda gap: (-abs(gap["difference"]), gap["model"]))
            if not differing:
                continue
            names = [gap["model"] for gap in differing]
            if side > 0:  # few are better: with their numbers
                names = [f"{gap['model']} ({_numbers(gap)})" for gap in differing]
            verb = "is" if len(differing) == 1 else "are"
            first = differing[0]
            value = number(rows[first["model"]][metric] - first["difference"])
            said[side].append(
                f"On {spoken(metric)}, {listed(names, MODELS + 1)} {verb} {word} than the best "
                f"constant ({value})."
            )
    return said[1] + said[-1]


def _numbers(gap: dict) -> str:
    """Return a difference, its interval, and whether the test over folds agrees."""
    text = f"{signed(gap['difference'])}, {interval(gap['ci_low'], gap['ci_high'])}"
    if gap["fold_t_p_holm"] is None:
        return text
    return f"{text}; by patients yes, by folds {'yes' if gap['fold_t_p_holm'] < ALPHA else 'no'}"


def rounding_sentence(table: list[dict], target: Target) -> str | None:
    """Say what rounding does to the models that predict a number; None without such."""
    rows = [row for row in table if row["algorithm"] in REGRESSORS and not row["baseline"]]
    rows = [row for row in rows if row.get("auc_abnormal_between_patients") is not None]
    if not rows or target.score not in rows[0]:
        return None
    best = max(rows, key=lambda row: row["auc_abnormal_between_patients"])
    names = listed([row["model"] for row in rows], MODELS + 1)
    verb, whose = ("predicts", "its") if len(rows) == 1 else ("predict", "their")
    return (
        f"{names} {verb} a number, and {whose} classes are what it rounds to: the {target.score_words} "
        f"is about the rounding, which says nothing of whether high numbers are sick cycles. The "
        f"{area('auc_abnormal_between_patients', target)} of the number itself is up to {number(best['auc_abnormal_between_patients'])} "
        f"({best['model']}, whose rounded classes have {number(best[target.score])})."
    )


def weight(gap: dict) -> str:
    """Say what a difference's interval and p value allow to be said of it."""
    p = p_text(gap["p_holm"])
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    if gap["ci_low"] <= 0 <= gap["ci_high"]:
        return ": not distinguishable from none"
    if gap["p_holm"] >= ALPHA:
        return f": not distinguishable from none once corrected for the number of models, {p}"
    return f", {p} after correction for the number of models"


def mse_sentence(table: list[dict], gaps: dict[str, dict[str, dict]], target: Target) -> str | None:
    """Say what a squared error means beside the mean's: gradient descent's, or the best model's.

    That of a model with probabilities is the error of the class it expects (sum of k p(k)).
    """
    if "mse" not in metrics_of(target):
        return None
    errors = {}
    for row in table:
        metric = "mse_expected" if row.get("mse_expected") is not None else "mse"
        gap = gaps.get(metric, {}).get(row["model"])
        if gap and gap["difference"] is not None and row[metric] is not None:
            errors[row["model"]] = (row[metric], row, gap)
    descents = {m: e for m, e in errors.items() if e[1]["algorithm"] == "gradient_descent"}
    if not errors:
        return None
    model, (error, row, gap) = min((descents or errors).items(), key=lambda item: item[1][0])
    mean = error - gap["difference"]
    text = (
        f"The mean squared error of {model} is {number(error)}; predicting the mean {target.name} for "
        f"everyone has {number(mean)}: "
    )
    if error >= mean:
        text += "the model does no better"
    else:
        text += f"the model explains {number(100 * (1 - error / mean), 1)} % of the variance (R²)"
    if gap["ci_low"] is None:
        return f"{text}."
    span = interval(gap["ci_low"], gap["ci_high"])
    text += f" (difference {number(gap['difference'])}, {span}{weight(gap)})"
    return (
        f"{text}. A prediction is typically {number(error**0.5)} off, where the mean is "
        f"{number(mean**0.5)} off (RMSE)."
    )
