"""Several runs side by side: the scores of each under the split to rely on, and what differs between them.

A run is a mapping as `auscultation.export.run_diff` has it. No test is made between runs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from auscultation.data.target import Target
from auscultation.export.run_diff import (
    FIELDS,
    KEY,
    ORIGINS,
    Differing,
    data_of,
    data_word,
    score_changes,
    split_order,
)
from auscultation.scores.comparison import Ends, Ranked, wide
from auscultation.scores.questions import QUESTIONS, SplitAnswer, metric_of
from auscultation.scores.verdict import of_model

FIELDS_OF_MANY = ("run", "target", *FIELDS)
UNKNOWN: Ends = (None, None)


class RunRow(NamedTuple):
    """A model of a run under the split to rely on: its score and AUC with intervals, and its answers."""

    model: str
    algorithm: str
    baseline: bool
    score: float | None
    score_ends: Ends
    area_metric: str | None  # which AUC; None without any
    area: float | None
    area_ends: Ends
    answers: dict[str, str | None]  # by question; None where it was not asked of the model


class OneOfRuns(NamedTuple):
    """A run beside others."""

    name: str
    target: Target
    data: str  # what the workbook or the folder of recordings is called
    split: str  # to rely on
    about: SplitAnswer | None  # None in older versions
    ranked: list[Ranked]  # the models under that split
    rows: list[RunRow]  # the same, the best first


def run_names(folders: Sequence[str]) -> list[str]:
    """Return a name for each run: its folder's, with as many folders above it as tell runs apart."""
    parts = [Path(folder).resolve().parts for folder in folders]
    names = []
    for own in parts:
        n = 1
        while n < len(own) and sum(own[-n:] == other[-n:] for other in parts) > 1:
            n += 1
        names.append("/".join(own[-n:]))
    return names


def data_names(runs: Sequence[dict]) -> list[str]:
    """Return what each run's data are called, with their SHA-256's first digits where that is not enough."""
    abouts = [data_of(run) for run in runs]
    names = [str(about.get("workbook", about.get("folder", ""))) for about in abouts]
    names = [name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] for name in names]
    digests: dict[str, set[str]] = {}
    for name, about in zip(names, abouts, strict=True):
        digests.setdefault(name, set()).add(about["sha256"])
    return [
        f"{name} ({about['sha256'][:7]})".strip() if len(digests[name]) > 1 or not name else name
        for name, about in zip(names, abouts, strict=True)
    ]


def side_by_side(runs: Sequence[dict], names: Sequence[str]) -> list[OneOfRuns]:
    """Return the runs, each under its split to rely on, in their order."""
    sides = []
    for run, name, data in zip(runs, names, data_names(runs), strict=True):
        target, answer = run["target"], run["answer"]
        # without an answer, that which keeps patients apart
        split = answer["split"] if answer else split_order(run, run)[0]
        abouts = answer["splits"] if answer else []
        about = next((about for about in abouts if about["split"] == split), None)
        ranked = wide(run["rows"], "test", target)[split]
        rows = [_run_row(row, about, target) for row in ranked]
        sides.append(OneOfRuns(name, target, data, split, about, ranked, rows))
    return sides


def _run_row(row: Ranked, about: SplitAnswer | None, target: Target) -> RunRow:
    values, ends = row["values"], row["intervals"]
    present = {metric for metric, value in values.items() if value is not None}
    metric = metric_of(present, "information", target)
    answers = {name: _answer_of(row["model"], name, about) for name in QUESTIONS}
    return RunRow(
        row["model"],
        row["algorithm"],
        row["baseline"],
        values.get(target.score),
        ends.get(target.score, UNKNOWN),
        metric,
        values[metric] if metric else None,
        ends[metric] if metric else UNKNOWN,
        answers,
    )


def _answer_of(model: str, question: str, about: SplitAnswer | None) -> str | None:
    """Return a model's own answer to a question: yes, no or unknown; None where it was not asked."""
    if about is None or (entry := of_model(about, question, model)) is None:
        return None
    if about["answers"][question]["answer"] == "unknown":
        return "unknown"
    return "yes" if entry["yes"] else "no"


def origin_differences(runs: Sequence[dict]) -> list[Differing]:
    """Return what else the runs come from, where that differs: data, code, lock, versions of packages."""
    changes, word = [], data_word(*runs)
    for name, read in ORIGINS.values():
        values = [read(run) for run in runs]
        # what is not known does not differ
        known = [value for value in values if value is not None]
        if any(value != known[0] for value in known):
            changes.append(Differing(name.format(word), [*map(_text, values)]))
    for name in sorted({name for run in runs for name in run["versions"]}):
        values = [run["versions"].get(name) for run in runs]
        if any(value != values[0] for value in values):
            changes.append(Differing(name, [*map(_text, values)]))
    return changes


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class Doubts(NamedTuple):
    """Why the scores of runs cannot be compared directly; each by what it is, with the runs' names."""

    targets: dict[str, list[str]]
    splits: dict[str, list[str]]
    data: dict[str, list[str]]


def doubts(runs: Sequence[dict], sides: Sequence[OneOfRuns]) -> Doubts:
    """Return the targets, the splits (with their settings) and the data of the runs, with who has them."""
    kinds: tuple[dict[str, list[str]], ...] = ({}, {}, {})
    for run, side in zip(runs, sides, strict=True):
        split = run["config"]["splits"][side.split]
        settings = ", ".join(f"{key} {value}" for key, value in sorted(split["settings"].items()))
        about = f"{split['protocol']}{': ' if settings else ''}{settings}"
        target = side.target.name
        if any(other.target.name == target and other.target != side.target for other in sides):
            target += f" ({', '.join(side.target.classes)})"
        for kind, value in zip(kinds, (target, about, side.data), strict=True):
            kind.setdefault(value, []).append(side.name)
    return Doubts(*kinds)


def answers_by_run(sides: Sequence[OneOfRuns]) -> dict[str, dict[str, list[str]]]:
    """Return by question and answer (yes, no, unknown) the names of the runs; older ones are left out."""
    answers: dict[str, dict[str, list[str]]] = {name: {} for name in QUESTIONS}
    for side in sides:
        for question, verdict in side.about["answers"].items() if side.about else ():
            answers[question].setdefault(verdict["answer"], []).append(side.name)
    return answers


def rows_of_many(runs: Sequence[dict], names: Sequence[str]) -> list[dict]:
    """Return every score of all runs, with `FIELDS_OF_MANY`; the first run is this one.

    Of a run with the same target, its scores are set against this run's, as between two runs.
    """
    this = runs[0]
    table = []
    for run, name in zip(runs, names, strict=True):
        about = {"run": name, "target": run["target"].name}
        other = run is not this
        same = other and run["target"] == this["target"]
        changes = score_changes(run["rows"], this["rows"]) if same else []
        by_key = {tuple(row[k] for k in KEY): row for row in changes}
        side = "other" if other else "this"
        for row in run["rows"]:
            key = tuple(row[k] for k in KEY)
            own = {k: row[k] for k in (*KEY, "algorithm")} | {side: row["value"]}
            own |= {f"{side}_low": row["ci_low"], f"{side}_high": row["ci_high"]}
            table.append(dict.fromkeys(FIELDS_OF_MANY) | about | by_key.get(key, own))
    return table
