"""Tables of the page, ready to be laid out: captions, heads, rows of cells."""

from lib.findings import against_baseline, interval, number, on_both_sides, p_text
from lib.table import WORKBOOK
from lib.target import Target


def cell(text: str, *, note: str = "", muted: bool = False, strong: bool = False) -> dict:
    """Give one cell: its text, a note behind it, and how much it weighs."""
    return {"text": str(text), "note": note, "muted": muted, "strong": strong}


def table(
    caption: str,
    head: list[str],
    rows: list[list[dict]],
    texts: tuple[int, ...] = (0,),
    marks: list[str] | None = None,
) -> dict:
    """Give a table for the template.

    Parameters
    ----------
    caption, head
        What the table is, and the names over its columns.
    rows
        Cells, from `cell`.
    texts
        Columns that hold text; the others hold numbers, and stand right-aligned.
    marks
        A CSS class for each row.
    """
    marks = marks or [""] * len(rows)
    return {
        "caption": caption,
        "head": [{"text": text, "is_text": i in texts} for i, text in enumerate(head)],
        "rows": [
            {
                "mark": mark,
                "cells": [c | {"is_text": i in texts} for i, c in enumerate(cells)],
            }
            for mark, cells in zip(marks, rows, strict=True)
        ],
    }


def coefficient(value: float | None) -> str:
    """Give a coefficient with nine significant digits, as few as it takes; a dash for none."""
    return "–" if value is None else f"{value:.9g}".replace("-", "−")


def quality_table(quality: dict) -> dict:
    """Say of each column what was missing, and what was done about it."""
    after, imputed = quality["missing_after"], quality["imputed"]
    rows = []
    for name, before in quality["missing_before"].items():
        if name in imputed:
            done = f"{imputed[name]['cells']:,} imputed with {imputed[name]['value']}"
        elif name in quality["dropped_columns"]:
            done = "column dropped"
        elif name == "adq_format":
            done = "kept inside recording"
        elif before and quality["missing"] == "drop":
            done = "cycles dropped"
        else:
            done = "" if name in WORKBOOK else "not of the known columns"
        left = f"{after[name]:,}" if name in after else "–"
        rows.append([cell(name), cell(f"{before:,}", muted=not before), cell(left), cell(done)])
    head = ["column", "missing before", "missing after", "what was done"]
    return table("Missing values, by column", head, rows, texts=(0, 3))


def splits_table(splits: dict[str, dict], tested: dict[str, int], target: Target) -> dict:
    """Say how each split divides the cycles; folds are summed up as ranges."""
    head = ["split", "protocol and settings", "folds", "part", "patients", "recordings", "cycles"]
    head += [*target.classes, "patients on both sides"]
    rows = []
    for name, split in splits.items():
        settings = ", ".join(f"{k} {v}" for k, v in split["settings"].items())
        about = f"{split['protocol']}{': ' if settings else ''}{settings}"
        for part in ("train", "test"):
            sides = [fold[part] for fold in split["folds"]]
            counts = [span([side[key] for side in sides]) for key in ("patients", "recordings")]
            counts.append(span([side["cycles"] for side in sides]))
            counts += [span([side["classes"][name] for side in sides]) for name in target.classes]
            first = part == "train"
            both = f"{len(on_both_sides(split)):,} of {tested[name]:,}" if not first else ""
            start = [name, about, str(len(sides))] if first else ["", "", ""]
            rows.append([cell(text) for text in (*start, part, *counts, both)])
    caption = "Patients, recordings and cycles on each side; a range over the folds"
    return table(caption, head, rows, texts=(0, 1, 3))


def span(values: list[int]) -> str:
    """Give the range of counts, or the one they all are."""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


METRIC_HEADS = {
    "sensitivity": "Se",
    "specificity": "Sp",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
}
PROBABILITY_HEADS = {"log_loss": "log loss", "brier_score": "Brier score", "auc_ovr": "AUC"}


def ranking_table(
    split: str, rows: list[dict], train: list[dict], differences: list[dict], target: Target
) -> dict:
    """Rank the models of a split by their score on the test part."""
    score, words = target.score, target.score_words
    heads = {k: v for k, v in METRIC_HEADS.items() if k in target.metrics and k != score}
    known = {row["model"]: row for row in train}
    gaps = against_baseline(differences, split, score)
    head = ["model", words, "95 % interval", "minus best baseline", "p (Holm)"]
    head += [*heads.values(), *PROBABILITY_HEADS.values()]
    head += [f"{words}, train", "accuracy, train"]
    body = []
    for row in rows:
        seen, gap = known[row["model"]], gaps.get(row["model"])
        against = "–"
        if gap is not None:
            ends = interval(gap["ci_low"], gap["ci_high"])
            against = number(gap["difference"]) + (f" ({ends})" if ends else "")
        name = cell(row["model"], note="baseline" if row["baseline"] else "")
        line = [name, cell(number(row[score]), strong=True)]
        line.append(cell(interval(*row["intervals"][score]) or "–"))
        line += [cell(against), cell(p_text(gap["p_holm"]) if gap else "–")]
        line += [cell(number(row[metric])) for metric in heads]
        # only models with probabilities have these
        line += [cell(number(row.get(metric))) for metric in PROBABILITY_HEADS]
        line += [cell(number(seen[metric]), muted=True) for metric in (score, "accuracy")]
        body.append(line)
    marks = ["baseline" if row["baseline"] else "" for row in rows]
    n = rows[0]
    caption = f"{split}: test part, {n['n_cycles']:,} cycles of {n['n_patients']:,} patients"
    return table(caption, head, body, marks=marks)


def leakage_table(rows: list[dict], target: Target) -> dict:
    """Show what each model's score gains where it knows the patients, the most first."""
    known = [row for row in rows if row["metric"] == target.score]
    rows = [row for row in known if row["difference"] is not None]
    rows.sort(key=lambda row: (-row["difference"], row["model"]))
    head = ["model", "shuffled split", "score", "patient split", "score", "difference"]
    head.append("95 % interval")
    body = [
        [
            cell(row["model"]),
            cell(row["shuffled_split"]),
            cell(number(row["shuffled"])),
            cell(row["patient_split"]),
            cell(number(row["patient"])),
            cell(number(row["difference"]), strong=True),
            cell(interval(row["ci_low"], row["ci_high"]) or "–"),
        ]
        for row in rows
    ]
    words = target.score_words[0].upper() + target.score_words[1:]
    caption = f"{words} on the test part where the patients are known, and where they are not"
    return table(caption, head, body, texts=(0, 1, 3))


def theta_table(fits: list[tuple[str, dict]], target: Target) -> dict | None:
    """Show theta of a linear model, the first fold of every split side by side.

    A split whose training part lacks a category has no coefficient for it.
    """
    columns, names = [], {}
    for split, summary in fits:
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
        [cell(name), *(cell(coefficient(theta.get(name))) for _, theta in columns)]
        for name in names
    ]
    return table("theta (of the first fold)", ["", *(label for label, _ in columns)], rows)


def costs_table(costs: list[dict]) -> dict:
    """Show run time and memory, a row a model, a pair of columns a split."""
    splits = sorted({row["split"] for row in costs})
    by_fit = {(row["model"], row["split"]): row for row in costs}
    head = ["model"]
    for split in splits:
        head += [f"{split}, s", f"{split}, MB"]
    rows = []
    for model in sorted({row["model"] for row in costs}):
        line = [cell(model)]
        for split in splits:
            row = by_fit[model, split]
            line += [cell(number(row["fit_seconds"], 1)), cell(number(row["peak_memory_mb"], 0))]
        rows.append(line)
    return table("Wall time and peak memory of each fit's job", head, rows)
