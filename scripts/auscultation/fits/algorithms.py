"""The registry of algorithms, `algorithms.yaml` beside this file, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml


@dataclass(frozen=True)
class Algorithm:
    """What is known of an algorithm before it is fitted."""

    title: str  # what is fitted, in words, as in `Fit k nearest neighbours`
    predicts: Literal["class", "number"]  # of a number, the class is the nearest one
    colour: str  # in figures, `#rrggbb`
    settings: Mapping[str, Mapping] = field(default_factory=dict)  # JSON schema of each setting
    baseline: bool = False  # whether it looks at no sound: what every model has to beat
    probabilities: bool = False  # whether it gives probabilities of the classes
    takes_missing: bool = False  # whether it fits and predicts cycles whose features are nan
    # a scikit-learn pipeline for each fold, or arrays
    model_file: Literal["model.skops", "model.npz"] = "model.skops"
    environment: str = "models"  # of conda, in envs/
    # MB: to start, for each MB of workbook, for each further fold at a time
    memory: Sequence[int] = (700, 50, 0)
    minutes: Sequence[int] = (5, 1)  # to start, and for each MB of workbook
    small: bool = True  # whether fits take seconds, so that up to 50 share one job of a cluster
    # MB of workbook up to which a fit takes less time than its start, so that fits share a job
    quick: float = 0
    # whether `max_kernel_rows` limits it: its time grows with the cycles squared
    kernel: bool = False
    # unless its model names others; None for those at the top of the config
    features: Sequence[str] | None = None


with open(Path(__file__).with_suffix(".yaml"), encoding="utf-8") as file:
    # by libyaml: every job reads it
    ALGORITHMS = {name: Algorithm(**row) for name, row in yaml.load(file, yaml.CSafeLoader).items()}
BASELINES = tuple(name for name, row in ALGORITHMS.items() if row.baseline)
REGRESSORS = tuple(name for name, row in ALGORITHMS.items() if row.predicts == "number")
