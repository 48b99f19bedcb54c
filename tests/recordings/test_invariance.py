"""Copies of a recording in other formats, at other gains and rates have the same features.

Differences are in units of the standard deviation of each feature over all cycles.
"""

from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from scipy import signal as scipy_signal

from auscultation.recordings.families.registry import FAMILIES, column_names, features
from auscultation.recordings.hear import hear
from auscultation.recordings.simulation import draw_recordings, samples_of

RATE = 44100
ALL = tuple(FAMILIES)


class Heard(NamedTuple):
    """The families' features and the notebook's five of all cycles."""

    families: np.ndarray
    five: np.ndarray


def simulated():
    """Yield samples at 44.1 kHz, as of 24 bits, and cycles of some simulated recordings."""
    for recording in draw_recordings(7, 8)[:12:4]:
        samples = samples_of(recording) / 2.0**15
        samples = scipy_signal.resample_poly(samples, RATE // 100, recording.rate // 100)
        cycles = np.column_stack([recording.phases.inspiration, recording.ends])
        yield np.rint(samples * 2**23).clip(-(2**23), 2**23 - 1) / 2**23, cycles


def published(folder):
    """Yield samples at 44.1 kHz and cycles of some recordings as published."""
    paths = [p for p in sorted(folder.glob("*.wav")) if soundfile.info(p).samplerate == RATE]
    for path in paths[::2]:
        yield soundfile.read(path)[0], np.loadtxt(path.with_suffix(".txt"), ndmin=2)[:, :2]


@pytest.fixture(scope="module", params=["simulated", "published"])
def recordings(request):
    if request.param == "simulated":
        return list(simulated())
    return list(published(request.getfixturevalue("icbhi_native")))


@pytest.fixture(scope="module")
def original(recordings, tmp_path_factory):
    return heard_of(recordings, tmp_path_factory.mktemp("original"), subtype="DOUBLE")


def heard_of(recordings, folder, change=lambda samples: samples, rate=RATE, **options):
    tables, fives = [], []
    for samples, cycles in recordings:
        path = folder / "x.snd"
        soundfile.write(path, change(samples), rate, **({"format": "WAV"} | options))
        (piece,) = hear(path, "x", *cycles.T, False, True, [])
        tables.append(features(piece.samples, piece.spans, ALL))
        fives.append(piece.five)
    return Heard(np.concatenate(tables), np.concatenate(fives))


def differ(copy, original):
    """Return the largest difference over the cycles of each feature, in standard deviations."""
    deviation = original.families.std(axis=0)
    assert (deviation > 0).all()
    return np.abs(copy.families - original.families).max(axis=0) / deviation


def assert_within(copy, original, tolerance):
    far = differ(copy, original)
    names = np.array(column_names(ALL))
    assert far.max() <= tolerance, [*zip(names[far > tolerance], far[far > tolerance], strict=True)]


def twice(samples):
    return np.column_stack([samples, samples])


def of_16_bits(samples):
    return np.floor(samples * 2**15) / 2**15


def test_every_bit_is_kept_in_24_bits_float_and_two_channels(recordings, original, tmp_path):
    for options in (
        {"subtype": "PCM_24"},
        {"subtype": "FLOAT"},
        {"subtype": "PCM_24", "format": "FLAC"},
        {"subtype": "PCM_24", "change": twice},
    ):
        copy = heard_of(recordings[:2], tmp_path, **options)
        n = len(copy.five)
        np.testing.assert_array_equal(copy.families, original.families[:n])
        np.testing.assert_array_equal(copy.five, original.five[:n])


def test_16_bits_have_the_five_and_nearly_the_families(recordings, original, tmp_path):
    wav = heard_of(recordings, tmp_path, of_16_bits, subtype="PCM_16")
    np.testing.assert_array_equal(wav.five, original.five)
    assert_within(wav, original, 0.15)
    flac = heard_of(recordings[:1], tmp_path, of_16_bits, subtype="PCM_16", format="FLAC")
    np.testing.assert_array_equal(flac.families, wav.families[: len(flac.five)])


@pytest.mark.parametrize("gain", [0.01, 100])
def test_gain_does_not_matter_to_the_families(recordings, original, tmp_path, gain):
    copy = heard_of(recordings, tmp_path, lambda samples: gain * samples, subtype="FLOAT")
    assert_within(copy, original, 1e-3)
    assert not np.allclose(copy.five[:, 0], original.five[:, 0], rtol=0.5)


def test_the_rate_does_not_matter_to_the_families(recordings, original, tmp_path):
    def slower(samples):
        return scipy_signal.resample_poly(samples, 80, 441)

    copy = heard_of(recordings, tmp_path, slower, rate=8000, subtype="FLOAT")
    assert_within(copy, original, 0.05)
