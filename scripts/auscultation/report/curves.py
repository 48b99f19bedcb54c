"""What the page shows of curves over thresholds, and of how well probabilities are calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

from auscultation.fits.algorithms import BASELINES
from auscultation.report.score_tables import ends_cell, ends_head, marks_of, model_cell
from auscultation.report.tables import Table, figure_cell, table
from auscultation.scores.comparison import Ranked
from auscultation.scores.probabilities import ProbabilityScore

NAMES = {
    "auc": "AUC, all pairs",
    "average_precision": "average precision",
    "brier_score": "Brier score",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration in the large",
}


@dataclass(frozen=True)
class Calibrated:
    """How the probabilities of one model are calibrated, of the first side."""

    slope: ProbabilityScore
    verdict: str  # what the slope says of how far probabilities are from each other
    intercept: ProbabilityScore
    level: str  # what the intercept says of the mean probability


def _beside(score: ProbabilityScore, calibrated: float, below: str, above: str) -> str:
    """Return the words for a score whose interval is below, or above, what is calibrated."""
    low, high = score["ci_low"], score["ci_high"]
    if low is None or high is None:
        return "unknown"
    return below if high < calibrated else above if low > calibrated else "calibrated"


def curves_context(rows: Sequence[ProbabilityScore], ranked: list[Ranked], split: str) -> dict:
    """Return what the sections of the calibration and of the thresholds show, under one split.

    Models are in the order of `ranked`, their ranking under the split.
    """
    by_side: dict[str, dict[str, dict[str, ProbabilityScore]]] = {}
    for row in rows:
        if row["split"] == split:
            models = by_side.setdefault(row["positive"], {})
            models.setdefault(row["model"], {})[row["metric"]] = row
    order = [row["model"] for row in ranked]
    tables, calibrated = [], None
    for side, models in by_side.items():
        first = next(iter(models.values()))["auc"]
        ordered = [models[model] for model in order if model in models]
        counts = {name: first[name] for name in ("n_cycles", "n_positive", "n_patients")}  # type: ignore[literal-required]
        tables.append({"side": side, "split": split, "table": _table(ordered), **counts})
        calibrated = calibrated or _calibrated(ordered)
    return {"probability_tables": tables, "calibrated": calibrated}


def _calibrated(models: list[dict[str, ProbabilityScore]]) -> Calibrated | None:
    """Return the calibration of the first model, no baseline, that has a slope; None where none has."""
    for scores in models:
        slope = scores.get("calibration_slope")
        if scores["auc"]["algorithm"] in BASELINES:
            continue
        if slope and slope["value"] is not None and slope["ci_low"] is not None:
            intercept = scores["calibration_intercept"]
            verdict = _beside(slope, 1, "too sure", "too unsure")
            level = _beside(intercept, 0, "too high", "too low")
            return Calibrated(slope, verdict, intercept, level)
    return None


def _table(models: list[dict[str, ProbabilityScore]]) -> Table:
    """Return a row a model with each score and its interval."""
    shown = [name for name in NAMES if any(name in scores for scores in models)]
    head: list[str | tuple[str, str]] = ["model"]
    for metric in shown:
        head += [(NAMES[metric], metric), ends_head(metric)]
    body = []
    for scores in models:
        line = [model_cell(scores["auc"])]
        for metric in shown:
            row = scores.get(metric)
            line.append(figure_cell(row["value"] if row else None, strong=metric == "auc"))
            line.append(ends_cell(*((row["ci_low"], row["ci_high"]) if row else (None, None))))
        body.append(line)
    return table(head, body, marks=marks_of([scores["auc"] for scores in models]))
