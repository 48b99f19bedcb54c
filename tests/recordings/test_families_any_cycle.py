"""Features of the families: of any gain, any precision and any cycle."""

import numpy as np
import pytest
import soundfile

from auscultation.recordings.families.registry import column_names, features
from auscultation.recordings.segments import quantiles, segments, span_reduced
from lung_sounds import ALL, RATE, breathing, noise, whole

# features that jump where a sum passes a threshold; all others are smooth
COUNTS = ("rolloff", "run", "share", "tonal_bins", "onsets")


def test_the_gain_does_not_matter():
    signal, cycles = breathing()
    table = features(signal, cycles, ALL)
    for gain in (0.01, 100, -1, 1e-200, 1e200):
        np.testing.assert_allclose(
            features(signal * gain, cycles, ALL), table, rtol=1e-9, atol=1e-9
        )


def test_copies_in_32_and_16_bits_are_near():
    signal, cycles = breathing()
    signal /= np.abs(signal).max() * 1.01
    table = features(signal, cycles[:4], ALL)
    smooth = [not any(word in column for word in COUNTS) for column in column_names(ALL)]
    single = features(signal.astype(np.float32), cycles[:4], ALL)
    np.testing.assert_allclose(single[:, smooth], table[:, smooth], rtol=1e-4, atol=1e-4)
    short = features(np.round(signal * 32768) / 32768, cycles[:4], ALL)
    np.testing.assert_allclose(short[:, smooth], table[:, smooth], rtol=0.01, atol=0.01)


SIGNALS = {
    "silence": np.zeros(5000),
    "constant": np.full(5000, 0.3),
    "one click": np.eye(1, 5000, 2000)[0],
    "noise": noise(1.25),
    "huge": noise(1.25) * 1e307,
    "tiny": noise(1.25) * 1e-307,
    "half silent": np.concatenate([noise(0.5), np.zeros(3000)]),
    "quiet beside loud": np.concatenate([noise(0.5), noise(0.75) * 1e-80]),
    "alternating": 0.5 * (-1.0) ** np.arange(5000),
    "ramp": np.linspace(-1, 1, 5000),
    "one sample": np.ones(1),
    "three samples": np.array([0.1, -0.2, 0.3]),
    "none": np.zeros(0),
}
SPANS = [[0, 5000], [0, 1], [7, 10], [3000, 3255], [3000, 3256], [4999, 5000], [5000, 5000]]


@pytest.mark.parametrize("name", SIGNALS)
def test_features_of_any_cycle_are_finite(name):
    with np.errstate(all="raise", under="ignore"):
        table = features(SIGNALS[name], np.array(SPANS), ALL)
    assert table.shape == (len(SPANS), 237)
    assert np.isfinite(table).all()


def test_a_recording_without_cycles_has_no_rows():
    assert features(noise(1.0), np.empty((0, 2), dtype=np.int64), ALL).shape == (0, 237)


def test_a_silent_cycle_has_the_spectrum_of_nothing():
    values = whole(np.full(4000, 0.3))
    assert values["spectrum_flatness_mean"] == pytest.approx(1)
    assert values["transient_katz_max"] == 1
    for name in ("transient_kurtosis_raw", "tonal_run_longest", "envelope_range"):
        assert values[name] == pytest.approx(0, abs=1e-9)


def test_a_cycle_cut_out_has_the_spectra_it_has_in_its_recording():
    """Frames are the cycle's own; only the band-pass and the bursts hear what is beside it."""
    signal, cycles = breathing()
    signal -= signal.mean()
    begin, end = cycles[1]
    families = ["spectrum", "bands", "mfcc", "tonal", "envelope", "log_mel"]
    alone = features(signal[begin:end], np.array([[0, end - begin]]), families)
    inside = features(signal, cycles, families)[1]
    np.testing.assert_allclose(alone[0], inside, rtol=1e-3, atol=1e-3)


def test_segments_are_reduced_as_numpy_reduces_them():
    values = noise(0.05, seed=2)
    counts = np.array([1, 7, 2, 190])
    parts = segments(counts)
    levels = quantiles(values, parts, (0.05, 0.5, 0.95))
    for part, (start, count) in enumerate(zip(*parts, strict=True)):
        expected = np.quantile(values[start : start + count], (0.05, 0.5, 0.95))
        np.testing.assert_allclose(levels[:, part], expected, rtol=1e-12)
    begin, end = np.array([0, 10, 5, 200, 30]), np.array([200, 12, 100, 200, 20])
    expected = [values[b:e].sum() for b, e in zip(begin, end, strict=True)]
    sums = span_reduced(np.add, values, begin, end)
    np.testing.assert_allclose(sums, expected, atol=1e-12)


def test_real_recordings_have_finite_features_of_any_gain(icbhi_4k):
    for path in sorted(icbhi_4k.glob("*.flac"))[::300]:
        signal, _ = soundfile.read(path)
        cycles = np.rint(np.loadtxt(path.with_suffix(".txt"), ndmin=2)[:, :2] * RATE).astype(int)
        table = features(signal, cycles, ALL)
        assert np.isfinite(table).all()
        np.testing.assert_allclose(
            features(signal * 0.01, cycles, ALL), table, rtol=1e-8, atol=1e-8
        )
