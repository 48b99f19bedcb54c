"""Settings of the families: any that the config takes give finite features; each is looked at by whom it is said to be."""

import dataclasses
from itertools import product

import numpy as np
import pytest
import yaml

from auscultation.job.errors import InputError
from auscultation.recordings.batches import SETTINGS
from auscultation.recordings.families.registry import FAMILIES
from auscultation.recordings.frames import DEFAULTS, Analysis
from auscultation.recordings.sounds import settings_of
from harness import ROOT

SCHEMA = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
FRAMES = SCHEMA["properties"]["frames"]["properties"]


def analysis(settings):
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(12000).cumsum() / 50 + rng.standard_normal(12000)
    spans = np.array([[0, 4000], [4000, 4100], [5000, 12000]])
    return Analysis(sound, spans, settings)


def test_the_configs_defaults_are_the_families():
    assert settings_of({name: part["default"] for name, part in FRAMES.items()}) == DEFAULTS


@pytest.mark.parametrize("ends", [*product(("minimum", "maximum"), repeat=2)], ids=str)
def test_any_that_the_config_takes_give_finite_features(ends):
    """At the ends of the ranges: lengths at one, frequencies at another."""
    lengths, frequencies = ends
    for bands in (FRAMES["mel_bands"]["minimum"], FRAMES["mel_bands"]["maximum"]):
        frames = {n: part[lengths] for n, part in FRAMES.items() if "frame" in n or "hop" in n}
        frames |= {n: FRAMES[n][frequencies] for n in ("low", "high", "tonal_high")}
        made = analysis(settings_of(frames | {"mel_bands": bands}))
        for name, family in FAMILIES.items():
            try:
                features = family.of_analysis(made)
            except InputError as error:  # more mel bands than such short frames have bins
                assert name in ("mfcc", "log_mel") and "take fewer mel_bands" in str(error)
                assert lengths == "minimum"
                continue
            assert features.shape == (3, len(family.NAMES))
            assert np.isfinite(features).all(), (name, frames)


class Watched:
    """Settings that know which of them were looked at."""

    def __init__(self):
        self.seen = set()

    def __getattr__(self, name):
        self.seen.add(name)
        return getattr(DEFAULTS, name)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_looks_at_its_settings_alone(name):
    settings = Watched()
    FAMILIES[name].of_analysis(analysis(settings))
    assert settings.seen - {"floor"} == {*SETTINGS[name]}
    assert {*SETTINGS[name]} <= {field.name for field in dataclasses.fields(DEFAULTS)}
