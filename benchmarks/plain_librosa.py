"""The features of the families by librosa, as one would write them without this workflow.

    python benchmarks/plain_librosa.py FOLDER OUT.npz [PROCESSES]

What librosa has is taken from it; what it lacks, from SciPy and NumPy: the same descriptors, cycle by
cycle, all frames of a cycle at once. It reads names and annotations as ICBHI's, and checks nothing.
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # there are as many processes as cores already

here = str(Path(__file__).resolve().parent)
sys.path = [path for path in sys.path if path != here]  # numba would take coverage.py for another

import librosa
import numpy as np
from scipy import ndimage, signal, stats

RATE, LOW, HIGH = 4000, 100, 1800
EDGES = (100, 200, 300, 400, 600, 800, 1200, 1800)
OCTAVES = (100, 200, 400, 800, 1600)
FAMILIES = ("spectrum", "bands", "mfcc", "tonal", "transient", "envelope")


def spectra(cycle: np.ndarray, frame: int, hop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return power from 100 to 1800 Hz, shape (bins, frames), and the bins' frequencies."""
    padded = np.pad(cycle, (0, max(0, frame - len(cycle))))
    power = np.abs(librosa.stft(padded, n_fft=frame, hop_length=hop, center=False)) ** 2
    hz = librosa.fft_frequencies(sr=RATE, n_fft=frame)
    power = power[(hz >= LOW) & (hz <= HIGH)]
    return power + (1e-9 * power.mean() or 1), hz[(hz >= LOW) & (hz <= HIGH)]


def pairs(rows: list[np.ndarray]) -> np.ndarray:
    """Return mean and standard deviation of each row."""
    table = np.vstack(rows)
    return np.column_stack([table.mean(axis=1), table.std(axis=1)]).ravel()


def steps(values: np.ndarray) -> float:
    """Return the mean absolute step."""
    return float(np.abs(np.diff(values)).mean()) if len(values) > 1 else 0.0


def spectrum(power: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """Return shape of the spectrum, 13 features."""
    share = power / power.sum(axis=0)
    centroid = librosa.feature.spectral_centroid(S=power, freq=hz)
    both = [
        centroid,
        librosa.feature.spectral_bandwidth(S=power, freq=hz, centroid=centroid),
        librosa.feature.spectral_rolloff(S=power, freq=hz, roll_percent=0.85),
        librosa.feature.spectral_flatness(S=share, power=1, amin=1e-30),
        stats.entropy(share, axis=0)[None] / np.log(len(hz)),
    ]
    half = librosa.feature.spectral_rolloff(S=power, freq=hz, roll_percent=0.5)
    slope = np.polyfit(np.log2(hz), 10 * np.log10(power), 1)[0]
    flux = np.abs(np.diff(share, axis=1)).sum(axis=0) / 2
    return np.append(pairs(both), [half.mean(), slope.mean(), flux.mean() if len(flux) else 0])


def bands(power: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """Return shares of seven bands, dB."""
    spectrum = power.mean(axis=1)
    edges = [*EDGES[:-1], EDGES[-1] + 1]
    sums = [spectrum[(hz >= a) & (hz < b)].sum() for a, b in zip(edges, edges[1:], strict=False)]
    return librosa.power_to_db(np.array(sums) / spectrum.sum(), amin=1e-30, top_db=None)


def mfcc(power: np.ndarray, hz: np.ndarray, mel: np.ndarray) -> np.ndarray:
    """Return means and standard deviations of 12 coefficients."""
    coefficients = librosa.feature.mfcc(S=np.log(mel @ power), n_mfcc=13)[1:]
    return np.append(coefficients.mean(axis=1), coefficients.std(axis=1))


def white(power: np.ndarray) -> np.ndarray:
    """Return power over its running median along the bins, dB."""
    return 10 * np.log10(power / ndimage.median_filter(power, size=(21, 1), mode="reflect"))


def run_lengths(tones: np.ndarray) -> np.ndarray:
    """Return the length of the tones up to each frame, (n_bins, n_frames)."""
    lengths = tones.copy()
    for frame in range(1, tones.shape[1]):
        near = ndimage.maximum_filter1d(lengths[:, frame - 1], 5, mode="constant")
        lengths[:, frame] *= 1 + near
    return lengths


def tonal(cycle: np.ndarray) -> np.ndarray:
    """Return tones that last, 12 features."""
    power, hz = spectra(cycle, 512, 128)
    power, hz = power[hz <= 1200], hz[hz <= 1200]
    n = power.shape[1]
    averaged = signal.convolve2d(power, np.ones((1, 3)), "same")
    averaged /= np.convolve(np.ones(n), np.ones(3), "same")[: n or 1]
    level = white(averaged)
    peak = level.max(axis=0)
    crest = 10 * np.log10(averaged.max(axis=0) / averaged.mean(axis=0))
    limited = np.clip(level, -20, 20)
    limited = limited - limited.mean(axis=0)
    echo = librosa.autocorrelate(limited, max_size=41, axis=0)
    echo = echo[8:].max(axis=0) / np.maximum((limited**2).sum(axis=0), 1e-9)
    tones = np.clip((level - 8) / 2, 0, 1)
    before, behind = run_lengths(tones), run_lengths(tones[:, ::-1])[:, ::-1]
    length = before + behind - tones
    weights = (tones * length**2).sum(axis=1)
    return np.array(
        [
            peak.mean(),
            np.quantile(peak, 0.9),
            tones.max(axis=0).mean(),
            before.max() * 128 / RATE,
            (tones * np.clip(length - 3, 0, 1)).max(axis=0).mean(),
            weights @ hz / max(weights.sum(), 1),
            crest.mean(),
            crest.std(),
            echo.mean(),
            echo.std(),
            white(power.mean(axis=1, keepdims=True)).max(),
            tones.sum(axis=0).mean(),
        ]
    )


def filtered(sound: np.ndarray) -> np.ndarray:
    """Return a recording from 100 to 1800 Hz and in four octaves, shape (5, n)."""
    padded = np.pad(sound, 128, mode="symmetric")
    edges = [(LOW, HIGH), *zip(OCTAVES[:-1], OCTAVES[1:], strict=True)]
    low_pass = {edge: signal.firwin(257, edge, fs=RATE) for edge in {LOW, HIGH, *OCTAVES}}
    taps = [low_pass[high] - low_pass[low] for low, high in edges]
    return np.array([signal.oaconvolve(padded, tap, "valid") for tap in taps])


def burst_levels(wide: np.ndarray) -> np.ndarray:
    """Return energy of 5 ms every 2.5 ms over its running median, dB."""
    padded = np.pad(wide, (0, -len(wide) % 10 + 10))
    energy = (librosa.util.frame(padded, frame_length=20, hop_length=10) ** 2).sum(axis=0)
    energy += 1e-9 * energy.mean() or 1
    return 10 * np.log10(energy / ndimage.median_filter(energy, size=41, mode="reflect"))


def transient(banks: np.ndarray, levels: np.ndarray, begin: int, end: int) -> np.ndarray:
    """Return short events, 17 features."""
    wide = banks[0, begin:end]
    step = np.diff(wide)
    teager = wide[1:-1] ** 2 - wide[:-2] * wide[2:]
    of_wide = [stats.kurtosis(x, fisher=False) for x in (wide, step, teager)]
    of_octaves = stats.kurtosis(banks[1:, begin:end], axis=1, fisher=False)
    mobility = step.std() / wide.std()
    bursts = levels[-(-begin // 10) : -(-end // 10)]
    loud = np.clip((bursts - 5) / 2, 0, 1)
    first = np.clip((levels[-(-begin // 10) - 1] - 5) / 2, 0, 1) if begin else 0
    onsets = np.maximum(np.diff(loud, prepend=first), 0).sum()
    padded = np.pad(wide, (0, max(0, 256 - len(wide))))
    frames = librosa.util.frame(padded, frame_length=256, hop_length=128) / wide.std()
    length = np.sqrt(1 + np.diff(frames, axis=0) ** 2).sum(axis=0)
    away = (frames[1:] - frames[0]) ** 2 + np.arange(1, 256)[:, None] ** 2
    katz = np.log(255) / (np.log(255) + np.log(np.sqrt(away.max(axis=0)) / length))
    return np.array(
        [
            *np.log([*of_wide, *of_octaves]),
            20 * np.log10(np.abs(wide).max() / np.sqrt((wide**2).mean())),
            mobility,
            np.diff(step).std() / step.std() / mobility,
            *np.quantile(bursts, (0.95, 0.99)),
            bursts.max(),
            onsets * RATE / 10 / len(bursts),
            loud.mean(),
            katz.mean(),
            katz.max(),
        ]
    )


def envelope(power: np.ndarray) -> np.ndarray:
    """Return how the level moves, 4 features."""
    energy = power.sum(axis=0)
    level = librosa.power_to_db(energy, amin=1e-30, top_db=None)
    low, high = np.quantile(level, (0.05, 0.95))
    place = (np.arange(len(energy)) + 0.5) / len(energy)
    return np.array([high - low, level.std(), steps(level), (place * energy).sum() / energy.sum()])


class Clock:
    """Processor time of this process by step, in seconds."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self.last = time.process_time()

    def add(self, step: str, value: np.ndarray) -> np.ndarray:
        """Return the value; the time since the last call is the step's."""
        now = time.process_time()
        self.took[step] = self.took.get(step, 0) + now - self.last
        self.last = now
        return value


def describe(path: Path) -> tuple[np.ndarray, dict[str, float], float]:
    """Return the features of one recording's cycles, shape (n_cycles, 77), its times, its seconds."""
    clock = Clock()
    sound, _ = librosa.load(path, sr=RATE)
    times = np.loadtxt(path.with_suffix(".txt"), ndmin=2)
    clock.add("read and resample", sound)
    sound = sound.astype(np.float64) - sound.mean(dtype=np.float64)
    full = librosa.filters.mel(
        sr=RATE, n_fft=256, n_mels=24, fmin=LOW, fmax=HIGH, htk=True, norm=None, dtype=np.float64
    )
    hz = librosa.fft_frequencies(sr=RATE, n_fft=256)
    mel = clock.add("mfcc", full[:, (hz >= LOW) & (hz <= HIGH)])
    banks = filtered(sound)
    levels = clock.add("transient", burst_levels(banks[0]))
    rows = []
    for begin, end in np.minimum(np.rint(times[:, :2] * RATE).astype(int), len(sound)):
        cycle = sound[begin:end]
        power, hz = spectra(cycle, 256, 64)
        clock.add("short frames", power)
        row = [
            clock.add("spectrum", spectrum(power, hz)),
            clock.add("bands", bands(power, hz)),
            clock.add("mfcc", mfcc(power, hz, mel)),
            clock.add("tonal", tonal(cycle)),
            clock.add("transient", transient(banks, levels, begin, end)),
            clock.add("envelope", envelope(power)),
        ]
        rows.append(np.concatenate(row))
    return np.array(rows), clock.took, len(sound) / RATE


def main() -> None:
    """Describe all recordings; print how long that took without imports and a first recording."""
    folder, out, processes = Path(sys.argv[1]), sys.argv[2], int((sys.argv + ["2"])[3])
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac"))
    describe(paths[0])  # numba compiles here alone: two at once can break its cache
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(describe, paths[:1] * 4 * processes))
        start = time.perf_counter()
        results = list(pool.map(describe, paths, chunksize=8))
        seconds = time.perf_counter() - start
    tables, clocks, lengths = zip(*results, strict=True)
    cpu = {step: sum(clock[step] for clock in clocks) for step in clocks[0]}
    np.savez(out, features=np.concatenate(tables))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "sound": sum(lengths)}))


if __name__ == "__main__":
    main()
