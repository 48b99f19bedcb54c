"""Questions of the rules to a resolved config: which fits there are, and what each is made with."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from auscultation.data.target import wanted
from auscultation.fits.algorithms import ALGORITHMS, REGRESSORS
from auscultation.splits.registry import unit_of

FITS_OF_A_JOB = 50


class Fit(TypedDict):
    """One model under one split."""

    model: str
    algorithm: str
    split: str


def fits(config: dict) -> list[Fit]:
    """Return every fit of a config, sorted by split, then model."""
    without = left_out(config)
    return [
        {"model": model, "algorithm": config["models"][model]["algorithm"], "split": split}
        for split in sorted(config["splits"])
        for model in sorted(config["models"])
        if model not in without
    ]


def together(fits: Sequence[Fit], config: dict, megabytes: float) -> dict[str, list[Fit]]:
    """Return the fits that share a job, by the name of its rule: of one algorithm, up to 50.

    Each takes less time than its start on workbooks of so many MB. One that is tuned, or has a
    time limit, has a job of its own.
    """
    jobs: dict[str, list[Fit]] = {}
    for name, algorithm in ALGORITHMS.items():
        quick = [
            fit
            for fit in fits
            if fit["algorithm"] == name
            and megabytes <= algorithm.quick
            and not tune_of(config, fit["model"])
            and timeout_of(config, fit["model"]) is None
        ]
        for number, start in enumerate(range(0, len(quick), FITS_OF_A_JOB), 1):
            job = f"fits_{name}_{number}" if number > 1 else f"fits_{name}"
            jobs[job] = quick[start : start + FITS_OF_A_JOB]
    return jobs


def parameters(fits: Sequence[Fit], config: dict) -> tuple[dict, list[dict]]:
    """Return what fits are made with: what is the same for all, and the rest of each.

    Apart, since Snakemake keeps the parameters of a job with each of its outputs.
    """
    own = [{key: ask(config, fit["model"]) for key, ask in OF_MODEL.items()} for fit in fits]
    common = {key: value for key, value in own[0].items() if all(of[key] == value for of in own)}
    rest = [{key: value for key, value in of.items() if key not in common} for of in own]
    names = ({"model": fit["model"], "split": fit["split"]} for fit in fits)
    return common, [name | of for name, of in zip(names, rest, strict=True)]


def finals(config: dict) -> list[Fit]:
    """Return the fits on all cycles, of the first split that is such; none where there is none."""
    splits = config["splits"]
    names = [name for name in sorted(splits) if splits[name]["protocol"] == "final"]
    return [fit for fit in fits(config) if [fit["split"]] == names[:1]]


def repeated(config: dict) -> dict[str, int]:
    """Return the number of folds of a repeat, by split, of the splits that repeat their folds."""
    splits = {name: split["settings"] for name, split in config["splits"].items()}
    return {name: own["folds"] for name, own in splits.items() if own.get("repeats", 1) > 1}


def apart(config: dict) -> dict[str, str]:
    """Return the unit that a split keeps together, by split: cycle, recording or patient.

    Splits without such a unit are left out.
    """
    units = {name: unit_of(**split) for name, split in sorted(config["splits"].items())}
    return {name: unit for name, unit in units.items() if unit}


def refitted(config: dict) -> list[Fit]:
    """Return the fits that may be examined, and so refitted.

    Where a split keeps patients together, those that keep only cycles or recordings together, and that
    which tests what it trains on, are not examined.
    """
    units = apart(config)
    protocols = {name: split["protocol"] for name, split in config["splits"].items()}
    if "patient" in units.values():
        passed = {name for name in protocols if units.get(name, "patient") != "patient"}
        passed |= {name for name, protocol in protocols.items() if protocol == "final"}
        return [fit for fit in fits(config) if fit["split"] not in passed]
    return fits(config)


def left_out(config: dict) -> list[str]:
    """Return the models that predict a number, where the classes of the target have no order."""
    if wanted(config["target"]).ordered:
        return []
    models = config["models"]
    return sorted(name for name in models if models[name]["algorithm"] in REGRESSORS)


def features_of(config: dict, model: str) -> list[str]:
    """Return the features of a model, in the order of its coefficients."""
    return list(config["models"][model].get("features", config["features"]))


def feature_lists_of_all(config: dict) -> dict[str, list[list[str]]]:
    """Return the lists of features of each model that is fitted: several where it chooses among them."""
    models = sorted({fit["model"] for fit in fits(config)})
    return {model: own_lists(config["models"][model]) or [config["features"]] for model in models}


def own_lists(model: Mapping) -> list[list[str]]:
    """Return a model's own lists of features: those that it chooses among, or one; skips wrong types."""
    tune = model.get("tune")
    candidates = tune.get("candidates", []) if isinstance(tune, Mapping) else []
    several = [candidate["features"] for candidate in candidates if "features" in candidate]
    if not several and isinstance(model.get("features"), list):
        several = [model["features"]]
    return several


def settings_of(config: dict, model: str) -> dict:
    """Return the settings of a model that the config has."""
    return config["models"][model]["settings"]


def has_own_features(config: dict, model: str) -> bool:
    """Return whether a model's features are those of its algorithm, and not named in the config."""
    own = ALGORITHMS[config["models"][model]["algorithm"]].features
    return bool(own) and own == features_of(config, model)


def with_own_features(config: dict) -> list[str]:
    """Return the models whose features are those of their algorithm."""
    return sorted(name for name in config["models"] if has_own_features(config, name))


def scale_of(config: dict, model: str) -> str:
    """Return how a model's features are scaled."""
    return config["models"][model].get("scale", "none")


def tune_of(config: dict, model: str) -> dict:
    """Return how a model's settings are chosen; empty where they are fixed."""
    return config["models"][model].get("tune", {})


def timeout_of(config: dict, model: str) -> float | None:
    """Return how long a fit of a model may take, in s; None without a limit."""
    return config["models"][model].get("fit_timeout", config["fit_timeout"])


def refit_of(config: dict, kind: str) -> dict:
    """Return what a refit (inner, learning) is to do, without what does not change its predictions."""
    if kind == "inner":
        return {"kind": kind, **config["inner"]}
    curve = config["learning_curve"]
    shares = sorted(share for share in curve["shares"] if share < 1)
    return {"kind": kind, "shares": shares, "seed": curve["seed"]}


def missing_of(config: dict, model: str) -> str:
    """Return what becomes of missing values of a model's features: median, most_frequent, indicator, keep.

    `keep` for all models is for those that take missing values; the others get the median.
    """
    entry, common = config["models"][model], config["missing"]
    if common == "keep" and not ALGORITHMS[entry["algorithm"]].takes_missing:
        common = "median"
    return entry.get("missing", common)


# What a fit is made with, by the name of the rule's parameter.
OF_MODEL = {
    "settings": settings_of,
    "features": features_of,
    "scale": scale_of,
    "missing": missing_of,
    "own_features": has_own_features,
    "tune": tune_of,
    "timeout": timeout_of,
}
