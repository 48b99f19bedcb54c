"""How metrics are named and numbers written."""

from lib.target import Target

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
    "auc_ovr": "AUC",
}


def spoken(metric: str) -> str:
    """Name a metric inside a sentence, with its article where it has one."""
    name = METRIC_NAMES.get(metric, metric.replace("_", " "))
    return f"the {name}" if metric in ("icbhi_score", "mse", "rmse", "mae", "auc_ovr") else name


def counted(n: int, what: str) -> str:
    """Give a number of things: `1 model`, `16 models`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sought(target: Target) -> str:
    """Say what a cycle has that is not of class 0: what probabilities are calibrated for."""
    none = {"state": "not normal"}.get(target.name, f"not {target.classes[0]}")
    return none if not target.ordered or target.name == "state" else f"with {target.name}"


def number(value: float | None, digits: int = 3) -> str:
    """Give a number for reading, a dash where there is none."""
    if value is None:
        return "–"
    if abs(value) >= LONG:
        return f"{value:.{digits}g}".replace("-", "−").replace("e+", "e")
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Give an interval for reading, nothing where there is none."""
    if low is None or high is None:
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def signed(value: float) -> str:
    """Give a difference with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def p_text(p: float | None) -> str:
    """Give a p value for reading."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else number(p)


def listed(names: list[str], most: int = 5) -> str:
    """Write names in a row, the last ones as their number where there are many."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
