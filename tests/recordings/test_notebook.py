"""The notebook's five statistics, made again from the sound."""

import numpy as np
import pytest
from scipy import signal as scipy_signal

from auscultation.job.errors import InputError
from auscultation.recordings.bandpass import band_pass, continued, low_pass
from auscultation.recordings.notebook import NAMES, cleaned, density, smoothed, statistics


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


def haar_by_definition(x):
    """Return what is left of a signal: transformed level by level, thresholded, transformed back."""
    details, rest = [], x
    for _ in range(4):
        pairs = np.pad(rest, (0, len(rest) % 2)).reshape(-1, 2)
        rest = pairs.sum(1) / np.sqrt(2)
        details.append((pairs[:, 0] - pairs[:, 1]) / np.sqrt(2))
    threshold = 0.3936 + 0.1829 * np.log2(sum(map(len, details)) + len(rest))
    for detail in reversed(details):
        less = np.abs(detail) - threshold * np.median(np.abs(detail)) / 0.6745
        detail = np.where(np.abs(detail) < threshold, 0, np.sign(detail) * less)
        rest = np.column_stack([rest[: len(detail)] + detail, rest[: len(detail)] - detail])
        rest = rest.ravel() / np.sqrt(2)
    return rest[: len(x)]


@pytest.mark.parametrize("loudness", [0.01, 0.7, 1.5])
def test_quiet_sound_is_left_its_block_means_loud_sound_its_large_details(loudness):
    for n in (1600, 1601, 1615):
        x = np.random.default_rng(3).normal(0, loudness, n)
        np.testing.assert_allclose(smoothed(x), haar_by_definition(x), atol=1e-13)
        means = np.repeat(np.pad(x, (0, -n % 16)).reshape(-1, 16).mean(1), 16)[:n]
        assert np.allclose(smoothed(x), means) == (loudness < 0.1)


def test_a_cycle_of_less_than_800_samples_has_no_fine_average():
    x = cleaned(np.random.default_rng(4).normal(0, 0.1, 4000 * 6))
    starts, ends = np.array([1.0, 1.0, 0.5, 2.0]), np.array([1.1, 1.1999, 5.0, 2.0])
    fine = statistics(x, starts, ends)[:, NAMES.index("Fine_Av")]
    assert np.isnan(fine).tolist() == [True, False, False, True]
    with pytest.raises(InputError, match="1000 samples at 4000 Hz; the band-pass needs 1588"):
        cleaned(x[:1000])


def test_windows_begin_at_whole_lengths():
    x = cleaned(np.random.default_rng(5).normal(0, 0.1, 24000))
    # cycles of 800, 1600, 4096 and 5000 samples
    counts = np.array([800, 1600, 4096, 5000])
    made = dict(
        zip(NAMES, statistics(x, np.full(4, 1.0), 1 + (counts - 0.9) / 4000).T, strict=True)
    )
    cycles = [x[4000 : 4000 + n] for n in counts]
    np.testing.assert_allclose(made["Coarse_Av"], [c[:4096].sum() for c in cycles], atol=1e-12)
    fine = [[c[:800].sum(), c[-800:].sum()] for c in cycles]
    expected = [fine[0][1], max(fine[1]), fine[2][0], fine[3][0]]
    np.testing.assert_allclose(made["Fine_Av"], np.array(expected) / 8, atol=1e-12)
    np.testing.assert_allclose(made["Range"], [np.ptp(c) for c in cycles])
