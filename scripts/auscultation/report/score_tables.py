"""Tables of the page about scores: answers, rankings, leakage, calibration, errors, papers."""

from collections.abc import Mapping, Sequence

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.names import metrics_of
from auscultation.report.against_constant import against_constant
from auscultation.report.tables import Cell, Table, cell, count, figure_cell, table
from auscultation.scores.comparison import Ranked
from auscultation.scores.differences import Difference
from auscultation.scores.errors import Error, Hardest
from auscultation.scores.fit_scores import Calibration
from auscultation.scores.leakage import Leakage
from auscultation.scores.published import Published
from auscultation.scores.questions import Answer, asked
from auscultation.scores.wording import ANSWERS, interval, metric_name, metric_names, number, p_text

Columns = list[str | tuple[str, str]]  # heads: names, and (name, names in the download)
GAP = ("difference", "ci_low", "ci_high", "p_holm", "fold_t_p_holm")
AREAS_SHORT = (
    "auc_ovr_between_patients",
    "auc_ovr_within_device",
    "auc_abnormal_between_patients",
    "auc_abnormal_within_device",
)
EDGE = 250  # rows at either end of a table of patients that has more
IN_SHORT = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "macro_f1", "mse")


def ends_cell(low: float | None, high: float | None) -> Cell:
    """Return a cell of an interval."""
    return cell(interval(low, high) or "–", (low, high))


def value_cells(row: Mapping, name: str = "value", ends: str = "ci", **looks) -> list[Cell]:
    """Return the cells of a row's value and of its interval, the name of whose ends is given."""
    return [figure_cell(row[name], **looks), ends_cell(row[f"{ends}_low"], row[f"{ends}_high"])]


def p_cell(p: float | None) -> Cell:
    """Return a cell of a p value."""
    return cell(p_text(p), p)


def ends_head(name: str) -> tuple[str, str]:
    """Return the head of a column of intervals."""
    return "95 % interval", f"{name}_low|{name}_high"


def percent(share: float | None, **looks) -> Cell:
    """Return a cell of a share, to read in percent, in full as it is."""
    return cell("–" if share is None else f"{number(100 * share, 1)} %", share, **looks)


def model_cell(row: Mapping, doubts: Sequence[str] = ()) -> Cell:
    """Return the cell that names a row's model, with a note on baselines and doubtful fits."""
    notes = ["baseline"] if row["algorithm"] in BASELINES else []
    return cell(row["model"], row["model"], note=", ".join([*notes, *doubts]))


def marks_of(rows: Sequence[Mapping]) -> list[str]:
    """Return the CSS class of each row, which marks the baselines."""
    return ["baseline" if row["algorithm"] in BASELINES else "" for row in rows]


def ranking_table(
    split: str,
    rows: list[Ranked],
    train: list[Ranked],
    differences: list[Difference],
    target: Target,
) -> Table:
    """Return the models of a split, ranked by their score on the test part."""
    score = target.score
    trained = {row["model"]: row["values"] for row in train}
    gaps = against_constant(differences, split).get(score, {})
    names = metric_names(target)
    shown = [n for n in AREAS_SHORT if any(row["values"].get(n) is not None for row in rows)]
    shown = [name for name in shown if name in names]
    shown += [name for name in IN_SHORT if name in metrics_of(target) and name != score]
    head: Columns = ["model", (target.score_words, score), ends_head(score)]
    head += [
        ("minus best constant", "difference"),
        ends_head("difference"),
        ("p (Holm)", "p_holm"),
        ("p by folds (Holm)", "fold_t_p_holm"),
        *((names[name], name) for name in shown),
        (f"{target.score_words}, train", f"train_{score}"),
    ]
    body = []
    for row in rows:
        gap: Mapping = gaps.get(row["model"]) or dict.fromkeys(GAP)
        values = row["values"]
        line = [model_cell(row, row.get("doubts", ())), figure_cell(values[score], strong=True)]
        line += [ends_cell(*row["intervals"][score]), *value_cells(gap, "difference")]
        line += [p_cell(gap[p]) for p in ("p_holm", "fold_t_p_holm")]
        line += [figure_cell(values.get(name)) for name in shown]
        line.append(figure_cell(trained[row["model"]][score], muted=True))
        body.append(line)
    return table(head, body, marks=marks_of(rows))


def doubts_table(rows: list[dict]) -> Table:
    """Return the fits that have no result, or another than the config asks for, and why."""
    head: Columns = ["model", "split", ("problem", "what"), ("reason", "why")]
    body = [[cell(row[name]) for name in ("model", "split", "what", "why")] for row in rows]
    return table(head, body, texts=(0, 1, 2, 3))


def metrics_table(rows: list[Ranked], train: list[Ranked], target: Target) -> Table:
    """Return every metric of a split's models with its interval, and that of the training part."""
    trained = {row["model"]: row["values"] for row in train}
    names = metric_names(target)
    present = [name for name in names if any(name in row["values"] for row in rows)]
    head: Columns = ["model"]
    body = []
    for name in present:
        head += [(names[name], name), ends_head(name), ("train", f"train_{name}")]
    for row in rows:
        line = [model_cell(row, row.get("doubts", ()))]
        for name in present:  # only models with probabilities have all
            ends = row["intervals"].get(name, (None, None))
            line += [figure_cell(row["values"].get(name)), ends_cell(*ends)]
            line += [figure_cell(trained[row["model"]].get(name), muted=True)]
        body.append(line)
    return table(head, body, marks=marks_of(rows))


def in_short_table(answer: Answer, target: Target) -> Table:
    """Return the answers of every split and its best models, the split to rely on first."""
    head: Columns = ["split", "tested on", ("patients", "n_patients")]
    head += ["information", "model with the highest AUC", ("AUC", "auc")]
    head += [("AUC within devices", "within_devices"), "useful", "model with the highest score"]
    head += [(target.score_words, target.score)]
    body = []
    for about in answer["splits"]:
        kind = about["kind"].replace("_", " ")
        line = [cell(about["split"]), cell(kind), count(about["n_patients"])]
        for name in ("information", "useful"):
            question = about["answers"][name]
            models = question["models"]
            best, value = (models[0]["model"], models[0]["value"]) if models else (None, None)
            line += [cell(ANSWERS[question["answer"]], question["answer"])]
            line += [cell(best or "–", best), figure_cell(value, strong=True)]
            if name == "information":
                inside = about["answers"]["beyond_device"]["models"]
                values = {model["model"]: model["value"] for model in inside}
                line += [figure_cell(values.get(best or ""), muted=True)]
        body.append(line)
    return table(head, body, texts=(0, 1, 3, 4, 7, 8))


def leakage_table(rows: list[Leakage], target: Target) -> Table:
    """Return what each model's score gains from known recordings or patients, the most first."""
    metrics = [target.score, *asked("information", target)]
    rows = [row for row in rows if row["metric"] in metrics and row["difference"] is not None]
    rows.sort(key=lambda r: (metrics.index(r["metric"]), -(r["difference"] or 0), r["model"]))
    head: Columns = ["model", "metric", ("known from training", "heard"), "split", "score"]
    head += [("other split", "other_split"), ("score", "other_score"), "difference"]
    head += [ends_head("difference"), ("p (Holm)", "p_holm")]
    body = []
    for row in rows:
        line = [model_cell(row), cell(metric_name(row["metric"], target), row["metric"])]
        line += [cell(row["heard"]), cell(row["split"]), figure_cell(row["score"])]
        line += [cell(row["other_split"]), figure_cell(row["other_score"])]
        line += [*value_cells(row, "difference", strong=True), p_cell(row["p_holm"])]
        body.append(line)
    return table(head, body, texts=(0, 1, 2, 3, 5), marks=marks_of(rows))


def calibration_table(split: str, bins: list[Calibration]) -> Table:
    """Return predicted and observed shares of one split, bin by bin."""
    head: Columns = ["model", "bin", ("predicted, mean", "mean_predicted"), "observed"]
    head += [("cycles", "n_cycles")]
    body = [
        [cell(row["model"]), count(row["bin"])]
        + [figure_cell(row["mean_predicted"]), figure_cell(row["observed"]), count(row["n_cycles"])]
        for row in bins
        if row["split"] == split
    ]
    return table(head, body)


def hardest_table(split: str, by: str, rows: list[Hardest], about: dict[str, str]) -> Table:
    """Return how often models are right about each patient or device, the hardest first.

    `by` is patient_ID or device; `about` is what is shown beside a group, such as a diagnosis. Of
    many, those in the middle are left out.
    """
    rows = [row for row in rows if (row["split"], row["by"]) == (split, by)]
    rows.sort(key=lambda row: (row["mean_right"], row["group"]))
    if len(rows) > 2 * EDGE:
        rows = rows[:EDGE] + rows[-EDGE:]
    of_patients = by == "patient_ID"
    head = [
        ("patient" if of_patients else by, by),
        *([("diagnosis", "Diagnosis")] if about else []),
        *([] if of_patients else [("patients", "n_patients")]),
        ("cycles", "n_cycles"),
        ("most frequent class", "main_class"),
        ("share of cycles", "main_share"),
        ("correct, mean of models", "mean_right"),
        ("correct, best model", "best_right"),
        ("best model", "best_model"),
        ("correct, worst model", "worst_right"),
        ("cycles that no model classifies correctly", "n_never_right"),
        ("share of cycles", "share_never_right"),
    ]
    body = []
    for row in rows:
        line = [cell(row["group"], row["group"])]
        line += [cell(about.get(row["group"], ""))] if about else []
        line += [] if of_patients else [count(row["n_patients"])]
        line += [count(row["n_cycles"]), cell(row["main_class"]), percent(row["main_share"])]
        line += [percent(row["mean_right"], strong=True), percent(row["best_right"])]
        line += [cell(row["best_model"]), percent(row["worst_right"], muted=True)]
        line += [count(row["n_never_right"]), percent(row["share_never_right"])]
        body.append(line)
    texts = (by, "Diagnosis", "main_class", "best_model")
    return table(head, body, texts=[i for i, (_, name) in enumerate(head) if name in texts])


def errors_table(split: str, by: str, errors: list[Error], order: list[str]) -> Table:
    """Return how often each model is right about each device, models in the order given."""
    rows = [row for row in errors if (row["split"], row["by"]) == (split, by)]
    groups = sorted({row["group"] for row in rows})
    share = {(row["model"], row["group"]): row["share_right"] for row in rows}
    by_model = {row["model"]: row for row in rows}
    # none where the recordings do not name what the groups would be
    lines = [by_model[model] for model in order if model in by_model]
    body = [
        [model_cell(line), *(percent(share[line["model"], group]) for group in groups)]
        for line in lines
    ]
    return table(["model", *groups], body, marks=marks_of(lines))


def published_table(rows: list[Published]) -> Table:
    """Return what others published, each with where it was read."""
    head = ["method", "year", "ICBHI score, %", "Sp, %", "Se, %", "epoch chosen on", "by the code"]
    head += ["paper", "as quoted in"]
    body = [
        [cell(row["method"]), cell(row["year"], row["year"])]
        + [figure_cell(row["icbhi_score"], 2, strong=True)]
        + [figure_cell(row["specificity"], 2), figure_cell(row["sensitivity"], 2)]
        + [cell(row["chosen_on"] or "unknown", row["chosen_on"], muted=not row["chosen_on"])]
        + [cell(row["chosen_source"]), cell(row["source"]), cell(row["seen_in"])]
        for row in rows
    ]
    return table(head, body, texts=(0, 5, 6, 7, 8))
