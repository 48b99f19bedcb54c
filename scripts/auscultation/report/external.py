"""What the page of an external validation shows: sentences' data, and tables."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.names import LOWER_IS_BETTER
from auscultation.report.against_constant import excludes_zero
from auscultation.report.answer import SplitVerdict, verdicts
from auscultation.report.score_tables import (
    Columns,
    ends_cell,
    ends_head,
    marks_of,
    model_cell,
    p_cell,
    percent,
    value_cells,
)
from auscultation.report.tables import Table, cell, count, figure_cell, table
from auscultation.scores.comparison import Ranked
from auscultation.scores.external import External, Range, Validated, summary_of
from auscultation.scores.questions import Answer, SplitAnswer, asked
from auscultation.scores.wording import metric_name, metric_names, signed

MOST_FEATURES = 30  # rows of the table of what lies outside training


class Held(NamedTuple):
    """Models that pass a question, by where: inside and here, inside alone, here alone."""

    both: list[str]
    inside: list[str]
    here: list[str]


def verdict_of(made: Validated, ranked: list[Ranked], known: Sequence[str], target: Target):
    """Return what the models can do on the table, as the page of the results has it of a split."""
    assert made.answer is not None
    name = made.answer["split"]
    answer: Any = {"splits": [made.answer]}
    summary = summary_of(made.answer["n_patients"], known)
    (verdict,) = verdicts(answer, {name: ranked}, made.gaps, {name: summary}, target)
    return verdict


def held(inside: SplitAnswer, here: SplitVerdict, question: str) -> Held:
    """Return which models pass a question inside, and on the table."""
    passed, passes = (
        [row["model"] for row in about["answers"][question]["models"] if row["yes"]]
        if about["enough"]
        else []
        for about in (inside, here.about)
    )
    return Held(
        [model for model in passed if model in passes],
        [model for model in passed if model not in passes],
        [model for model in passes if model not in passed],
    )


def changes(rows: Sequence[External], metric: str) -> list[External]:
    """Return the rows whose metric differs beyond the difference's interval, the largest first.

    Baselines are left out: they follow the shares of the classes.
    """
    made = [
        row
        for row in rows
        if row["metric"] == metric
        and row["algorithm"] not in BASELINES
        and excludes_zero(row["difference_low"], row["difference_high"])
    ]
    return sorted(made, key=lambda row: -abs(row["difference"] or 0))


def beside_table(rows: Sequence[External], ranked: list[Ranked], target: Target) -> Table:
    """Return the models' scores on the table beside those inside, in their order."""
    by_model = {(row["model"], row["metric"]): row for row in rows}
    present = {row["metric"] for row in rows}
    metrics = [target.score, *(name for name in asked("information", target) if name in present)]
    head: Columns = ["model"]
    for metric in metrics:
        head += [(metric_name(metric, target), metric), ends_head(metric)]
        head += [("inside", f"internal_{metric}"), ends_head(f"internal_{metric}")]
        head += [("here minus inside", f"{metric}_difference"), ends_head(f"{metric}_difference")]
        if metric == target.score:
            head += [("minus best constant", "from_constant"), ends_head("from_constant")]
            head += [("p (Holm)", "p_holm")]
    head += [("cycles", "n_cycles"), ("patients", "n_patients")]
    head += [("cycles without a prediction", "n_without_prediction")]
    body = []
    for model in ranked:
        line = [model_cell(model)]
        row: Mapping = {}
        for metric in metrics:
            row = by_model.get((model["model"], metric)) or dict.fromkeys(External.__annotations__)
            line += _beside(row)
            if metric == target.score:
                line += [*value_cells(row, "from_constant", "from_constant"), p_cell(row["p_holm"])]
        row = by_model[model["model"], target.score]
        line += [count(row[name]) for name in ("n_cycles", "n_patients", "n_without_prediction")]
        body.append(line)
    return table(head, body, marks=marks_of(ranked))


def _beside(row: Mapping):
    """Return the cells of a value here, inside, and of the difference."""
    gap = row["difference"]
    low, high = row["difference_low"], row["difference_high"]
    return [
        *value_cells(row, strong=True),
        *value_cells(row, "internal_value", "internal", muted=True),
        cell("–" if gap is None else signed(gap), gap, strong=excludes_zero(low, high)),
        ends_cell(low, high),
    ]


def every_table(rows: Sequence[External], target: Target) -> Table:
    """Return every metric of every model, here and inside."""
    names = metric_names(target)
    rows = [row for row in rows if row["metric"] in names]
    head: Columns = ["model", "metric", ("here", "value"), ends_head("ci")]
    head += [("inside", "internal_value"), ends_head("internal")]
    head += ["difference", ends_head("difference"), ("best constant", "constant")]
    head += [("minus best constant", "from_constant"), ends_head("from_constant")]
    head += [("p (Holm)", "p_holm")]
    body = []
    for row in rows:
        name = names[row["metric"]] + (" ↓" if row["metric"] in LOWER_IS_BETTER else "")
        line = [model_cell(row), cell(name, row["metric"]), *_beside(row)]
        line += [figure_cell(row["constant"], muted=True)]
        line += [*value_cells(row, "from_constant", "from_constant"), p_cell(row["p_holm"])]
        body.append(line)
    return table(head, body, texts=(0, 1), marks=marks_of(rows))


def outside_table(about: Mapping) -> Table:
    """Return of each feature how many cycles have what no training cycle has, the most first."""
    kinds = ("below", "above", "other", "missing")
    n = about["cycles"]
    rows = sorted(about["outside"], key=lambda row: -sum(row[kind] for kind in kinds))
    head: Columns = ["feature", ("range in training", "low|high"), "below", "above"]
    head += [("another category", "other"), "missing", ("share of cycles", "share")]
    body = []
    for row in rows[:MOST_FEATURES]:
        ends = "–"
        if row["low"] is not None:
            ends = f"{row['low']:.3g} to {row['high']:.3g}".replace("-", "−")
        line = [cell(row["feature"]), cell(ends, (row["low"], row["high"]))]
        line += [count(row[kind], muted=not row[kind]) for kind in kinds]
        line += [percent(sum(row[kind] for kind in kinds) / n)]
        body.append(line)
    return table(head, body)


def ranges_table(rows: Sequence[Range], target: Target) -> Table:
    """Return the AUC of each model among cycles inside the range of training, and outside."""
    head: Columns = ["model", ("cycles", "where"), "AUC", ends_head("ci")]
    head += [("number of cycles", "n_cycles"), ("patients", "n_patients")]
    words = {"inside": "within the training range", "outside": "outside it"}
    body = [
        [model_cell(row), cell(words[row["where"]], row["where"]), *value_cells(row, strong=True)]
        + [count(row["n_cycles"]), count(row["n_patients"])]
        for row in rows
    ]
    return table(head, body, texts=(0, 1), marks=marks_of(rows))


def called_table(about: Mapping, shares: Sequence[float] | None, target: Target) -> Table:
    """Return how often each model calls each class: share of cycles, and numbers of recordings.

    Of patients where the table has no recordings. `shares` are those of the true classes of the
    labelled cycles, None without labels.
    """
    of = "recording" if about["recordings"] is not None else "patient"
    head: Columns = ["model", ("cycles called", "cycles")]
    for name in target.classes:
        head += [(name, f"{name}, share of cycles"), (f"{of}s with such", f"{name}, {of}s")]
    body = []
    for row in about["models"]:
        cycles, groups = row["called"]["cycle"], row["called"][of]
        n = sum(cycles)
        line = [model_cell(row), count(n)]
        for mine, some in zip(cycles, groups, strict=True):
            line += [percent(mine / n if n else None), count(some)]
        body.append(line)
    marks = marks_of(about["models"])
    if shares is not None:
        line = [cell("labels", "labels"), count(about["labelled"])]
        for share in shares:
            line += [percent(share, strong=True), cell("", None)]
        body.insert(0, line)
        marks = ["", *marks]
    return table(head, body, marks=marks)


def context_of(
    about: Mapping,
    made: Validated,
    ranked: list[Ranked],
    ranges: Sequence[Range],
    shares: Sequence[float] | None,
    answer: Answer,
    target: Target,
) -> dict:
    """Return what the page shows, but for figures and the scores of probabilities.

    `ranked` are the models on the table, the best first (`wide`); empty without labels.
    """
    inside = next(split for split in answer["splits"] if split["split"] == answer["split"])
    context = {
        "about": about,
        "target": target,
        "inside": inside,
        "verdict": None,
        "calls": called_table(about, shares, target),
        "outside": outside_table(about),
        "ranges": ranges_table(ranges, target),
    }
    if made.answer is None:
        return context
    verdict = verdict_of(made, ranked, about["patients_in_training"], target)
    return context | {
        "verdict": verdict,
        "useful": held(inside, verdict, "useful"),
        "information": held(inside, verdict, "information"),
        "changes": changes(made.rows, target.score),
        "scores": beside_table(made.rows, ranked, target),
        "every": every_table(made.rows, target),
    }
