"""How metrics are named and numbers written."""

from auscultation.data.target import Target

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


def spoken(metric: str) -> str:
    """Return the name of a metric inside a sentence, with its article where it has one."""
    name = METRIC_NAMES.get(metric, metric.replace("_", " "))
    return f"the {name}" if metric in THE or metric.startswith("auc_") else name


def area(metric: str, target: Target) -> str:
    """Return the name of an area under ROC curves, with what it tells apart."""
    words = "AUC"
    if target.name == "state":
        words += " over the four states" if "_ovr" in metric else " of abnormal against normal"
    elif not target.ordered:
        first = target.classes[0]
        words += " over the diagnoses" if "_ovr" in metric else f" of any other than {first}"
    return words + (" among cycles of one device" if metric.endswith("_within_device") else "")


def counted(n: int, what: str) -> str:
    """Return a number of things: `1 model`, `16 models`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sought(target: Target) -> str:
    """Return what a cycle has that is not of class 0: what probabilities are calibrated for."""
    none = {"state": "not normal"}.get(target.name, f"not {target.classes[0]}")
    return none if not target.ordered or target.name == "state" else f"with {target.name}"


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


def listed(names: list[str], most: int = 5) -> str:
    """Return names in a row, the last ones as their number where there are many."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
