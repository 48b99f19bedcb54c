"""The tables of a paper, as LaTeX (booktabs) and as sheets with real numbers."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from auscultation.export.methods.latex import code, count, escape
from auscultation.export.methods.models import Seen, seen_of, settings_of, tuned_of
from auscultation.export.methods.run import Run
from auscultation.export.spreadsheet import add_plain_sheet
from auscultation.job.files import atomic_path
from auscultation.scores.comparison import Ranked
from auscultation.scores.questions import metric_of
from auscultation.scores.wording import interval, number, p_text, signed
from auscultation.workbook.sheet_rows import Book

WRAPPED = r"p{0.35\linewidth}"  # a column of long texts
Cells = Mapping[str, str | int | float | None]


class Column(NamedTuple):
    """A column of the printed table: its heading, and the text of a row, as LaTeX."""

    head: str
    text: Callable[[Cells], str]
    kind: str = "r"  # as LaTeX aligns it


class PaperTable(NamedTuple):
    """A table: rows with real numbers for the sheet, and how they are printed."""

    name: str  # of the file and of the sheet
    caption: str
    rows: Sequence[Cells]
    columns: Sequence[Column]


def _scores(row: Ranked, run: Run, gap: Mapping) -> Cells:
    score = run.target.score
    present = {name for name, value in row["values"].items() if value is not None}
    auc = metric_of(present, "information", run.target)
    low, high = row["intervals"].get(score, (None, None))
    auc_low, auc_high = row["intervals"][auc] if auc else (None, None)
    return {
        "model": row["model"],
        "algorithm": row["algorithm"],
        "baseline": "yes" if row["baseline"] else "",
        score: row["values"].get(score),
        f"{score}_low": low,
        f"{score}_high": high,
        "auc_metric": auc,
        "auc": row["values"][auc] if auc else None,
        "auc_low": auc_low,
        "auc_high": auc_high,
        "difference": gap.get("difference"),
        "difference_low": gap.get("ci_low"),
        "difference_high": gap.get("ci_high"),
        "p_holm": gap.get("p_holm"),
        "p_folds_holm": gap.get("fold_t_p_holm"),
    }


def scores_table(run: Run) -> PaperTable:
    """Return the scores of every model under the split to rely on, ranked."""
    first, score = run.first, run.target.score
    gaps = run.against_constant(first["split"], score)
    rows = [_scores(row, run, gaps.get(row["model"], {})) for row in run.test[first["split"]]]
    columns = [
        Column("Model", lambda row: code(str(row["model"])), "l"),
        Column(run.target.score_words, with_interval(score)),
        Column("AUC", with_interval("auc")),
        Column("Difference", with_interval("difference", signed)),
        Column(r"$p$", lambda row: p_value(row["p_holm"])),
    ]
    if any(row["p_folds_holm"] is not None for row in rows):
        columns.append(Column(r"$p$, folds", lambda row: p_value(row["p_folds_holm"])))
    caption = (
        f"Scores of the models on the test part of the split {first['split']} "
        f"({first['n_patients']:,} patients, {first['n_cycles']:,} cycles), with 95 % intervals over "
        f"patients; difference of the {run.target.score_words} from the best constant prediction, with "
        "p values corrected for the number of models (Holm)."
    )
    return PaperTable("scores", caption, rows, columns)


def classes_table(run: Run) -> PaperTable:
    """Return the cycles and patients of each class."""
    rows: list[Cells] = [
        {"class": own["class"], "cycles": own["cycles"], "patients": own["patients"]}
        for own in run.counts["classes"]
    ]
    columns = [
        Column("Class", lambda row: escape(str(row["class"])), "l"),
        Column("Cycles", lambda row: count(row["cycles"])),
        Column("Patients", lambda row: count(row["patients"])),
    ]
    counts = run.counts
    caption = (
        f"Cycles of each class, and patients with such cycles, of {counts['cycles']:,} cycles and "
        f"{counts['patients']:,} patients."
    )
    return PaperTable("classes", caption, rows, columns)


def models_table(run: Run) -> PaperTable:
    """Return the algorithm, features, scaling and settings of each model."""
    seen = {model: own for own in seen_of(run) for model in own.models}
    chosen = {own.model: own.candidates for own in tuned_of(run)}
    rows: list[Cells] = []
    for model in sorted(run.models):
        entry, shown = run.config["models"][model], run.shown(model)
        settings = settings_of(entry["settings"])
        texts = [f"{setting.key} = {', '.join(setting.values)}" for setting in settings]
        texts += [f"{key} out of {', '.join(values)}" for key, values in chosen.get(model, [])]
        rows.append(
            {
                "model": model,
                "algorithm": entry["algorithm"],
                "features": features_text(seen.get(model)),
                "n_features": len(shown.get("inputs", [])),
                "scaling": shown.get("scale", "none"),
                "missing": shown.get("missing", "median"),
                "settings": "; ".join(texts),
            }
        )
    columns = [
        Column("Model", lambda row: code(str(row["model"])), "l"),
        Column("Algorithm", lambda row: code(str(row["algorithm"])), "l"),
        Column("Features", lambda row: count(row["n_features"])),
        Column("Scaling", lambda row: escape(str(row["scaling"])), "l"),
        Column("Settings", lambda row: escape(str(row["settings"])), WRAPPED),
    ]
    caption = "The models, with the settings that were set; others had their libraries' defaults."
    return PaperTable("models", caption, rows, columns)


def features_text(own: Seen | None) -> str:
    """Return the features of a model for a cell: their names, or the families."""
    if own is None:
        return ""
    parts = [f"{family} ({n})" for family, n in own.families] + own.features
    return ", ".join(parts) or f"{own.n} columns"


def with_interval(name: str, words: Callable[[float], str] = number) -> Callable[[Cells], str]:
    """Return what writes a value of a row, and its interval where there is one, as LaTeX."""

    def text(row: Cells) -> str:
        value, low, high = (row[key] for key in (name, f"{name}_low", f"{name}_high"))
        if not isinstance(value, float):
            return "--"
        if not isinstance(low, float) or not isinstance(high, float):
            return escape(words(value))
        return escape(f"{words(value)} ({interval(low, high)})")

    return text


def p_value(p: object) -> str:
    """Return a p value, as LaTeX."""
    return escape(p_text(p)) if isinstance(p, float) else "--"


def to_latex(table: PaperTable) -> str:
    """Return a table as LaTeX, for a document that uses booktabs."""
    kinds = "".join(column.kind for column in table.columns)
    lines = [" & ".join(column.head for column in table.columns)]
    lines += [" & ".join(column.text(row) for column in table.columns) for row in table.rows]
    head, *body = (f"    {line} \\\\" for line in lines)
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering\footnotesize\setlength{\tabcolsep}{4pt}",
            rf"  \caption{{{escape(table.caption)}}}",
            rf"  \label{{tab:{table.name}}}",
            rf"  \begin{{tabular}}{{{kinds}}}",
            r"    \toprule",
            head,
            r"    \midrule",
            *body,
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def write_sheets(path: str | os.PathLike, tables: Sequence[PaperTable]) -> None:
    """Write tables as a spreadsheet (.xlsx), one sheet each, that pastes into a text processor."""
    book = Book()
    for table in tables:
        add_plain_sheet(book, table.name, pa.Table.from_pylist([*table.rows]))
    with atomic_path(path) as temporary:
        book.save(temporary)
