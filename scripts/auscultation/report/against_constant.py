"""How models compare with the best constant, metric by metric, and what their squared error means."""

from dataclasses import dataclass
from typing import Literal

from auscultation.data.target import Target
from auscultation.fits.algorithms import REGRESSORS
from auscultation.metrics.names import LOWER_IS_BETTER, metrics_of
from auscultation.scores.comparison import Ranked
from auscultation.scores.differences import CONSTANT, Difference
from auscultation.scores.fit_scores import AREAS
from auscultation.scores.questions import ALPHA
from auscultation.scores.verdict import is_better

Gaps = dict[str, dict[str, Difference]]  # rows of the differences, by metric and model
# Metrics of the class that a number is rounded to.
ROUNDED = ("icbhi_score", "accuracy", "balanced_accuracy", "macro_f1")
# What tells abnormal from normal, also where a model gives a number alone.
ABNORMAL = "auc_abnormal_between_patients"
Shown = Literal["yes", "not_corrected", "no"]


@dataclass(frozen=True)
class Score:
    """A value and its 95 % interval, whose ends are None where it has none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Differing:
    """Models that are better, or worse, than the best constant by one metric."""

    metric: str
    better: bool
    constant: float  # what the best constant has
    models: list[Difference]  # rows of the differences, the largest first


@dataclass(frozen=True)
class Rounding:
    """Models that predict a number, and the one of them whose number tells most."""

    models: list[str]
    metric: str
    best: str
    area: float  # AUC of its number
    score: float | None  # of the classes that its number is rounded to


@dataclass(frozen=True)
class SquaredError:
    """A model's squared error beside that of predicting the mean."""

    model: str
    error: float
    mean_error: float  # of predicting the mean
    difference: Score
    p: float | None
    shown: Shown  # is the difference distinguishable from none?

    @property
    def explained(self) -> float | None:
        """Return the share of the variance that the model explains (R²); None where it does no better."""
        return 1 - self.error / self.mean_error if self.error < self.mean_error else None


def excludes_zero(low: float | None, high: float | None) -> bool:
    """Return whether an interval, if there is one, does not hold 0."""
    return low is not None and high is not None and not low <= 0 <= high


def against_constant(differences: list[Difference], split: str) -> Gaps:
    """Return the rows of a split's differences from the best constant, by metric and model."""
    by_metric: Gaps = {}
    for row in differences:
        if (row["split"], row["against_is"]) == (split, CONSTANT):
            by_metric.setdefault(row["metric"], {})[row["model"]] = row
    return by_metric


def differing(table: list[Ranked], gaps: Gaps) -> list[Differing]:
    """Return what differs from the best constant, the better first; AUCs are left to the answer.

    A model whose number was rounded to a class is not called worse for it.
    """
    rows = {row["model"]: row for row in table}
    better: list[Differing] = []
    worse: list[Differing] = []
    for metric, of_models in gaps.items():
        if metric in AREAS:
            continue
        sign = -1 if metric in LOWER_IS_BETTER else 1
        of_metric = [gap for model, gap in of_models.items() if model in rows]
        of_metric.sort(key=lambda gap: (-abs(gap["difference"] or 0), gap["model"]))
        above = [gap for gap in of_metric if is_better(gap, sign)]
        below = [gap for gap in of_metric if is_better(gap, -sign)]
        if metric in ROUNDED:
            below = [gap for gap in below if rows[gap["model"]]["algorithm"] not in REGRESSORS]
        for models, sides in ((above, better), (below, worse)):
            if models:
                first = models[0]
                value, difference = rows[first["model"]]["values"][metric], first["difference"]
                assert value is not None and difference is not None  # else it would not differ
                sides.append(Differing(metric, sides is better, value - difference, models))
    return better + worse


def rounding_of(table: list[Ranked], target: Target) -> Rounding | None:
    """Return what rounding does to the models that predict a number; None without such."""
    rows = [row for row in table if row["algorithm"] in REGRESSORS and not row["baseline"]]
    areas = [(value, row) for row in rows if (value := row["values"].get(ABNORMAL)) is not None]
    if not areas or target.score not in areas[0][1]["values"]:
        return None
    area, best = max(areas, key=lambda entry: entry[0])
    models = [row["model"] for _, row in areas]
    return Rounding(models, ABNORMAL, best["model"], area, best["values"][target.score])


def squared_error_of(table: list[Ranked], gaps: Gaps, target: Target) -> SquaredError | None:
    """Return the squared error of gradient descent, else of the best model, beside the mean's.

    That of a model with probabilities is the error of the class it expects (sum of k p(k)).
    """
    if "mse" not in metrics_of(target):
        return None
    errors = []
    for row in table:
        expected = row["values"].get("mse_expected") is not None
        metric = "mse_expected" if expected else "mse"
        gap, value = gaps.get(metric, {}).get(row["model"]), row["values"][metric]
        if gap and gap["difference"] is not None and value is not None:
            errors.append((value, row["algorithm"], gap["difference"], gap))
    if not errors:
        return None
    descents = [error for error in errors if error[1] == "gradient_descent"]
    error, _, difference, gap = min(descents or errors, key=lambda entry: entry[0])
    low, high = gap["ci_low"], gap["ci_high"]
    shown: Shown = "no"
    if excludes_zero(low, high):
        corrected = gap["p_holm"] is None or gap["p_holm"] >= ALPHA
        shown = "not_corrected" if corrected else "yes"
    score = Score(difference, low, high)
    return SquaredError(gap["model"], error, error - difference, score, gap["p_holm"], shown)
