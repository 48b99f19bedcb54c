"""What differs between two runs: their configs, data, code and packages, and their scores.

`old` is the other run, `new` is this one. A run is a mapping with `config`, `workbook` or `recordings`,
`code`, `lock` and `versions`, as provenance.json has them, `rows` (of the comparison), `target`, `cycles` and
`answer` (see `auscultation.scores.answer`); the last two are None where they are not known. What the page
says of it is in `auscultation.export.run_headline`.
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from auscultation.splits.registry import patients_apart

ASKED = ("results", "score", "score_sheet", "against")  # do not change what results come from
KEY = ("split", "part", "model", "metric")
FIELDS = (
    *(*KEY, "algorithm", "other", "other_low", "other_high", "this", "this_low", "this_high"),
    *("difference", "intervals_overlap"),
)
# What results come from beside the config: its name in the table, and what reads it from a run.
ORIGINS: dict[str, tuple[str, Callable[[dict], object]]] = {
    "data": ("{}, SHA-256", lambda run: data_of(run)["sha256"]),
    "sheet": ("sheet", lambda run: data_of(run).get("sheet")),
    "cycles": ("cycles after cleaning", lambda run: run["cycles"]),
    "patients": (
        "patients tested, at most",
        lambda run: max(row["n_patients"] for row in run["rows"]),
    ),
    "commit": ("code, commit", lambda run: run["code"]["commit"]),
    "changed": (
        "code changed since",
        lambda run: {True: "yes", False: "no"}.get(run["code"]["changed"]),
    ),
    "lock": ("lock file, SHA-256", lambda run: run["lock"]["sha256"]),
}


class Origin(NamedTuple):
    """Something that results come from: what both runs have of it, and whether that differs."""

    kind: str  # of ORIGINS, or package
    name: str
    other: str
    this: str
    differs: bool


class Differing(NamedTuple):
    """Something that differs between runs: what each has, None where it has nothing."""

    what: str
    values: list[str | None]


def config_differences(configs: Sequence[dict], path: str = "") -> list[Differing]:
    """Return the keys of several configs that differ, as JSON.

    A section that not all have (a model, a split) is one entry.
    """
    changes = []
    for key in sorted({key for config in configs for key in config}):
        if not path and key in ASKED:
            continue
        own = [config[key] for config in configs if key in config]
        where = f"{path}{key}"
        if len(own) == len(configs) and all(isinstance(value, dict) for value in own):
            changes += config_differences(own, f"{where}.")
        elif len(own) < len(configs) or any(value != own[0] for value in own):
            texts = [
                json.dumps(config[key], ensure_ascii=False) if key in config else None
                for config in configs
            ]
            changes.append(Differing(where, texts))
    return changes


def origin_changes(old: dict, new: dict) -> list[Origin]:
    """Return what the runs come from beside the config."""
    word = data_word(old, new)
    absent = {"cycles": None in (old["cycles"], new["cycles"]), "sheet": word != "workbook"}
    values = [
        (kind, name.format(word), read(old), read(new))
        for kind, (name, read) in ORIGINS.items()
        if not absent.get(kind)
    ]
    for name in sorted(old["versions"].keys() | new["versions"].keys()):
        values.append(("package", name, old["versions"].get(name), new["versions"].get(name)))
    # what is not known does not differ
    unknown = () if code_known(old, new) else ("commit", "changed")
    return [
        Origin(kind, name, _shown(old), _shown(new), differs=kind not in unknown and old != new)
        for kind, name, old, new in values
    ]


def data_of(run: dict) -> dict:
    """Return what provenance.json says of a run's workbook, or of its recordings."""
    return run["recordings"] if "recordings" in run else run["workbook"]


def data_word(*runs: dict) -> str:
    """Return what cycles of runs come from: `workbook`, `recordings`, or some of each, `data`."""
    heard = ["recordings" in run for run in runs]
    return "recordings" if all(heard) else "data" if any(heard) else "workbook"


def _shown(value: object) -> str:
    return "–" if value is None else str(value)


def code_known(old: dict, new: dict) -> bool:
    """Return whether the commits of both runs are known."""
    return None not in (old["code"]["commit"], new["code"]["commit"])


def score_changes(old: list[dict], new: list[dict]) -> list[dict]:
    """Return every score that both runs have, with `FIELDS`, the largest change first.

    `intervals_overlap` is None where an interval is missing, `difference` where a score is.
    """
    before = {tuple(row[k] for k in KEY): row for row in old}
    changes = []
    for row in new:
        other = before.get(tuple(row[k] for k in KEY))
        if other is None:
            continue
        ends = [run[end] for run in (other, row) for end in ("ci_low", "ci_high")]
        overlap = None if None in ends else ends[0] <= ends[3] and ends[2] <= ends[1]
        known = None not in (row["value"], other["value"])
        change = {k: row[k] for k in (*KEY, "algorithm")}
        change |= {"other": other["value"], "other_low": ends[0], "other_high": ends[1]}
        change |= {"this": row["value"], "this_low": ends[2], "this_high": ends[3]}
        change["difference"] = row["value"] - other["value"] if known else None
        changes.append(change | {"intervals_overlap": overlap})
    return sorted(changes, key=lambda r: (-abs(r["difference"] or 0), *(r[k] for k in KEY)))


def changed(row: dict) -> bool:
    """Return whether a score is another one, or is there in one run alone."""
    return row["other"] != row["this"]


class Alone(NamedTuple):
    """Splits or models that only one run has."""

    what: str  # split or model
    run: str  # other or this
    names: list[str]


def only_in(old: list[dict], new: list[dict]) -> list[Alone]:
    """Return the splits and models that only one run has."""
    alone = []
    for what in ("split", "model"):
        before, after = ({row[what] for row in rows} for rows in (old, new))
        for run, names in (("other", before - after), ("this", after - before)):
            alone += [Alone(what, run, sorted(names))] if names else []
    return alone


def split_order(old: dict, new: dict) -> list[str]:
    """Return the splits that both runs have: those that keep patients apart first, `final` last."""
    both = {r["split"] for r in old["rows"]} & {r["split"] for r in new["rows"]}
    splits = new["config"]["splits"]
    return sorted(
        both,
        key=lambda s: (not patients_apart(**splits[s]), splits[s]["protocol"] == "final", s),
    )
