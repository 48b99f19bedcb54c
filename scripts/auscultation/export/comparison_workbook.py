"""The comparison as an Excel workbook for reading: one sheet per question."""

import os
from collections.abc import Mapping, Sequence

import pyarrow as pa

from auscultation.data.target import Target, all_alike
from auscultation.export.spreadsheet import add_sheet
from auscultation.job.files import atomic_path
from auscultation.metrics.names import metrics_of
from auscultation.scores.comparison import (
    COSTS,
    COSTS_NOTE,
    SCHEMA,
    Cost,
    Row,
    train_and_test,
    wide,
)
from auscultation.scores.differences import Difference
from auscultation.scores.leakage import Leakage
from auscultation.scores.questions import Answer
from auscultation.scores.verdict import by_folds, by_patients
from auscultation.scores.wording import positive_class
from auscultation.workbook.sheet_rows import Book

ANSWER = (
    "The answer of each model to each question, under each split; the first split is the most credible. "
    "information: does the model carry information about the class (AUC against 0.5)? beyond_device: also "
    "among cycles of one device? useful: does it classify better than the best constant? difference: from "
    "0.5 or that constant. Intervals and p values reflect sampling of test patients with the models held "
    "fixed; the test over folds also includes variation of the training part. The first p value is "
    "corrected for the number of models (Holm), that over the folds is not: a yes requires both. A no is "
    "no evidence of absence: would_have_been_seen is the value that would have been detected with a power "
    "of 80 %."
)
RANKING = (
    "Test part of each split, ranked by {}. The first need not be better than a constant: see the first "
    "sheet. {}"
)
BOTH_PARTS = "The same metric on the cycles a model was fitted on (train) and on the others (test)."
DIFFERENCES = (
    "Test part: each model minus the best constant, baseline and model. Intervals and p values leave each "
    "patient out; p_holm is corrected for the number of models (Holm), separately for each metric; "
    "fold_t_p is that of the corrected resampled t test over the folds."
)
LEAKAGE = (
    "Score under one split minus score under another of folds of the same size: the gain of a model from "
    "having heard the same recordings or patients (heard). It means nothing for a model that is not shown "
    "to be better than a constant under the first."
)
METRICS = (
    "Every metric of every model, split and part; value, and 95 % interval, which reflects sampling of "
    "test patients with the models held fixed."
)
FIRST = ("sensitivity", "specificity", "accuracy", "balanced_accuracy")  # columns of the ranking


def answer_rows(answer: Answer) -> list[dict[str, object]]:
    """Return the rows of the first sheet: a model's part in the answer to a question under a split."""
    return [
        {
            "question": question,
            "split": about["split"],
            "about": about["kind"].replace("_", " "),
            "answer": answered["answer"],
            "model": row["model"],
            "algorithm": row["algorithm"],
            "metric": row["metric"],
            "value": row["value"],
            "ci_low": row["ci_low"],
            "ci_high": row["ci_high"],
            "difference": row["difference"],
            "p_holm": row["p_holm"],
            "fold_p": row["fold_p"],
            "by_patients": by_patients(about, row),
            "by_folds": by_folds(row),
            "would_have_been_seen": row["limit"],
        }
        for about in answer["splits"]
        for question, answered in about["answers"].items()
        for row in answered["models"]
    ]


def ranking_rows(rows: list[Row], target: Target) -> list[dict[str, object]]:
    """Return the rows of the second sheet: the models of each split, ranked, with their metrics."""
    score, names = target.score, metrics_of(target)
    shown = [name for name in FIRST if name in names and name != score]
    shown += [name for name in names if name not in FIRST and name != score]
    shown += [name for name in dict.fromkeys(row["metric"] for row in rows) if name not in names]
    return [
        {
            "split": split,
            "rank": rank,
            "model": row["model"],
            "algorithm": row["algorithm"],
            "baseline": "yes" if row["baseline"] else "",
            score: row["values"][score],
            f"{score} low": row["intervals"][score][0],
            f"{score} high": row["intervals"][score][1],
            **{name: row["values"].get(name) for name in shown},
            "n_cycles": row["n_cycles"],
            "n_patients": row["n_patients"],
        }
        for split, models in wide(rows, "test", target).items()
        for rank, row in enumerate(models, 1)
    ]


def write_comparison(
    path: str | os.PathLike,
    answer: Answer,
    rows: list[Row],
    differences: list[Difference],
    leakage: list[Leakage],
    costs: list[Cost],
    target: Target,
) -> None:
    """Write the comparison's spreadsheet (.xlsx); sheets that would be empty are left out.

    `rows` are those of the comparison (None where a value is unknown), `costs` those of the fits.
    """
    book = Book()

    def add(title: str, note: str, lines: Sequence[Mapping[str, object]]) -> None:
        add_sheet(book, title, note, pa.Table.from_pylist(lines))

    if answered := answer_rows(answer):
        add("The answer", ANSWER, answered)
    about = f"{all_alike(target)} {positive_class(target)}"
    ranking = RANKING.format(target.score_words, about).strip()
    add("Which model is best", ranking, ranking_rows(rows, target))
    also = [name for name in (target.score, "mse") if name in metrics_of(target)]
    parts = train_and_test(rows, ("accuracy", *also), target)
    add("Known and unknown cycles", BOTH_PARTS, parts)
    if differences:
        add("Is a model better", DIFFERENCES, differences)
    if leakage:
        add("Knowing the patients", LEAKAGE, leakage)
    cost_table = pa.Table.from_pylist(costs).select(["split", "model", "algorithm", *COSTS])
    add_sheet(book, "What a fit costs", COSTS_NOTE, cost_table)
    add_sheet(book, "All metrics", METRICS, pa.Table.from_pylist(rows).select(SCHEMA.names))
    with atomic_path(path) as temporary:
        book.save(temporary)
