"""What a model card says of scores: is there information, is it useful, and of having heard whom.

`about` is as `auscultation.export.model_card.card` takes it. Every claim is the answer's (`auscultation.scores.answer`). Every text of a
workbook or a config is escaped.
"""

from auscultation.data.target import Target
from auscultation.export.markdown import bullets, code, table, text
from auscultation.fits.algorithms import BASELINES, REGRESSORS
from auscultation.scores.answer import ALPHA, QUESTIONS, asked, splits_apart
from auscultation.scores.split_kinds import NEW
from auscultation.scores.verdict import by_patients, is_better, of_model, word
from auscultation.scores.wording import METRIC_NAMES, area, interval, number, p_text, signed, spoken

KINDS = {
    NEW: "patients it has not heard",
    "mostly_new_patients": "patients of whom it may have heard a few",
    "known_patients": "patients it may have heard",
    "known_cycles": "the cycles it was fitted on",
}
ASKED = {
    "information": "information",
    "beyond_device": "more than the device",
    "useful": "useful classifier",
}


def score_of(about: dict, split: str, metric: str) -> dict:
    """Return the row of a metric on the test part; empty where the model has none."""
    key = (about["model"], split, "test", metric)
    names = ("model", "split", "part", "metric")
    return next((row for row in about["rows"] if tuple(row[n] for n in names) == key), {})


def with_interval(row: dict) -> str:
    """Return a score with its interval, for reading."""
    span = interval(row.get("ci_low"), row.get("ci_high"))
    return number(row.get("value")) + (f" ({span})" if span else "")


def the(target: Target) -> str:
    """Name what is predicted, in a sentence."""
    return target.name if target.name in ("crackles", "wheezes") else f"the {target.name.lower()}"


def constant_words(target: Target) -> str:
    """Name the best constant."""
    return "calling everything normal" if target.name == "state" else "the best constant"


def in_short(about: dict, target: Target) -> str:
    """Say in a sentence or two what the model is worth."""
    first = about["answer"]["splits"][0]
    what = (
        f"A model ({code(about['algorithm'])}) that predicts {the(target)} of a respiratory cycle."
    )
    if first["kind"] != NEW:
        return (
            f"{what} **No split of this run keeps patients apart, so nothing here says what to expect "
            "for a patient whom it has never heard.**"
        )
    if about["algorithm"] in BASELINES:
        return f"{what} **It is a baseline, here to compare models with.**"
    said = statement(about, first, target)
    return f"{what} Under {code(first['split'])}, which keeps patients apart, **{said}**"


def statement(about: dict, split: dict, target: Target) -> str:
    """Say of the model what a split's answer is: information, more than the device, useful.

    Parameters
    ----------
    about
        See above.
    split
        What the answer says of the split.
    target
        What was predicted.
    """
    asked_of = _asked(about, split)
    if not asked_of:
        return "it has no score."
    knows, beyond, useful = (asked_of.get(name) for name in QUESTIONS)
    if not split["enough"]:
        return f"there is no verdict: {text(split['why'])}."
    said = _information(split, knows, target)
    if by_patients(split, knows) == "yes":
        said += _beyond(split, beyond, target)
    return f"{said}; {_useful(about, split, useful, target)}."


def _information(split: dict, one: dict | None, target: Target) -> str:
    answer = by_patients(split, one)
    if answer == "unknown":
        return f"whether it carries information about {target.words} is not known"
    numbers = _numbers(one, area(one["metric"], target))
    if answer == "yes":
        return f"it carries some information about {target.words} ({numbers})"
    if is_better(one, -1):
        return f"it puts cycles in the wrong order more often than chance would ({numbers})"
    return f"it could not be told from a model without information ({numbers})"


def _beyond(split: dict, one: dict | None, target: Target) -> str:
    answer = by_patients(split, one)
    if answer == "unknown":
        return ", and whether that is more than the device tells is not known"
    numbers = _numbers(one, area(one["metric"], target))
    if answer == "yes":
        return f", and some of it is more than the device tells ({numbers})"
    return f", but none of it could be shown to be more than the device tells ({numbers})"


def _useful(about: dict, split: dict, one: dict | None, target: Target) -> str:
    answer, constant = by_patients(split, one), constant_words(target)
    if answer == "unknown":
        return "whether it is useful as a classifier is not known"
    numbers = _numbers(one, target.score_words)
    if answer == "yes":
        return f"it is useful as a classifier, better than {constant} ({numbers})"
    if not is_better(one, -1):
        return f"as a classifier it could not be told from {constant} ({numbers})"
    if about["algorithm"] in REGRESSORS:
        return f"the classes that its numbers are rounded to are worse than {constant} ({numbers})"
    return f"as a classifier it is worse than {constant} ({numbers})"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _numbers(one: dict, name: str) -> str:
    """Return a metric with its interval, and whether the folds agree or what would have been seen."""
    said = f"{text(name)} {number(one['value'])}"
    if one["ci_low"] is not None:
        said += f", 95 % interval {interval(one['ci_low'], one['ci_high'])}"
    if one["by_patients"] or is_better(one, -1):
        folds = one["fold_p"]
        agree = "" if folds is None else f"; by patients yes, by folds {_yes(folds < ALPHA)}"
        return said + agree
    if one["limit"] is None:
        return said
    return f"{said}; {number(one['limit'])} would have been seen with a chance of 80 %"


def analyses(about: dict, target: Target) -> list[str]:
    """Show the scores under every split, what the answers rest on, and what they are."""
    splits = about["answer"]["splits"]
    order = [split["split"] for split in splits]
    metrics = [m for m in METRIC_NAMES if any(score_of(about, s, m) for s in order)]
    head = ["test part", *(f"{code(s['split'])}: {KINDS[s['kind']]}" for s in splits)]
    rows = [
        [METRIC_NAMES[m], *(with_interval(score_of(about, s, m)) for s in order)] for m in metrics
    ]
    counts = [score_of(about, s, metrics[0]) if metrics else {} for s in order]
    rows.append(["cycles", *(f"{c['n_cycles']:,}" if c else "–" for c in counts)])
    rows.append(["patients", *(f"{c['n_patients']:,}" if c else "–" for c in counts)])
    apart = [split["split"] for split in splits_apart(splits)]
    said = (
        f"Only {', '.join(map(code, apart))} keep{'s' * (len(apart) == 1)} patients apart: only "
        "what stands there says what to expect for a new patient."
        if apart
        else "No split keeps patients apart: none of this says what to expect for a new patient."
    )
    lines = [said, *table(head, rows)]
    if about["algorithm"] in BASELINES:
        return lines
    lines += answers_table(about)
    # the first is on top of the card; of others the table says all, but why it says nothing
    said_of = [
        s
        for s in splits[splits[0]["kind"] == NEW :]
        if s["kind"] == NEW or not s["enough"] or not _asked(about, s)
    ]
    lines += bullets(
        f"{code(s['split'])} ({KINDS[s['kind']]}): {statement(about, s, target)}" for s in said_of
    )
    return [*lines, *rounding_lines(about, target), *leakage_lines(about, target)]


def _asked(about: dict, split: dict) -> dict[str, dict]:
    """Return what the answers of a split rest on of the model, by question, where it has something."""
    found = {name: of_model(split, name, about["model"]) for name in QUESTIONS}
    return {name: one for name, one in found.items() if one is not None}


def answers_table(about: dict) -> list[str]:
    """Show what the answers rest on, of this model; how well it fits what it knows is none."""
    rows = []
    for split in about["answer"]["splits"]:
        if split["kind"] == "known_cycles":
            continue
        for name, one in _asked(about, split).items():
            values = [signed(one["difference"]), p_text(one["p_holm"]), p_text(one["fold_p"])]
            rows.append(
                [
                    f"{code(split['split'])}: {ASKED[name]}",
                    word(split, one),
                    METRIC_NAMES.get(one["metric"], one["metric"]),
                    with_interval(one),
                    *(value.replace("<", "&lt;") for value in values),
                    number(one["limit"]),
                ]
            )
    head = ["question", "answer", "metric", "value (95 % interval)"]
    head += ["minus 0.5 or the best constant", "p (Holm)", "p over folds"]
    return table(head + ["would have been seen"], rows) if rows else [""]


def rounding_lines(about: dict, target: Target) -> list[str]:
    """Say of a regressor what its number tells, and what the class does that it is rounded to."""
    split = about["answer"]["splits"][0]["split"]
    metric = asked("information", target)[-1]
    area_row, row = (score_of(about, split, name) for name in (metric, target.score))
    if about["algorithm"] not in REGRESSORS or None in (area_row.get("value"), row.get("value")):
        return []
    return [
        "Its class is what its number is rounded to, which says nothing of whether high numbers are sick "
        f"cycles: under {code(split)}, the {text(area(metric, target))} of the number is "
        f"{number(area_row['value'])}, the {target.score_words} of the nearest class "
        f"{number(row['value'])}.",
        "",
    ]


def leakage_lines(about: dict, target: Target) -> list[str]:
    """Say what having heard the recording or the patient is worth to the model, where it is shown.

    Only where the model is better than a constant in the split that lets it hear them: a score
    without skill cannot come of having heard anybody.
    """
    skilled = {
        (split["split"], one["metric"])
        for split in about["answer"]["splits"]
        for one in (of_model(split, name, about["model"]) for name in ("useful", "information"))
        if by_patients(split, one) == "yes"
    }
    lines = []
    for row in about["answer"]["leakage"]:
        if row["model"] != about["model"] or (row["split"], row["metric"]) not in skilled:
            continue
        if not is_better(row):
            continue
        lines.append(
            f"Of having heard the {row['heard']}: under {code(row['split'])}, {spoken(row['metric'])} is "
            f"{number(row['difference'])} higher (95 % interval "
            f"{interval(row['ci_low'], row['ci_high'])}) than under {code(row['other_split'])}."
        )
    return bullets(lines) if lines else []
