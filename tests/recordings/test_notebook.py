"""The notebook's five statistics, made again from the sound."""

import wave

import numpy as np
import pytest
from scipy import signal as scipy_signal

from auscultation.recordings.bandpass import band_pass, continued, low_pass
from auscultation.recordings.notebook import NAMES, density, smoothed, statistics
from auscultation.recordings.resample import heard, to_4000
from auscultation.workbook.read import read_workbook

TOLERANCES = {"Var": 3e-5, "Range": 3e-5, "Spectrum Av": 3e-5}  # of the fast way


def samples_of(path):
    """Return the samples, -1 to 1, and the rate of a .wav of one channel, 16 or 24 bits."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1
        width, rate = file.getsampwidth(), file.getframerate()
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, width)
    whole = np.zeros((len(data), 4), np.uint8)
    whole[:, 4 - width :] = data
    return whole.view("<i4")[:, 0] / 2.0**31, rate


@pytest.fixture(scope="module")
def published(real_workbook, icbhi_native):
    """Return the workbook's rows by recording, and the recordings as published."""
    table = read_workbook(real_workbook, 0).table
    names = zip(table["patient_ID"].to_pylist(), table["adq_format"].to_pylist(), strict=True)
    recording = np.array([f"{patient}_{name}" for patient, name in names])
    paths = sorted(icbhi_native.glob("*.wav"))
    return table, {path: np.flatnonzero(recording == path.stem) for path in paths}


@pytest.mark.parametrize("exact", [True, False])
def test_the_workbooks_own_values(published, exact):
    table, recordings = published
    start, end = table["start"].to_numpy(), table["end"].to_numpy()
    some = list(recordings.items()) if not exact else list(recordings.items())[::5]
    assert sum(len(rows) for _, rows in recordings.items()) > 100
    for path, rows in some:
        made = statistics(*samples_of(path), start[rows], end[rows], exact)
        for name in NAMES if exact else TOLERANCES:
            tolerance = 1e-10 if exact else TOLERANCES[name]
            np.testing.assert_allclose(made[name], table[name].to_numpy()[rows], rtol=tolerance)


@pytest.mark.parametrize("rate", [44100, 22050, 8000, 11025, 4001])
def test_a_tone_stays_a_tone(rate):
    """Both ways give the tone at 4000 Hz; at 44.1 kHz a step that is cut makes it 0.9 % too loud."""
    t = np.arange(int(0.7 * rate)) / rate
    for exact in (False, True):
        made = to_4000(0.5 * np.sin(2 * np.pi * 300 * t), rate, exact)
        assert len(made) == np.ceil(len(t) * 4000 / rate)
        inside = slice(200, len(made) - 200)
        tone = np.sin(2 * np.pi * 300 * np.arange(len(made)) / 4000)[inside]
        gain = made[inside] @ tone / (tone @ tone)
        assert 0.499 < gain < 0.512
        np.testing.assert_allclose(made[inside], gain * tone, atol=2e-3)


def test_both_ways_agree():
    x = np.random.default_rng(0).normal(0, 0.1, 30000)
    for rate in (44100, 10000, 5513):
        fast, exact = (to_4000(heard(x).astype(float), rate, way) for way in (False, True))
        np.testing.assert_allclose(fast, exact, atol=2e-4)  # a whole number of samples, to a digit


def test_sixteen_bits_are_cut():
    x = np.array([0.0, 1e-9, -1e-9, 1.0, -1.0, 2.0, 3.6 / 32768])
    assert (heard(x) * 32768).tolist() == [0, 0, -1, 32767, -32768, 32767, 3]
    assert heard(x).dtype == np.float32 and to_4000(heard(x), 4000) is not None


def test_the_band_pass_is_scipys_forwards_and_backwards():
    x = np.random.default_rng(1).normal(size=40000)
    taps = [scipy_signal.firwin(529, edge, fs=4000) for edge in (87.5, 1012.5)]
    np.testing.assert_allclose(low_pass(87.5), taps[0], atol=1e-15)
    expected = scipy_signal.filtfilt(taps[1] - taps[0], 1, x, padlen=528)
    np.testing.assert_allclose(band_pass(x), expected, atol=1e-12)
    assert len(continued(x)) == len(x) + 2 * 528


def test_welch_is_scipys():
    x = np.random.default_rng(2).normal(size=5000)
    for n in (5000, 256, 300, 100, 101):
        _, expected = scipy_signal.welch(x[:n], 4000, nperseg=min(256, n))
        np.testing.assert_allclose(density(x[:n]), expected, rtol=1e-10)


def test_quiet_sound_is_left_its_block_means_loud_sound_its_large_details():
    x = np.random.default_rng(3).normal(0, 0.01, 1000)
    blocks = np.pad(x, (0, 8)).reshape(-1, 16).mean(1)
    np.testing.assert_allclose(smoothed(x), np.repeat(blocks, 16)[:1000])
    loud = np.zeros(1024)
    loud[512:528] = 8.0  # as large a step as no sound has, in one block of a level alone
    loud[512:520] = -8.0
    threshold = 0.3936 + 0.1829 * 10
    assert 64 / np.sqrt(16) * 2 > threshold
    np.testing.assert_allclose(
        smoothed(loud), loud
    )  # the noise of a level is 0: nothing is taken off


def test_sums_over_windows():
    rng = np.random.default_rng(4)
    x = rng.normal(0, 0.1, 4000 * 6)
    starts, ends = np.array([1.0, 1.0, 0.5, 2.0]), np.array([1.1, 1.1999, 5.0, 3.2])
    made = statistics(x, 4000, starts, ends)
    assert np.isnan(made["Fine_Av"][:1]).all() and np.isfinite(made["Fine_Av"][1:]).all()
    with pytest.raises(ValueError, match="1000 samples at 4000 Hz; the band-pass needs 1588"):
        statistics(x[:1000], 4000, starts, ends)
