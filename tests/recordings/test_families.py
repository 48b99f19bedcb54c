"""Features of the families, against closed forms and definitions written out."""

from itertools import pairwise

import numpy as np
import pytest

from auscultation.recordings.families import mfcc, transient
from auscultation.recordings.families.filters import banks
from auscultation.recordings.families.registry import FAMILIES, column_names, features
from auscultation.recordings.frames import Analysis
from lung_sounds import ALL, RATE, breathing, noise, tone, whole


def test_the_families_have_77_columns_and_the_mel_bands_160():
    assert [len(FAMILIES[name].NAMES) for name in ALL] == [13, 7, 24, 12, 17, 4, 160]
    names = column_names(ALL)
    assert len(set(names)) == len(names)
    assert all(column.startswith(name + "_") for name in ALL for column in FAMILIES[name].NAMES)


@pytest.mark.parametrize("name", ALL)
def test_a_family_alone_gives_what_all_together_give(name):
    signal, cycles = breathing()
    alone = FAMILIES[name].of_analysis(Analysis(signal, cycles))
    together = features(signal, cycles, ALL)
    columns = [column_names(ALL).index(column) for column in FAMILIES[name].NAMES]
    np.testing.assert_array_equal(alone, together[:, columns])


def test_a_tone_has_its_centroid_no_flatness_and_a_run_of_its_length():
    values = whole(tone(437.5, 2.0))  # on a bin of both frames
    assert values["spectrum_centroid_mean"] == pytest.approx(437.5, abs=0.01)
    assert values["spectrum_rolloff85_mean"] == pytest.approx(437.5, abs=16)
    assert values["spectrum_flatness_mean"] < 1e-5
    assert values["spectrum_entropy_mean"] < 0.25
    assert values["tonal_share"] == values["tonal_run_share"] == 1
    assert values["tonal_run_longest"] == pytest.approx(2.0, abs=0.128)  # a frame less a hop
    assert values["tonal_run_hz"] == pytest.approx(437.5, abs=1e-9)
    assert values["bands_400_600"] == pytest.approx(0, abs=1e-3)
    inner = features(tone(437.5, 3.0), np.array([[2000, 10000]]), ["transient"])[0]
    values = dict(zip(transient.NAMES, inner, strict=True))
    assert values["transient_crest"] == pytest.approx(20 * np.log10(np.sqrt(2)), abs=0.1)
    # a sine has m4 / m2^2 = 3/2, its Hjorth mobility is 2 sin(w / 2)
    assert values["transient_kurtosis_raw"] == pytest.approx(np.log(1.5), abs=0.01)
    mobility = 2 * np.sin(np.pi * 437.5 / RATE)
    assert values["transient_mobility"] == pytest.approx(mobility, rel=1e-3)
    assert values["transient_complexity"] == pytest.approx(1, rel=1e-2)


def test_a_tone_in_noise_that_stops_has_a_run_of_its_length():
    signal = noise(4.0, level=0.02)
    signal[4000:8000] += tone(600, 1.0)
    values = whole(signal, ["tonal"])
    assert values["tonal_run_longest"] == pytest.approx(1.0, abs=0.2)
    assert values["tonal_run_hz"] == pytest.approx(600, abs=4)
    of_noise = whole(noise(4.0, level=0.02), ["tonal"])["tonal_share"]
    assert of_noise < 0.15
    assert values["tonal_share"] == pytest.approx(0.25 + 0.75 * of_noise, abs=0.08)


def test_harmonics_have_an_echo_and_noise_has_little():
    harmonics = sum(tone(hz, 2.0) for hz in (125, 250, 375, 500, 625, 750, 875, 1000))
    high = whole(harmonics + noise(2.0, level=0.01), ["tonal"])["tonal_echo_mean"]
    low = whole(noise(2.0), ["tonal"])["tonal_echo_mean"]
    assert high > 0.7 > 0.3 > low


def test_white_noise_is_flat():
    values = whole(noise(30.0))
    widths = np.diff([100, 200, 300, 400, 600, 800, 1200, 1800])
    shares = [value for name, value in values.items() if name.startswith("bands_")]
    np.testing.assert_allclose(shares, 10 * np.log10(widths / 1700), atol=0.6)
    assert values["spectrum_centroid_mean"] == pytest.approx(950, abs=20)
    # of exponential power: exp(mean ln) = exp(-Euler's constant)
    assert values["spectrum_flatness_mean"] == pytest.approx(np.exp(-0.5772), abs=0.02)
    assert values["spectrum_slope_mean"] == pytest.approx(0, abs=0.3)
    assert values["transient_kurtosis_raw"] == pytest.approx(np.log(3), abs=0.05)
    assert values["tonal_run_share"] < 0.1
    assert values["envelope_centre"] == pytest.approx(0.5, abs=0.01)
    mel = [values[f"log_mel_{band}_mean"] for band in range(1, 41)]
    assert np.mean(mel) == pytest.approx(0, abs=1e-9)


def test_a_damped_burst_in_noise_is_one_onset():
    """A crackle: 300 Hz, damped within 5 ms."""
    signal = noise(3.0, level=0.01)
    time = np.arange(200) / RATE
    signal[6000:6200] += 0.8 * np.exp(-time / 0.005) * np.sin(2 * np.pi * 300 * time)
    quiet, burst = whole(noise(3.0, level=0.01)), whole(signal)
    assert quiet["transient_burst_onsets"] == 0
    assert burst["transient_burst_onsets"] == pytest.approx(1 / 3)
    assert burst["transient_burst_max"] > 20
    assert burst["transient_kurtosis_raw"] > quiet["transient_kurtosis_raw"] + 1
    assert burst["transient_katz_max"] > quiet["transient_katz_max"] + 0.02


def test_level_that_doubles_moves_the_envelope_by_6_decibels():
    signal = tone(500, 4.0)
    signal[8000:] *= 2
    values = whole(signal, ["envelope"])
    assert values["envelope_range"] == pytest.approx(20 * np.log10(2), abs=0.05)
    assert values["envelope_sd"] == pytest.approx(10 * np.log10(2), abs=0.05)
    # energy 1 in the first half, 4 in the second
    assert values["envelope_centre"] == pytest.approx((0.25 + 4 * 0.75) / 5, abs=0.01)


def test_cepstra_are_an_orthonormal_dct_of_htk_mel_bands():
    signal = noise(0.064, seed=5)  # one frame
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    signal -= signal.mean()
    power = np.abs(np.fft.fft(signal * window)[:129]) ** 2
    hz = np.arange(129) * RATE / 256
    inside = (hz >= 100) & (hz <= 1800)
    power[inside] += 1e-9 * power[inside].mean()
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (100, 1800))
    corner = [700 * (10 ** ((low + (high - low) * i / 25) / 2595) - 1) for i in range(26)]
    energy = np.zeros(24)
    for band in range(24):
        left, top, right = corner[band : band + 3]
        for frequency, value in zip(hz[inside], power[inside], strict=True):
            if left < frequency <= top:
                energy[band] += value * (frequency - left) / (top - left)
            elif top < frequency < right:
                energy[band] += value * (right - frequency) / (right - top)
    matrix = np.array(
        [[np.cos(np.pi * n * (2 * m + 1) / 48) for m in range(24)] for n in range(24)]
    ) * np.sqrt(2 / 24)
    matrix[0] /= np.sqrt(2)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(24), atol=1e-12)
    values = whole(signal, ["mfcc"])
    means = [values[f"mfcc_{n}_mean"] for n in range(1, 13)]
    np.testing.assert_allclose(means, (matrix @ np.log(energy))[1:13], rtol=1e-9)
    assert all(values[f"mfcc_{n}_sd"] == 0 for n in range(1, 13))


def test_every_mel_band_has_bins():
    hz = np.arange(7, 116) * RATE / 256
    for n_bands in (24, 40):
        assert (mfcc.mel_triangles(hz, n_bands, 100, 1800).sum(axis=1) > 0).all()


def test_moments_hjorth_and_teager_are_as_defined():
    signal, cycles = breathing()
    table = features(signal, cycles, ["transient"])
    wide = banks(Analysis(signal, cycles).signal, [(100, 1800)])[0]

    def log_kurtosis(x):
        central = x - x.mean()
        return np.log((central**4).mean() / (central**2).mean() ** 2)

    for row, (begin, end) in zip(table, cycles, strict=True):
        x = wide[begin:end]
        energy = [x[i] ** 2 - x[i - 1] * x[i + 1] for i in range(1, len(x) - 1)]
        mobility = np.sqrt(np.var(np.diff(x)) / np.var(x))
        of_diff = np.sqrt(np.var(np.diff(x, n=2)) / np.var(np.diff(x)))
        values = dict(zip(transient.NAMES, row, strict=True))
        expected = {
            "kurtosis_raw": log_kurtosis(x),
            "kurtosis_diff": log_kurtosis(np.diff(x)),
            "kurtosis_teager": log_kurtosis(np.array(energy)),
            "mobility": mobility,
            "complexity": of_diff / mobility,
            "crest": 20 * np.log10(np.abs(x).max() / np.sqrt((x**2).mean())),
        }
        for name, value in expected.items():
            assert values[f"transient_{name}"] == pytest.approx(value, rel=1e-9), name


def test_katz_dimension_is_as_defined():
    curve = np.random.default_rng(1).normal(size=100)
    points = list(enumerate(curve))
    length = sum(np.hypot(1, b - a) for a, b in pairwise(curve))
    reach = max(np.hypot(b[0], b[1] - points[0][1]) for b in points)
    average = length / 99
    expected = np.log10(length / average) / np.log10(reach / average)
    line = np.arange(100) * 0.5
    dimensions = transient.katz_dimension(np.array([curve, line]))
    np.testing.assert_allclose(dimensions, [expected, 1], rtol=1e-12)


def test_bands_are_linear_convolutions():
    signal = noise(1.5)
    hz = np.array([50.0, 300.0, 1000.0])
    for frequency, gain in zip(hz, (0, 1, 1), strict=True):
        result = banks(tone(frequency, 2.0), [(100, 1800)])[0][1000:-1000]
        assert np.abs(result).max() == pytest.approx(gain / 2, abs=5e-3)
    taps = banks(np.eye(1, 5000, 2500)[0], [(100, 1800)])[0][2500 - 128 : 2500 + 129]
    mirrored = np.pad(signal, 128, mode="symmetric")
    expected = np.convolve(mirrored, taps, mode="valid")
    np.testing.assert_allclose(banks(signal, [(100, 1800)])[0], expected, atol=1e-12)
