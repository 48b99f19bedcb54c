"""Runs as the methods take them, from a config that is checked and filled in; nothing is fitted."""

import json
import re
from functools import cache

from answering import answered
from auscultation.config.queries import features_of, fits, missing_of, scale_of, tune_of
from auscultation.config.resolve import resolve
from auscultation.data.target import CLASSES, Target, wanted
from auscultation.export.methods.context import context_of
from auscultation.export.methods.prose import fill_in, parse, sentences_of
from auscultation.export.methods.run import Run
from auscultation.splits.registry import patients_apart
from configs import SCHEMA
from harness import ROOT

TEMPLATE = ROOT / "report" / "methods" / "methods.j2"
WORKS = ROOT / "report" / "methods" / "references.bib"
STATISTICS = ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]
BASE = {
    "workbook": "data/cycles.xlsx",
    "models": {
        "most_frequent": {},
        "lstsq": {},
        "knn": {"n_neighbors": 7},
        "forest": {"algorithm": "random_forest", "features": [*STATISTICS, "device"]},
    },
    "splits": {"patient": {"folds": 4}, "shuffled": {"folds": 4}, "final": {}},
}
EXAMINED = ("units", "subgroups", "curves", "probabilities", "luck", "power")
EXAMINED += ("operating", "learning", "importance")  # where the config asks for them
VERSIONS = {"Python": "3.12.1", "snakemake": "9.27", "numpy": "2.4", "scipy": "1.17"}
VERSIONS |= {"scikit-learn": "1.9", "tensorflow": "2.21", "matplotlib": "3.11", "jinja2": "3.1"}
COLUMNS = ["patient_ID", "recording", "age", "sex", "device", "location"]


def source_of(config):
    """The content of `source.json` for what the config names."""
    if config["recordings"]:
        folder = config["recordings"]
        return {
            "workbook": folder,
            "sha256": "a1",
            "sounds": 30,
            "without_rows": {"x.wav": "short"},
        }
    paths = config["workbook"] if isinstance(config["workbook"], list) else [config["workbook"]]
    files = [{"workbook": path, "sheet": config["sheet"] or "S", "sha256": f"b{n}c"} for n, path in enumerate(paths, 11)]  # fmt: skip
    about = {"workbook": ", ".join(paths), "sheet": "S", "sha256": "b11c"}
    return about | ({"files": files} if len(files) > 1 else files[0])


def features_found(config, model):
    """The columns that a model's features are, patterns of families in full."""
    names = [name.replace("*", "1") for name in features_of(config, model)]
    return [] if model == "most_frequent" else names


def summary_of(config, fit, folds):
    """The content of a fit.json."""
    model = config["models"][fit["model"]]
    inputs, tune = features_found(config, fit["model"]), tune_of(config, fit["model"])
    chosen = {"chosen": tune["candidates"][-1]} if tune else {}
    return {
        "inputs": inputs,
        "features": [f"{name}=A" if name == "device" else name for name in inputs],
        "scale": scale_of(config, fit["model"]),
        "missing": missing_of(config, fit["model"]),
        "settings": model["settings"],
        "folds": [{"fold": fold, "warnings": []} | chosen for fold in range(folds)],
    }


def split_of(split):
    """The content of a split.json, in which 14 patients are on both sides where they are not apart."""
    settings = split["settings"]
    apart = patients_apart(split["protocol"], settings)
    n = settings.get("folds", 1) * settings.get("repeats", 1)
    fold = {"test": {"patients": 60 // n}, "patients_on_both_sides": [] if apart else [*range(14)]}
    return {**split, "folds": [{"fold": number} | fold for number in range(n)]}


def target_of(config):
    """The target, with the classes that its column would have."""
    column, classes, positive = wanted(config["target"])
    if column in CLASSES:
        return Target(column, CLASSES[column])
    names = tuple(classes) or ("Healthy", "COPD", "URTI")
    if positive is not None:
        names = (f"not {positive}", str(positive))
    return Target(column, names, tuple((name,) for name in names), "named" if positive else "")


def paper_run(changes=None, lost=(), failed=(), examined=EXAMINED, gaps=True, columns=COLUMNS):
    """Return a run of the base config with changes; `gaps`: whether a feature lacks values.

    `failed` are fits (model, split) without a result.
    """
    config = resolve(BASE | (changes or {}), SCHEMA)
    target, made = target_of(config), fits(config)
    splits = {name: split_of(split) for name, split in config["splits"].items()}
    metrics = {"information": (0.6, 0.01, 0.2), "useful": (0.5, 0.4), "accuracy": (0.55, None)}
    metrics |= {"beyond_device": (0.52, 0.4)}
    models = {
        (fit["model"], fit["algorithm"], fit["split"]): metrics
        for fit in made
        if fit["algorithm"] not in ("mean", "most_frequent", "stratified", "by_device")
    }
    leakage = []
    if {"patient", "shuffled"} <= {*splits}:
        row = {"model": "knn", "metric": target.score, "heard": "patient or recording"}
        row |= {"split": "shuffled", "other_split": "patient", "difference": 0.1}
        leakage = [row | {"ci_low": 0.05, "ci_high": 0.15, "p_holm": 0.01}]
    answer, rows = answered(models, splits=splits, target=target, leakage=leakage)
    rows += [row | {"metric": "accuracy"} for row in rows if row["model"] == "always"]
    summaries = [summary_of(config, fit, len(splits[fit["split"]]["folds"])) for fit in made]
    for fit, summary in zip(made, summaries, strict=True):
        if [fit["model"], fit["split"]] in [*map(list, failed)]:
            summary |= {"failed": "the fit diverged.", "folds": []}
    imputed = config["clean"]["missing"] == "impute"
    before = config["clean"]["impute"] == "before_split"
    quality = {
        "cycles_before": 900,
        "cycles_after": 900 if imputed else 871,
        "missing_before": {"age": 17, "Var": 3},
        "missing_after": {"Var": 3 if gaps and imputed and not before else 0},
        "dropped_columns": config["clean"]["drop"],
        "imputed": {"age": {"cells": 17, "value": 60.0}} if imputed and before else {},
        "without_class": {"Asthma": 21} if isinstance(config["target"], dict) else {},
    }
    classes = [{"class": n, "cycles": 400 + k, "patients": 50 + k} for k, n in enumerate(target.classes)]  # fmt: skip
    origin = {"code": {"commit": "c0ffee", "changed": False}, "lock": {"sha256": "10c4"}}
    return Run(
        source=source_of(config),
        quality=quality,
        provenance=origin | {"versions": VERSIONS, "config": config},
        splits=splits,
        fits=made,
        summaries=summaries,
        lost=list(lost),
        rows=rows,
        differences=[],
        answer=answer,
        counts={
            "cycles": 871,
            "recordings": 118,
            "patients": 59,
            "devices": ["A", "B"],
            "classes": classes,
        },  # fmt: skip
        columns=columns,
        examined=examined,
        target=target,
    )


def sections_of(run):
    """The sections of a run's methods."""
    return parse(fill_in(context_of(run), TEMPLATE))


@cache
def _sentences(arguments):
    return sentences_of(sections_of(paper_run(**json.loads(arguments))))


def sentences(changes=None, **settings):
    """The sentences of the methods of a run as `paper_run` makes it, by id."""
    return _sentences(json.dumps({"changes": changes} | settings))


def balanced(tex):
    """Hold that braces of LaTeX are in pairs, and that no special character is bare."""
    body = "\n".join(line for line in tex.splitlines() if not line.startswith("%"))
    depth = 0
    for mark in re.sub(r"\\.", "", body, flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
        assert mark not in '%&$#_^"\\'
    assert depth == 0
