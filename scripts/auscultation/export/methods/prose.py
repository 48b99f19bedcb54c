"""Sentences that templates make of a run, as data that are written as Markdown and as LaTeX alike.

A template writes a sentence behind its id, `(data.counts) There were ..`, headings as `## Data`, and
leaves a blank line between paragraphs. In it, `code` stands between backquotes and works are cited as
[@key] or [@key; @other]. What comes from a workbook or a config is guarded: its punctuation becomes
private characters, so that it is taken for neither, and each format writes it as it was.
"""

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, Template
from markupsafe import Markup

from auscultation.report.render import environment
from auscultation.scores.wording import interval, number, p_text, signed

PRIVATE = 0xE000  # a guarded character is this far behind itself, where Unicode has none
GUARD = {ord(mark): PRIVATE + ord(mark) for mark in string.punctuation}
UNGUARD = {private: chr(mark) for mark, private in GUARD.items()}
HEADING, SENTENCE = re.compile(r"## (.+)"), re.compile(r"\((\S+?)\)(?: (.*))?")
CITATION = re.compile(r"\[((?:@[\w-]+(?:; )?)+)\]")
WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
CODE = re.compile(r"`([^`]+)`")
PART = re.compile(f"{CITATION.pattern}|{CODE.pattern}")


class Sentence(NamedTuple):
    """A sentence of the text, and the id by which tests and readers of the template find it."""

    id: str
    text: str


class Section(NamedTuple):
    """A heading and the paragraphs below it."""

    title: str
    paragraphs: list[list[Sentence]]


def guard(value: object) -> Markup:
    """Return a value as text that is no markup, on one line; what is marked safe stays."""
    if isinstance(value, Markup):
        return value
    plain = "".join(mark for mark in str(value) if not PRIVATE <= ord(mark) < PRIVATE + 128)
    return Markup(re.sub(r"\s+", " ", plain).translate(GUARD))


def unguard(text: str) -> str:
    """Return a text with its guarded characters as they were."""
    return text.translate(UNGUARD)


def code(value: object) -> Markup:
    """Return a value as code."""
    return Markup("`{}`").format(guard(value)) if str(value).strip() else Markup("")


def both(values: Iterable[object], most: int = 1000, word: str = "and") -> Markup:
    """Return values in a row, `and` before the last; of many the last ones as their number."""
    texts = [*map(guard, values)]
    if len(texts) > most:
        texts = [*texts[: most - 1], Markup(f"{len(texts) - most + 1:,} more")]
    if len(texts) < 2:
        return Markup("").join(texts)
    return Markup(", ").join(texts[:-1]) + Markup(f" {word} ") + texts[-1]


def count(n: int, what: str = "") -> Markup:
    """Return a number of things with its thousands apart: `6,898 cycles`."""
    return Markup(f"{n:,}") + (Markup(f" {what}{'' if n == 1 else 's'}") if what else "")


def capital(text: object) -> Markup:
    """Return a text that begins with a capital letter."""
    text = guard(text)
    return Markup(text[:1].upper() + text[1:])


def in_words(n: int, what: str) -> Markup:
    """Return a number of things, up to twelve in words: `three models`."""
    number = WORDS[n] if n < len(WORDS) else f"{n:,}"
    return Markup(f"{number} {what}{'' if n == 1 else 's'}")


def percent(share: float) -> Markup:
    """Return a share in percent: `95 %`."""
    return Markup(f"{100 * share:g} %")


def prose(text: str) -> Markup:
    """Return words of a template that hold citations or code, as they are."""
    return Markup(text)


def shortened(text: str, most: int = 160) -> Markup:
    """Return a text without its full stop, cut where it is long."""
    text = str(text).rstrip(".")
    return guard(text if len(text) <= most else f"{text[: most - 1].rstrip()}…")


def marked(function: Callable[..., str]) -> Callable[..., Markup]:
    """Return a function whose text needs no guard: it holds nothing but a number."""
    return lambda *args, **settings: Markup(function(*args, **settings))


def guarded(folder: Path) -> Environment:
    """Return what a folder's templates are filled in with: each value is guarded."""
    made = environment(folder, finalize=guard)
    made.filters |= {f.__name__: marked(f) for f in (number, interval, signed, p_text)}
    own = (both, capital, code, count, in_words, percent, prose, shortened)
    made.filters |= {f.__name__: f for f in own}
    return made


@cache
def template_of(path: Path) -> Template:
    """Return a template, each value in which is guarded."""
    return guarded(path.parent).get_template(path.name)


def fill_in(context: Mapping, template: str | Path) -> str:
    """Return what a template makes of a context."""
    return template_of(Path(template)).render(**context)


def parse(text: str) -> list[Section]:
    """Return the sections of a filled-in template; a sentence without words is left out.

    Raises ValueError for a line that is of no sentence, and for an id that is there twice.
    """
    sections: list[Section] = []
    sentences: list[list[str]] = []  # id and lines, of the paragraph
    ids: set[str] = set()

    def end() -> None:
        whole = [Sentence(name, " ".join(" ".join(lines).split())) for name, *lines in sentences]
        if paragraph := [sentence for sentence in whole if sentence.text]:
            sections[-1].paragraphs.append(paragraph)
        sentences.clear()

    for line in text.splitlines():
        if heading := HEADING.fullmatch(line.strip()):
            end()
            sections.append(Section(heading[1], []))
        elif not line.strip():
            end()
        elif start := SENTENCE.fullmatch(line.strip()):
            name = unguard(start[1])
            if name in ids:
                raise ValueError(f"two sentences have the id {name}")
            ids.add(name)
            sentences.append([name, start[2] or ""])
        elif sentences:
            sentences[-1].append(line)
        else:
            raise ValueError(f"a line of no sentence: {line}")
    end()
    return [section for section in sections if section.paragraphs]


def sentences_of(sections: Sequence[Section]) -> dict[str, str]:
    """Return the sentences by their ids, in their order."""
    return {
        sentence.id: sentence.text
        for section in sections
        for paragraph in section.paragraphs
        for sentence in paragraph
    }


def cited(texts: Iterable[str]) -> list[str]:
    """Return the keys of the works that texts cite, each once, in the order of the texts."""
    keys = (key for text in texts for group in CITATION.findall(text) for key in keys_of(group))
    return list(dict.fromkeys(keys))


def keys_of(group: str) -> list[str]:
    """Return the keys between the brackets of a citation."""
    return re.findall(r"@([\w-]+)", group)


def written(
    text: str,
    plain: Callable[[str], str],
    as_code: Callable[[str], str],
    as_citation: Callable[[list[str]], str],
) -> str:
    """Return a sentence in a format, of which each function writes a part: text, code, keys cited.

    Text comes to `plain` with guarded characters, code without.
    """
    parts, end = [], 0
    for match in PART.finditer(text):
        parts.append(plain(text[end : match.start()]))
        citation, literal = match.groups()
        parts.append(as_citation(keys_of(citation)) if citation else as_code(unguard(literal)))
        end = match.end()
    return "".join([*parts, plain(text[end:])])
