"""What differs between two runs: their configs, data, code and packages, and their scores.

`old` is the other run, `new` is this one. A run is a mapping with `config`, `workbook`, `code`,
`lock` and `versions`, as provenance.json has them, `rows` (of the comparison), `target`, `cycles` and
`answer` (see `auscultation.scores.answer`); the last two are None where they are not known.
"""

import json

from auscultation.scores.comparison import wide
from auscultation.scores.wording import ANSWERS, counted, listed, number, signed, spoken
from auscultation.splits.registry import patients_apart

ASKED = ("results", "score", "score_sheet", "against")  # say nothing of what results come from
KEY = ("split", "part", "model", "metric")
ANSWERED = {  # by question of the answer
    "information": "information",
    "beyond_device": "more than the device tells",
    "useful": "a useful classifier",
}
FIELDS = (
    *(*KEY, "algorithm", "other", "other_low", "other_high", "this", "this_low", "this_high"),
    *("difference", "intervals_overlap"),
)


def config_changes(old: dict, new: dict, path: str = "") -> list[dict]:
    """List the keys that differ: `key`, `other` and `this`, None where a run does not have it.

    A section that only one of them has (a model, a split) is one entry.
    """
    found = []
    for key in sorted(old.keys() | new.keys()):
        if not path and key in ASKED:
            continue
        before, after, where = old.get(key), new.get(key), f"{path}{key}"
        if isinstance(before, dict) and isinstance(after, dict):
            found += config_changes(before, after, f"{where}.")
        elif key not in old or key not in new or before != after:
            one = {"key": where}
            for side, values in (("other", old), ("this", new)):
                one[side] = json.dumps(values[key], ensure_ascii=False) if key in values else None
            found.append(one)
    return found


def origin_changes(old: dict, new: dict) -> list[dict]:
    """List what the runs come from beside the config: `what`, `other`, `this`, `differs`."""
    rows = []

    def add(what: str, of) -> None:
        before, after = of(old), of(new)
        shown = (["–" if v is None else str(v) for v in (before, after)]) + [before != after]
        rows.append({"what": what} | dict(zip(("other", "this", "differs"), shown, strict=True)))

    add("workbook, SHA-256", lambda run: run["workbook"]["sha256"])
    add("sheet", lambda run: run["workbook"]["sheet"])
    if None not in (old["cycles"], new["cycles"]):
        add("cycles after cleaning", lambda run: run["cycles"])
    add("patients tested, at most", lambda run: max(r["n_patients"] for r in run["rows"]))
    add("code, commit", lambda run: run["code"]["commit"])
    add("code changed since", lambda run: {True: "yes", False: "no"}.get(run["code"]["changed"]))
    if not code_known(old, new):  # what is not known does not differ
        rows[-2]["differs"] = rows[-1]["differs"] = False
    add("lock, SHA-256", lambda run: run["lock"]["sha256"])
    for name in sorted(old["versions"].keys() | new["versions"].keys()):
        add(name, lambda run, name=name: run["versions"].get(name))
    return rows


def code_known(old: dict, new: dict) -> bool:
    """Return whether the commits of both runs are known."""
    return None not in (old["code"]["commit"], new["code"]["commit"])


def score_changes(old: list[dict], new: list[dict]) -> list[dict]:
    """Return every score that both runs have, the largest change first.

    Returns
    -------
    list of dict
        With `FIELDS`. `intervals_overlap` is None where an interval is missing, `difference` where
        a score is.
    """
    before = {tuple(row[k] for k in KEY): row for row in old}
    found = []
    for row in new:
        other = before.get(tuple(row[k] for k in KEY))
        if other is None:
            continue
        ends = [one[end] for one in (other, row) for end in ("ci_low", "ci_high")]
        known = None not in (row["value"], other["value"])
        found.append(
            {k: row[k] for k in (*KEY, "algorithm")}
            | {"other": other["value"], "other_low": ends[0], "other_high": ends[1]}
            | {"this": row["value"], "this_low": ends[2], "this_high": ends[3]}
            | {"difference": row["value"] - other["value"] if known else None}
            | {
                "intervals_overlap": None
                if None in ends
                else ends[0] <= ends[3] and ends[2] <= ends[1]
            }
        )
    return sorted(found, key=lambda r: (-abs(r["difference"] or 0), *(r[k] for k in KEY)))


def changed(row: dict) -> bool:
    """Return whether a score is another one, or is there in one run alone."""
    return row["other"] != row["this"]


def only_in(old: list[dict], new: list[dict]) -> dict[str, list[str]]:
    """Name the splits and models that only one run has, by what to call them."""
    found = {}
    for what in ("split", "model"):
        before, after = ({row[what] for row in rows} for rows in (old, new))
        found[f"{what}s only in the other run"] = sorted(before - after)
        found[f"{what}s only in this run"] = sorted(after - before)
    return {name: values for name, values in found.items() if values}


def split_order(old: dict, new: dict) -> list[str]:
    """Order the splits that both runs have: those that keep patients apart first, `final` last."""
    both = {r["split"] for r in old["rows"]} & {r["split"] for r in new["rows"]}
    splits = new["config"]["splits"]
    return sorted(
        both,
        key=lambda s: (not patients_apart(**splits[s]), splits[s]["protocol"] == "final", s),
    )


def comparable(old: dict, new: dict) -> bool:
    """Return whether both runs predict the same, so that their scores mean the same."""
    return old["target"] == new["target"]


def headline(old: dict, new: dict, config: list, origin: list, scores: list) -> str:
    """Say in a few sentences what changed, and what did not.

    Parameters
    ----------
    old, new
        The runs.
    config, origin, scores
        From `config_changes`, `origin_changes` and `score_changes`.
    """
    differing = {row["what"] for row in origin if row["differs"]}
    same = not config and not differing and comparable(old, new)
    known = code_known(old, new)
    things = ["config", "workbook", *["code"][: int(known)], "packages"]
    unknown = "" if known else " Whether the code is the same is not known: a run names no commit."
    if same and not only_in(old["rows"], new["rows"]) and not any(map(changed, scores)):
        return (
            f"Nothing {'' if known else 'that is known '}differs: "
            f"{', '.join(things)} and all {counted(len(scores), 'score')} are the same."
            f"{unknown}"
        )
    packages = sorted(differing & (old["versions"].keys() | new["versions"].keys()))
    code = {"code, commit", "code changed since"}
    said = []
    if config:
        said.append(f"{counted(len(config), 'config key')} differ{'s' * (len(config) == 1)}")
    if "workbook, SHA-256" in differing:
        said.append("the workbook is another")
    if code & differing:
        said.append("the code is another")
    if packages:
        several = len(packages) > 1
        said.append(
            f"the version{'s' * several} of {listed(packages)} "
            f"{'are others' if several else 'is another'}"
        )
    if "lock, SHA-256" in differing:
        said.append("the lock is another")
    told = {"workbook, SHA-256", "lock, SHA-256", *code, *packages}
    said += [
        f"{row['what']}: from {row['other']} to {row['this']}"
        for row in origin
        if row["differs"] and row["what"] not in told
    ]
    first = f"{listed(things)} are the same.".capitalize()
    if said:
        first = f"{listed(said, len(said))}; nothing else that results come from differs."
        first = first[0].upper() + first[1:]
    first += unknown
    if not comparable(old, new):
        names = " and ".join(run["target"].name for run in (old, new))
        return (
            f"{first} The runs predict different things ({names}): their scores cannot be compared."
        )
    order = split_order(old, new)
    if not order:
        return f"{first} No split is in both runs: there are no scores to compare."
    said = [first, answers_sentence(old, new, order[0]), best_sentence(old, new, order[0])]
    said += [largest(scores, new, order[0])]
    return " ".join(filter(None, said))


def remarks(old: dict, new: dict, scores: list) -> list[str]:
    """Say the rest: how many scores changed, where most, and what one run has alone."""
    order, tested = split_order(old, new), [row for row in scores if row["part"] == "test"]
    said = []
    if tested:
        said.append(
            f"Of {counted(len(tested), 'test score')} that both have, {sum(map(changed, tested)):,} "
            "changed."
        )
    for split in order[1:]:
        said += filter(None, [answers_sentence(old, new, split), largest(scores, new, split)])
    said += [
        f"{what[0].upper()}{what[1:]}: {', '.join(values)}."
        for what, values in only_in(old["rows"], new["rows"]).items()
    ]
    return said


def answers_sentence(old: dict, new: dict, split: str) -> str:
    """Say which answers of a split changed; nothing where a run has none, as those of older versions."""
    given = []
    for run in (old, new):
        splits = run["answer"]["splits"] if run["answer"] else []
        given.append(next((s["answers"] for s in splits if s["split"] == split), None))
    if None in given:
        return ""
    words = {name: [ANSWERS[one[name]["answer"]].lower() for one in given] for name in ANSWERED}
    if all(was == now for was, now in words.values()):
        same = ", ".join(f"{ANSWERED[name]} {now}" for name, (_, now) in words.items())
        return f"The answers under {split} are the same: {same}."
    moved = [
        f"{ANSWERED[name]}, was {was}, is {now}" for name, (was, now) in words.items() if was != now
    ]
    return f"Answers that changed under {split}: {'; '.join(moved)}."


def best_sentence(old: dict, new: dict, split: str) -> str:
    """Return whether the best model of a split is still the same."""
    target, best = new["target"], []
    for run in (old, new):
        rows = wide(run["rows"], "test", target).get(split, [])
        rows = [row for row in rows if not row["baseline"] and row.get(target.score) is not None]
        if not rows:
            return ""
        best.append((rows[0]["model"], number(rows[0][target.score])))
    (was, before), (now, after) = best
    scores = f"{target.score_words} {before}, now {after}"
    if was == now:
        return f"The best model under {split} is still {now} ({scores})."
    return f"The best model under {split} was {was} and is {now} ({scores})."


def largest(scores: list[dict], new: dict, split: str) -> str:
    """Say how large the largest change of the ranking's score is under a split."""
    name = new["target"].score
    own = [r for r in scores if (r["split"], r["part"], r["metric"]) == (split, "test", name)]
    moved = [row for row in own if changed(row) and row["difference"] is not None]
    if not moved:
        return f"No {new['target'].score_words} changed under {split}."
    top = moved[0]
    beyond = sum(row["intervals_overlap"] is False for row in moved)
    apart = {True: "; the intervals overlap", False: "; the intervals do not overlap", None: ""}
    text = (
        f"The largest change of {spoken(name)} under {split} is {signed(top['difference'])}, of "
        f"{top['model']}, from {number(top['other'])} to {number(top['this'])}"
        f"{apart[top['intervals_overlap']]}"
    )
    if beyond > 1:
        text += f", nor do those of {counted(beyond - 1, 'other model')}"
    return f"{text}."
