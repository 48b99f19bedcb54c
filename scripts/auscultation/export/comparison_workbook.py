"""The comparison as an Excel workbook made for reading: one sheet a question."""

import os

import pyarrow as pa
from openpyxl import Workbook

from auscultation.data.target import Target, all_alike
from auscultation.export.spreadsheet import add_sheet
from auscultation.job.files import atomic_path
from auscultation.metrics.names import metrics_of
from auscultation.scores.comparison import COSTS, COSTS_NOTE, SCHEMA, train_and_test, wide
from auscultation.scores.verdict import by_folds, by_patients

_ENDS = ((0, "low"), (1, "high"))
ANSWER = (
    "What each model has to say to each question, under each split; the first split is the one to "
    "believe. information: does it carry information about the class (AUC against 0.5)? beyond_device: "
    "does it so among cycles of one device? useful: is it a better classifier than the best constant? "
    "difference: from 0.5 or that constant. Intervals and p values leave each patient out and are about "
    "other patients, for the model as it was fitted; the test over folds holds the luck of the training "
    "part, too. The first p value is corrected for the number of models (Holm), that over the folds is "
    "not: a yes needs both. A no is no proof that there "
    "is nothing: would_have_been_seen is what would have been told from none with a chance of 80 %."
)


def answer_rows(answer: dict) -> list[dict]:
    """Return the rows of the first sheet: a model's part in the answer to a question under a split.

    Parameters
    ----------
    answer
        See `auscultation.scores.answer`.
    """
    return [
        {
            "question": question,
            "split": about["split"],
            "about": about["kind"].replace("_", " "),
            "answer": asked["answer"],
            **{name: one[name] for name in ("model", "algorithm", "metric", "value")},
            **{name: one[name] for name in ("ci_low", "ci_high", "difference")},
            **{name: one[name] for name in ("p_holm", "fold_p")},
            "by_patients": by_patients(about, one),
            "by_folds": by_folds(one),
            "would_have_been_seen": one["limit"],
        }
        for about in answer["splits"]
        for question, asked in about["answers"].items()
        for one in asked["models"]
    ]


def write_comparison(
    path: str | os.PathLike,
    answer: dict,
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
    answer
        See `auscultation.scores.answer`; its sheet is left out where there are only baselines.
    rows
        Rows of the comparison (None where a value is unknown).
    differences, leakage
        Rows of the differences and the leakage; a sheet is left out where there are none.
    costs
        Rows of the costs: split, model, algorithm, and `auscultation.scores.comparison.COSTS`.
    target
        What was predicted.
    """
    book = Workbook(write_only=True)
    if answered := answer_rows(answer):
        add_sheet(book, "The answer", ANSWER, pa.Table.from_pylist(answered))
    score, names = target.score, metrics_of(target)
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
        f"Test part of each split, ranked by {target.score_words}. The first need not be better than a "
        f"constant: see the first sheet. {all_alike(target)}".strip(),
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
            "metric by itself; fold_t_p is that of the corrected resampled t test over the folds.",
            differences,
        ),
        (
            "Knowing the patients",
            "Score under one split minus score under another of folds of the same size: what a model "
            "gains by having heard the same recordings or patients (heard). It says nothing of a model "
            "that is not shown to be better than a constant under the first.",
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
        "Every metric of every model, split and part; value, and 95 % interval of other patients for "
        "the model as it was fitted.",
        pa.Table.from_pylist(rows).select(SCHEMA.names),
    )
    with atomic_path(path) as temporary:
        book.save(temporary)
