"""The sound of a recording in pieces, and the notebook's statistics of its cycles."""

import numpy as np
import pytest
import soundfile

from auscultation.recordings import audio
from auscultation.recordings import hear as module
from auscultation.recordings.families.registry import FAMILIES, column_names, features
from auscultation.recordings.hear import hear
from auscultation.recordings.notebook import NAMES
from auscultation.workbook.read import read_workbook

TOLERANCES = {"Var": 3e-5, "Range": 3e-5, "Spectrum Av": 3e-5}  # of the fast way
NONE = [None]


def sound(path, seconds, rate, seed=0, **options):
    """Write noise that swells, with a tone and clicks."""
    rng, n = np.random.default_rng(seed), int(seconds * rate)
    time = np.arange(n) / rate
    samples = rng.normal(0, 0.05, n) * (1.2 + np.sin(time)) + 0.1 * np.sin(2200 * time)
    samples[5000::37000] += 0.4
    soundfile.write(path, samples, rate, **({"subtype": "PCM_24"} | options))
    return path


def heard(path, starts, ends, exact=False, families=True):
    problems = []
    pieces = list(hear(path, "x", starts, ends, exact, families, problems))
    return pieces, problems


def checks(problems):
    return [problem.check for problem in problems]


@pytest.fixture(scope="module")
def published(real_workbook, icbhi_native):
    """Return the workbook's rows by recording, and the recordings as published."""
    table = read_workbook(real_workbook, 0).table
    names = zip(table["patient_ID"].to_pylist(), table["adq_format"].to_pylist(), strict=True)
    recording = np.array([f"{patient}_{name}" for patient, name in names])
    paths = sorted(icbhi_native.glob("*.wav"))
    return table, {path: np.flatnonzero(recording == path.stem) for path in paths}


def compare(published, paths, exact):
    """Hold the statistics of some recordings against the workbook's."""
    table, recordings = published
    start, end = table["start"].to_numpy(), table["end"].to_numpy()
    for path in paths:
        rows = recordings[path]
        (piece,), problems = heard(path, start[rows], end[rows], exact)
        assert not {"past", "order", "long", "file"} & {*checks(problems)}
        assert piece.rows.tolist() == list(range(len(rows)))
        for name in NAMES if exact else TOLERANCES:
            tolerance = 1e-10 if exact else TOLERANCES[name]
            expected = table[name].to_numpy()[rows]
            np.testing.assert_allclose(piece.five[:, NAMES.index(name)], expected, rtol=tolerance)


def test_the_workbooks_own_values(published):
    _, recordings = published
    assert sum(map(len, recordings.values())) > 100
    compare(published, recordings, exact=False)
    compare(published, [*recordings][4:6], exact=True)


@pytest.mark.thorough
def test_the_workbooks_own_values_to_the_last_digits(published):
    compare(published, published[1], exact=True)


@pytest.mark.parametrize(("rate", "exact"), [(44100, False), (44100, True), (4000, False)])
def test_pieces_give_what_the_whole_gives(tmp_path, monkeypatch, rate, exact):
    """Families to 1e-6: the mean of a piece is not quite the recording's."""
    seconds = 20 if exact else 40
    path = sound(tmp_path / "x.wav", seconds, rate)
    starts = np.array([3.0, 0.0, 18.1, 4.5, 8.123, 9, 14.003, *range(21, seconds - 5, 6)])
    ends = starts + np.array([2, 2.9, 1.7, 4, 3.3, 7, 4.1, *[5.9] * (len(starts) - 7)])
    (whole,), problems = heard(path, starts, ends, exact)
    assert not problems
    monkeypatch.setattr(audio, "MOST_SAMPLES", 9 * rate)
    monkeypatch.setattr(module, "PIECE", 8)
    pieces, problems = heard(path, starts, ends, exact)
    assert not problems and len(pieces) > 2
    assert max(len(piece.samples) for piece in pieces) <= 11 * 4000
    rows = np.concatenate([piece.rows for piece in pieces])
    assert sorted(rows) == list(range(len(starts)))
    five = np.concatenate([piece.five for piece in pieces])
    scale = np.abs(whole.five).max(0)
    assert (np.abs(five - whole.five[rows]) <= (1e-12 if exact else 1e-11) * scale).all()
    of_whole = features(whole.samples, whole.spans, [*FAMILIES])[rows]
    table = np.concatenate([features(p.samples, p.spans, [*FAMILIES]) for p in pieces])
    np.testing.assert_allclose(table, of_whole, rtol=1e-6, atol=1e-6)


def test_times_that_are_not_there_are_the_recordings(tmp_path):
    path = sound(tmp_path / "x.wav", 3, 8000)
    (piece,), problems = heard(path, NONE, NONE)
    assert not problems and piece.spans.tolist() == [[0, 12000]]
    assert (piece.starts.tolist(), piece.ends.tolist()) == ([0], [3])
    assert piece.samples.dtype == np.float32 and piece.five.shape == (1, 5)
    assert heard(path, [], []) == ([], [])


def test_cycles_that_are_not_within_their_recording(tmp_path):
    path = sound(tmp_path / "x.wav", 3, 8000)
    starts = np.array([1.0, -0.05, 2.0, 2.0, -0.2, 5.0, 3.02, 2.0, 1.0, 1.00001])
    ends = np.array([2.0, 1.0, 3.09, 3.2, 1.0, 6.0, 3.05, 2.0, 1.1, 1.00002])
    (piece,), problems = heard(path, starts, ends)
    assert piece.rows.tolist() == [0, 1, 2, 8]
    assert piece.starts.tolist() == [1, 0, 2, 1] and piece.ends.tolist() == [2, 1, 3, 1.1]
    assert piece.spans.tolist() == [[4000, 8000], [0, 4000], [8000, 12000], [4000, 4400]]
    expected = ["end", "end", "past", "past", "past", "past", "order", "order", "fine"]
    assert checks(problems) == expected
    assert problems[2].where == "cycle from 2 to 3.2 s"
    assert "not within the recording, from 0 to 3 s" in problems[2].message
    assert np.isnan(piece.five[3, NAMES.index("Fine_Av")])
    assert heard(path, [7.0], [8.0])[0] == []


def test_a_cycle_that_is_too_long_is_left_out(tmp_path, monkeypatch):
    path = sound(tmp_path / "x.wav", 20, 4000)
    monkeypatch.setattr(audio, "LONGEST", 6)
    monkeypatch.setattr(module, "PIECE", 3)
    pieces, problems = heard(path, [0, 1, 12, None], [1, 6, 20, None])
    assert [piece.rows.tolist() for piece in pieces] == [[0], [1]]
    assert checks(problems) == ["long", "long"] and "annotate shorter cycles" in problems[0].message


def test_families_need_3600_hz(tmp_path):
    path = sound(tmp_path / "x.wav", 3, 2000)
    pieces, problems = heard(path, NONE, NONE)
    assert not pieces and checks(problems) == ["rate"] and "families" in problems[0].message
    pieces, problems = heard(path, NONE, NONE, families=False)
    assert len(pieces) == 1 and checks(problems) == ["slow"]
    sound(path, 3, 800)
    pieces, problems = heard(path, NONE, NONE, families=False)
    assert not pieces and checks(problems) == ["rate"]


@pytest.mark.parametrize("rate", [3600, 7999, 11025, 16000, 22050, 44099, 48000, 96000])
def test_any_rate(tmp_path, rate):
    """A tone has its place in time and its height, whatever the rate."""
    time = np.arange(int(0.5 * rate)) / rate
    soundfile.write(tmp_path / "x.wav", 0.5 * np.sin(2500 * time), rate, subtype="FLOAT")
    (piece,), problems = heard(tmp_path / "x.wav", [None, 0.1], [None, 0.45])
    assert not problems and abs(len(piece.samples) - 2000) <= 1
    expected = 0.5 * np.sin(2500 * np.arange(300, 1700) / 4000)
    # reading the notebook's table in whole steps changes the height by up to 1 %
    np.testing.assert_allclose(piece.samples[300:1700], expected, atol=0.012)
    assert np.isfinite(piece.five).all()
    table = features(piece.samples, piece.spans, [*FAMILIES])
    assert np.isfinite(table).all()
    centre = table[1, column_names([*FAMILIES]).index("spectrum_centroid_mean")]
    assert centre == pytest.approx(2500 / 2 / np.pi, abs=3)


@pytest.mark.parametrize(
    ("form", "subtype", "channels"),
    [("MP3", "MPEG_LAYER_III", 1), ("MP3", "MPEG_LAYER_III", 2), ("OGG", "VORBIS", 2)],
)
def test_lossy_sound_in_pieces(tmp_path, monkeypatch, form, subtype, channels):
    path = sound(tmp_path / "x.wav", 8, 44100)
    samples = np.column_stack([soundfile.read(path)[0]] * channels)
    soundfile.write(tmp_path / "x.snd", samples, 44100, format=form, subtype=subtype)
    starts, ends = np.array([0.5, 3.0, 6.0]), np.array([2.0, 4.0, 7.9])
    (whole,), problems = heard(tmp_path / "x.snd", starts, ends)
    assert checks(problems) == ["lossy", "channels"][:channels]
    monkeypatch.setattr(audio, "LONGEST", 4)
    monkeypatch.setattr(module, "PIECE", 2)
    pieces, _ = heard(tmp_path / "x.snd", starts, ends)
    assert len(pieces) == 3
    five = np.concatenate([piece.five for piece in pieces])
    np.testing.assert_allclose(five[:, [0, 1, 4]], whole.five[:, [0, 1, 4]], rtol=1e-4)
