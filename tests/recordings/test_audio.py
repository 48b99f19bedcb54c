"""What sound is read, and what is said of sound that cannot be."""

import struct
import wave

import numpy as np
import pytest
import soundfile

from auscultation.recordings.audio import read_part, read_sound

RATE = 8000
X = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE) + 0.01


def checks(sound):
    return [problem.check for problem in sound.problems]


@pytest.mark.parametrize(
    ("ending", "subtype", "tolerance"),
    [
        ("wav", "PCM_16", 2**-15),
        ("wav", "PCM_24", 2**-23),
        ("wav", "PCM_32", 2**-30),
        ("wav", "PCM_U8", 2**-7),
        ("wav", "FLOAT", 1e-7),
        ("wav", "DOUBLE", 0),
        ("wav", "ULAW", 0.03),
        ("wav", "IMA_ADPCM", 0.1),
        ("flac", "PCM_16", 2**-15),
        ("aiff", "PCM_24", 2**-23),
    ],
)
def test_what_is_read(tmp_path, ending, subtype, tolerance):
    soundfile.write(tmp_path / f"x.{ending}", X, RATE, subtype=subtype)
    sound = read_sound(tmp_path / f"x.{ending}")
    assert sound.rate == RATE and not sound.problems and sound.samples.dtype == np.float64
    later = slice(100, len(X))  # ADPCM starts from silence
    np.testing.assert_allclose(sound.samples[later], X[later], atol=tolerance)


def test_lossy_sound_and_several_channels_are_taken_and_said(tmp_path):
    soundfile.write(tmp_path / "x.ogg", X, RATE)
    assert checks(read_sound(tmp_path / "x.ogg")) == ["lossy"]
    soundfile.write(tmp_path / "x.wav", np.column_stack([X, 3 * X / 5]), RATE, subtype="FLOAT")
    sound = read_sound(tmp_path / "x.wav")
    assert checks(sound) == ["channels"] and not sound.useless
    np.testing.assert_allclose(sound.samples, 0.8 * X, atol=1e-6)


def with_data_size(path, size):
    """Change the length that the header of a .wav of 16 bits gives for its samples."""
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = struct.pack("<I", size)
    path.write_bytes(bytes(data))


def wav(path, samples=X, rate=RATE, **options):
    soundfile.write(path, samples, rate, **({"subtype": "PCM_16"} | options))
    return path


WRONG = {
    "empty": (lambda p: p.write_bytes(b""), "file", "an empty file"),
    "page": (lambda p: p.write_bytes(b"<!doctype html><html>"), "file", "a web page"),
    "text": (
        lambda p: p.write_bytes(b"start end\n" * 9),
        "file",
        "damaged, cut short, or no sound",
    ),
    "m4a": (lambda p: p.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(99)), "file", "convert it to"),
    "pointer": (lambda p: p.write_bytes(b"version https://git-lfs.github"), "file", "git lfs pull"),
    "absent": (lambda p: None, "file", "no such file"),
    "cancelled": (lambda p: wav(p, np.column_stack([X, -X]), subtype="FLOAT"), "channel", "cancel"),
    "infinity": (
        lambda p: wav(p, np.column_stack([X, np.where(X[9] == X, -np.inf, X)]), subtype="FLOAT"),
        "finite",
        "NaN or infinity",
    ),
    "folder": (lambda p: p.mkdir(), "file", "a folder"),
    "cut": (
        lambda p: wav(p).write_bytes(p.read_bytes()[:9000]),
        "file",
        "cut short: 7,044 of 16,000 bytes of sound are missing",
    ),
    "header": (lambda p: wav(p).write_bytes(p.read_bytes()[:30]), "file", "cut short, or no sound"),
    "nothing": (lambda p: wav(p, np.empty(0)), "file", "no samples"),
    "nan": (
        lambda p: wav(p, np.where(np.arange(RATE) == 4000, np.nan, X), subtype="FLOAT"),
        "finite",
        "no finite number",
    ),
    "short": (lambda p: wav(p, X[:1000]), "short", "0.125 s; a recording needs 0.397 s"),
    "one channel": (
        lambda p: wav(p, np.column_stack([X, 0 * X])),
        "channel",
        "channel 2 of 2 is silent",
    ),
    "slow": (lambda p: wav(p, rate=800), "rate", "800 Hz; a recording needs 1000 Hz"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong(tmp_path, what):
    make, check, message = WRONG[what]
    path = tmp_path / "x.wav"
    make(path)
    sound = read_sound(path, "rec/x.wav")
    (problem,) = (problem for problem in sound.problems if problem.check != "channels")
    assert problem.check == check and message in problem.message and problem.file == "rec/x.wav"
    assert sound.useless
    where = {"nan": "sample 4000, 0.500 s", "infinity": "sample 9, 0.001 s, channel 2"}
    assert problem.where == where.get(what, "")


def test_doubts_leave_the_sound(tmp_path):
    assert checks(read_sound(wav(tmp_path / "a.wav", rate=2000))) == ["slow"]
    assert checks(read_sound(wav(tmp_path / "b.wav", 0 * X))) == ["silent"]
    assert checks(read_sound(wav(tmp_path / "c.wav", np.clip(4 * X, -1, 1)))) == ["clipped"]


def test_eight_bits_and_mu_law_are_clipped_below_1(tmp_path):
    loud = np.clip(4 * X, -1, 1)
    for subtype in ("PCM_U8", "ULAW", "ALAW", "PCM_24", "FLOAT"):
        assert checks(read_sound(wav(tmp_path / "a.wav", loud, subtype=subtype))) == ["clipped"]
        assert not checks(read_sound(wav(tmp_path / "a.wav", 0.9 * X, subtype=subtype)))


def test_a_wav_with_other_chunks_and_an_extensible_header(tmp_path):
    path = wav(tmp_path / "x.wav", format="WAVEX", subtype="PCM_24")
    data = path.read_bytes()
    at = data.index(b"fmt ")
    path.write_bytes(data[:at] + b"LIST" + struct.pack("<I", 5) + b"INFOx\0" + data[at:])
    sound = read_sound(path)
    assert not sound.problems
    np.testing.assert_allclose(sound.samples, X, atol=2**-23)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF024, 0])
def test_a_length_that_the_program_did_not_know(tmp_path, size):
    path = wav(tmp_path / "x.wav")
    with_data_size(path, size)
    sound = read_sound(path)
    if size:
        assert not sound.problems and len(sound.samples) == RATE
    else:
        assert checks(sound) == ["file"] and sound.useless


@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64", "AIFF", "AU", "W64", "FLAC", "CAF"])
def test_half_a_file_is_no_sound(tmp_path, form):
    path = wav(tmp_path / "x.snd", format=form)
    assert not read_sound(path).problems
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    (problem,) = read_sound(path).problems
    assert problem.check == "file" and "cut short" in problem.message


def test_a_long_recording_is_checked_without_being_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("auscultation.recordings.audio.LONGEST", 0.9)
    monkeypatch.setattr("auscultation.recordings.audio.BLOCK", 999)
    sound = read_sound(wav(tmp_path / "x.wav", np.clip(4 * X, -1, 1)), whole=False)
    assert not len(sound.samples) and sound.length == RATE and checks(sound) == ["clipped"]
    late = np.where(np.arange(RATE) == RATE - 2, np.nan, X)
    sound = read_sound(wav(tmp_path / "x.wav", late, subtype="FLOAT"), whole=False)
    assert [p.where for p in sound.problems] == ["sample 7998, 1.000 s"] and sound.useless
    silent = np.column_stack([X, np.where(np.arange(RATE) < 7990, 0, X)])
    assert checks(read_sound(wav(tmp_path / "x.wav", silent), whole=False)) == ["channels"]


def test_parts_are_what_the_whole_has(tmp_path):
    rng = np.random.default_rng(0)
    noise = np.clip(rng.normal(0, 0.1, (200_000, 2)), -1, 1)
    for form, subtype in [
        *(("WAV", subtype) for subtype in ("PCM_16", "FLOAT", "ULAW", "IMA_ADPCM", "MS_ADPCM")),
        *(("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")),
    ]:
        path = tmp_path / "x.snd"
        soundfile.write(path, noise, 48000, format=form, subtype=subtype)
        whole = read_sound(path).samples
        with soundfile.SoundFile(path) as opened:
            for first, last in (
                (100_001, 190_001),
                (50_000, 120_000),
                (0, 100),
                (131_072, 131_073),
            ):
                part = read_part(opened, first, last)
                np.testing.assert_allclose(part, whole[first:last], atol=1e-6, err_msg=subtype)


def test_blocks_make_no_difference(tmp_path, monkeypatch):
    path = wav(tmp_path / "x.wav", np.column_stack([X, X**2]))
    before = read_sound(path)
    monkeypatch.setattr("auscultation.recordings.audio.BLOCK", 999)
    np.testing.assert_array_equal(read_sound(path).samples, before.samples)


def test_an_odd_last_byte(tmp_path):
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(range(100, 150)) * 101 + b"\x80")
    for path in (tmp_path / "x.wav", tmp_path / "y.wav"):
        assert len(read_sound(path).samples) == 5051 and not read_sound(path).problems
        (tmp_path / "y.wav").write_bytes(path.read_bytes()[: 44 + 5051])  # without what fills it up
