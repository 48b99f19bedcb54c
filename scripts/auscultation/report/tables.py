"""Tables of the page, ready to be laid out: heads and rows of cells; those of data and fits.

A cell has the text to read and the values to sort by and to download, in full. Captions are in the
templates.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypedDict

from auscultation.data.columns import WORKBOOK
from auscultation.data.target import Target
from auscultation.scores.comparison import Cost
from auscultation.scores.split_kinds import on_both_sides
from auscultation.scores.wording import number
from auscultation.splits.folds import SplitSummary

Counted = Literal["patients", "recordings", "cycles"]
COUNTED: tuple[Counted, ...] = ("patients", "recordings", "cycles")
MOST_COLUMNS = 30  # rows of the table of missing values
MOST_COEFFICIENTS = 30  # rows of a table of coefficients, of at most twice as many all


class Cell(TypedDict):
    """One cell: its text, the values that it stands for, a note behind it, and how it looks."""

    text: str
    exact: str | None
    note: str
    muted: bool
    strong: bool


class Head(TypedDict):
    """The head of a column: its text, and the names in the download, with `|` between several."""

    text: str
    names: str
    is_text: bool


class Row(TypedDict):
    """A row, and its CSS class, which may be empty."""

    mark: str
    cells: list[Cell]


class Table(TypedDict):
    """A table for the templates."""

    head: list[Head]
    rows: list[Row]


def cell(
    text: object, value: object = (), *, note: str = "", muted: bool = False, strong: bool = False
) -> Cell:
    """Return one cell: a text, what it stands for (a value, or several), and how it looks.

    None stands for an unknown value; without a value the text stands for itself.
    """
    values = value if isinstance(value, list | tuple) else (value,)
    exact = "|".join("" if part is None else str(part) for part in values) if values else None
    return Cell(text=str(text), exact=exact, note=note, muted=muted, strong=strong)


def figure_cell(value: float | None, digits: int = 3, **looks) -> Cell:
    """Return a cell of one number."""
    return cell(number(value, digits), value, **looks)


def table(
    head: Sequence[str | tuple[str, str]],
    rows: Sequence[Sequence[Cell]],
    texts: Sequence[int] = (0,),
    marks: Sequence[str] | None = None,
) -> Table:
    """Return a table for the templates, from heads, rows of cells, and a CSS class for each row.

    Of a head (name, names) the second is for the download, with `|` between several. Columns in
    `texts` hold text; the others hold numbers, and stand right-aligned.
    """
    marks = marks or [""] * len(rows)
    names = [name if isinstance(name, tuple) else (name, name) for name in head]
    heads = [Head(text=t, names=n, is_text=i in texts) for i, (t, n) in enumerate(names)]
    made = [Row(mark=mark, cells=[*cells]) for mark, cells in zip(marks, rows, strict=True)]
    return Table(head=heads, rows=made)


def coefficient(value: float | None) -> str:
    """Return a coefficient with nine significant digits, as few as it takes; a dash for none."""
    return "–" if value is None else f"{value:.9g}".replace("-", "−")


def count(value: int, **looks) -> Cell:
    """Return a cell of one whole number."""
    return cell(f"{value:,}", value, **looks)


def quality_table(quality: dict, families: Sequence[str] = ()) -> Table:
    """Return of each column what was missing, and what was done about it.

    Of many columns those with the most blank cells; the others are summed up in the last row.
    `families` are those whose features the table has.
    """
    before, after = quality["missing_before"], quality["missing_after"]
    shown = most_missing(before, MOST_COLUMNS)
    rows = []
    for name in shown:
        left = count(after[name]) if name in after else cell("–", None)
        done = done_about(name, quality, families)
        rows.append([cell(name), count(before[name], muted=not before[name]), left, cell(done)])
    others = before.keys() - {*shown}
    if others:
        sums = (sum(counts.get(name, 0) for name in others) for counts in (before, after))
        label = f"{len(others):,} other columns"
        rows.append([cell(label), *(count(n, muted=not n) for n in sums), cell("in quality.json")])
    head = ["column", "missing before", "missing after", "what was done"]
    return table(head, rows, texts=(0, 3))


def most_missing(counts: Mapping[str, int], most: int) -> list[str]:
    """Return columns in their order; of more than so many those with the most blank cells."""
    if len(counts) <= most:
        return list(counts)
    ranked = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
    return [name for name in counts if name in {*ranked[:most]}]


def done_about(name: str, quality: dict, families: Sequence[str] = ()) -> str:
    """Return what was done about a column's blank cells, in words."""
    if name in quality["imputed"]:
        imputed = quality["imputed"][name]
        return f"{imputed['cells']:,} imputed with {imputed['value']}"
    if name in quality.get("imputed_in_fold", ()):
        return "imputed in each fold"
    if name == "adq_format":
        return "kept inside recording"
    if name in quality["dropped_columns"]:
        return "column dropped"
    if name in quality["empty_columns"]:
        return "no value in any cycle, left out"
    blank = quality["missing_before"][name]
    if name not in WORKBOOK:
        if blank:
            return "imputed in each fold where it is a feature"
        of_family = name.startswith(tuple(f"{family}_" for family in families))
        return "" if of_family else "not of the known columns"
    return "cycles dropped" if blank and quality["missing"] == "drop" else ""


def splits_table(splits: dict[str, SplitSummary], tested: dict[str, int], target: Target) -> Table:
    """Return how each split divides the cycles; folds are summed up as ranges."""
    sides = [fold["train"] for split in splits.values() for fold in split["folds"]]
    known = [name for name in COUNTED if all(side[name] is not None for side in sides)]
    counted = [*known, *target.classes]
    head: list[str | tuple[str, str]] = ["split", "protocol and settings", "folds", "part"]
    head += [(name, f"{name} at least|{name} at most") for name in counted]
    head.append(("patients in both parts", "patients in both parts|patients tested"))
    rows = []
    for name, split in splits.items():
        settings = ", ".join(f"{k} {v}" for k, v in split["settings"].items())
        about = f"{split['protocol']}{': ' if settings else ''}{settings}"
        for part in ("train", "test"):
            first = part == "train"
            sides = [fold["train"] if first else fold["test"] for fold in split["folds"]]
            line = [cell(text, muted=not first) for text in (name, about)]
            line += [count(len(sides), muted=not first), cell(part)]
            line += [span([side[name] or 0 for side in sides]) for name in known]
            line += [span([side["classes"][name] for side in sides]) for name in target.classes]
            both = (len(on_both_sides(split)), tested[name])
            shared = cell("", (None, None)) if first else cell("{:,} of {:,}".format(*both), both)
            rows.append([*line, shared])
    return table(head, rows, texts=(0, 1, 3))


def span(values: list[int]) -> Cell:
    """Return a cell of the range of counts."""
    low, high = min(values), max(values)
    return cell(f"{low:,}" if low == high else f"{low:,} to {high:,}", (low, high))


class Theta(NamedTuple):
    """Coefficients of a linear model, and how many are left out of the table."""

    table: Table
    left: int


def theta_table(fits: list[tuple[str, dict]], target: Target) -> Theta | None:
    """Return theta of a linear model, the first fold of every split side by side.

    A split whose training part lacks a category has no coefficient for it. Of many coefficients the
    largest are shown, by size in any split.
    """
    columns: list[tuple[str, dict]] = []
    names: dict[str, None] = {}
    for split, summary in fits:
        if "failed" in summary:
            continue
        fold, lines = summary["folds"][0], ["intercept", *summary["features"]]
        names |= dict.fromkeys(lines)
        classes = fold.get("classes", [None])
        if len(fold.get("theta", ())) == 1:  # one line for two classes speaks for the second
            classes = classes[-1:]
        if len(fold.get("theta", ())) != len(classes):
            return None
        for theta, code in zip(fold["theta"], classes, strict=True):
            label = split if code is None else f"{split}, {target.classes[code]}"
            columns.append((label, dict(zip(lines, theta, strict=True))))
    if not columns:
        return None
    shown = list(names)
    if len(names) > 2 * MOST_COEFFICIENTS:
        sizes = {name: max(abs(theta.get(name) or 0) for _, theta in columns) for name in names}
        sizes["intercept"] = math.inf
        shown = sorted(names, key=lambda name: -sizes[name])[: MOST_COEFFICIENTS + 1]
    rows = [
        [cell(name), *(cell(coefficient(theta.get(name)), theta.get(name)) for _, theta in columns)]
        for name in shown
    ]
    made = table(["coefficient of", *(label for label, _ in columns)], rows)
    return Theta(made, len(names) - len(shown))


def costs_table(costs: list[Cost]) -> Table:
    """Return run time and memory, one row per model, three columns per split."""
    splits = sorted({row["split"] for row in costs})
    by_fit = {(row["model"], row["split"]): row for row in costs}
    head = ["model"]
    for split in splits:
        head += [f"{split}, fit, s", f"{split}, predict, s", f"{split}, MB"]
    rows = []
    for model in sorted({row["model"] for row in costs}):
        line = [cell(model)]
        for split in splits:
            cost = by_fit.get((model, split))
            line += [figure_cell(cost and cost["fit_seconds"])]
            line += [figure_cell(cost and cost["predict_seconds"])]
            line += [figure_cell(cost and cost["peak_memory_mb"], 0)]
        rows.append(line)
    return table(head, rows)
