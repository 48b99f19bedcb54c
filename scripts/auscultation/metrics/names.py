"""Names of the metrics, and which of them suit a target."""

from auscultation.data.target import Target

METRICS = (
    "mse",
    "rmse",
    "mae",
    "r2",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "sensitivity",
    "specificity",
    "icbhi_score",
)
LOWER_IS_BETTER = ("mse", "rmse", "mae", "mse_expected", "log_loss", "brier_score")
ERRORS = ("mse", "rmse", "mae", "r2")  # where a class is a number
# What settings are also chosen by: the AUC, and losses of probabilities.
AREA, LOSSES = "auc", ("log_loss", "brier_score")


def metrics_of(target: Target) -> tuple[str, ...]:
    """Return the names of the metrics that a target has.

    The ICBHI score is defined for the four states. With two classes it would be the balanced
    accuracy. A diagnosis has neither errors nor one sensitivity.
    """
    none = () if target.name == "state" else ("icbhi_score",)
    if not target.ordered:
        none += (*ERRORS, "sensitivity", "specificity")
    return tuple(name for name in METRICS if name not in none)


def compared_by(target: Target) -> tuple[str, ...]:
    """Return the metrics that models are compared by, that of the ranking first."""
    names = ("accuracy", "balanced_accuracy", "macro_f1", "mse")
    rest = (name for name in names if name in metrics_of(target) and name != target.score)
    return (target.score, *rest)


def tuned_by(target: Target) -> tuple[str, ...]:
    """Return the metrics that settings are chosen by, the default first."""
    return (AREA, *metrics_of(target), *LOSSES)
