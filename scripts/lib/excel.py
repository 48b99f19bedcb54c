"""The comparison as an Excel workbook made for reading: one sheet a question."""

import os

from lib.comparison import COSTS, COSTS_NOTE, SCHEMA, train_and_test, wide
from lib.job import atomic_path
from lib.metrics import METRICS
from lib.probability import PROBABILITY_METRICS
from lib.target import Target, all_alike
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

FORMATS = {
    "mse": "0.0000",
    "rmse": "0.0000",
    "mae": "0.0000",
    "r2": "0.0000",
    "fit_seconds": "0.000",
    "predict_seconds": "0.000",
    "peak_memory_mb": "0",
}
_ENDS = ((0, "low"), (1, "high"))
SHARE = "0.0%"  # metrics that are shares
PLAIN = "0.000000"


def _format(name: str, value: object) -> str | None:
    if not isinstance(value, float):
        return None
    metric = name.split(" ")[0]
    return FORMATS.get(metric, SHARE if metric in METRICS else PLAIN)


def _write(cell: Cell, value: object) -> Cell:
    """Write a value; openpyxl would make a formula of a text with =, an error of #REF!."""
    cell.value = value
    if cell.data_type in "fe":
        cell.data_type, cell.quotePrefix = "s", True
    return cell


def add_sheet(book: Workbook, title: str, note: str, rows: list[dict]) -> None:
    """Add a sheet: a note in row 1, the header in row 2 (frozen, with filters), then the rows."""
    sheet = book.create_sheet(title)
    _write(sheet["A1"], note)
    sheet["A1"].font = Font(italic=True, color="555555")
    names = list(rows[0])
    for column, name in enumerate(names, 1):
        cell = _write(sheet.cell(2, column), name)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2F4B6B")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for line, row in enumerate(rows, 3):
        for column, name in enumerate(names, 1):
            cell = _write(sheet.cell(line, column), row[name])
            number_format = _format(name, row[name])
            if number_format:
                cell.number_format = number_format
    for column, name in enumerate(names, 1):
        longest = max([len(name) * 0.7, *(len(str(r[name])) for r in rows if _is_text(r[name]))])
        sheet.column_dimensions[get_column_letter(column)].width = max(11, longest + 3)
    last = f"{get_column_letter(len(names))}{len(rows) + 2}"
    sheet.auto_filter.ref = f"A2:{last}"
    sheet.freeze_panes = "B3"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def write_comparison(
    path: str | os.PathLike,
    rows: list[dict],
    differences: list[dict],
    leakage: list[dict],
    costs: list[dict],
    target: Target,
) -> None:
    """Write the comparison's spreadsheet.

    Parameters
    ----------
    path
        Where to write the .xlsx.
    rows
        Rows of the comparison (None where a value is unknown).
    differences, leakage
        Rows of the differences and the leakage; a sheet is left out where there are none.
    costs
        Rows of the costs: split, model, algorithm, and `lib.comparison.COSTS`.
    target
        What was predicted.
    """
    book = Workbook()
    book.remove(book.active)
    score, names = target.score, target.metrics
    first = ("sensitivity", "specificity", "accuracy", "balanced_accuracy")
    shown = [name for name in first if name in names and name != score]
    shown += [name for name in names if name not in first and name != score]
    shown += [name for name in PROBABILITY_METRICS if any(row["metric"] == name for row in rows)]
    ranking = [
        {
            "split": split,
            "rank": rank,
            **{k: row[k] for k in ("model", "algorithm")},
            "baseline": "yes" if row["baseline"] else "",
            score: row[score],
            **{f"{score} {end}": row["intervals"][score][i] for i, end in _ENDS},
            **{name: row.get(name) for name in shown},
            **{k: row[k] for k in ("n_cycles", "n_patients")},
        }
        for split, models in wide(rows, "test", target).items()
        for rank, row in enumerate(models, 1)
    ]
    add_sheet(
        book,
        "Which model is best",
        f"Test part of each split, ranked by {target.score_words}. {all_alike(target)}".strip(),
        ranking,
    )
    add_sheet(
        book,
        "Known and unknown cycles",
        "The same metric on the cycles a model was fitted on (train) and on the others (test).",
        train_and_test(rows, ("accuracy", *(n for n in (score, "mse") if n in names)), target),
    )
    for title, note, table in (
        (
            "Is a model better",
            "Test part: each model minus the best baseline, and minus the best model. Intervals and p "
            "values resample patients; p_holm is corrected for the number of models (Holm).",
            differences,
        ),
        (
            "Knowing the patients",
            "Score under a shuffled split minus score under the patient split: what a model gains by "
            "having heard the same patients.",
            leakage,
        ),
    ):
        if table:
            add_sheet(book, title, note, table)
    add_sheet(
        book,
        "What a fit costs",
        COSTS_NOTE,
        [{k: row[k] for k in ("split", "model", "algorithm", *COSTS)} for row in costs],
    )
    add_sheet(
        book,
        "All metrics",
        "Every metric of every model, split and part; value, 95 % interval over patients.",
        [{name: row[name] for name in SCHEMA.names} for row in rows],
    )
    with atomic_path(path) as temporary:
        book.save(temporary)
