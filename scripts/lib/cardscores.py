"""What a model card says of scores: under every split, against the best baseline, with leakage.

`about` is as `lib.modelcard.card` takes it. Every text of a workbook or a config is escaped.
"""

from lib.comparison import BASELINES
from lib.findings import against_baseline, in_words, is_better, weight
from lib.kinds import kind_of, split_order
from lib.markdown import bullets, code, table, text
from lib.naming import METRIC_NAMES, interval, number, p_text, signed, spoken
from lib.target import Target

KINDS = {
    "new_patients": "patients it has not heard",
    "known_patients": "patients it may have heard",
    "known_cycles": "the cycles it was fitted on",
}


def strictest(about: dict) -> str | None:
    """Name the split that keeps patients apart, the one to believe; None where there is none."""
    first = split_order(about["splits"])[0]
    return first if kind_of(about["splits"][first]) == "new_patients" else None


def score_of(about: dict, split: str, metric: str) -> dict:
    """Give the row of a metric on the test part; empty where the model has none."""
    key = (about["model"], split, "test", metric)
    names = ("model", "split", "part", "metric")
    return next((row for row in about["rows"] if tuple(row[n] for n in names) == key), {})


def with_interval(row: dict) -> str:
    """Give a score with its interval, for reading."""
    span = interval(row.get("ci_low"), row.get("ci_high"))
    return number(row.get("value")) + (f" ({span})" if span else "")


def the(target: Target) -> str:
    """Name what is predicted, in a sentence."""
    return target.name if target.name in ("crackles", "wheezes") else f"the {target.name.lower()}"


def in_short(about: dict, target: Target) -> str:
    """Say in a sentence or two what the model is worth."""
    split = strictest(about)
    what = (
        f"A model ({code(about['algorithm'])}) that predicts {the(target)} of a respiratory cycle."
    )
    if split is None:
        return (
            f"{what} **No split of this run keeps patients apart, so nothing here says what to expect "
            "for a patient whom it has never heard.**"
        )
    row = score_of(about, split, target.score)
    if row.get("value") is None:
        return f"{what} **Under {code(split)}, which keeps patients apart, it has no score.**"
    return (
        f"{what} Under {code(split)}, which keeps patients apart, its {target.score_words} is "
        f"{with_interval(row)}. **{compared(about, split, target)}**"
    )


def compared(about: dict, split: str, target: Target) -> str:
    """Say plainly whether the model beats the best baseline of a split."""
    if about["algorithm"] in BASELINES:
        return "It is a baseline, here to compare models with."
    if score_of(about, split, target.score).get("value") is None:
        return "It has no score."
    gap = against_baseline(about["differences"], split, target.score).get(about["model"])
    if gap is None:
        return "There is no baseline to compare it with."
    known = {"model": gap["against"], "algorithm": None}
    for row in about["rows"]:
        if (row["model"], row["split"], row["part"]) == (gap["against"], split, "test"):
            known |= {"algorithm": row["algorithm"], row["metric"]: row["value"]}
    than = text(in_words(known, target))
    on = spoken(target.score)
    if gap["ci_low"] is None:
        return f"No interval could be computed for its difference from {than}: it is no evidence."
    if is_better(gap):
        return f"It is better than {than} on {on}."
    if is_better(gap, -1):
        return f"It is worse than {than} on {on}."
    return f"It is no better than {than} on {on}{weight(gap)}."


def analyses(about: dict, target: Target) -> list[str]:
    """Show the scores under every split, and the differences from the best baseline."""
    order = split_order(about["splits"])
    metrics = [m for m in METRIC_NAMES if any(score_of(about, s, m) for s in order)]
    head = ["test part", *(f"{code(s)}: {KINDS[kind_of(about['splits'][s])]}" for s in order)]
    rows = [
        [METRIC_NAMES[m], *(with_interval(score_of(about, s, m)) for s in order)] for m in metrics
    ]
    counts = [score_of(about, s, metrics[0]) if metrics else {} for s in order]
    rows.append(["cycles", *(f"{c['n_cycles']:,}" if c else "–" for c in counts)])
    rows.append(["patients", *(f"{c['n_patients']:,}" if c else "–" for c in counts)])
    apart = [s for s in order if kind_of(about["splits"][s]) == "new_patients"]
    said = (
        f"Only {', '.join(map(code, apart))} keep{'s' * (len(apart) == 1)} patients apart: only "
        "what stands there says what to expect for a new patient."
        if apart
        else "No split keeps patients apart: none of this says what to expect for a new patient."
    )
    lines = [said, *table(head, rows)]
    if about["algorithm"] not in BASELINES:
        lines += ["Difference from the best baseline:", *gaps_table(about, order, target)]
        lines += bullets(f"{code(s)}: {compared(about, s, target)}" for s in order)
    return lines + leakage_lines(about, target)


def gaps_table(about: dict, order: list[str], target: Target) -> list[str]:
    """Show the differences from the best baseline of every split."""
    rows = []
    for split in order:
        gap = against_baseline(about["differences"], split, target.score).get(about["model"])
        if gap is None:
            continue
        known = gap["difference"] is not None
        rows.append(
            [
                code(split),
                code(gap["against"]),
                signed(gap["difference"]) if known else "–",
                interval(gap["ci_low"], gap["ci_high"]) or "–",
                p_text(gap["p_holm"]).replace("<", "&lt;"),
            ]
        )
    head = [
        "split",
        "best baseline",
        f"{target.score_words}, difference",
        "95 % interval",
        "p (Holm)",
    ]
    return table(head, rows) if rows else [""]


def leakage_lines(about: dict, target: Target) -> list[str]:
    """Say what knowing the patients is worth to the model, where that was measured."""
    lines = []
    for row in about["leakage"]:
        if (row["model"], row["metric"]) != (about["model"], target.score):
            continue
        if row["difference"] is None or row["ci_low"] is None:
            continue
        higher = "higher" if row["difference"] > 0 else "lower"
        words = (
            "so much of its score is recognising patients."
            if row["ci_low"] > 0
            else "not distinguishable from none."
        )
        lines.append(
            f"Leakage: under {code(row['shuffled_split'])}, where it may have heard the patients, its "
            f"{target.score_words} is {number(abs(row['difference']))} {higher} than under "
            f"{code(row['patient_split'])} (difference {signed(row['difference'])}, 95 % "
            f"interval {interval(row['ci_low'], row['ci_high'])}): {words}"
        )
    return lines
