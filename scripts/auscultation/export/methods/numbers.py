"""Every number of the comparison as a command of LaTeX, so that a text cannot differ from its run.

`\\patientKnnIcbhiScore` is the value on the test part of the split, model and metric of its name, with
`Low` and `High` behind it the ends of the interval; `Train` stands before the metric on the training
part. A command of LaTeX has letters alone: digits become words, other characters end a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from auscultation.export.cycle_counts import CycleCounts
from auscultation.export.methods.latex import count, escape
from auscultation.scores.comparison import Row
from auscultation.scores.wording import number

DIGITS = ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
OTHER = "X"  # for a letter outside the Latin alphabet
ENDS = {"value": "", "ci_low": "Low", "ci_high": "High"}


class Command(NamedTuple):
    """A command, what it stands for, and where that is from."""

    name: str
    text: str
    about: str


def camel(text: str) -> str:
    """Return a name as words that begin with a capital, of letters alone: `knn_5` is `KnnFive`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = re.findall(r"[^\W\d_]+|\d", plain)
    return "".join(map(_word, words))


def _word(word: str) -> str:
    if word.isdecimal():
        return DIGITS[int(word)]
    letters = "".join(c if c.isascii() else OTHER for c in word if c.isalpha())
    return letters[:1].upper() + letters[1:]


def commands(rows: Iterable[Row], counts: CycleCounts) -> list[Command]:
    """Return the commands: of the data, then of the comparison in the order of its rows.

    Where two would have one name, the later has a letter before the end of its name: B, C, .. in
    their order.
    """
    taken: set[str] = set()
    made = [
        Command(_free(name, [""], taken), text, about) for name, text, about in _of_data(counts)
    ]
    for row in rows:
        about = ", ".join((row["split"], row["model"], row["part"], row["metric"]))
        name = _free(name_of(row), [*ENDS.values()], taken)
        for key, end in ENDS.items():
            value: float | None = row[key]  # type: ignore[literal-required]
            made.append(Command(name + end, escape(number(value)), f"{about}, {key}"))
    return made


def name_of(row: Row) -> str:
    """Return the name of the command of a row: of its split, model, part and metric."""
    split, model, metric = (camel(row[key]) for key in ("split", "model", "metric"))  # type: ignore[literal-required]
    return split[:1].lower() + split[1:] + model + "Train" * (row["part"] == "train") + metric


def _free(name: str, ends: list[str], taken: set[str]) -> str:
    """Return a name, with letters behind it where it is not free with each end; marks it as taken."""
    n, own = 1, name
    while taken & {own + end for end in ends}:
        n += 1
        own = name + get_column_letter(n)
    taken |= {own + end for end in ends}
    return own


def _of_data(counts: CycleCounts) -> Iterator[tuple[str, str, str]]:
    """Yield the names, texts and origins of the numbers of the data."""
    for what in ("cycles", "recordings", "patients"):
        n = counts[what]  # type: ignore[literal-required]
        if n is not None:
            yield f"data{what.capitalize()}", count(n), f"{what}, after cleaning"
    for own in counts["classes"]:
        for what in ("cycles", "patients"):
            n = own[what]  # type: ignore[literal-required]
            yield f"data{what.capitalize()}{camel(own['class'])}", count(n), f"{what} of a class"


def numbers_tex(made: Iterable[Command], note: Mapping[str, str]) -> str:
    """Return the file of the commands, each with its origin as a comment."""
    head = "".join(f"% {key}: {value}\n" for key, value in note.items())
    lines = (f"\\newcommand{{\\{c.name}}}{{{c.text}}} % {' '.join(c.about.split())}" for c in made)
    return head + "\n".join(lines) + "\n"
