"""A model card: what a model is, what it was fitted on, what it scores, and what it is not for.

What is shown is gathered here; the template (report/model_card.md.j2) says it. The headings are those of
Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

import json
from pathlib import Path
from typing import NamedTuple

from auscultation.data.columns import WORKBOOK
from auscultation.data.derived import CATEGORIES
from auscultation.data.target import Target
from auscultation.export.card_scores import analyses_of, statement_of
from auscultation.export.markdown import render
from auscultation.fits.algorithms import BASELINES, REGRESSORS
from auscultation.report.imputed import imputed_features
from auscultation.report.models import warnings_of
from auscultation.scores.split_kinds import NEW

DERIVED = {
    "duration": "end minus start of the cycle, s",
    "device": "the last part of the recording's name",
    "location": "the third last part of the recording's name",
}


class Chosen(NamedTuple):
    """Settings that were chosen inside the training part of a split."""

    split: str
    metric: str
    n_folds: int
    settings: list[str]  # each once


class Column(NamedTuple):
    """A column of the matrix that an ONNX file takes."""

    name: str
    description: str
    value: str | None  # of a category: the column is 1 where the described is this


def card(about: dict, target: Target, template: str) -> str:
    """Return the card that the template (its path) makes.

    `about` has `model`, `algorithm`, `fits` (by split, the content of `fit.json`), `final` (the split
    whose model is handed on, or None), `rows` (of the comparison, all models), `answer` (see
    `auscultation.scores.answer`), `source`, `quality`, `provenance`, `data` (see
    `export_model.data_of`), and `onnx`, of the file (`columns`, `bytes`, `sha256`, `agreement`) or
    the `reason` why there is none. Of a model that is handed on, `model_sha256` and `holds_cycles`,
    how many training cycles it holds the features of.
    """
    fit, first, onnx = shown_fit(about), about["answer"]["splits"][0], about["onnx"]
    features = sorted({name for fit in about["fits"].values() for name in fit.get("inputs", [])})
    context = {
        **about,
        **fits_context(about),
        "target": target,
        "simulated": about["provenance"]["config"]["workbook"] == "demo",
        "baseline": about["algorithm"] in BASELINES,
        "regressor": about["algorithm"] in REGRESSORS,
        "patients_apart": first["kind"] == NEW,
        "statement": statement_of(about, first),
        "inputs": fit.get("inputs", []),
        "scale": fit.get("scale", "none"),
        "settings": settings_text(fit.get("settings", {})),
        "workbook": Path(about["source"]["workbook"]).name,
        "imputed": imputed_features(about["quality"], features),
        "analyses": analyses_of(about, target),
        "columns": [column_of(name) for name in onnx.get("columns", [])],
        "holds_cycles": about.get("holds_cycles"),
        "model_sha256": about.get("model_sha256"),
    }
    return render(context, template)


def shown_fit(about: dict) -> dict:
    """Return the fit whose settings are shown: to all cycles, else the first, if it did not fail."""
    fits = [about["fits"][about["final"]]] if about["final"] in about["fits"] else []
    fits += list(about["fits"].values())
    return next((fit for fit in fits if not fit.get("failed")), fits[0])


def fits_context(about: dict) -> dict:
    """Return what the card shows of the fits: choices, failures, approximations, warnings."""
    fits = sorted(about["fits"].items())
    return {
        "chosen": [chosen for split, fit in fits if (chosen := chosen_of(split, fit))],
        "failed": [(split, fit["failed"]) for split, fit in fits if fit.get("failed")],
        "approximated": [
            (split, text)
            for split, fit in fits
            for text in dict.fromkeys(fold.get("approximated") for fold in fit.get("folds", []))
            if text is not None
        ],
        "warnings": warnings_of(fits),
    }


def chosen_of(split: str, fit: dict) -> Chosen | None:
    """Return the settings chosen under a split; None where nothing was to choose."""
    chosen = [fold["chosen"] for fold in fit.get("folds", []) if "chosen" in fold]
    if not chosen:
        return None
    metric = fit["folds"][0].get("metric", fit["tune"]["metric"])
    return Chosen(split, metric, len(chosen), list(dict.fromkeys(map(settings_text, chosen))))


def settings_text(settings: dict) -> str:
    """Return settings for reading."""
    pairs = (f"{key} = {json.dumps(value, default=str)}" for key, value in sorted(settings.items()))
    return ", ".join(pairs) or "none"


def column_of(name: str) -> Column:
    """Return what a column of the features' matrix holds."""
    feature, _, value = name.partition("=")
    if feature in CATEGORIES:
        return Column(name, DERIVED.get(feature, feature), value)
    return Column(name, WORKBOOK[name].description if name in WORKBOOK else DERIVED[name], None)
