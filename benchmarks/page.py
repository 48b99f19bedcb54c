"""The page `docs/benchmarks.md`: one section a part, each replaced alone; and the slopes in it."""

import math
import re
from pathlib import Path
from typing import NamedTuple

HEAD = """# How long does it take, and how much memory?

`make bench` measures this page anew and writes it; `make bench ARGS="--only cold,nothing --repeats
1"` measures some of it. `WORKBOOK=` names a workbook for cold runs, beside the simulated one;
`RECORDINGS=` a folder in place of simulated recordings. What is compared runs in turn on one
machine, so that both have the same luck. Times are wall time, in seconds, medians; what takes
minutes is measured once. Memory is the peak resident memory of the largest process.
`make bench ARGS=--help` lists the parts.
"""


class Section(NamedTuple):
    """A part of the page: title, what was measured, table, and what is to be said below it."""

    title: str
    text: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str]


def number(value: float | None) -> str:
    """Write a time or a size with three digits; a dash where there is none."""
    if value is None or math.isnan(value):
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def slope(sizes: list[float], values: list[float], base: float = 0.0) -> float | None:
    """Return the log-log slope between the last two sizes, of values above their start.

    None where the values do not rise enough above `base` (by a tenth of it) to tell.
    """
    if len(values) < 2:
        return None
    first, last = (value - base for value in values[-2:])
    if first <= 0 or last <= max(first, 0.1 * base):
        return None
    return math.log(last / first) / math.log(sizes[-1] / sizes[-2])


def most(sizes: list[float], values: list[float], limit: float, base: float = 0.0) -> float:
    """Extrapolate to which size a value stays within its limit.

    It is taken to grow by the last slope, but by no less than in proportion.
    """
    power = max(slope(sizes, values, base) or 1.0, 1.0)
    rise = max(values[-1] - base, 0.01 * values[-1])
    return sizes[-1] * max((limit - base) / rise, 0.0) ** (1 / power)


def markdown(section: Section, about: str) -> str:
    """Write a section."""
    lines = [f"## {section.title}", "", section.text, ""]
    cells = [section.columns, ["---", *["---:"] * (len(section.columns) - 1)], *section.rows]
    lines += [f"| {' | '.join(row)} |" for row in cells]
    lines += ["", *(f"- {note}" for note in section.notes)]
    return "\n".join([*lines, *[""] * bool(section.notes), about])


def put(path: Path, name: str, text: str, order: list[str]) -> None:
    """Put a section in its place on the page; the others stay as they are."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    found = dict(
        re.findall(r"^<!-- (\w+) -->\n(.*?)\n<!-- end -->$", page, re.MULTILINE | re.DOTALL)
    )
    found[name] = text
    kept = [f"<!-- {key} -->\n{found[key]}\n<!-- end -->" for key in order if key in found]
    path.write_text("\n\n".join([HEAD.rstrip(), *kept]) + "\n", encoding="utf-8")
