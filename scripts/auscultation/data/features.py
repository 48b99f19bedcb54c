"""Features by name, by pattern or left out: which columns of the table entries of the config stand for."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from auscultation.data.derived import CATEGORIES, SOURCES

if TYPE_CHECKING:  # the check of the config does without pyarrow
    import pyarrow as pa

# What a model predicts, or follows from it; whom and what a cycle is of; what the workflow adds.
LABELS = ("crackles", "wheezes", "state", "abnormal")
KEYS = ("patient_ID", "adq_format", "recording", "cycle", "fold", "part", "prediction", "class")
REFUSED = (*LABELS, *KEYS)
LEFT_OUT = "!"  # in front of a name or pattern
SPECIAL = frozenset("*?[")  # characters of patterns


class FeatureError(ValueError):
    """Entries that stand for no feature; `problems` holds one line for each."""

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        super().__init__("\n".join(f"  - {problem}" for problem in self.problems))


def available(columns: Collection[str], refused: Collection[str] = REFUSED) -> list[str]:
    """Return the columns that can be features, those that follow from others behind them."""
    derived = [name for name, of in SOURCES.items() if name not in columns and {*of} <= {*columns}]
    return [name for name in (*columns, *derived) if name not in refused]


def is_pattern(entry: str) -> bool:
    """Return whether an entry is a pattern, with *, ? or [..], as of file names."""
    return not SPECIAL.isdisjoint(entry)


def resolve_features(
    entries: Iterable[str], columns: Collection[str], target: str = "state"
) -> list[str]:
    """Return the columns that entries stand for, in their order, each once.

    Parameters
    ----------
    entries
        Names; patterns with *, ? or [..]; and either behind `!`, which takes out what it matches of
        the entries before it (of all columns where it is the first). A column of that very name goes
        before a pattern. Patterns match no label, key or target.
    columns
        Of the table.
    target
        The column to be predicted, which is no feature.

    Raises
    ------
    FeatureError
        For names that the table lacks (with the nearest), patterns that match nothing, and columns
        that cannot be features: one line for each.
    """
    refused = {*REFUSED, target}
    names = available(columns, refused)
    chosen: dict[str, None] = {}
    problems = []
    for place, entry in enumerate(entries):
        if entry.startswith(LEFT_OUT):
            chosen = dict.fromkeys(names) if not place else chosen
            out = matching(entry.removeprefix(LEFT_OUT), names)
            chosen = {name: None for name in chosen if name not in out}
            if not out:
                problems.append(_unmatched(entry, names))
        elif entry in refused:
            problems.append(f"{entry!r} is {kind_of(entry)}, and no feature")
        else:
            matched = matching(entry, names)
            chosen |= dict.fromkeys(matched)
            if not matched:
                problems.append(_unmatched(entry, names))
    if not chosen and not problems:
        problems.append("every feature is left out")
    if problems:
        raise FeatureError(problems)
    return list(chosen)


def kind_of(name: str) -> str:
    """Return what a column is that cannot be a feature, in words."""
    if name in LABELS:
        return "a label"
    return "a key of the cycle" if name in KEYS else "the target"


def matching(entry: str, names: Sequence[str]) -> list[str]:
    """Return the names that an entry is, or matches as a pattern."""
    if entry in names:
        return [entry]
    return [name for name in names if fnmatchcase(name, entry)] if is_pattern(entry) else []


def near_columns(name: str, names: Iterable[str]) -> str:
    """Return the columns that a name is near to, for a message."""
    by_key = {column.casefold(): column for column in names}
    near = difflib.get_close_matches(name.casefold(), by_key, n=3)
    return f"nearest: {', '.join(repr(by_key[key]) for key in near)}" if near else "no name is near"


def _unmatched(entry: str, names: Sequence[str]) -> str:
    """Return that there is no such column, with the nearest names."""
    bare = entry.removeprefix(LEFT_OUT)
    hint = near_columns(bare.strip("*?"), names)
    what = "the pattern {!r} matches no column" if is_pattern(bare) else "there is no column {!r}"
    return f"{what.format(bare)} ({hint})"


def is_category(name: str, kind: "pa.DataType") -> bool:
    """Return whether a feature is a category: a text, or one of those that are always categories."""
    return name in CATEGORIES or str(kind) in ("string", "large_string")
