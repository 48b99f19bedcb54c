"""What the comparison says, in sentences for a reader who decides by them.

Every number comes from the tables, every yes and no from the answer (`auscultation.scores.answer`).
"""

from auscultation.data.target import Target
from auscultation.metrics.names import metrics_of
from auscultation.report.differences import (
    MODELS,
    against_constant,
    differing_sentences,
    mse_sentence,
    rounding_sentence,
)
from auscultation.scores.split_kinds import ABOUT, NEW, patients_sentence
from auscultation.scores.wording import ANSWERS, area, counted, interval, listed, number, signed


def verdicts(
    answer: dict,
    tables: dict[str, list[dict]],
    differences: list[dict],
    splits: dict,
    target: Target,
) -> list[dict]:
    """Say for each split what the models can do.

    Parameters
    ----------
    answer
        Of `auscultation.scores.answer.answers`.
    tables
        Of `auscultation.scores.comparison.wide`, of the test part.
    differences
        Rows of the differences.
    splits
        By name, the content of each `split.json`.
    target
        What was predicted.

    Returns
    -------
    list of dict
        In the order of the answer, which is what a reader should believe first. Each has `split`,
        `protocol`, `kind`, `answers` (of the answer), `headline`, `said`, a dict of title, answer and
        sentences for each question, `details`, a list of sentences, `differs`, sentences on every
        metric that does differ, and `squared`, one on the squared error or None.
    """
    found = []
    for about in answer["splits"]:
        split, table = about["split"], tables[about["split"]]
        gaps = against_constant(differences, split)
        details = [
            rounding_sentence(table, target),
            patients_sentence(splits[split], about["kind"], about["n_patients"]),
        ]
        found.append(
            {k: about[k] for k in ("split", "protocol", "kind", "answers")}
            | {
                "headline": headline(about, table, target),
                "said": questions(about, table, differences, target),
                "details": [sentence for sentence in details if sentence],
                "differs": differing_sentences(table, gaps),
                "squared": mse_sentence(table, gaps, target),
            }
        )
    return found


def whole_answer(answer: dict, said: list[dict]) -> str:
    """Return the whole page's answer in a sentence or two, from the answer and the verdicts."""
    first = said[0]
    text = f"{first['headline'].removesuffix('.')} (split {first['split']})."
    if first["kind"] != NEW:
        return (
            f"{text} No split here keeps patients apart, so nothing can be said about a patient whom "
            "the models have never heard."
        )
    if answer["disagree"]:
        others = [v for v in said[1:] if v["kind"] == NEW]
        text += "".join(
            f" Under {v['split']}, which keeps patients apart too, the answer is another: {v['headline']}"
            for v in others
            if any(
                {v["answers"][q]["answer"], first["answers"][q]["answer"]} == {"yes", "no"}
                for q in answer["disagree"]
            )
        )
    return text


def headline(about: dict, table: list[dict], target: Target) -> str:
    """Say in one sentence what the models can do under a split."""
    models = [row for row in table if not row["baseline"]]
    where = ABOUT[about["kind"]]
    if not models:
        return "No model was fitted, only baselines."
    if not any(row["n_cycles"] for row in models):
        return f"No model has a result, {where}: every fit has failed."
    asked = about["answers"]
    useful, knows, beyond = (asked[name] for name in ("useful", "information", "beyond_device"))
    if not about["enough"]:
        return f"No verdict, {where}: {about['why']}."
    only = ", but none of it is shown to be more than the device tells"
    only = only if beyond["answer"] == "no" else ""
    if useful["answer"] == "yes":
        names = [one["model"] for one in useful["models"] if one["yes"]]
        verb = "classifies" if len(names) == 1 else "classify"
        return f"{listed(names)} {verb} better than any constant, {where}{only}."
    if knows["answer"] == "yes":
        n = sum(one["yes"] for one in knows["models"])
        best = next(one for one in knows["models"] if one["yes"])
        return (
            f"None as a classifier, on this evidence. {n} of {counted(knows['n_models'], 'model')} "
            f"{'carries' if n == 1 else 'carry'} some information about {target.words} (AUC "
            f"{number(best['value'], 2)}), {where}{only}."
        )
    if knows["answer"] == useful["answer"] == "no":
        return (
            f"None, on this evidence: no model is shown to carry information about {target.words}, "
            f"and none to be useful as a classifier, {where}."
        )
    return f"No verdict, {where}: no interval could be computed."


TITLES = {
    "information": "Does any model carry information about {}?",
    "beyond_device": "More than the device tells?",
    "useful": "Is any model useful as a classifier?",
}


def questions(
    about: dict, table: list[dict], differences: list[dict], target: Target
) -> list[dict]:
    """Return the questions put to a split with their answers, and what these rest on."""
    found = []
    for name, title in TITLES.items():
        asked = about["answers"][name]
        if name == "beyond_device" and about["answers"]["information"]["answer"] != "yes":
            continue
        if asked["answer"] == "unknown":
            sentences = [_unknown(name, about)]
        else:
            yes = [one for one in asked["models"] if one["yes"]]
            words = _yes_words if yes else _no_words
            sentences = words(name, asked, table, target)
        if name == "beyond_device":
            sentences += device_sentences(about, table, differences, target)
        found.append(
            {
                "question": name,
                "title": title.format(target.words),
                "answer": asked["answer"],
                "word": ANSWERS[asked["answer"]],
                "sentences": sentences,
            }
        )
    return found


def _unknown(name: str, about: dict) -> str:
    if about["why"]:
        return f"{about['why'][0].upper()}{about['why'][1:]}."
    if name == "beyond_device":
        return (
            "Recordings do not name their device, or no two cycles of one device can be compared."
        )
    return "No interval could be computed for any model's difference from a constant."


def _name(name: str, metric: str, target: Target) -> str:
    """Name the metric that answers a question."""
    return target.score_words if name == "useful" else area(metric, target)


def _yes_words(name: str, asked: dict, table: list[dict], target: Target) -> list[str]:
    """Say which models do, the first with its numbers, and whether folds agree."""
    yes = [one for one in asked["models"] if one["yes"]]
    first = yes[0]
    row = next(row for row in table if row["model"] == first["model"])
    text = (
        f"{listed([one['model'] for one in yes], MODELS + 1)}, of {counted(asked['n_models'], 'model')}. "
        f"The {_name(name, first['metric'], target)} of {first['model']} is {_value(first, asked)}"
    )
    binary = first["metric"].replace("ovr", "abnormal")
    if target.name == "state" and binary != first["metric"] and row.get(binary) is not None:
        ends = interval(*row["intervals"][binary])
        text += f", of abnormal against normal {number(row[binary])}{f' ({ends})' if ends else ''}"
    return [f"{text}{_none(name, first)}.", *_by_folds(asked)]


def _value(one: dict, asked: dict) -> str:
    """Return a model's value and interval; of the first of several, also corrected for being so."""
    text = number(one["value"])
    if one["ci_low"] is None:
        return text
    ends = f"95 % interval {interval(one['ci_low'], one['ci_high'])}"
    if one is asked["models"][0] and asked["n_models"] > 1:
        best = interval(one["best_low"], one["best_high"])
        ends += f"; as the best of {asked['n_models']}, {best}"
    return f"{text} ({ends})"


def _none(name: str, one: dict) -> str:
    """Say what the value of no skill is."""
    constant = number(one["value"] - one["difference"])
    return f"; the best constant has {constant}" if name == "useful" else "; 0.5 is no information"


def _by_folds(asked: dict) -> list[str]:
    """Say what the test over folds says of the models that the patients speak for."""
    tested = [one for one in asked["models"] if one["by_patients"] and one["by_folds"] is not None]
    said = []
    for folds, meaning in (
        (True, "other training parts would say the same"),
        (False, "other training parts may not say the same, so that none of these counts as a yes"),
    ):
        some = [
            f"{m['model']} (p = {number(m['fold_p'])})" for m in tested if m["by_folds"] is folds
        ]
        if some:
            word = "yes" if folds else "no"
            said.append(f"By patients yes, by folds {word}: {listed(some, MODELS + 1)}; {meaning}.")
    return said


def _no_words(name: str, asked: dict, table: list[dict], target: Target) -> list[str]:
    """Say what the best model has, and what would have been seen."""
    first, n = asked["models"][0], counted(asked["n_models"], "model")
    both = ", by patients and by folds" if any(m["by_patients"] for m in asked["models"]) else ""
    what = (
        f"score of {n} is above the best constant's"
        if name == "useful"
        else f"AUC of {n} is above 0.5"
    )
    metric = _name(name, first["metric"], target)
    text = f"No {what} beyond chance{both}. "
    text += f"The highest {metric} is {_value(first, asked)}, by {first['model']}"
    if name == "useful" and "sensitivity" in metrics_of(target):
        row = next(row for row in table if row["model"] == first["model"])
        text += (
            f" (sensitivity {number(row['sensitivity'])}, specificity {number(row['specificity'])})"
        )
    text += f"{_none(name, first)}."
    if asked["limit"] is None:
        return [text, *_by_folds(asked)]
    ends = dict.fromkeys(number(end, 2) for end in asked["limit"])
    what = target.score_words if name == "useful" else "AUC"
    seen = (
        f"With these patients and {n}, {'an' if what[0] in 'AI' else 'a'} {what} of "
        f"{' to '.join(ends)} would have been seen with a chance of 80 %: less than that may be there."
    )
    if asked.get("needed_auc"):
        needed = dict.fromkeys(number(end, 2) for end in asked["needed_auc"])
        seen += f" It takes probabilities with an AUC of {' to '.join(needed)} to make such a classifier."
    return [text, *_by_folds(asked), seen]


def device_sentences(
    about: dict, table: list[dict], differences: list[dict], target: Target
) -> list[str]:
    """Compare the best model with what the device alone tells, where that is the best baseline."""
    knows = [one for one in about["answers"]["information"]["models"] if one["yes"]]
    if not knows:
        return []
    one = knows[0]
    devices = {row["model"]: row for row in table if row["algorithm"] == "by_device"}
    key = (about["split"], one["metric"], one["model"], "best baseline")
    names = ("split", "metric", "model", "against_is")
    gap = next((row for row in differences if tuple(row[name] for name in names) == key), None)
    if gap is None or gap["against"] not in devices or gap["ci_low"] is None:
        return []
    value = number(devices[gap["against"]][one["metric"]])
    ends = interval(gap["ci_low"], gap["ci_high"])
    return [
        f"The baseline {gap['against']}, which knows nothing else, has an "
        f"{area(one['metric'], target)} of {value}; {one['model']} minus that is "
        f"{signed(gap['difference'])} (95 % interval {ends})."
    ]
