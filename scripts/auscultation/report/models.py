"""What the page shows of each model (settings, warnings, figures, theta), and the fits in doubt."""

from collections.abc import Callable
from typing import NamedTuple, TypedDict

from auscultation.data.target import Target
from auscultation.report.figures import PageFigure, figure
from auscultation.report.tables import Theta, theta_table

# What the summary of a fold reports; empty where there is no doubt.
REPORTED: dict[str, Callable[[dict], str]] = {
    "did not converge": lambda f: "" if f.get("converged", True) else " ".join(f["warnings"]),
    "approximated": lambda fold: fold.get("approximated", ""),
}


class Place(NamedTuple):
    """A split and a fold of it."""

    split: str
    fold: int


class Model(TypedDict):
    """All that the page shows of one model."""

    name: str
    features: list[str]
    settings: dict
    warnings: list[dict]  # text, and where: places
    failed: list[dict]  # split and why
    theta: Theta | None
    confusion: PageFigure | None  # both None where it has none, or no fit under the first split
    first_cycles: PageFigure | None


class Group(TypedDict):
    """Models of one algorithm; folded where there are many models."""

    algorithm: str
    models: list[Model]
    folded: bool


def doubts(fits: list[dict], summaries: list[dict], lost: list[dict]) -> list[dict]:
    """Return the fits without a result, not converged as their library says, or approximated.

    A row has model, split, `what` (failed, did not converge, approximated) and `why`.
    """
    rows = [fit | {"what": "failed", "why": fit["reason"]} for fit in lost]
    for fit, summary in zip(fits, summaries, strict=True):
        if "failed" in summary:
            rows.append(fit | {"what": "failed", "why": summary["failed"]})
        for what, reported in REPORTED.items():
            by_text: dict[str, list[str]] = {}
            for fold in summary["folds"]:
                by_text.setdefault(reported(fold), []).append(str(fold["fold"]))
            by_text.pop("", None)
            if by_text:
                why = "; ".join(f"fold {', '.join(n)}: {text}" for text, n in by_text.items())
                rows.append(fit | {"what": what, "why": why})
    return sorted(rows, key=lambda row: (row["split"], row["what"], row["model"]))


def warnings_of(fits: list[tuple[str, dict]]) -> list[dict]:
    """Return each warning of a model's fits once, with the splits and folds that have it."""
    where: dict[str, list[Place]] = {}
    for split, summary in fits:
        for fold in summary.get("folds", []):
            for text in fold.get("warnings", []):
                where.setdefault(text, []).append(Place(split, fold["fold"]))
    return [{"text": text, "where": places} for text, places in where.items()]


def model_groups(
    inputs, params, summaries: list[dict], split: str, many: bool, target: Target
) -> list[Group]:
    """Return the models by algorithm; groups are folded where there are many.

    Of the figures of single fits the page shows those of one split.
    """
    drawn = sorted({fit["model"] for fit in params.drawn})
    confusions = dict(zip(drawn, inputs.confusions, strict=True))
    first_cycles = {
        fit["model"]: figure(svg)
        for fit, svg in zip(params.drawn, inputs.models, strict=True)
        if fit["split"] == split
    }
    fits: dict[str, list[tuple[str, dict]]] = {}
    algorithms = {fit["model"]: fit["algorithm"] for fit in params.fits}
    for fit, summary in zip(params.fits, summaries, strict=True):
        fits.setdefault(fit["model"], []).append((fit["split"], summary))
    groups: dict[str, list[Model]] = {}
    for name in sorted(fits):
        failed = [(split, summary) for split, summary in fits[name] if "failed" in summary]
        shown = next((s for _, s in fits[name] if "failed" not in s), fits[name][0][1])
        made = Model(
            name=name,
            features=shown["features"],
            settings=shown["settings"],
            warnings=warnings_of(fits[name]),
            failed=[{"split": split, "why": summary["failed"]} for split, summary in failed],
            theta=theta_table(fits[name], target),
            confusion=figure(confusions[name]) if name in first_cycles else None,
            first_cycles=first_cycles.get(name),
        )
        groups.setdefault(algorithms[name] if many else "", []).append(made)
    return [
        Group(algorithm=algorithm, models=models, folded=many and len(models) > 1)
        for algorithm, models in sorted(groups.items())
    ]
