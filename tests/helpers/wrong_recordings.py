"""A folder of recordings that are wrong in every way, each with what is to be said of it."""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

RATE = 4000  # Hz
CYCLES = "0.1\t1.1\t0\t0\n1.1\t2.1\t1\t0\n"


class Wrong(NamedTuple):
    """The check that a file fails, the file, and where in it."""

    level: str
    check: str
    file: str
    where: str = ""


def noise(seconds: float = 3, rate: int = RATE, channels: int = 1) -> np.ndarray:
    """Return noise of a tenth of full scale, shape (n, channels)."""
    return 0.1 * np.random.default_rng(0).uniform(-1, 1, (round(seconds * rate), channels))


def sound(samples: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str = "") -> bytes:
    """Return the bytes of a file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, subtype or None, format=kind)
    return file.getvalue()


def with_value(at: int, value: float) -> np.ndarray:
    """Return noise with another value at a sample."""
    samples = noise()
    samples[at] = value
    return samples


def silent_channel() -> np.ndarray:
    """Return two channels of which the second is silent."""
    return noise(channels=2) * [1, 0]


GOOD = sound(noise())
# what makes a recording useless: file, its bytes, the check, where
USELESS = {
    "nan.wav": (sound(with_value(4000, np.nan), subtype="FLOAT"), "finite", "sample 4000, 1.000 s"),
    "inf.wav": (sound(with_value(6, -np.inf), subtype="FLOAT"), "finite", "sample 6, 0.002 s"),
    "head.wav": (GOOD[:20], "file", ""),
    "empty.wav": (b"", "file", ""),
    "page.wav": (b"<!DOCTYPE html><html></html>", "file", ""),
    "phone.m4a": (b"\0\0\0 ftypM4A ", "file", ""),
    "cut.wav": (GOOD[: len(GOOD) // 2], "file", ""),
    "none.wav": (sound(np.empty((0, 1))), "file", ""),
    "mute.wav": (sound(silent_channel()), "channel", ""),
    "short.wav": (sound(noise(0.2)), "short", ""),
    "dull.wav": (sound(noise(3, 3000), 3000), "rate", ""),
}
# what leaves a recording in doubt
DOUBTS = {
    "lossy.ogg": (sound(noise(3, 8000), 8000, "OGG"), "lossy"),
    "stereo.wav": (sound(noise(channels=2)), "channels"),
    "loud.wav": (sound(np.clip(40 * noise(), -1, 1)), "clipped"),
    "still.wav": (sound(0 * noise()), "silent"),
}
# annotations: text, the check, its level and the line; what loses the recording is told by `LOST`
TEXTS = {
    "past": ("0.1\t1\t0\t0\n2\t9\t0\t0\n", "past", "error", None),
    "end": ("0.1\t1\t0\t0\n2\t3.05\t0\t0\n", "end", "warn", None),
    "fine": ("0.1\t1\t0\t0\n2\t2.1\t0\t0\n", "fine", "warn", None),
    "order": ("0.1\t1\t0\t0\n2\t2\t0\t0\n", "order", "error", "line 2"),
    "early": ("-1\t1\t0\t0\n2\t3\t0\t0\n", "range", "error", "line 1"),
    "over": ("0.1\t1\t0\t0\n0.5\t2\t0\t0\n", "overlap", "warn", "line 2"),
    "again": ("0.1\t1\t0\t0\n0.1\t1\t0\t0\n", "duplicate", "error", "line 2"),
    "blank": ("\n\n", "empty", "warn", ""),
    "label": ("0.1\t1\t0\t0\n1\t2\t2\t0\n", "label", "error", "line 2"),
    "wide": ("0.1\t1\t0\t0\n1\t2\t0\n", "column", "error", "line 2"),
    "text": ("0.1\t1\t0\t0\nx\t2\t0\t0\n", "number", "error", "line 2"),
}
FATAL = ("label", "wide", "text")
# as they circulate: taken without a word
TAKEN = {
    "comma": CYCLES.replace("\t", ","),
    "spaces": CYCLES.replace("\t", "  "),
    "windows": "\ufeff\n" + CYCLES.replace("\n", "\r\n"),
    "headed": "start\tend\tcrackles\twheezes\n" + CYCLES,
    "sorted": "".join(reversed(CYCLES.splitlines(keepends=True))),
}


def named(number: int, what: str) -> str:
    """Return the name of a recording in the form of ICBHI's."""
    return f"{number}_1b1_Al_sc_{what}"


def write_wrong(folder: Path) -> list[Wrong]:
    """Write the folder; return what is wrong with it, file by file."""
    folder.mkdir()
    wrong: list[Wrong] = []
    numbers = iter(range(301, 400))

    def put(file: str, data: bytes, text: str | None = CYCLES) -> str:
        stem, _, ending = file.rpartition(".")
        name = named(next(numbers), stem)
        (folder / f"{name}.{ending}").write_bytes(data)
        if text is not None:
            (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
        return name

    for file, (data, check, where) in USELESS.items():
        name = put(file, data)
        wrong.append(Wrong("error", check, f"{name}.{file.rpartition('.')[2]}", where))
    for file, (data, check) in DOUBTS.items():
        wrong.append(Wrong("warn", check, f"{put(file, data)}.{file.rpartition('.')[2]}"))
    for stem, (text, check, level, where) in TEXTS.items():
        name = put(f"{stem}.wav", GOOD, text)
        of_sound = where is None
        wrong.append(Wrong(level, check, f"{name}.{'wav' if of_sound else 'txt'}", where or ""))
    for stem, text in TAKEN.items():
        put(f"{stem}.wav", GOOD, text)
    wrong.append(Wrong("warn", "unannotated", f"{put('lonely.wav', GOOD, None)}.wav"))
    (folder / f"{named(399, 'orphan')}.txt").write_text(CYCLES, encoding="utf-8")
    wrong.append(Wrong("error", "orphan", f"{named(399, 'orphan')}.txt"))
    (folder / f"{named(398, 'folder')}.wav").mkdir()
    (folder / f"{named(398, 'folder')}.txt").write_text(CYCLES, encoding="utf-8")
    wrong.append(Wrong("error", "file", f"{named(398, 'folder')}.wav"))
    twin = put("twin.wav", GOOD)
    (folder / "more").mkdir()
    (folder / "more" / f"{twin}.wav").write_bytes(sound(noise() / 2))
    wrong.append(Wrong("error", "name", f"more/{twin}.wav"))
    same = put("same.wav", GOOD)
    (folder / "more" / f"{same}.wav").write_bytes(GOOD)
    (folder / "a {b} <c>.wav").write_bytes(GOOD)
    (folder / "a {b} <c>.txt").write_text(CYCLES, encoding="utf-8")
    wrong.append(Wrong("error", "name", "a {b} <c>.wav"))
    return wrong
