"""Markdown whose texts come from workbooks and configs: they show as they are, whatever they hold.

What is marked safe (Markup) is Markdown already; everything else is escaped.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from auscultation.report.render import environment

# What starts a span, a link, an entity, a tag or a table's cell, in CommonMark and GitHub's dialect;
# an underscore inside a word starts nothing.
SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
BLOCK = re.compile(r"^(\d*)([-+#=.)])")  # what starts a list, a heading or a quotation
PLAIN = re.compile(r"[A-Za-z0-9_.=-]+")
LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(?=:)|(?<=www)(?=\.)|(?=@)")
BLANKS = re.compile(r"\n{3,}")


def text(value: object) -> Markup:
    """Return a value as Markdown that shows as it is, on one line; what is marked safe stays."""
    if isinstance(value, Markup):
        return value
    line = " ".join(str(value).split())
    line = SPECIAL.sub(r"\\\g<0>", line)
    line = LINK.sub(r"\g<0>\\", line)  # GitHub makes links of bare addresses
    line = BLOCK.sub(r"\1\\\2", line)
    return Markup(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def code(name: object) -> Markup:
    """Return a name as code where it holds nothing that would end it, else as text."""
    return Markup(f"`{name}`") if PLAIN.fullmatch(str(name)) else text(name)


def joined(values: Iterable[object], between: str = "") -> Markup:
    """Return values in a row, each escaped unless it is marked safe."""
    return Markup(between.join(map(text, values)))


def line(value: object) -> Markup:
    """Return a text on one line."""
    return Markup(" ".join(str(text(value)).split()))


def table(rows: Iterable[Sequence[object]], head: Sequence[object], numbers: bool = True) -> Markup:
    """Return a table; all columns but the first stand on the right where they hold numbers."""
    rule = ["---", *("---:" if numbers else "---" for _ in head[1:])]
    lines = [head, map(Markup, rule), *rows]
    return Markup("\n".join(f"| {joined(cells, ' | ')} |" for cells in lines))


def render(context: dict, template: str) -> str:
    """Return the Markdown that a template makes of a context, no two blank lines in a row.

    In the template, `~` and `%` would escape for HTML alone.
    """
    path = Path(template)
    made = environment(path.parent, finalize=text)
    made.filters |= {"code": code, "join": joined, "line": line, "table": table}
    page = made.get_template(path.name).render(**context)
    return BLANKS.sub("\n\n", page).strip() + "\n"
