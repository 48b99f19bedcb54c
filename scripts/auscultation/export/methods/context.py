"""What the templates of the methods tell of a run, as numbers, names and lists."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from auscultation.data.columns import NOTEBOOK, WORKBOOK
from auscultation.export.methods.models import (
    LISTED,
    SEEDS,
    by_option,
    device_features,
    failures_of,
    filled,
    groups_of,
    has_categories,
    has_notebook,
    regressors,
    seed_of,
    seen_of,
    tuned_of,
)
from auscultation.export.methods.run import Run
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.metrics.names import METRICS
from auscultation.report.recordings import BAND
from auscultation.report.sources import sources_of
from auscultation.scores.differences import EVEN
from auscultation.scores.intervals import LEVEL, POWER
from auscultation.scores.questions import ALPHA, PATIENTS, SIDE, asked
from auscultation.scores.split_kinds import NEW, kind_of, on_both_sides, tested
from auscultation.scores.wording import METRIC_NAMES, classes_of, metric_name

# Checks of a workbook whose level the config sets; of recordings, these and their own.
CHECKS = ("range", "order", "duplicate", "overlap", "patient", "category", "id", "error_cell")


class Divided(NamedTuple):
    """A split: its protocol with the settings, and what its parts hold."""

    name: str
    protocol: str
    settings: Mapping
    folds: int
    patients: int  # tested on, over the folds
    shared: int  # patients in both parts of some fold
    kind: str
    even: bool  # whether its folds are of one size, and there are several


def divided(run: Run) -> list[Divided]:
    """Return the splits, that to rely on first."""
    pairs = ((about, run.splits[about["split"]]) for about in run.answer["splits"])
    return [
        Divided(
            about["split"],
            split["protocol"],
            split["settings"],
            len(split["folds"]),
            about["n_patients"] or tested(split),
            len(on_both_sides(split)),
            kind_of(split),
            split["protocol"] in EVEN and len(split["folds"]) > 1,
        )
        for about, split in pairs
    ]


def data_context(run: Run) -> dict:
    """Return what is told of the data, of its cleaning and of the features."""
    config, quality = run.config, run.quality
    recordings = config["recordings"]
    return {
        "simulated": (recordings or config["workbook"]) == "demo",
        "published": not recordings and config["workbook"] == "published",
        "recordings": recordings,
        "folder": Path(run.source["workbook"]).name,
        "sounds": run.source.get("sounds"),
        "files": [] if recordings else sources_of(dict(run.source)),
        "sha256": run.source["sha256"],
        "tables": [Path(path).name for path in config["patient_tables"]] if recordings else [],
        "demo": config["demo"]["recordings"] if recordings else config["demo"],
        "demo_seed": config["demo"]["seed"],
        "n_left_out": len(run.source.get("without_rows", {})),
        "checks": {name: config["checks"][name] for name in CHECKS},
        "counts": run.counts,
        "n_cells": sum(about["cells"] for about in quality["imputed"].values()),
        "imputed": [
            (name, about["cells"]) for name, about in sorted(quality["imputed"].items())
        ],
        "dropped": [name for name in quality["dropped_columns"] if name in WORKBOOK],
        "dropped_cycles": (
            quality["cycles_before"] - quality["cycles_after"] if config["clean"]["missing"] == "drop"
            else 0
        ),
        "without_class": quality["without_class"],
        "families": config["families"] if recordings else [],
        "frames": config["frames"],
        "exact": config["exact"] and has_notebook(run),
        "meanings": {name: f"the {WORKBOOK[name].description}" for name in NOTEBOOK},
        "notebook": bool(recordings) and has_notebook(run),
        "BAND": BAND,
    }  # fmt: skip


def model_context(run: Run) -> dict:
    """Return what is told of the models."""
    limits = {m: run.config["models"][m].get("fit_timeout") for m in run.models}
    return {
        "models": sorted(run.models),
        "n_models": len(run.models),
        "seed": seed_of(run, run.models),
        "groups": groups_of(run, run.models),
        "baselines": groups_of(run, run.baselines),
        "device_features": device_features(run),
        "seen": seen_of(run),
        "LISTED": LISTED,
        "categories": has_categories(run),
        "max_levels": run.config["max_levels"],
        "scaled": by_option(run, "scale", "none"),
        "filled": filled(run),
        "regressors": regressors(run),
        "tuned": tuned_of(run),
        "kernels": sorted(m for m in run.models if ALGORITHMS[run.algorithms[m]].kernel),
        "max_kernel_rows": run.config["max_kernel_rows"],
        "above": run.config["above_max_kernel_rows"],
        "fit_timeout": run.config["fit_timeout"],
        "own_timeouts": sorted((m, limit) for m, limit in limits.items() if limit is not None),
        "failures": failures_of(run),
        "packages": packages(run),
    }


def packages(run: Run) -> list[str]:
    """Return the libraries that the models were fitted with, as keys of their citations."""
    own = {"lstsq": "numpy", "gradient_descent": "tensorflow", "mlp": "tensorflow"}
    return sorted({own.get(run.algorithms[model], "scikit-learn") for model in run.models})


def score_context(run: Run) -> dict:
    """Return what is told of metrics, intervals and tests."""
    present = {row["metric"] for row in run.rows if row["part"] == "test"}
    main = {run.target.score, *asked("information", run.target), "sensitivity", "specificity"}
    others = [name for name in METRIC_NAMES if name in present - main and "auc_" not in name]
    answers = run.first["answers"]
    return {
        "others": [metric_name(name, run.target) for name in others],
        "rounded": bool(regressors(run)) and bool({*METRICS} & present),
        "within_device": any("_within_device" in name for name in present),
        "n_compared": max(question["n_models"] for question in answers.values()),
        "limits": bool(answers["useful"]["limit"]),
        "ALPHA": ALPHA,
        "LEVEL": LEVEL,
        "POWER": POWER,
        "PATIENTS": PATIENTS,
        "SIDE": SIDE,
        "areas": asked("information", run.target),
    }


def examined_context(run: Run) -> dict:
    """Return what is told of the further examinations, where they were made."""
    config, made = run.config, {*run.examined}
    groups = [name for name in config["subgroups"] if name in run.columns]
    return {
        "verdict": config["verdict"] if "units" in made else None,
        "unit_names": ["recording"] * bool(run.counts["recordings"]) + ["patient"],
        "threshold": dict(config["threshold"] or {}) if "operating" in made else None,
        "inner": config["inner"],
        "learning": config["learning_curve"] if "learning" in made else None,
        "importance": config["importance"] if "importance" in made else None,
        "subgroups": groups if "subgroups" in made else [],
        "age_bands": config["age_bands"],
        "curves": "curves" in made or "probabilities" in made,
        "repeated": repeated(run) if "luck" in made else [],
        "power": "power" in made,
    }


def repeated(run: Run) -> list[str]:
    """Return what is repeated, so that its luck shows: divisions of the patients, or seeds of a model."""
    apart = [split for split in divided(run) if split.kind == NEW]
    sweeps = (run.config["models"][model].get("sweep", {}) for model in run.models)
    divisions = any(split.settings.get("repeats", 1) > 1 for split in apart)
    seeds = any(key in sweep for sweep in sweeps for key in SEEDS)
    return ["divisions"] * divisions + ["seeds"] * seeds


def context_of(run: Run) -> dict:
    """Return all that the templates of the methods tell of a run."""
    splits = divided(run)
    return {
        **data_context(run),
        **model_context(run),
        **score_context(run),
        **examined_context(run),
        "target": run.target,
        "metric_name": lambda name: metric_name(name, run.target),
        "basename": lambda path: Path(path).name,
        "classes": classes_of(run.target),
        "splits": splits,
        "first": splits[0],
        "apart": [split.name for split in splits if split.kind == NEW],
        "even": [split.name for split in splits if split.even],
        "gains": sorted({(row["split"], row["other_split"], row["heard"])
                         for row in run.answer.get("leakage", [])}),
        "provenance": run.provenance,
        "versions": run.provenance["versions"],
    }  # fmt: skip
