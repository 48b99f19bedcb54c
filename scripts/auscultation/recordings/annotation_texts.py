"""Annotations of single recordings: files with the name of their recording; the content says the form.

ICBHI's .txt, an export of labels from Audacity, a .json of SPRSound; beside the recording or in
another folder.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from auscultation.job.errors import InputError
from auscultation.recordings.audacity import parse_audacity
from auscultation.recordings.book import Book, some
from auscultation.recordings.folder import place_of, shown
from auscultation.recordings.icbhi import COLUMNS, parse_icbhi
from auscultation.recordings.lines import (
    Line,
    Parsed,
    cells_of,
    has_times,
    is_cycle,
    read_lines,
    separator_of,
)
from auscultation.recordings.sprsound import EVENTS, parse_sprsound
from auscultation.recordings.times import parse_times, time_separator

# by form how it is called in notes, and what reads it
FORMS: dict[str, tuple[str, Callable[[str, Sequence[Line]], Parsed]]] = {
    "icbhi": ("ICBHI's form", parse_icbhi),
    "audacity": ("labels of Audacity", parse_audacity),
    "sprsound": ("SPRSound's form", parse_sprsound),
    "times": ("lines of start and end", parse_times),
}


class Text(NamedTuple):
    """A file that may be an annotation: its path in the folder, its lines, its form if it has one."""

    file: str
    lines: list[Line]
    form: str | None


def form_of(lines: Sequence[Line], labelled: bool = True) -> str | None:
    """Return the form of an annotation by its content: a key of `FORMS`, or None.

    `labelled`: whether it must have labels; where not, times are enough.
    """
    if lines and lines[0].text.lstrip().startswith("{"):
        return "sprsound" if any(EVENTS in line.text for line in lines) else None
    separator = separator_of(lines, len(COLUMNS))
    icbhi = sum(is_cycle(cells_of(line.text, separator), len(COLUMNS)) for line in lines)
    audacity = sum(is_cycle(cells_of(line.text, "\t"), 3) for line in lines)
    if not labelled and icbhi >= audacity:
        separator = time_separator(lines)
        return "times" if any(has_times(cells_of(x.text, separator)) for x in lines) else None
    return ("icbhi" if icbhi >= audacity else "audacity") if icbhi or audacity else None


def read_texts(book: Book) -> None:
    """Write the cycles of the annotations of single recordings into the book."""
    by_name: dict[str, list[Text]] = {}
    strangers: list[str] = []
    orphans = []
    forms: Counter[str] = Counter()
    for file in book.folder.others:
        name = os.path.basename(place_of(file))
        recorded = name in book.cycles or name in book.refused
        try:
            lines = read_lines(os.path.join(book.folder.path, file))
        except InputError as error:
            if recorded:
                book.of.setdefault(name, file)
                book.add("file", shown(file), "", str(error))
            else:
                strangers.append(shown(file))
            continue
        if lines and _is_head(lines[0]):
            lines = lines[1:]
        text = Text(file, lines, form_of(lines, book.labelled or not recorded))
        if recorded:
            by_name.setdefault(name, []).append(text)
        elif text.form:
            orphans.append((name, shown(file), ""))
        else:
            strangers.append(shown(file))
    places = {r.name: r.place for r in book.folder.recordings}
    for name, texts in by_name.items():
        if name in book.cycles:
            _read_text(book, name, places[name], texts, forms)
    book.name_orphans(orphans)
    book.notes += [f"{n} annotations in {FORMS[form][0]}" for form, n in forms.items()]
    if strangers:
        book.notes.append(f"no annotations, left out: {some(strangers)}")


def _read_text(book: Book, name: str, place: str, texts: list[Text], forms: Counter[str]) -> None:
    """Write the cycles of a recording's own annotation into the book."""
    texts = [text for text in texts if text.form] or texts
    texts.sort(key=lambda text: place_of(text.file) != place)
    text, file = texts[0], shown(texts[0].file)
    if name in book.of:
        if text.form:
            book.add("twice", file, "", f"{shown(book.of[name])} annotates {name}, too; keep one")
        return
    for other in texts[1:]:
        if other.lines != text.lines:
            book.add("twice", shown(other.file), "", f"{file} annotates {name}, too; keep one")
    book.of[name] = text.file
    if text.lines and text.form is None:
        message = (
            "not an annotation: neither start, end, crackles, wheezes in each line (ICBHI), nor start, "
            f"end, label with tabs (Audacity): {text.lines[0].text.strip()[:60]!r}"
        )
        book.add("column", file, f"line {text.lines[0].number}", message)
        return
    parsed = FORMS[text.form][1](file, text.lines) if text.form else Parsed([], [])
    book.cycles[name] = parsed.cycles
    book.problems += parsed.problems
    if text.form:
        forms[text.form] += 1
    if not parsed.cycles and not parsed.problems:
        book.add("empty", file, "", "it has no cycle: the recording is left out")


def _is_head(line: Line) -> bool:
    """Return whether a line has the names of ICBHI's columns, or of the first of them."""
    names = line.text.lower().replace(",", " ").replace(";", " ").split()
    return len(names) > 1 and names == [*COLUMNS[: len(names)]]
