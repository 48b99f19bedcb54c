"""What the comparison says, in sentences for a reader who decides by them.

Every number comes from the tables; a model is called better than another only where the interval of
their difference leaves out zero and the corrected p value agrees.
"""

from lib.comparison import wide
from lib.target import Target, all_alike

LEVEL = 0.05
NAMED = 5  # patients that a sentence names


def number(value: float | None, digits: int = 3) -> str:
    """Give a number for reading, a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Give an interval for reading, nothing where there is none."""
    if low is None or high is None:
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def on_both_sides(split: dict) -> list[str]:
    """Name the patients that are in train and test of a fold, from the content of `split.json`."""
    return sorted({str(p) for fold in split["folds"] for p in fold["patients_on_both_sides"]})


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
        known_patients or known_cycles), `headline`, and `details`, a list of sentences.
    """
    said = []
    tables = wide(rows, "test", target)
    for split in sorted(tables, key=lambda name: (_kind_order(splits[name]), name)):
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
                "details": [
                    sentence
                    for sentence in (
                        _score_sentence(tables[split], differences, split, target),
                        _mse_sentence(tables[split], differences, split, target),
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


def kind_of(split: dict) -> str:
    """Say what a split's scores are about: new_patients, known_patients or known_cycles."""
    if split["protocol"] == "final":
        return "known_cycles"
    return "known_patients" if on_both_sides(split) else "new_patients"


def _kind_order(split: dict) -> int:
    return ("new_patients", "known_patients", "known_cycles").index(kind_of(split))


ABOUT = {
    "new_patients": "for patients a model has never heard",
    "known_patients": "for patients a model may have heard before",
    "known_cycles": "for the very cycles a model was fitted on",
}


def _headline(table: list[dict], better: list[dict], kind: str, target: Target) -> str:
    models = [row for row in table if not row["baseline"]]
    if not models:
        return "No model was fitted, only baselines."
    if len(models) == len(table):
        return "There is no baseline to compare the models with."
    if not better:
        return f"No model beats its baseline on the {target.score_words}, {ABOUT[kind]}."
    names = [row["model"] for row in sorted(better, key=lambda row: -row["difference"])]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "beats" if len(names) == 1 else "beat"
    return f"{listed} {verb} the best baseline on the {target.score_words}, {ABOUT[kind]}."


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


def _mse_sentence(
    table: list[dict], differences: list[dict], split: str, target: Target
) -> str | None:
    if "mse" not in target.metrics:
        return None
    means = [row for row in table if row["algorithm"] == "mean"]
    models = [row for row in table if not row["baseline"] and row["mse"] is not None]
    if not means or not models:
        return None
    descents = [row for row in models if row["algorithm"] == "gradient_descent"]
    shown = min(descents or models, key=lambda row: row["mse"])
    mean = means[0]["mse"]
    share = (mean - shown["mse"]) / mean
    text = (
        f"The mean squared error of {shown['model']} is {number(shown['mse'])}; predicting the "
        f"mean {target.name} for everyone has {number(mean)}: "
    )
    text += (
        f"the model explains {number(100 * share, 1)} % of it"
        if share > 0
        else "the model does no better"
    )
    gap = against_baseline(differences, split, "mse").get(shown["model"])
    if gap is None or gap["ci_low"] is None or gap["against"] != means[0]["model"]:
        return text + "."
    span = interval(gap["ci_low"], gap["ci_high"])
    text += f" (difference {number(gap['difference'])}, {span}"
    return text + weight(gap) + ")."


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


def p_text(p: float | None) -> str:
    """Give a p value for reading."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else number(p)


def definitions(target: Target) -> str:
    """Say what the metrics mean that the sentences and tables speak of."""
    if not target.ordered:
        return (
            "Balanced accuracy is the mean, over the diagnoses, of the share of cycles that are "
            "given their patient's: a rare diagnosis counts as much as a frequent one."
        )
    if target.name == "state":
        return (
            "Specificity (Sp) is the share of normal cycles called normal; sensitivity (Se) the "
            "share of crackle, wheeze and both cycles given exactly their class; the ICBHI score is "
            "the mean of the two (Rocha et al. 2019)."
        )
    return (
        f"Specificity (Sp) is the share of cycles without {target.name} called so; sensitivity "
        f"(Se) the share of cycles with {target.name} called so; balanced accuracy is the mean of "
        "the two."
    )


def leakage_sentences(rows: list[dict], target: Target) -> list[str]:
    """Say which models score higher where they know the patients."""
    rows = [row for row in rows if row["metric"] == target.score and row["ci_low"] is not None]
    said = []
    for row in sorted(rows, key=lambda row: -row["difference"]):
        if row["ci_low"] > 0:
            said.append(
                f"{row['model']} scores {number(row['difference'])} higher (95 % interval "
                f"{interval(row['ci_low'], row['ci_high'])}) under {row['shuffled_split']} than under "
                f"{row['patient_split']}: so much of its score is recognising patients."
            )
    if rows and not said:
        said.append(
            f"No model's {target.score_words} is higher, beyond its interval, where it has heard "
            "the same patients before."
        )
    return said


def imputed_features(quality: dict, features: list[str]) -> list[str]:
    """Warn of features whose missing values were replaced before the split."""
    return [
        f"{name} is a feature of some model, and {about['cells']} of its values were missing. They "
        f"were replaced by {about['value']}, the most frequent value of all cycles, those tested on "
        "included."
        for name, about in sorted(quality["imputed"].items())
        if name in features
    ]
