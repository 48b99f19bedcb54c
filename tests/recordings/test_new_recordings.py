"""New recordings become rows to score: of annotated cycles, or of windows; what fails leaves one out."""

import numpy as np
import pytest
import soundfile

from auscultation.data.name_pattern import ICBHI
from auscultation.job.errors import InputError
from auscultation.recordings.families.registry import column_names, families_of, features
from auscultation.recordings.folder import list_folder
from auscultation.recordings.new_recordings import (
    Hearing,
    heard_recordings,
    windows,
)
from auscultation.recordings.notebook import NAMES
from auscultation.recordings.to_score import files_of
from lung_sounds import RATE, noise

FIRST, SECOND = "101_1b1_Al_sc_Meditron", "102_1b1_Ar_sc_Litt3200"
FAMILIES = ("envelope", "mfcc")
TIMES = [[0.5, 2.0], [2.0, 3.25], [3.5, 5.0]]


def sound(seconds: float, seed: int) -> np.ndarray:
    """Noise in the steps of 16 bits."""
    return np.round(noise(seconds, seed) * 32768) / 32768


def write(folder, name: str, seconds: float = 6, text: str | None = None, seed: int = 1):
    """Write a recording, and its annotation if there is one."""
    soundfile.write(folder / f"{name}.wav", sound(seconds, seed), RATE, subtype="PCM_16")
    if text is not None:
        (folder / f"{name}.txt").write_text(text)


def heard(path, checks=None, **how):
    """Hear a folder, or one recording."""
    how = {"families": FAMILIES, "name_pattern": ICBHI} | how
    return heard_recordings(path, Hearing(**how), checks)


def times(table):
    """Start and end of each row."""
    return np.column_stack([table["start"], table["end"]])


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (20, [[0, 5], [5, 10], [10, 15], [15, 20]]),
        (12.5, [[0, 5], [5, 10], [10, 12.5]]),  # half a window is one
        (12.49, [[0, 5], [5, 12.49]]),
        (3, [[0, 3]]),
        (0.7, [[0, 0.7]]),
    ],
)
def test_windows(duration, expected):
    assert windows(duration, 5).tolist() == expected


def test_windows_have_all_of_a_recording_once():
    rng = np.random.default_rng(2)
    for duration, window in zip(rng.uniform(1, 700, 200), rng.uniform(0.4, 30, 200), strict=True):
        cut = windows(duration, window)
        assert cut[0, 0] == 0 and cut[-1, 1] == duration and (cut[1:, 0] == cut[:-1, 1]).all()
        lengths = cut[:, 1] - cut[:, 0]
        assert np.allclose(lengths[:-1], window) and lengths[-1] < 1.5 * window + 1e-9
        assert lengths[-1] >= min(window / 2, duration) - 1e-9


def test_rows_of_annotated_cycles_and_of_windows(tmp_path):
    """The features are those of the samples in the times; recordings are in the order of their names."""
    text = "".join(f"{start}\t{end}\t1\t0\n" for start, end in TIMES)
    write(tmp_path, SECOND, text=text, seed=2)
    write(tmp_path, FIRST, 11)
    table = heard(tmp_path).table
    cut = windows(11, 5)
    assert table["recording"].to_pylist() == [FIRST] * len(cut) + [SECOND] * len(TIMES)
    assert table["cut"].to_pylist() == ["window"] * len(cut) + ["annotated"] * len(TIMES)
    assert table["patient_ID"].to_pylist() == [101] * len(cut) + [102] * len(TIMES)
    assert np.allclose(times(table), [*cut, *TIMES])
    assert table["crackles"].to_pylist() == [None] * len(cut) + [1] * len(TIMES)
    expected = [
        features(sound(seconds, seed), np.rint(RATE * np.array(cycles)), FAMILIES)
        for seconds, seed, cycles in ((11, 1, cut), (6, 2, TIMES))
    ]
    values = np.column_stack([table[name] for name in column_names(FAMILIES)])
    assert np.allclose(values, np.concatenate(expected), rtol=1e-4, atol=1e-5)
    assert np.isfinite(np.column_stack([table[name] for name in NAMES])).all()


@pytest.mark.parametrize(
    "text",
    [
        "0.5\t2.0\n2.0\t3.25\n3.5\t5.0\n",
        "start,end\n0.5,2.0\n2.0,3.25\n3.5,5.0\n",
        "start end\n0.5 2.0\n2.0 3.25\n3.5 5.0\n",
        "0,5;2,0\n2,0;3,25\n3,5;5,0\n",
        "0.5\t2.0\tsquawk\n2.0\t3.25\t\n3.5\t5.0\tcrackle\n",
        "0.5,2.0,?,?\n2.0,3.25,7,0\n3.5,5.0,,\n",
        "start end crackles wheezes\n0.5 2.0 1 0\n2.0 3.25 1 0\n3.5 5.0 0 0\n",
    ],
)
def test_times_are_enough(text, tmp_path):
    write(tmp_path, FIRST, text=text)
    new = heard(tmp_path)
    assert times(new.table).tolist() == TIMES and new.problems == []
    assert set(new.table["cut"].to_pylist()) == {"annotated"}


def test_a_table_of_times_is_enough(tmp_path):
    """Also of one recording of several, and with a label that is none."""
    write(tmp_path, FIRST)
    write(tmp_path, SECOND, seed=2)
    rows = [
        f"{SECOND},{start},{end},{wheezes}"
        for (start, end), wheezes in zip(TIMES, "017", strict=True)
    ]
    text = "\n".join(["recording,start,end,wheezes", *rows, f"{FIRST},0,1,1"])
    (tmp_path / "annotations.csv").write_text(text)
    for path in (tmp_path, tmp_path / f"{SECOND}.wav"):
        new = heard(path)
        assert times(new.table)[-3:].tolist() == TIMES
        assert not {"label", "column", "missing", "range"} & {p.check for p in new.problems}
    assert new.table.num_rows == 3 and new.problems == []
    assert set(files_of(str(tmp_path / f"{SECOND}.wav"))) == {
        str(tmp_path / f"{SECOND}.wav"),
        str(tmp_path / "annotations.csv"),
    }


def test_who_names_no_patient_is_one(tmp_path):
    write(tmp_path, "bed 7")
    write(tmp_path, FIRST, seed=2)
    new = heard(tmp_path)
    assert new.table["patient_ID"].to_pylist() == ["101", "bed 7"] and not new.problems
    assert new.nameless == ["bed 7"]


def test_what_cannot_be_used_leaves_the_others(tmp_path):
    """Recordings in are rows' recordings and those named."""
    write(tmp_path, FIRST, text="0.5 2\n2 9\n3 2.5\n")
    write(tmp_path, "short", 0.2)
    write(tmp_path, "none", text="")
    write(tmp_path, "wrong", text="nothing that is a time\n")
    (tmp_path / "web.wav").write_text("<html></html>")
    (tmp_path / "phone.m4a").write_bytes(b"....ftyp")
    loud = np.clip(4 * noise(6, level=1), -1, 1)
    soundfile.write(tmp_path / "loud.wav", loud, RATE, subtype="PCM_16")
    new = heard(tmp_path)
    assert set(new.table["recording"].to_pylist()) == {FIRST, "loud"}
    assert {*new.left_out} == {f"{name}.wav" for name in ("short", "none", "wrong", "web")} | {
        "phone.m4a"
    }
    assert {"short.wav", "none.txt", "web.wav", "phone.m4a", "wrong.txt"} <= {
        problem.file for problem in new.problems
    }
    assert ("order", f"{FIRST}.txt", "line 3") in [p[:3] for p in new.problems]
    # levels of the config
    new = heard(tmp_path, {"clipped": "error", "empty": "off"})
    assert set(new.table["recording"].to_pylist()) == {FIRST}
    assert {"loud.wav", "none.wav"} <= {*new.left_out}
    assert [p.file for p in new.problems if p.check == "lost"] == ["none.wav"]
    assert not [p for p in heard(tmp_path, {"clipped": "off"}).problems if p.check == "clipped"]


def test_none_that_can_be_used_is_an_error(tmp_path):
    write(tmp_path, FIRST, 0.2)
    (tmp_path / "web.wav").write_text("<html></html>")
    with pytest.raises(InputError) as caught:
        heard(tmp_path)
    assert f"{FIRST}.wav: 0.200 s" in str(caught.value) and "web.wav" in str(caught.value)
    (tmp_path / "a.m4a").write_bytes(b"....ftyp")
    with pytest.raises(InputError, match="convert it to wav or flac"):
        heard(tmp_path / "a.m4a")


def test_one_recording_is_as_it_is_in_its_folder(tmp_path):
    write(tmp_path, FIRST, text="0.5 2\n")
    write(tmp_path, SECOND, seed=2)
    (tmp_path / "demographics.txt").write_text("101 3 F NA 19 99\n")
    both = heard(tmp_path).table
    one = heard(tmp_path / f"{FIRST}.wav").table
    assert one.equals(both.slice(0, 1).select(one.column_names))
    assert [r.name for r in list_folder(tmp_path).recordings] == [FIRST, SECOND]


def test_families_of_columns():
    assert families_of(["mfcc_1_mean", "Var", column_names(["tonal"])[0]]) == ["mfcc", "tonal"]
