"""The simulated recordings: files, labels that are heard where they are written, sounds as published."""

import re
import wave
from dataclasses import replace

import numpy as np
import pytest

from auscultation.data.name_pattern import ICBHI, parts_of
from auscultation.job.errors import InputError
from auscultation.recordings import synthesis
from auscultation.recordings.simulation import draw_recordings, samples_of, write_recordings
from auscultation.recordings.synthesis import RATE

SEED, PATIENTS = 2017, 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "made"
    write_recordings(path, SEED, PATIENTS)
    return path


@pytest.fixture(scope="module")
def cohort():
    """16 patients' recordings at 4000 Hz: each with its samples, with sounds and without."""
    slow = [r for r in draw_recordings(SEED, 16) if r.rate == RATE]
    return [(r, samples_of(r).astype(float), samples_of(r, False).astype(float)) for r in slow]


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def cycles_of(recording):
    """Samples, crackles and wheezes of each cycle."""
    starts, ends = recording.phases.inspiration, recording.ends
    for start, end, *labels in zip(
        starts, ends, recording.crackles, recording.wheezes, strict=True
    ):
        yield slice(round(RATE * start), round(RATE * end)), *labels


def heaviness(samples):
    steps = np.diff(samples)
    return np.log(np.mean(steps**4) / np.mean(steps**2) ** 2)


class TestFiles:
    def test_same_seed_same_bytes(self, folder, tmp_path):
        write_recordings(tmp_path / "again", SEED, PATIENTS)
        assert content(tmp_path / "again") == content(folder)
        write_recordings(tmp_path / "other", SEED + 1, PATIENTS)
        same = content(tmp_path / "other").items() & content(folder).items()
        assert not [name for name, _ in same if name.endswith(".wav")]

    def test_wave_opens_them(self, folder):
        rates = []
        for path in folder.glob("*.wav"):
            with wave.open(str(path)) as file:
                rates.append(file.getframerate())
                assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
                assert 19 <= file.getnframes() / rates[-1] <= 21
                samples = np.frombuffer(file.readframes(-1), "<i2")
            assert len(samples) == (path.stat().st_size - 44) / 2
            assert 5 < samples.std() < 8000
            assert np.mean(np.abs(samples.astype(int)) >= 32767) < 0.01
        assert rates.count(44100) == 1 and set(rates) == {4000, 44100}

    def test_names_are_of_icbhi(self, folder):
        names = [path.stem for path in folder.glob("*.wav")]
        patients = [name.split("_")[0] for name in names]
        parts = parts_of(patients, names, ICBHI)
        assert set(parts["location"]) <= {"Al", "Ar", "Ll", "Lr", "Pl", "Pr", "Tc"}
        assert set(parts["device"]) <= {"AKGC417L", "LittC2SE", "Litt3200", "Meditron"}
        assert all(re.fullmatch(r"10[1-8]_1b1_[A-Z][a-z]_(mc|sc)_\w+", name) for name in names)

    def test_every_recording_is_annotated_and_every_patient_described(self, folder):
        names = {path.stem for path in folder.glob("*.wav")}
        tables = {"demographics": 6, "diagnosis": 2}
        assert {path.stem for path in folder.glob("*.txt")} == names | tables.keys()
        for table, columns in tables.items():
            lines = (folder / f"{table}.txt").read_text().splitlines()
            cells = [line.split("\t") for line in lines]
            assert {len(row) for row in cells} == {columns}
            assert [row[0] for row in cells] == sorted({name.split("_")[0] for name in names})

    def test_annotations(self, folder):
        for recording in draw_recordings(SEED, PATIENTS):
            rows = np.loadtxt(folder / f"{recording.name}.txt", ndmin=2)
            assert (rows[:, 0] < rows[:, 1]).all() and rows[-1, 1] <= recording.duration
            assert (rows[1:, 0] == rows[:-1, 1]).all()
            assert (rows[:, 2] == recording.crackles).all()
            assert (rows[:, 3] == recording.wheezes).all()

    def test_too_few_patients_are_refused(self, tmp_path):
        with pytest.raises(InputError, match="at least 8 patients, not 7"):
            write_recordings(tmp_path, SEED, 7)


class TestLabels:
    def test_shares_of_the_states(self):
        recordings = draw_recordings(SEED)
        states = np.concatenate([r.crackles + 2 * r.wheezes for r in recordings])
        assert 1000 < len(states) < 1400
        shares = np.bincount(states) / len(states)
        assert shares == pytest.approx([0.528, 0.270, 0.128, 0.073], abs=0.002)
        crackling = {}
        for recording in recordings:
            crackling.setdefault(recording.patient.name, []).extend(recording.crackles)
        assert np.std([np.mean(labels) for labels in crackling.values()]) > 0.15

    def test_what_is_added_lies_in_labelled_cycles(self, cohort):
        """All else is the same but for the last bit; a device rings on for less than 0.1 s."""
        for recording, with_sounds, without in cohort:
            changed = np.abs(with_sounds - without) > 1
            allowed = np.zeros(len(changed), dtype=bool)
            for cycle, crackles, wheezes in cycles_of(recording):
                if crackles or wheezes:
                    allowed[cycle.start : cycle.stop + RATE // 10] = True
                    assert changed[cycle].any()
            assert not (changed & ~allowed).any()

    def test_without_sounds_no_label_is_heard(self):
        recording = next(r for r in draw_recordings(SEED, PATIENTS) if r.crackles.any())
        other = replace(recording, crackles=1 - recording.crackles, wheezes=1 - recording.wheezes)
        assert (samples_of(recording, False) == samples_of(other, False)).all()
        assert (samples_of(recording) != samples_of(other)).any()

    def test_wheezes_stand_out_of_the_spectrum(self, cohort):
        """Largest power of a bin of 8 Hz between 100 and 1000 Hz, in dB over its neighbours'."""
        peaks = {0: [], 1: []}
        for recording, samples, _ in cohort:
            for cycle, _, wheezes in cycles_of(recording):
                frames = np.lib.stride_tricks.sliding_window_view(samples[cycle], 512)[::256]
                power = np.abs(np.fft.rfft(frames * np.hanning(512))) ** 2
                level = 10 * np.log10(power[:, 13:128] + 1)
                near = np.lib.stride_tricks.sliding_window_view(level, 21, axis=1)
                peaks[wheezes].append((level[:, 10:-10] - np.median(near, -1)).max(1).mean())
        assert np.median(peaks[1]) > np.quantile(peaks[0], 0.9)
        assert np.quantile(peaks[1], 0.1) < np.quantile(peaks[0], 0.9)  # not all can be found

    def test_crackles_make_heavy_tails(self, cohort):
        """Log kurtosis of the differences, beside the median of the recording's other cycles."""
        tails = []
        for recording, *heard in cohort:
            kurtosis = np.array(
                [[heaviness(x[c]) for c, *_ in cycles_of(recording)] for x in heard]
            )
            crackling = recording.crackles == 1
            if 0 < crackling.sum() < len(crackling):
                others = np.median(kurtosis[:, ~crackling], axis=1, keepdims=True)
                tails.append(kurtosis[:, crackling] - others)
        with_sounds, without = np.median(np.concatenate(tails, axis=1), axis=1)
        assert with_sounds > 0.1
        assert without == pytest.approx(0, abs=0.05)


class TestSounds:
    @pytest.mark.parametrize(
        ("coarse", "deflection", "duration"), [(False, 0.7, 5), (True, 1.5, 10)]
    )
    def test_crackles_are_two_cycles_that_slow_down(self, coarse, deflection, duration):
        time = np.linspace(0, duration / 1000, 20001)[1:-1]
        wave_form = synthesis.crackle(time, coarse)
        crossings = time[1:][np.diff(np.sign(wave_form)) != 0]
        assert len(crossings) == 3
        assert crossings[0] == pytest.approx(deflection / 1000, rel=1e-3)
        assert (np.diff(crossings) > crossings[0]).all()
        assert 0.5 < np.abs(wave_form).max() <= 1
        assert synthesis.crackle(np.array([0, duration / 1000, 1]), coarse) == pytest.approx(0)

    def test_wheezes_have_their_pitch_and_level(self):
        tone = synthesis.wheeze(np.random.default_rng(0), RATE, 400, 0)
        power = np.abs(np.fft.rfft(tone * np.hanning(RATE))) ** 2
        assert np.argmax(power) == pytest.approx(400, abs=5)
        assert 10 * np.log10(power[790:811].sum() / power[380:421].sum()) == pytest.approx(
            -14, abs=6
        )
        assert np.std(tone[400:-400]) == pytest.approx(1, abs=0.1)

    def test_breath_falls_by_its_slope(self):
        noise = synthesis.coloured(np.random.default_rng(0), 400_000, synthesis.Spectrum(150, 12))
        assert np.std(noise) == pytest.approx(1, rel=0.02)
        power = np.abs(np.fft.rfft(noise)) ** 2
        octaves = [power[100 * low : 200 * low].mean() for low in (400, 800)]  # Hz
        assert 10 * np.log10(octaves[0] / octaves[1]) == pytest.approx(12, abs=0.5)

    def test_devices_filter(self):
        """At its resonance a device adds its peak to its gain; two octaves below its band, little."""
        device = synthesis.Device(60, 1900, 300, 6, -20, -90)
        time = np.arange(RATE) / RATE
        heard = [synthesis.heard_by(device, np.sin(2 * np.pi * f * time)) for f in (300, 15)]
        levels = [20 * np.log10(np.sqrt(2) * np.std(sound)) for sound in heard]
        assert levels == pytest.approx([-14, -44], abs=0.6)

    def test_faster_is_the_same_sound(self):
        tone = np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)
        fine = np.sin(2 * np.pi * 300 * np.arange(2 * 44100) / 44100)
        assert synthesis.faster(tone, 44100) == pytest.approx(fine, abs=1e-9)
