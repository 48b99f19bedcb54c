"""Tables of the page, ready to be laid out: captions, heads, rows of cells; those of data and fits.

A cell has the text to read and the values to sort by and to download, in full.
"""

from auscultation.data.columns import WORKBOOK
from auscultation.data.target import Target
from auscultation.scores.comparison import COSTS
from auscultation.scores.split_kinds import on_both_sides
from auscultation.scores.wording import number


def cell(text, value=(), *, note: str = "", muted: bool = False, strong: bool = False) -> dict:
    """Return one cell.

    Parameters
    ----------
    text
        To read.
    value
        What the text stands for: a value, or several of a cell that shows several; None for unknown.
        The text itself if left out.
    note, muted, strong
        A note behind the text, and how much it weighs.
    """
    values = value if isinstance(value, list | tuple) else (value,)
    exact = "|".join("" if one is None else str(one) for one in values) if values else None
    return {"text": str(text), "exact": exact, "note": note, "muted": muted, "strong": strong}


def figure_cell(value: float | None, digits: int = 3, **looks) -> dict:
    """Return a cell of one number."""
    return cell(number(value, digits), value, **looks)


def table(
    caption: str,
    head: list[str | tuple[str, str]],
    rows: list[list[dict]],
    texts: tuple[int, ...] = (0,),
    marks: list[str] | None = None,
) -> dict:
    """Return a table for the template.

    Parameters
    ----------
    caption, head
        What the table is, and the names over its columns; with (name, names) the second is for the
        download, with `|` between several.
    rows
        Cells, from `cell`.
    texts
        Columns that hold text; the others hold numbers, and stand right-aligned.
    marks
        A CSS class for each row.
    """
    marks = marks or [""] * len(rows)
    names = [one if isinstance(one, tuple) else (one, one) for one in head]
    return {
        "caption": caption,
        "head": [
            {"text": text, "names": download, "is_text": i in texts}
            for i, (text, download) in enumerate(names)
        ],
        "rows": [
            {
                "mark": mark,
                "cells": [c | {"is_text": i in texts} for i, c in enumerate(cells)],
            }
            for mark, cells in zip(marks, rows, strict=True)
        ],
    }


def coefficient(value: float | None) -> str:
    """Return a coefficient with nine significant digits, as few as it takes; a dash for none."""
    return "–" if value is None else f"{value:.9g}".replace("-", "−")


def count(value: int, **looks) -> dict:
    """Return a cell of one whole number."""
    return cell(f"{value:,}", value, **looks)


def quality_table(quality: dict) -> dict:
    """Say of each column what was missing, and what was done about it."""
    after, imputed = quality["missing_after"], quality["imputed"]
    rows = []
    for name, before in quality["missing_before"].items():
        if name in imputed:
            done = f"{imputed[name]['cells']:,} imputed with {imputed[name]['value']}"
        elif name in quality.get("imputed_in_fold", ()):
            done = "imputed in each fold"
        elif name == "adq_format":
            done = "kept inside recording"
        elif name in quality["dropped_columns"]:
            done = "column dropped"
        elif name in quality["empty_columns"]:
            done = "no value in any cycle, left out"
        elif name not in WORKBOOK:
            done = "not of the known columns"
        elif before and quality["missing"] == "drop":
            done = "cycles dropped"
        else:
            done = ""
        left = count(after[name]) if name in after else cell("–", None)
        rows.append([cell(name), count(before, muted=not before), left, cell(done)])
    head = ["column", "missing before", "missing after", "what was done"]
    return table("Missing values, by column", head, rows, texts=(0, 3))


def splits_table(splits: dict[str, dict], tested: dict[str, int], target: Target) -> dict:
    """Say how each split divides the cycles; folds are summed up as ranges."""
    counted = ["patients", "recordings", "cycles", *target.classes]
    head = ["split", "protocol and settings", "folds", "part"]
    head += [(name, f"{name} at least|{name} at most") for name in counted]
    head.append(("patients on both sides", "patients on both sides|patients tested"))
    rows = []
    for name, split in splits.items():
        settings = ", ".join(f"{k} {v}" for k, v in split["settings"].items())
        about = f"{split['protocol']}{': ' if settings else ''}{settings}"
        for part in ("train", "test"):
            sides = [fold[part] for fold in split["folds"]]
            first = part == "train"
            line = [cell(text, muted=not first) for text in (name, about)]
            line += [count(len(sides), muted=not first), cell(part)]
            line += [span([side[key] for side in sides]) for key in counted[:3]]
            line += [span([side["classes"][one] for side in sides]) for one in target.classes]
            both = (len(on_both_sides(split)), tested[name])
            line.append(
                cell("", (None, None)) if first else cell("{:,} of {:,}".format(*both), both)
            )
            rows.append(line)
    caption = "Patients, recordings and cycles on each side; a range over the folds"
    return table(caption, head, rows, texts=(0, 1, 3))


def span(values: list[int]) -> dict:
    """Return the range of counts, or the one they all are."""
    low, high = min(values), max(values)
    return cell(f"{low:,}" if low == high else f"{low:,} to {high:,}", (low, high))


def theta_table(model: str, fits: list[tuple[str, dict]], target: Target) -> dict | None:
    """Show theta of a linear model, the first fold of every split side by side.

    A split whose training part lacks a category has no coefficient for it.
    """
    columns, names = [], {}
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
    rows = [
        [cell(name), *(cell(coefficient(one.get(name)), one.get(name)) for _, one in columns)]
        for name in names
    ]
    if not columns:
        return None
    head = ["coefficient of", *(label for label, _ in columns)]
    return table(f"theta of {model} (of the first fold)", head, rows)


def costs_table(costs: list[dict]) -> dict:
    """Show run time and memory, a row a model, three columns a split."""
    splits = sorted({row["split"] for row in costs})
    by_fit = {(row["model"], row["split"]): row for row in costs}
    head = ["model"]
    for split in splits:
        head += [f"{split}, fit, s", f"{split}, predict, s", f"{split}, MB"]
    rows = []
    for model in sorted({row["model"] for row in costs}):
        line = [cell(model)]
        for split in splits:
            row = by_fit.get((model, split), dict.fromkeys(COSTS))
            line += [figure_cell(row[n], 0 if n == "peak_memory_mb" else 3) for n in COSTS]
        rows.append(line)
    return table("Wall time and peak memory of each fit", head, rows)
