"""Sound at 4000 Hz: by the definition of the interpolation, tone for tone."""

import numpy as np
import pytest

from auscultation.recordings.resample import heard, kernel_of, to_4000

X = heard(np.random.default_rng(0).normal(0, 0.1, 1500))


def by_definition(samples, rate, kind):
    """Return outputs one after another, tap by tap, each sum rounded to a type."""
    ratio = 4000 / rate
    scale, time, made = min(1.0, ratio), 0.0, []
    step = int(512 * scale)
    u = np.linspace(0, 64, 32769)
    table = 0.9475937167399596 * np.sinc(0.9475937167399596 * u)
    table *= np.kaiser(65537, 14.769656459379492)[32768:] * scale
    differences = np.append(np.diff(table), 0)
    for _ in range(int(len(samples) * ratio)):
        n, total = int(time), kind(0)
        for position, at, way in (
            (scale * (time - n) * 512, n, -1),
            ((scale - scale * (time - n)) * 512, n + 1, 1),
        ):
            offset = int(position)
            for tap in range((32769 - offset) // step):
                if 0 <= at + way * tap < len(samples):
                    entry = offset + tap * step
                    weight = table[entry] + (position - offset) * differences[entry]
                    total = kind(total + weight * float(samples[at + way * tap]))
        made.append(total)
        time += 1 / ratio
    return np.pad(np.array(made, kind), (0, int(np.ceil(len(samples) * ratio)) - len(made)))


@pytest.mark.parametrize("rate", [44100, 10000, 48000, 5513, 3000])
def test_both_ways_are_the_definition(rate):
    samples = X[: rate // 100]
    exact = to_4000(samples, rate, exact=True)
    assert exact.dtype == np.float32
    np.testing.assert_array_equal(exact, by_definition(samples, rate, np.float32))
    made = to_4000(samples, rate)
    np.testing.assert_allclose(made, by_definition(samples, rate, np.float64), atol=1e-11)


def test_the_fast_way_follows_times_that_fall_just_below_a_sample():
    """At 44.1 kHz the table's step is cut, so an output a hair before a sample is another one."""
    x = heard(np.random.default_rng(1).normal(0, 0.1, 44100 * 5))
    times = np.cumsum(np.append(0, np.full(19999, 1 / (4000 / 44100))))[::40]
    late = np.floor(times) < 441 * np.arange(500)
    assert 0 < late.sum() < 500
    fast, exact = to_4000(x, 44100), to_4000(x, 44100, exact=True)
    assert np.abs(fast - exact).max() < 2e-6  # 712 roundings to float32


@pytest.mark.parametrize(("rate", "gain"), [(44100, 1.00877), (8000, 1), (3600, 1)])
def test_a_tone_stays_a_tone(rate, gain):
    """At 44.1 kHz the step that is cut makes it 0.9 % too loud, as the notebook's sound is."""
    t = np.arange(int(0.7 * rate)) / rate
    for exact in (False, True):
        made = to_4000(0.5 * np.sin(2 * np.pi * 300 * t), rate, exact)
        assert len(made) == np.ceil(len(t) * 4000 / rate)
        inside = slice(200, len(made) - 200)
        tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(len(made)) / 4000)[inside]
        assert made[inside] @ tone / (tone @ tone) == pytest.approx(gain, abs=5e-5)
        np.testing.assert_allclose(made[inside], gain * tone, atol=2e-3)


def test_pieces_make_no_difference(monkeypatch):
    whole = to_4000(X, 44100), to_4000(X, 44100, True), to_4000(X, 5513)
    monkeypatch.setattr("auscultation.recordings.resample.BLOCK", 500)
    monkeypatch.setattr("auscultation.recordings.resample.CHUNK", 17)
    for made, before in zip(
        (to_4000(X, 44100), to_4000(X, 44100, True), to_4000(X, 5513)), whole, strict=True
    ):
        np.testing.assert_allclose(made, before, atol=1e-16)


def test_sixteen_bits_are_cut():
    x = np.array([0.0, 1e-9, -1e-9, 1.0, -1.0, 2.0, 3.6 / 32768])
    assert (heard(x) * 32768).tolist() == [0, 0, -1, 32767, -32768, 32767, 3]
    assert heard(x).dtype == np.float32


def test_sound_at_4000_hz_is_left_as_it_is():
    assert to_4000(X, 4000) is X
    assert kernel_of(4000).values[0] == pytest.approx(0.9475937167399596)
