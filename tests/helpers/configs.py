"""A small config, the shipped one, and what is wrong with a changed one."""

from pathlib import Path

import pytest
import yaml

from auscultation.config.resolve import ConfigError, resolve

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STATISTICS = ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]
SMALL = {"splits": {"half": {}}, "models": {"knn": {}}}


def resolved(**changes):
    """Return the small config with these changes, checked and filled in."""
    return resolve(SMALL | changes, SCHEMA)


def problems(config=None, **changes):
    """Return what is wrong with a config, or with the small one with these changes."""
    with pytest.raises(ConfigError) as caught:
        resolve(SMALL | changes if config is None else config, SCHEMA)
    for problem in caught.value.problems:
        assert f"  - {problem}" in str(caught.value)
    return caught.value.problems


def problem(**changes):
    """Return the only thing that is wrong with the small config with these changes."""
    (only,) = problems(**changes)
    return only
