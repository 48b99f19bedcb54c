"""Markdown whose texts come from workbooks and configs: they show as they are, whatever they hold."""

import re
from collections.abc import Iterable, Sequence

# What starts a span, a link, an entity, a tag or a table's cell, in CommonMark and GitHub's dialect;
# an underscore inside a word starts nothing.
SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
BLOCK = re.compile(r"^(\d*)([-+#=.)])")  # what starts a list, a heading or a quotation
PLAIN = re.compile(r"[A-Za-z0-9_.=-]+")
LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(?=:)|(?<=www)(?=\.)|(?=@)")


def text(value: object) -> str:
    """Return a value as text that shows as it is, on one line."""
    line = " ".join(str(value).split())
    line = SPECIAL.sub(r"\\\g<0>", line)
    line = LINK.sub(r"\g<0>\\", line)  # GitHub makes links of bare addresses
    line = BLOCK.sub(r"\1\\\2", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(name: object) -> str:
    """Return a name as code where it holds nothing that would end it, else as text."""
    return f"`{name}`" if PLAIN.fullmatch(str(name)) else text(name)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = True) -> list[str]:
    """Return the lines of a table of texts that are escaped already.

    Parameters
    ----------
    head, rows
        The names of the columns, and the cells.
    numbers
        Whether all columns but the first hold numbers, which stand on the right.
    """
    rule = ["---", *("---:" if numbers else "---" for _ in head[1:])]
    return ["", *(f"| {' | '.join(line)} |" for line in (head, rule, *rows)), ""]


def bullets(lines: Iterable[str]) -> list[str]:
    """Return the lines of a list of texts that are escaped already."""
    return ["", *(f"- {line}" for line in lines), ""]
