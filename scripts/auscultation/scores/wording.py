"""How metrics and classes are named, numbers and lists written."""

from collections.abc import Sequence

from auscultation.data.target import CLASSES, Target

STATE = Target()
LONG = 1e9  # from here a number is written with its power of ten
METRIC_NAMES = {
    "icbhi_score": "ICBHI score",
    "sensitivity": "Se",
    "specificity": "Sp",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "log_loss": "log loss",
    "brier_score": "Brier score",
    "mse_expected": "MSE of the expected class",
    "auc_ovr_between_patients": "AUC",
    "auc_ovr_within_device": "AUC within devices",
    "auc_ovr_within_patient": "AUC within patients",
    "auc_ovr": "AUC, all pairs",
    "auc_abnormal_between_patients": "AUC, abnormal",
    "auc_abnormal_within_device": "AUC, abnormal, within devices",
    "auc_abnormal_within_patient": "AUC, abnormal, within patients",
    "auc_abnormal": "AUC, abnormal, all pairs",
}
ANSWERS = {"yes": "Yes", "no": "Not shown", "unknown": "No verdict"}
THE = ("icbhi_score", "mse", "rmse", "mae", "mse_expected")  # said with their article


def metric_names(target: Target) -> dict[str, str]:
    """Return the names of the metrics of a target; of two classes, both kinds of AUC are one."""
    if target.name == "state":
        return METRIC_NAMES
    names = {}
    for metric, name in METRIC_NAMES.items():
        if "auc_abnormal" in metric:
            name = name.replace("abnormal", f"not {target.classes[0]}")
            if len(target.classes) == 2:
                name = METRIC_NAMES[metric.replace("abnormal", "ovr")]
        elif "auc_ovr" in metric and len(target.classes) == 2:
            continue
        names[metric] = name
    return names


def metric_name(metric: str, target: Target = STATE) -> str:
    """Return the name of a metric of a target."""
    return metric_names(target).get(metric, METRIC_NAMES.get(metric, metric))


def spoken(metric: str, target: Target = STATE) -> str:
    """Return the name of a metric inside a sentence, with its article where it has one."""
    name = metric_name(metric, target).replace("_", " ")
    return f"the {name}" if metric in THE or metric.startswith("auc_") else name


def area(metric: str, target: Target) -> str:
    """Return the name of an area under ROC curves, with what it tells apart."""
    words = "AUC"
    if target.name == "state":
        words += " over the four states" if "_ovr" in metric else " of abnormal against normal"
    elif len(target.classes) == 2:
        words += f" of {target.classes[1]} against {target.classes[0]}"
    else:
        first = target.classes[0]
        words += (
            f" over {classes_of(target)}" if "_ovr" in metric else f" of any other than {first}"
        )
    return words + (" among cycles of one device" if metric.endswith("_within_device") else "")


def classes_of(target: Target) -> str:
    """Return what the classes of a target are, in words."""
    words = {"state": "the four states", "Diagnosis": "the diagnoses"}
    return words.get(target.name, f"the classes of {target.name}")


def predicted(target: Target) -> str:
    """Return what is predicted for a cycle, in words."""
    words = {"state": "the state", "abnormal": "abnormal sounds", "Diagnosis": "the diagnosis"}
    return words.get(target.name, target.name)


def topic(target: Target) -> str:
    """Return what a model may tell from a cycle, in words."""
    two_of_column = len(target.classes) == 2 and target.name not in (*CLASSES, "Diagnosis")
    return f"{target.name} ({target.classes[1]})" if two_of_column else target.words


def positive_class(target: Target) -> str:
    """Return in a sentence which of two classes is the positive one, and why; else an empty text.

    Of crackles, wheezes and abnormal cycles the name of the target says it.
    """
    if target.name in CLASSES and not target.values or len(target.classes) != 2:
        return ""
    negative, positive = target.classes
    why = f" ({target.positive.replace('`', '')})" if target.positive else ""
    return f"The positive class of {target.name} is {positive}{why}, the other is {negative}."


def counted(n: int, what: str) -> str:
    """Return a number of things: `1 model`, `16 models`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sought(target: Target) -> str:
    """Return what a cycle has that is not of class 0: what probabilities are calibrated for."""
    if target.name in ("crackles", "wheezes"):
        return f"with {target.name}"
    if len(target.classes) == 2:
        return f"of class {target.classes[1]}" if target.values else "not normal"
    return "not normal" if target.name == "state" else f"not {target.classes[0]}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number for reading, a dash where there is none."""
    if value is None:
        return "–"
    if abs(value) >= LONG:
        return f"{value:.{digits}g}".replace("-", "−").replace("e+", "e")
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Return an interval for reading, nothing where there is none."""
    if low is None or high is None:
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def signed(value: float) -> str:
    """Return a difference with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def p_text(p: float | None) -> str:
    """Return a p value for reading."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else number(p)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names in a row, the last ones as their number where there are many."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def in_short(names: Sequence[str], most: int = 12) -> str:
    """Return names separated by commas; of many the first, the last and their number."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:3])} … {names[-1]} ({len(names):,})"
