"""What the page says of each model: settings, warnings, figures, theta; and of fits in doubt."""

from auscultation.data.target import Target
from auscultation.report.captions import figure
from auscultation.report.tables import theta_table

# what the summary of a fold tells of it; nothing where there is no doubt
TOLD = {
    "did not converge": lambda fold: (
        "" if fold.get("converged", True) else " ".join(fold["warnings"])
    ),
    "approximated": lambda fold: fold.get("approximated", ""),
}


def doubts(fits: list[dict], summaries: list[dict], lost: list[dict]) -> list[dict]:
    """Return the fits without a result, not converged as their library says, or approximated.

    Returns
    -------
    list of dict
        model, split, `what` (failed, did not converge, approximated) and `why`.
    """
    found = [fit | {"what": "failed", "why": fit["reason"]} for fit in lost]
    for fit, summary in zip(fits, summaries, strict=True):
        if "failed" in summary:
            found.append(fit | {"what": "failed", "why": summary["failed"]})
        for what, told in TOLD.items():
            by_text: dict[str, list[str]] = {}
            for fold in summary["folds"]:
                by_text.setdefault(told(fold), []).append(str(fold["fold"]))
            by_text.pop("", None)
            if by_text:
                why = "; ".join(f"fold {', '.join(n)}: {text}" for text, n in by_text.items())
                found.append(fit | {"what": what, "why": why})
    return sorted(found, key=lambda row: (row["split"], row["what"], row["model"]))


def model_section(
    model: str, fits: list[tuple[str, dict]], figures: list[dict], target: Target
) -> dict:
    """Return all that the page says of one model."""
    warnings = {}
    for split, summary in fits:
        for fold in summary["folds"]:
            for text in fold["warnings"]:
                warnings.setdefault(text, []).append(f"{split}, fold {fold['fold']}")
    shown = next((one for _, one in fits if "failed" not in one), fits[0][1])
    return {
        "name": model,
        "features": ", ".join(shown["features"]),
        "settings": ", ".join(f"{k} = {v}" for k, v in shown["settings"].items()) or "none",
        "warnings": [{"text": text, "where": where} for text, where in warnings.items()],
        "failed": [
            {"split": split, "why": summary["failed"]}
            for split, summary in fits
            if "failed" in summary
        ],
        "theta": theta_table(model, fits, target),
        "figures": figures,
    }


def model_groups(
    inputs, params, summaries: list[dict], split: str, many: bool, target: Target
) -> list[dict]:
    """Return the sections of the models, by algorithm; folded groups where there are many.

    Of the figures of single fits the page shows those of one split.
    """
    confusions = dict(
        zip(sorted({f["model"] for f in params.fits}), inputs.confusions, strict=True)
    )
    fits: dict[str, list] = {}
    drawn: dict[str, list] = {}
    algorithms = {}
    for fit, summary, svg in zip(params.fits, summaries, inputs.models, strict=True):
        name = fit["model"]
        algorithms[name] = fit["algorithm"]
        fits.setdefault(name, []).append((fit["split"], summary))
        if fit["split"] == split:
            drawn[name] = [
                figure(
                    confusions[name],
                    f"Confusion of {name}",
                    f"Matrices, one a split: how many cycles of each class {name} called what",
                    "What each class was called on the test part: share of the class, and predictions.",
                ),
                figure(
                    svg,
                    f"First cycles of {name}",
                    f"First 50 cycles of {name} under {split}: true and predicted class",
                    f"The first cycles under {split}, first fold.",
                ),
            ]
    groups: dict[str, list] = {}
    for name in sorted(fits):
        key = algorithms[name] if many else ""
        shown = drawn.get(name, [])  # none where the job of this very fit has failed
        groups.setdefault(key, []).append(model_section(name, fits[name], shown, target))
    return [
        {"algorithm": algorithm, "models": models, "folded": many and len(models) > 1}
        for algorithm, models in sorted(groups.items())
    ]
