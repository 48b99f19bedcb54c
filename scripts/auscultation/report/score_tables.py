"""Tables of the page about scores: rankings, leakage, calibration, errors, papers."""

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.names import metrics_of
from auscultation.report.differences import against_constant
from auscultation.report.tables import cell, count, figure_cell, table
from auscultation.scores.answer import asked
from auscultation.scores.wording import (
    ANSWERS,
    METRIC_NAMES,
    counted,
    interval,
    number,
    p_text,
    sought,
)

ENDS = ("95 % interval", "{0}_low|{0}_high")  # head of a column of intervals
GAP = ("difference", "ci_low", "ci_high", "p_holm", "fold_t_p_holm")
AREAS_SHORT = (
    "auc_ovr_between_patients",
    "auc_ovr_within_device",
    "auc_abnormal_between_patients",
    "auc_abnormal_within_device",
)
IN_SHORT = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "macro_f1", "mse")


def ends_cell(low: float | None, high: float | None, digits: int = 3) -> dict:
    """Return a cell of an interval."""
    return cell(interval(low, high, digits) or "–", (low, high))


def ends_head(name: str) -> tuple[str, str]:
    """Return the head of a column of intervals."""
    return ENDS[0], ENDS[1].format(name)


def percent(share: float | None, **looks) -> dict:
    """Return a cell of a share, to read in percent, in full as it is."""
    return cell("–" if share is None else f"{number(100 * share, 1)} %", share, **looks)


def model_cell(row: dict) -> dict:
    """Return the cell that names a row's model, and what is to be known of it."""
    notes = ["baseline"] if row["algorithm"] in BASELINES else []
    return cell(row["model"], row["model"], note=", ".join(notes + row.get("doubts", [])))


def marks_of(rows: list[dict]) -> list[str]:
    """Mark the rows of baselines."""
    return ["baseline" if row["algorithm"] in BASELINES else "" for row in rows]


def ranking_table(
    split: str, rows: list[dict], train: list[dict], differences: list[dict], target: Target
) -> dict:
    """Rank the models of a split by their score on the test part."""
    score = target.score
    known = {row["model"]: row for row in train}
    gaps = against_constant(differences, split).get(score, {})
    shown = [name for name in AREAS_SHORT if any(row.get(name) is not None for row in rows)]
    shown += [name for name in IN_SHORT if name in metrics_of(target) and name != score]
    head = ["model", (target.score_words, score), ends_head(score)]
    head += [
        ("minus best constant", "difference"),
        ends_head("difference"),
        ("p (Holm)", "p_holm"),
        ("p by folds (Holm)", "fold_t_p_holm"),
        *((METRIC_NAMES[name], name) for name in shown),
        (f"{target.score_words}, train", f"train_{score}"),
    ]
    body = []
    for row in rows:
        gap = gaps.get(row["model"]) or dict.fromkeys(GAP)
        line = [model_cell(row), figure_cell(row[score], strong=True)]
        line += [ends_cell(*row["intervals"][score]), figure_cell(gap["difference"])]
        line += [ends_cell(gap["ci_low"], gap["ci_high"])]
        line += [cell(p_text(gap[name]), gap[name]) for name in ("p_holm", "fold_t_p_holm")]
        line += [figure_cell(row.get(name)) for name in shown]
        line.append(figure_cell(known[row["model"]][score], muted=True))
        body.append(line)
    n = rows[0]
    caption = f"{split}: test part, {n['n_cycles']:,} cycles of {n['n_patients']:,} patients"
    return table(caption, head, body, marks=marks_of(rows))


def doubts_table(rows: list[dict]) -> dict:
    """Show the fits that have no result, or another one than asked for, and why."""
    head = ["model", "split", "what", "why"]
    body = [[cell(row[name]) for name in head] for row in rows]
    caption = "Fits without a result, not converged as their library says, or approximated"
    return table(caption, head, body, texts=(0, 1, 2, 3))


def metrics_table(split: str, rows: list[dict], train: list[dict]) -> dict:
    """Show every metric of a split's models with its interval, and that of the training part."""
    known = {row["model"]: row for row in train}
    present = [name for name in METRIC_NAMES if any(name in row for row in rows)]
    head, body = ["model"], []
    for name in present:
        head += [(METRIC_NAMES[name], name), ends_head(name), ("train", f"train_{name}")]
    for row in rows:
        line = [model_cell(row)]
        for name in present:  # only models with probabilities have all
            line.append(figure_cell(row.get(name)))
            line.append(ends_cell(*row["intervals"].get(name, (None, None))))
            line.append(figure_cell(known[row["model"]].get(name), muted=True))
        body.append(line)
    return table(
        f"{split}: every metric, test part and training part", head, body, marks=marks_of(rows)
    )


def in_short_table(answer: dict, target: Target) -> dict:
    """Show what every split answers, and by which model, the split to believe first."""
    head = ["split", "tested on", ("patients", "n_patients")]
    head += ["information", "highest AUC of", ("AUC", "auc"), ("within devices", "within_devices")]
    head += ["useful", "highest score of", (target.score_words, target.score)]
    body = []
    for about in answer["splits"]:
        line = [cell(about["split"]), cell(about["kind"].replace("_", " "))]
        line += [count(about["n_patients"])]
        for name in ("information", "useful"):
            asked = about["answers"][name]
            best = asked["models"][0] if asked["models"] else {"model": None, "value": None}
            line += [cell(ANSWERS[asked["answer"]], asked["answer"])]
            line += [cell(best["model"] or "–", best["model"])]
            line += [figure_cell(best["value"], strong=True)]
            if name == "information":
                inside = about["answers"]["beyond_device"]["models"]
                values = {one["model"]: one["value"] for one in inside}
                line += [figure_cell(values.get(best["model"]), muted=True)]
        body.append(line)
    caption = "What every split says of the models, on the test part"
    return table(caption, head, body, texts=(0, 1, 3, 4, 7, 8))


def leakage_table(rows: list[dict], target: Target) -> dict:
    """Show what each model's score gains where it has heard recordings or patients, the most first."""
    metrics = [target.score, *asked("information", target)]
    rows = [row for row in rows if row["metric"] in metrics and row["difference"] is not None]
    rows.sort(key=lambda row: (metrics.index(row["metric"]), -row["difference"], row["model"]))
    head = ["model", "metric", "heard", "split", "score", ("other split", "other_split")]
    head += [
        ("score", "other_score"),
        "difference",
        ends_head("difference"),
        ("p (Holm)", "p_holm"),
    ]
    body = [
        [
            model_cell(row),
            cell(METRIC_NAMES[row["metric"]], row["metric"]),
            cell(row["heard"]),
            cell(row["split"]),
            figure_cell(row["score"]),
            cell(row["other_split"]),
            figure_cell(row["other_score"]),
            figure_cell(row["difference"], strong=True),
            ends_cell(row["ci_low"], row["ci_high"]),
            cell(p_text(row["p_holm"]), row["p_holm"]),
        ]
        for row in rows
    ]
    caption = "Test part: what a model scores where it may have heard them, and where not"
    return table(caption, head, body, texts=(0, 1, 2, 3, 5), marks=marks_of(rows))


def calibration_table(split: str, bins: list[dict], target: Target) -> dict:
    """Show predicted and observed shares of one split, bin by bin."""
    head = [
        "model",
        "bin",
        ("predicted, mean", "mean_predicted"),
        "observed",
        ("cycles", "n_cycles"),
    ]
    body = [
        [
            cell(row["model"]),
            count(row["bin"]),
            figure_cell(row["mean_predicted"]),
            figure_cell(row["observed"]),
            count(row["n_cycles"]),
        ]
        for row in bins
        if row["split"] == split
    ]
    return table(f"{split}: share of cycles {sought(target)}, predicted and observed", head, body)


def hardest_table(split: str, by: str, rows: list[dict], about: dict[str, str]) -> dict:
    """Show how often models are right about each patient or device, the hardest first.

    Parameters
    ----------
    split, by
        Name of the split, and patient_ID or device.
    rows
        Rows of the hardest.
    about
        What is to be said of a group beside its name (a patient's diagnosis); may be empty.
    """
    rows = [row for row in rows if (row["split"], row["by"]) == (split, by)]
    rows.sort(key=lambda row: (row["mean_right"], row["group"]))
    what = "patient" if by == "patient_ID" else by
    head = [(what, by)] + ([("diagnosis", "Diagnosis")] if about else [])
    head += [("patients", "n_patients")] if by != "patient_ID" else []
    head += [
        ("cycles", "n_cycles"),
        ("most frequent class", "main_class"),
        ("of the cycles", "main_share"),
        ("right, mean of models", "mean_right"),
        ("right, best model", "best_right"),
        ("best model", "best_model"),
        ("right, worst model", "worst_right"),
        ("right by no model, cycles", "n_never_right"),
        ("of the cycles", "share_never_right"),
    ]
    body = []
    for row in rows:
        line = [cell(row["group"], row["group"])]
        line += [cell(about.get(row["group"], ""))] if about else []
        line += [count(row["n_patients"])] if by != "patient_ID" else []
        line += [
            count(row["n_cycles"]),
            cell(row["main_class"]),
            percent(row["main_share"]),
            percent(row["mean_right"], strong=True),
            percent(row["best_right"]),
            cell(row["best_model"]),
            percent(row["worst_right"], muted=True),
            count(row["n_never_right"]),
            percent(row["share_never_right"]),
        ]
        body.append(line)
    texts = [i for i, (_, name) in enumerate(head) if name in (by, "Diagnosis", "main_class")]
    texts += [i for i, (_, name) in enumerate(head) if name == "best_model"]
    models = rows[0]["n_models"] if rows else 0
    caption = f"{split}: how often {counted(models, 'model')} {'is' if models == 1 else 'are'} right, by {what}, the hardest first"
    return table(caption, head, body, texts=tuple(texts))


def errors_table(split: str, by: str, errors: list[dict], order: list[str]) -> dict:
    """Show how often each model is right about each device, models in the order given."""
    rows = [row for row in errors if (row["split"], row["by"]) == (split, by)]
    groups = sorted({row["group"] for row in rows})
    share = {(row["model"], row["group"]): row["share_right"] for row in rows}
    algorithms = {row["model"]: row["algorithm"] for row in rows}
    # none where the recordings do not name what the groups would be
    lines = [{"model": m, "algorithm": algorithms[m]} for m in order if m in algorithms]
    body = [
        [model_cell(line), *(percent(share[line["model"], group]) for group in groups)]
        for line in lines
    ]
    caption = f"{split}: predictions that are right, by model and {by}"
    return table(caption, ["model", *groups], body, marks=marks_of(lines))


def published_table(rows: list[dict]) -> dict:
    """Show what others published, each with where it was read."""
    head = ["method", "year", "ICBHI score, %", "Sp, %", "Se, %", "paper", "read in"]
    body = [
        [
            cell(row["method"]),
            cell(row["year"], row["year"]),
            figure_cell(row["icbhi_score"], 2, strong=True),
            figure_cell(row["specificity"], 2),
            figure_cell(row["sensitivity"], 2),
            cell(row["source"]),
            cell(row["seen_in"]),
        ]
        for row in rows
    ]
    caption = "Published scores under the official division, of models that hear the audio"
    return table(caption, head, body, texts=(0, 5, 6))
