"""Sections as Markdown with the citations of pandoc, which other programs show as they are."""

import re
from collections.abc import Sequence

from auscultation.export.methods.prose import UNGUARD, Section, written

HARMLESS = set(".,;:/()'\"%-+=?!&")  # inside a line these mark nothing
FENCE = re.compile(r"`+")


def plain(text: str) -> str:
    """Return text whose guarded characters stand for themselves."""
    return "".join(_mark(UNGUARD[ord(c)]) if ord(c) in UNGUARD else c for c in text)


def _mark(mark: str) -> str:
    return mark if mark in HARMLESS else {"<": "&lt;", ">": "&gt;"}.get(mark, f"\\{mark}")


def code(text: str) -> str:
    """Return a text as code, between more backquotes than it holds in a row."""
    fence = "`" * (1 + max(map(len, FENCE.findall(text)), default=0))
    blank = " " if "`" in text else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def citation(keys: list[str]) -> str:
    """Return a citation of works."""
    return f"[{'; '.join(f'@{key}' for key in keys)}]"


def paragraph_of(texts: Sequence[str]) -> str:
    """Return the sentences of a paragraph."""
    return " ".join(written(text, plain, code, citation) for text in texts)


def to_markdown(sections: Sequence[Section], title: str) -> str:
    """Return a page: its title, the sections, and the place where pandoc puts the references."""
    blocks = [f"# {title}"]
    for section in sections:
        blocks.append(f"## {section.title}")
        blocks += [paragraph_of([s.text for s in part]) for part in section.paragraphs]
    return "\n\n".join(blocks) + "\n"
