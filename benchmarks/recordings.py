"""From recordings to features: the workflow, its families without it, and librosa.

python benchmarks/recordings.py families FOLDER OUT.npz [PROCESSES]
python benchmarks/recordings.py steps FOLDER
python benchmarks/recordings.py copies FOLDER OUT RATE
python benchmarks/recordings.py same ONE.npz OTHER.npz
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from measure import HERE, ROOT, alternate, child, middle, printed
from page import Section, number
from workflow import Bench, fresh, snakemake

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there are as many processes as cores already
sys.path.insert(0, str(ROOT / "scripts"))

PATIENTS = 307  # simulated, with 920 recordings as ICBHI 2017
FAMILIES = ("spectrum", "bands", "mfcc", "tonal", "transient", "envelope")
RATE = 44100  # Hz
EVERY = 8  # each so many recordings are measured step by step
CLOSE = 1e-6  # standard deviations
SHORT = ("spectrum", "bands", "mfcc", "envelope")


def sounds(folder: Path) -> list[Path]:
    """Return the recordings of a folder."""
    return sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac"))


def times_of(path: Path):
    """Return starts and ends of the annotated cycles of a recording, shape (2, n_cycles)."""
    import numpy as np

    return np.loadtxt(path.with_suffix(".txt"), ndmin=2)[:, :2].T


def describe(path: Path):
    """Return the features of the cycles of a recording as the jobs compute them, (n_cycles, 77)."""
    import numpy as np

    from auscultation.recordings.families.registry import features
    from auscultation.recordings.hear import hear

    starts, ends = times_of(path)
    pieces = hear(path, path.name, starts, ends, exact=False, families=True, problems=[])
    return np.concatenate([features(p.samples, p.spans, FAMILIES) for p in pieces])


def in_pool(folder: str, out: str, processes: str = "2") -> None:
    """Write the features of all recordings, and print how long that took without imports."""
    import numpy as np
    import soundfile

    paths = sounds(Path(folder))
    with ProcessPoolExecutor(int(processes), get_context("spawn")) as pool:
        list(pool.map(describe, paths[:1] * 4 * int(processes)))
        start = time.perf_counter()
        tables = list(pool.map(describe, paths, chunksize=8))
        seconds = time.perf_counter() - start
    np.savez(out, features=np.concatenate(tables))
    sound = sum(soundfile.info(path).duration for path in paths)
    print(json.dumps({"seconds": seconds, "sound": sound}))


def print_steps(folder: str) -> None:
    """Print the processor time of each step over all recordings of a folder, and their length."""
    from auscultation.recordings.audio import read_sound
    from auscultation.recordings.families.registry import FAMILIES as ALL
    from auscultation.recordings.frames import Analysis
    from auscultation.recordings.notebook import cleaned, statistics
    from auscultation.recordings.resample import heard, to_4000

    took: dict[str, float] = {}

    def timed(step: str, work, *args, **options):
        start = time.process_time()
        result = work(*args, **options)
        took[step] = took.get(step, 0) + time.process_time() - start
        return result

    def family(name: str, signal, spans):
        return ALL[name].of_analysis(Analysis(signal, spans))

    def five(sound, starts, ends, exact: bool = False):
        return statistics(cleaned(to_4000(heard(sound.samples), sound.rate, exact)), starts, ends)

    length = exact_length = 0.0
    paths = sounds(Path(folder))
    for place, path in enumerate([paths[0], *paths]):
        starts, ends = times_of(path)
        sound = timed("read", read_sound, path)
        signal = timed("resample", to_4000, sound.samples, sound.rate).astype("float32")
        timed("five", five, sound, starts, ends)
        spans = (4000 * times_of(path).T).round().astype(int)
        timed("short frames", lambda *a: Analysis(*a).short, signal, spans)
        for name in FAMILIES:
            timed(name, family, name, signal, spans)
        length += len(signal) / 4000
        if place % EVERY == 1:  # takes long
            timed("exact", five, sound, starts, ends, exact=True)
            exact_length += len(signal) / 4000
        if place == 0:  # once before: imports, tables, memory
            took.clear()
            length = 0.0
    took["exact"] *= length / exact_length
    print(json.dumps({"cpu": took, "sound": length}))


def copy_at(folder: str, out: str, rate: str) -> None:
    """Write copies of the recordings of a folder at a rate in Hz, 16-bit .wav, with annotations."""
    import numpy as np
    import soundfile

    from auscultation.recordings.synthesis import faster

    Path(out).mkdir(parents=True, exist_ok=True)
    for path in sounds(Path(folder)):
        samples, own = soundfile.read(path)
        if own == 4000:
            samples = faster(samples[: len(samples) // 40 * 40], int(rate))
            own = int(rate)
        made = np.clip(np.rint(32768 * samples), -32768, 32767).astype("<i2")
        soundfile.write(Path(out) / f"{path.stem}.wav", made, own, "PCM_16")
        shutil.copy(path.with_suffix(".txt"), out)


def check_same(one: str, other: str) -> None:
    """Hold that two tables have the same features: half of the cycles of each to 1e-6 sd.

    Not all: a peak on a threshold may fall to either side of it, and the resamplers differ.
    """
    import numpy as np

    ours, theirs = (np.load(path)["features"] for path in (one, other))
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    apart = np.median(np.abs(ours - theirs), axis=0) / ours.std(axis=0)
    assert (apart < CLOSE).all(), f"columns {np.flatnonzero(apart >= CLOSE)} differ"


def folder_of(bench: Bench) -> Path:
    """Return the folder of recordings, simulated where there is none."""
    if bench.recordings:
        return bench.recordings
    from auscultation.recordings.simulation import write_recordings

    folder = bench.work / f"recordings{PATIENTS}"
    if not folder.exists():
        write_recordings(folder.with_suffix(".part"), 0, PATIENTS)
        folder.with_suffix(".part").rename(folder)
    return folder


def at_44100(bench: Bench) -> Path:
    """Return a folder with copies of the recordings at 44.1 kHz."""
    folder = folder_of(bench)
    copies = bench.work / f"{folder.name}-{RATE}"
    if not copies.exists():
        part = copies.with_suffix(".part")
        command = [sys.executable, HERE / "recordings.py", "copies", folder, part, RATE]
        child(command, bench.work)
        part.rename(copies)
    return copies


def features_run(bench: Bench, folder: Path, **changes) -> dict:
    """Run the workflow from a folder of recordings to the table of features, nothing there yet."""
    at = fresh(bench, "recordings", recordings=str(folder), **changes)
    return snakemake(at, bench.cores, "features")


def pooled(bench: Bench, folder: Path, python: Path | str, *command) -> dict:
    """Run a pool of processes; `warm` are its seconds without imports and a first recording."""
    at = bench.work / "pooled"
    at.mkdir(parents=True, exist_ok=True)
    name = Path(command[0]).stem
    took = child([python, *command, folder, f"{name}.npz", bench.cores], at)
    text = printed(at)
    return took | {"warm": text["seconds"], "sound": text["sound"]}


def recordings(bench: Bench) -> tuple[Section, dict]:
    """Compare the ways from a folder of recordings to the features of its cycles."""
    rows, raw = [], {}
    for rate, folder in (("4 kHz", folder_of(bench)), ("44.1 kHz", at_44100(bench))):
        contenders = {
            "`snakemake features`": lambda i, f=folder: features_run(bench, f),
            "its families, pool without a tool": lambda i, f=folder: pooled(
                bench, f, sys.executable, HERE / "recordings.py", "families"
            ),
            "librosa and SciPy, pool": lambda i, f=folder: pooled(
                bench, f, bench.librosa, HERE / "plain_librosa.py"
            ),
            "`snakemake features`, five alone": lambda i, f=folder: features_run(
                bench, f, families=[]
            ),
        }
        runs = alternate(contenders, bench.repeats)
        files = [bench.work / "pooled" / f"{n}.npz" for n in ("recordings", "plain_librosa")]
        if rate == "4 kHz":
            child([sys.executable, HERE / "recordings.py", "same", *files], bench.work)
        peer = runs["librosa and SciPy, pool"]
        theirs, sound = middle(peer, "warm"), middle(peer, "sound")
        for name, of in runs.items():
            warm = middle(of, "warm") if "warm" in of[0] else middle(of)
            same = "alone" not in name
            rows.append(
                [
                    f"{rate}: {name}",
                    number(middle(of)),
                    number(warm),
                    number(middle(of, "cpu")),
                    number(sound / middle(of, "cpu")),
                    number(middle(of, "peak_mb")),
                    f"{theirs / warm:.2f}" if same else "",
                ]
            )
        raw[rate] = runs
    n = len(sounds(folder_of(bench)))
    about = "recordings" if bench.recordings else "simulated recordings, one of thirty at 44.1 kHz"
    return Section(
        "From recordings to features",
        f"{n} {about}, and copies of all at 44.1 kHz; six families, {bench.cores} cores, nothing "
        "there yet.",
        ["", "s", "s, warm", "s of processors", "real time", "MB", "librosa / it, warm"],
        rows,
        [
            "Real time: seconds of sound for each second of a core; "
            f"there are {sound:,.0f} s of sound.",
            "Warm: without imports and the first recordings, after which everything is compiled. The workflow is "
            "never warm: its jobs import for themselves, check, compute the five statistics, too, and write a workbook.",
            "librosa and SciPy compute the same 77 features, in the order in which one would write them down: what "
            f"librosa has, by it (`benchmarks/plain_librosa.py`). Half of the cycles agree to {CLOSE:g} standard "
            "deviations in each; a larger difference would have ended the measurement.",
        ],
    ), raw


def steps(bench: Bench) -> tuple[Section, dict]:
    """Measure what each step takes of one core, per second of sound."""
    few = bench.work / "steps"
    shutil.rmtree(few, ignore_errors=True)
    few.mkdir(parents=True)
    for path in sounds(at_44100(bench))[::EVERY]:
        for file in (path, path.with_suffix(".txt")):
            (few / file.name).symlink_to(file)

    def ours(i: int) -> dict:
        child([sys.executable, HERE / "recordings.py", "steps", few], bench.work)
        return per_second(printed(bench.work))

    def theirs(i: int) -> dict:
        command = [bench.librosa, HERE / "plain_librosa.py", few, "few.npz", 1]
        child(command, bench.work)
        return per_second(printed(bench.work))

    runs = alternate({"ours": ours, "librosa": theirs}, bench.repeats)
    return table_of_steps(runs, len(sounds(few))), runs


def table_of_steps(runs: dict, n: int) -> Section:
    """Write the times of the steps of n recordings side by side."""
    mine = {step: middle(runs["ours"], step) for step in runs["ours"][0]}
    other = {step: middle(runs["librosa"], step) for step in runs["librosa"][0]}
    reading = mine["read"] + mine["resample"]
    rows = [
        ["read", number(mine["read"]), "", ""],
        ["resample", number(mine["resample"]), "", ""],
        pair("read and resample", reading, other["read and resample"]),
        ["five statistics, resampling included", number(mine["five"]), "", ""],
        ["the same, exact", number(mine["exact"]), "", ""],
    ]
    for family in FAMILIES:
        frames = other["short frames"] * (family in SHORT)
        rows.append(pair(family, mine[family], other[family] + frames))
    once = mine["short frames"] * (len(SHORT) - 1)  # computed once in place of in each
    families = sum(mine[family] for family in FAMILIES)
    all_of_theirs = sum(other.values())
    rows += [
        pair("six families", families, all_of_theirs - other["read and resample"]),
        pair(
            "six families from one process",
            families - once,
            all_of_theirs - other["read and resample"],
        ),
        pair("from the file to six families", reading + families, all_of_theirs),
        pair("the same from one process", reading + families - once, all_of_theirs),
    ]
    return Section(
        "Steps from sound to features",
        f"Milliseconds of one core per second of sound at 44.1 kHz, {n} recordings; each family with "
        "its frames, as in a job of its own.",
        ["", "ms/s", "librosa and SciPy, ms/s", "times faster"],
        rows,
        [
            "librosa resamples by soxr, this workflow as the notebook's statistics were made, with 64 zero crossings; "
            "sound at 4 kHz is not resampled.",
            "librosa and SciPy compute the frames of 64 ms once for all families; in its time of a family they are counted, "
            "in the sums once.",
        ],
    )


def pair(name: str, mine: float, other: float) -> list[str]:
    """Return a row of two times and their ratio."""
    return [name, number(mine), number(other), f"{other / mine:.1f}"]


def per_second(printed_of: dict) -> dict[str, float]:
    """Return milliseconds of processor per second of sound, by step."""
    return {step: 1000 * s / printed_of["sound"] for step, s in printed_of["cpu"].items()}


if __name__ == "__main__":
    WORK: dict[str, Callable] = {
        "families": in_pool,
        "steps": print_steps,
        "copies": copy_at,
        "same": check_same,
    }
    WORK[sys.argv[1]](*sys.argv[2:])
