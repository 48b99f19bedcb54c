"""The comparison as an Excel workbook made for reading: one sheet a question."""

import os

import pyarrow as pa
from lib.comparison import COSTS, COSTS_NOTE, SCHEMA, train_and_test, wide
from lib.job import atomic_path
from lib.spreadsheet import add_sheet
from lib.target import Target, all_alike
from openpyxl import Workbook

_ENDS = ((0, "low"), (1, "high"))


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
    book = Workbook(write_only=True)
    score, names = target.score, target.metrics
    first = ("sensitivity", "specificity", "accuracy", "balanced_accuracy")
    shown = [name for name in first if name in names and name != score]
    shown += [name for name in names if name not in first and name != score]
    shown += [name for name in dict.fromkeys(row["metric"] for row in rows) if name not in names]
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
        pa.Table.from_pylist(ranking),
    )
    also = [name for name in (score, "mse") if name in names]
    add_sheet(
        book,
        "Known and unknown cycles",
        "The same metric on the cycles a model was fitted on (train) and on the others (test).",
        pa.Table.from_pylist(train_and_test(rows, ("accuracy", *also), target)),
    )
    for title, note, table in (
        (
            "Is a model better",
            "Test part: each model minus the best constant, baseline and model. Intervals and p values "
            "leave each patient out; p_holm is corrected for the number of models (Holm), of each "
            "metric by itself.",
            differences,
        ),
        (
            "Knowing the patients",
            "Score under one split minus score under another: what a model gains by having heard the "
            "same recordings or patients.",
            leakage,
        ),
    ):
        if table:
            add_sheet(book, title, note, pa.Table.from_pylist(table))
    add_sheet(
        book,
        "What a fit costs",
        COSTS_NOTE,
        pa.Table.from_pylist(costs).select(["split", "model", "algorithm", *COSTS]),
    )
    add_sheet(
        book,
        "All metrics",
        "Every metric of every model, split and part; value, 95 % interval over patients.",
        pa.Table.from_pylist(rows).select(SCHEMA.names),
    )
    with atomic_path(path) as temporary:
        book.save(temporary)
