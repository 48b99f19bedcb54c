"""Questions of the rules to a resolved config: which fits there are, and what each is made with."""

from collections.abc import Mapping
from typing import TypedDict

from auscultation.data.target import wanted
from auscultation.fits.algorithms import ALGORITHMS, REGRESSORS
from auscultation.splits.registry import unit_of


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


def with_own_features(config: dict) -> list[str]:
    """Return the models whose features are those of their algorithm, and not named in the config."""
    own = {
        name: ALGORITHMS[model["algorithm"]].features for name, model in config["models"].items()
    }
    return sorted(
        name for name, names in own.items() if names and names == features_of(config, name)
    )


def scale_of(config: dict, model: str) -> str:
    """Return how a model's features are scaled."""
    return config["models"][model].get("scale", "none")


def tune_of(config: dict, model: str) -> dict:
    """Return how a model's settings are chosen; empty where they are fixed."""
    return config["models"][model].get("tune", {})


def timeout_of(config: dict, model: str) -> float | None:
    """Return how long a fit of a model may take, in s; None without a limit."""
    return config["models"][model].get("fit_timeout", config["fit_timeout"])


def missing_of(config: dict, model: str) -> str:
    """Return what becomes of missing values of a model's features: median, most_frequent, indicator, keep.

    `keep` for all models is for those that take missing values; the others get the median.
    """
    entry, common = config["models"][model], config["missing"]
    if common == "keep" and not ALGORITHMS[entry["algorithm"]].takes_missing:
        common = "median"
    return entry.get("missing", common)
