"""Sections and tables as LaTeX, which pdflatex, lualatex and tectonic compile."""

import re
import textwrap
from collections.abc import Sequence

from auscultation.export.methods.prose import Section, unguard, written

ESCAPED = {
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "−": r"\ensuremath{-}",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "×": r"\ensuremath{\times}",
    "²": r"\textsuperscript{2}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "’": "'",
    "\N{NO-BREAK SPACE}": "~",
}
SPECIAL = re.compile("|".join(map(re.escape, ESCAPED)))
LONG = re.compile(r"[0-9a-f]{40,}")  # a checksum, which may be broken anywhere


def escape(text: str) -> str:
    """Return a text of which LaTeX takes no character for a command."""
    return SPECIAL.sub(lambda match: ESCAPED[match[0]], text)


def plain(text: str) -> str:
    """Return text of a sentence."""
    return escape(unguard(text))


def code(text: str) -> str:
    """Return a text as code; a long number of it may be broken."""
    if LONG.fullmatch(text):
        text = r"\allowbreak ".join(textwrap.wrap(text, 8))
        return rf"\texttt{{{text}}}"
    return rf"\texttt{{{escape(text)}}}"


def count(n: object) -> str:
    """Return a number of things."""
    return f"{n:,}".replace(",", "{,}")


def citation(keys: list[str]) -> str:
    """Return a citation of works."""
    return rf"\cite{{{','.join(keys)}}}"


def sentence(text: str) -> str:
    """Return a sentence; the blank before a citation or a percent sign does not break the line."""
    return re.sub(r" (?=\\cite\{|\\%)", "~", written(text, plain, code, citation))


def to_latex(sections: Sequence[Section], title: str, note: str) -> str:
    """Return the sections as a part of a document, a line for each sentence.

    `note` is what the file says of itself, as a comment.
    """
    blocks = ["\n".join(f"% {line}" for line in note.splitlines()), rf"\section{{{escape(title)}}}"]
    for section in sections:
        blocks.append(rf"\subsection{{{escape(section.title)}}}")
        blocks += ["\n".join(sentence(s.text) for s in part) for part in section.paragraphs]
    return "\n\n".join(blocks) + "\n"
