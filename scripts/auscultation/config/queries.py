"""Questions of the rules to a resolved config: which fits there are, and what each is made with."""

from typing import TypedDict

from auscultation.data.target import wanted
from auscultation.fits.algorithms import REGRESSORS
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
    """Return what becomes of missing values of a model's features: median, most_frequent, indicator, keep."""
    return config["models"][model].get("missing", config["missing"])
