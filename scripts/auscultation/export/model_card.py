"""A model card: what a model is, what it was fitted on, what it scores, and what it is not for.

What is shown is gathered here; the template (report/model_card.md.j2) says it. The headings are those of
Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from auscultation.data.columns import NOTEBOOK, WORKBOOK
from auscultation.data.target import Target
from auscultation.export.card_scores import analyses_of, statement_of
from auscultation.export.markdown import render
from auscultation.fits.algorithms import BASELINES, REGRESSORS
from auscultation.fits.preprocess import BLANK, Column
from auscultation.report.imputed import imputed_features
from auscultation.report.models import warnings_of
from auscultation.report.recordings import family_of, recordings_of
from auscultation.scores.split_kinds import NEW

LISTED = 30  # features, or columns of the matrix, that a card names; the file beside it has all
USUAL = "a number becomes the median of the training cycles"
OWN = "that of a category is a value of its own"
MISSING = {
    "median": f"{USUAL}, a category its most frequent value there",
    "most_frequent": "each becomes the most frequent value of the training cycles",
    "indicator": f"{USUAL}, with a column that says where it was missing; {OWN}",
    "keep": f"a number stays missing; {OWN}",
}
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


def card(about: dict, target: Target, template: str) -> str:
    """Return the card that the template (its path) makes.

    `about` has `model`, `algorithm`, `fits` (by split, the content of `fit.json`), `final` (the split
    whose model is handed on, or None), `rows` (of the comparison, all models), `answer` (see
    `auscultation.scores.answer`), `source`, `quality`, `provenance`, `data` (see
    `auscultation.export.cycle_counts`), and `onnx`, of the file (`columns`, `bytes`, `sha256`, `agreement`) or
    the `reason` why there is none. Of a model that is handed on, `model_sha256` and `holds_cycles`,
    how many training cycles it holds the features of; `features_file`, of many features, the name of
    the file that lists all.
    """
    fit, first, onnx = shown_fit(about), about["answer"]["splits"][0], about["onnx"]
    inputs = fit.get("inputs", [])
    config = about["provenance"]["config"]
    recordings = recordings_of(about["source"], config)
    families = config["families"] if recordings else []
    used = {family_of(name, families) for name in inputs}
    folds = [own for of in about["fits"].values() for own in (of, *of.get("folds", []))]
    features = sorted({name for own in folds for name in own.get("inputs", [])})
    context = {
        **dict.fromkeys(("features_file", "holds_cycles", "model_sha256")),  # not of each model
        **about,
        **fits_context(about),
        "target": target,
        "recordings": recordings,
        "families": [family for family in families if family in used],
        "of_notebook": [name for name in inputs if name in NOTEBOOK],
        "simulated": recordings.simulated if recordings else config["workbook"] == "demo",
        "baseline": about["algorithm"] in BASELINES,
        "regressor": about["algorithm"] in REGRESSORS,
        "patients_apart": first["kind"] == NEW,
        "statement": statement_of(about, first),
        "n_features": len(inputs),
        "inputs": inputs[:LISTED],
        "scale": fit.get("scale", "none"),
        "missing": MISSING[fit.get("missing", "median")],
        "imputed_in_fold": imputed_text(fit),
        "settings": settings_text(fit.get("settings", {})),
        "workbook": Path(about["source"]["workbook"]).name,
        "imputed": imputed_features(about["quality"], features),
        "analyses": analyses_of(about, target),
        "columns": [
            (c.name, meaning(c, families if recordings else None))
            for c in onnx.get("columns", [])[:LISTED]
        ],
        "n_columns": len(onnx.get("columns", [])),
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


def imputed_text(fit: dict) -> str:
    """Return what missing values of features become in the model that is shown, for reading."""
    first = fit["folds"][0] if fit.get("folds") else {}
    pairs = [(k, value) for k, value in first.get("imputed", {}).items() if value != BLANK]
    more = len(pairs) - LISTED
    short = (f"{k}: {v:.4g}" if isinstance(v, float) else f"{k}: {v}" for k, v in pairs[:LISTED])
    return ", ".join(short) + (f" and {more:,} more" if more > 0 else "")


def meaning(column: Column, families: Sequence[str] | None) -> str:
    """Return what a column of the features' matrix holds; `families` are None of a workbook."""
    name = column.feature
    known = DERIVED.get(name, WORKBOOK[name].description if name in WORKBOOK else "")
    if column.indicator or column.value == BLANK:
        return f"1 where {known or name} is missing, else 0"
    if column.value is not None:
        return f"1 where {known or name} is {column.value}, else 0"
    if known or families is None:
        return known or "a column of the workbook's own"
    family = family_of(name, families)
    return "a column of the table" if family == "others" else f"of the family {family}"


def features_table(
    columns: list[Column], imputed: dict[str, object], families: Sequence[str] | None = None
) -> pa.Table:
    """Return every column of the features' matrix: its place, what it is, what a missing cell becomes.

    `families` are those that recordings were heard with; None of a workbook.
    """
    rows = [
        {
            "column": place,
            "name": column.name,
            "feature": column.feature,
            "what": meaning(column, families),
        }
        | {"missing": "" if column.indicator else str(imputed.get(column.feature, ""))}
        for place, column in enumerate(columns)
    ]
    return pa.Table.from_pylist(rows)
