"""Names of the metrics, and which of them a target has."""

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
ERRORS = ("mse", "rmse", "mae", "r2")  # only where a class is a number
# Hyperparameters are also chosen by the AUC and by losses of probabilities.
AREA, LOSSES = "auc", ("log_loss", "brier_score")


def metrics_of(target: Target) -> tuple[str, ...]:
    """Return the names of the metrics that a target has.

    The ICBHI score is defined for the four states; with two classes it would equal the balanced
    accuracy. A diagnosis has neither numeric errors nor a single sensitivity.
    """
    undefined = set() if target.name == "state" else {"icbhi_score"}
    if not target.ordered:
        undefined |= {*ERRORS, "sensitivity", "specificity"}
    return tuple(name for name in METRICS if name not in undefined)


def compared_by(target: Target) -> tuple[str, ...]:
    """Return the metrics by which models are compared, that of the ranking first."""
    names = ("accuracy", "balanced_accuracy", "macro_f1", "mse")
    rest = (name for name in names if name in metrics_of(target) and name != target.score)
    return (target.score, *rest)


def tuned_by(target: Target) -> tuple[str, ...]:
    """Return the metrics by which hyperparameters can be chosen, the default first."""
    return (AREA, *metrics_of(target), *LOSSES)
