"""The registry of algorithms, `algorithms.yaml` beside this file, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml


@dataclass(frozen=True)
class Algorithm:
    """What is known of an algorithm before it is fitted.

    Parameters
    ----------
    title
        What is fitted, in words, as in `Fit k nearest neighbours`.
    predicts
        `class`, or `number`: then the class is the nearest one.
    colour
        In figures, `#rrggbb`.
    settings
        JSON schema of each setting that the config may give it; `$ref` is to config.schema.yaml.
    baseline
        Whether it looks at no sound: what every model has to beat.
    probabilities
        Whether it gives probabilities of the classes.
    model_file
        What a fit keeps: a scikit-learn pipeline a fold (`model.skops`) or arrays (`model.npz`).
    environment
        Of conda, in envs/.
    memory
        MB that a job needs: to start, for each MB of workbook, for each further fold at a time.
    minutes
        That a job may take: to start, and for each MB of workbook squared.
    small
        Whether fits take seconds, so that up to 50 share one job of a cluster.
    kernel
        Whether its time grows with the square of the cycles, so that `max_kernel_rows` limits it.
    features
        What it looks at unless its model says otherwise; None for those at the top of the config.
    """

    title: str
    predicts: Literal["class", "number"]
    colour: str
    settings: Mapping[str, Mapping] = field(default_factory=dict)
    baseline: bool = False
    probabilities: bool = False
    model_file: Literal["model.skops", "model.npz"] = "model.skops"
    environment: str = "models"
    memory: Sequence[int] = (700, 50, 0)
    minutes: Sequence[int] = (5, 1)
    small: bool = True
    kernel: bool = False
    features: Sequence[str] | None = None


with open(Path(__file__).with_suffix(".yaml"), encoding="utf-8") as file:
    ALGORITHMS = {name: Algorithm(**row) for name, row in yaml.safe_load(file).items()}
BASELINES = tuple(name for name, row in ALGORITHMS.items() if row.baseline)
REGRESSORS = tuple(name for name, row in ALGORITHMS.items() if row.predicts == "number")
