"""What the comparison says, in sentences for a reader who decides by them.

Every number comes from the tables; a model is called better than another only where the interval of
their difference leaves out zero and the corrected p value agrees.
"""

from lib.comparison import wide
from lib.kinds import ABOUT, kind_of, on_both_sides, split_order
from lib.metrics import LOWER_IS_BETTER
from lib.naming import interval, listed, number, p_text, signed, spoken
from lib.target import Target, all_alike

LEVEL = 0.05
NAMED = 5  # patients that a sentence names
MODELS = 3  # models that it names; the others are counted


def verdicts(
    rows: list[dict], differences: list[dict], splits: dict[str, dict], target: Target
) -> list[dict]:
    """Say for each split what the models can do.

    Parameters
    ----------
    rows
        Rows of the comparison.
    differences
        Rows of the differences.
    splits
        By name, the content of each `split.json`.
    target
        What was predicted.

    Returns
    -------
    list of dict
        In the order of what a reader should believe: splits that keep patients apart first, splits
        tested on what they were trained on last. Each has `split`, `protocol`, `kind` (new_patients,
        known_patients or known_cycles), `headline`, `details`, a list of sentences, `score`, the numbers
        behind them (see `_score_row`), `differs`, sentences on every metric that does differ, and
        `squared`, one on the squared error or None.
    """
    said = []
    tables = wide(rows, "test", target)
    for split in split_order(splits):
        about = splits[split]
        kind = kind_of(about)
        gaps = against_baseline(differences, split, target.score)
        better = [row for row in gaps.values() if is_better(row)]
        said.append(
            {
                "split": split,
                "protocol": about["protocol"],
                "kind": kind,
                "headline": _headline(tables[split], better, kind, target),
                "score": _score_row(tables[split], gaps, target),
                "differs": differing_sentences(tables[split], differences, split, target),
                "squared": mse_sentence(tables[split], differences, split, target),
                "details": [
                    sentence
                    for sentence in (
                        _score_sentence(tables[split], differences, split, target),
                        _patients_sentence(about, kind, tables[split][0]["n_patients"]),
                    )
                    if sentence
                ],
            }
        )
    return said


def answer(said: list[dict]) -> str:
    """Give the whole page's answer in a sentence or two, from the verdicts."""
    strictest = said[0]
    where = f" (split {strictest['split']})"
    if strictest["kind"] == "new_patients":
        prefix = (
            "None, on this evidence. " if strictest["headline"].startswith("No model b") else ""
        )
        return f"{prefix}{strictest['headline'].removesuffix('.')}{where}."
    return (
        f"{strictest['headline'].removesuffix('.')}{where}. No split here keeps patients apart, so "
        "nothing can be said about a patient whom the models have never heard."
    )


def is_better(row: dict, sign: int = 1) -> bool:
    """Say whether a difference is above zero (below, with sign -1) beyond its interval."""
    if row["ci_low"] is None or row["p_holm"] is None:
        return False
    beyond = row["ci_low"] > 0 if sign > 0 else row["ci_high"] < 0
    return beyond and row["p_holm"] < LEVEL


def _headline(table: list[dict], better: list[dict], kind: str, target: Target) -> str:
    models = [row for row in table if not row["baseline"]]
    if not models:
        return "No model was fitted, only baselines."
    if not any(row["n_cycles"] for row in models):
        return f"No model has a result, {ABOUT[kind]}: every fit has failed."
    if len(models) == len(table):
        return "There is no baseline to compare the models with."
    against = best_baseline(table, target)
    if not better:
        return f"No model beats {against} on {spoken(target.score)}, {ABOUT[kind]}."
    names = [row["model"] for row in sorted(better, key=lambda row: -row["difference"])]
    verb = "beats" if len(names) == 1 else "beat"
    return f"{listed(names)} {verb} {against} on {spoken(target.score)}, {ABOUT[kind]}."


def best_baseline(table: list[dict], target: Target) -> str:
    """Say in words what the best baseline of a split does, from its ranked rows."""
    known = [row for row in table if row["baseline"] and row[target.score] is not None]
    return in_words(known[0], target) if known else "its baseline"


def in_words(row: dict, target: Target) -> str:
    """Say in words what a baseline does, from its row."""
    if row["algorithm"] == "most_frequent" and row.get("specificity") == 1:
        return f"calling everything {target.classes[0]}"
    words = {
        "mean": f"predicting the mean {target.name} for everyone",
        "most_frequent": "calling everything the most frequent class",
        "stratified": "drawing classes by their shares",
    }
    return words.get(row["algorithm"], row["model"])


def _score_row(table: list[dict], gaps: dict[str, dict], target: Target) -> dict | None:
    """Give the best model's row and its difference from the best baseline, None without a model."""
    models = [row for row in table if not row["baseline"] and row[target.score] is not None]
    return {"row": models[0], "gap": gaps.get(models[0]["model"])} if models else None


def differing_sentences(
    table: list[dict], differences: list[dict], split: str, target: Target
) -> list[str]:
    """Say what differs from the best baseline beyond its interval, a sentence a metric and side."""
    rows = {row["model"]: row for row in table}
    metrics = dict.fromkeys(row["metric"] for row in differences)
    said = {1: [], -1: []}
    for metric in metrics:
        sign = -1 if metric in LOWER_IS_BETTER else 1
        gaps = list(against_baseline(differences, split, metric).values())
        for side, word in ((1, "better"), (-1, "worse")):
            differing = [gap for gap in gaps if is_better(gap, sign * side)]
            differing.sort(key=lambda gap: (-abs(gap["difference"]), gap["model"]))
            if not differing:
                continue
            names = [gap["model"] for gap in differing]
            if side > 0:  # few are better: with their numbers
                ends = (interval(gap["ci_low"], gap["ci_high"]) for gap in differing)
                names = [
                    f"{gap['model']} ({signed(gap['difference'])}, {span})"
                    for gap, span in zip(differing, ends, strict=True)
                ]
            against = rows.get(differing[0]["against"])
            than = in_words(against, target) if against else differing[0]["against"]
            verb = "is" if len(differing) == 1 else "are"
            said[side].append(
                f"On {spoken(metric)}, {listed(names, MODELS + 1)} {verb} {word} than {than}."
            )
    return said[1] + said[-1]


def against_baseline(differences: list[dict], split: str, metric: str) -> dict[str, dict]:
    """Give the rows of a split's differences from the best baseline, by model."""
    key = (split, metric, "best baseline")
    found = (r for r in differences if (r["split"], r["metric"], r["against_is"]) == key)
    return {row["model"]: row for row in found}


def _score_sentence(
    table: list[dict], differences: list[dict], split: str, target: Target
) -> str | None:
    score = target.score
    models = [row for row in table if not row["baseline"] and row[score] is not None]
    if not models:
        return None
    top = models[0]
    span = interval(*top["intervals"][score])
    text = (
        f"The best {target.score_words} of a model is {number(top[score])}"
        + (f" (95 % interval {span})" if span else "")
        + f", by {top['model']}"
    )
    if "sensitivity" in target.metrics:
        text += (
            f": sensitivity {number(top['sensitivity'])}, specificity {number(top['specificity'])}"
        )
    text = f"{text}. {all_alike(target)}".rstrip()
    gap = against_baseline(differences, split, score).get(top["model"])
    if gap is None:
        return text
    if gap["ci_low"] is None:
        return text + " No interval could be computed for the difference: it is no evidence."
    text += (
        f" The difference from the best baseline ({gap['against']}) is {number(gap['difference'])}, "
        f"{interval(gap['ci_low'], gap['ci_high'])}"
    )
    return text + weight(gap) + "."


def weight(gap: dict) -> str:
    """Say what a difference's interval and p value allow to be said of it."""
    p = p_text(gap["p_holm"])
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    if gap["ci_low"] <= 0 <= gap["ci_high"]:
        return ": not distinguishable from none"
    if gap["p_holm"] >= LEVEL:
        return f": not distinguishable from none once corrected for the number of models, {p}"
    return f", {p} after correction for the number of models"


def mse_sentence(
    table: list[dict], differences: list[dict], split: str, target: Target
) -> str | None:
    """Say what a model's MSE means beside the mean's: gradient descent's, or the best model's."""
    if "mse" not in target.metrics:
        return None
    means = [row for row in table if row["algorithm"] == "mean"]
    models = [row for row in table if not row["baseline"] and row.get("mse") is not None]
    if not means or not models:
        return None
    descents = [row for row in models if row["algorithm"] == "gradient_descent"]
    shown = min(descents or models, key=lambda row: row["mse"])
    mean = means[0]["mse"]
    text = (
        f"The mean squared error of {shown['model']} is {number(shown['mse'])}; predicting the "
        f"mean {target.name} for everyone has {number(mean)}: "
    )
    if shown["mse"] >= mean:
        text += "the model does no better"
    elif shown["r2"] is not None and shown["r2"] > 0:
        text += f"the model explains {number(100 * shown['r2'], 1)} % of the variance (R²)"
    else:
        text += "the model does better than that, but explains none of the variance (R²)"
    gap = against_baseline(differences, split, "mse").get(shown["model"])
    if gap is None or gap["ci_low"] is None or gap["against"] != means[0]["model"]:
        return text + "."
    span = interval(gap["ci_low"], gap["ci_high"])
    text += f" (difference {number(gap['difference'])}, {span}{weight(gap)})"
    if None in (shown["rmse"], means[0]["rmse"]):
        return text + "."
    return (
        f"{text}. A prediction is typically {number(shown['rmse'])} off, where the mean is "
        f"{number(means[0]['rmse'])} off (RMSE)."
    )


def _patients_sentence(split: dict, kind: str, tested: int) -> str:
    if kind == "known_cycles":
        return (
            "Every cycle was both trained and tested on: these scores say how well a model fits, "
            "not how well it predicts."
        )
    if kind == "known_patients":
        both = on_both_sides(split)
        named = f" ({', '.join(both)})" if len(both) <= NAMED else ""
        return (
            f"{len(both)} of {tested} test patients{named} have cycles on both sides, so that a "
            "model may score by recognising them: these scores say nothing about a patient it has "
            "never heard."
        )
    return "No patient is on both sides: these scores are about patients a model has never heard."
