"""Published lists that assign each recording or patient to a side or fold: reading and joining.

A list has two columns, a name and its side or fold, separated by tabs, commas, semicolons or white
space; a line with the names of the columns may precede them. Names are compared in the spelling of
`auscultation.data.text.fold`.
"""

import difflib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping

from auscultation.data.text import fold

SHOWN = 5  # names that a message shows; the others are counted
# texts that YAML reads as they are without quotes: 101, 226_1b1_Pl_sc_Meditron, Zoe
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|\d+_\w*[A-Za-z]\w*|0|[1-9]\d*", re.ASCII)
NO_TEXT = re.compile(r"(?i)(y|n|yes|no|on|off|true|false|null|nan|inf)")


def side_of(text: str) -> str | None:
    """Return train or test; None where a text is neither."""
    return text.lower() if text.lower() in ("train", "test") else None


def number_of(text: str) -> int | None:
    """Return the number of a fold; None where a text is no integer."""
    return int(float(text)) if re.fullmatch(r"[+-]?\d+(\.0*)?", text) else None


def read_list(path: str, what: str, read: Callable[[str], object]) -> dict[str, object]:
    """Return the value (side or fold) of each name in a list, a text file in UTF-8.

    `what` is the two columns in words, for messages; `read` returns the value of the second
    column's text, None where it is wrong.

    Raises ValueError naming the line that does not have these two columns or repeats a name; where
    the file does not exist, is not a text, or is empty.
    """
    if not os.path.isfile(path):
        raise ValueError(f"list: no such file: {path}")
    with open(path, encoding="utf-8-sig") as file:
        try:
            lines = file.read().splitlines()
        except UnicodeDecodeError:
            raise ValueError(f"list: {path} is no text in UTF-8; save it as such") from None
    values: dict[str, object] = {}
    wrong = None  # the first line, where it is none: the columns' names, if there are others
    for number, line in enumerate(lines, 1):
        words = _words(line)
        if not words:
            continue
        value = read(words[1]) if len(words) == 2 else None
        if value is None:
            message = f"{path}, line {number}: not {what}: {line.strip()!r}{_elsewhere(words)}"
            if values or wrong or len(words) != 2:
                raise ValueError(wrong or message)
            wrong = message
        elif words[0] in values:
            raise ValueError(f"{path}, line {number}: {words[0]} stands twice")
        else:
            values[words[0]] = value
    if not values:
        raise ValueError(wrong or f"{path}: the list is empty")
    return values


def _elsewhere(words: list[str]) -> str:
    """Return which protocol accepts a line that another one rejects."""
    if len(words) == 2 and side_of(words[1]):
        return " (protocol `published` takes train and test)"
    if len(words) == 2 and number_of(words[1]) is not None:
        return " (protocol `listed_folds` takes the numbers of folds)"
    return ""


def _words(line: str) -> list[str]:
    """Return the cells of a line; a name may have spaces where something else separates columns."""
    mark = next((mark for mark in "\t;," if mark in line), None)
    cells = (fold(cell).strip('"') for cell in line.split(mark))
    return [cell for cell in cells if cell]


def join(
    listed: Mapping[str, object],
    names: Iterable,
    aliases: Mapping | None = None,
    ignore: Iterable | None = None,
    what: str = "recording",
) -> list:
    """Return the value in the list (see `read_list`) of each of the table's names, in their order.

    `aliases` are names in the list that the table spells otherwise, {name in the list: in the
    table}; `ignore` names in the list that are left out.

    Raises ValueError where a name is only in the list or only in the table, with the nearest names
    and what to write into the config; where aliases or ignored names are not in the list, or make
    two names one.
    """
    names = list(names)
    spelt = {name: fold(str(name)) for name in set(names)}
    known = set(spelt.values())
    aliases = {fold(str(name)): fold(str(other)) for name, other in (aliases or {}).items()}
    ignored = {fold(str(name)) for name in ignore or ()}
    problems = _misnamed("aliases", aliases, listed) + _misnamed("ignore", ignored, listed)
    both = sorted(ignored & {*aliases})
    problems += [f"{name} is under both aliases and ignore" for name in both]
    if problems:
        raise ValueError("; ".join(problems))
    joined: dict[str, object] = {}
    origin: dict[str, str] = {}
    for name, value in listed.items():
        if name in ignored:
            continue
        ours = aliases.get(name, name)
        if ours in joined:
            surplus = name if name in aliases else origin[ours]
            raise ValueError(
                f"aliases: several names in the list would be {ours}. Leave one out: in place of its "
                f"alias write {_ignoring([*ignored, surplus])}"
            )
        joined[ours], origin[ours] = value, name
    lacking, extra = joined.keys() - known, known - joined.keys()
    if extra & ignored:
        raise ValueError(f"ignore: the workbook has {', '.join(sorted(extra & ignored))}")
    problems = _unmatched(lacking, (extra, known), "in the list but not in the workbook")
    problems += _unmatched(extra, (lacking, {*joined}), "in the workbook but not in the list")
    if problems:
        remedy = _remedy(lacking, extra, aliases, ignored)
        raise ValueError(f"{'; '.join(problems)}. {remedy}")
    return [joined[spelt[name]] for name in names]


def _misnamed(key: str, names: Iterable[str], listed: Mapping) -> list[str]:
    """Return which names of a setting are not in the list, each with the nearest."""
    absent = [name for name in sorted(names) if name not in listed]
    return [f"{key}: the list has no {name}{_nearest(name, [listed], 1)}" for name in absent]


def _nearest(name: str, groups: Iterable[Iterable[str]], n: int) -> str:
    """Return up to n names that are near to one, of the first group that has any."""
    near = (difflib.get_close_matches(name, group, n) for group in groups)
    names = ", ".join(next(filter(None, near), []))
    return f" (nearest: {names})" if names else ""


def _unmatched(names: Iterable[str], others: tuple[set[str], set[str]], where: str) -> list[str]:
    """Return which names match none, with the nearest of the others: of the unmatched, else of all."""
    names, groups = sorted(names), [sorted(group) for group in others]
    problems = [f"{name} is {where}{_nearest(name, groups, 2)}" for name in names[:SHOWN]]
    more = len(names) - SHOWN
    return problems + ([f"and {more} more {where}"] if more > 0 else [])


def _remedy(lacking: set[str], extra: set[str], aliases: Mapping, ignored: set[str]) -> str:
    """Return what to write into the config so that list and workbook have the same names."""
    if max(len(lacking), len(extra)) > SHOWN:
        return (
            "Is it the list of this workbook? Names are joined by `aliases: {name in the list: in "
            "the workbook}` and left out by `ignore: [name in the list]`, both beside `list`"
        )
    pairs, left = {}, sorted(extra)
    for name in sorted(lacking):
        if near := difflib.get_close_matches(name, left, n=1):
            pairs[name] = near[0]
            left.remove(near[0])
    settings = []
    if pairs:
        spelt = (f"{_yaml(k)}: {_yaml(v)}" for k, v in {**aliases, **pairs}.items())
        settings.append(f"if they are the same, `aliases: {{{', '.join(spelt)}}}`")
    if surplus := lacking - pairs.keys():
        settings.append(_ignoring({*ignored, *surplus}))
    lines = f"Write beside `list`: {' and '.join(settings)}" if settings else ""
    missing = f"Add what the list lacks to it: {', '.join(left)}" if left else ""
    return ". ".join(filter(None, (lines, missing)))


def _ignoring(names: Iterable[str]) -> str:
    return f"`ignore: [{', '.join(map(_yaml, sorted(names)))}]`"


def _yaml(text: str) -> str:
    """Write a text as YAML reads it."""
    plain = PLAIN.fullmatch(text) and not NO_TEXT.fullmatch(text)
    return text if plain else json.dumps(text, ensure_ascii=False)
