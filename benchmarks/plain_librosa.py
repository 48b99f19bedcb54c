"""The descriptors of a folder's cycles by librosa alone, as one would write them without this workflow.

    python benchmarks/plain_librosa.py FOLDER OUT.npy [PROCESSES]

Each recording is loaded at 4000 Hz; of each cycle there are what librosa has of the families, in its own
terms, with the same frames, hops and bands: mean and standard deviation over the frames of

- spectrum: centroid, bandwidth, roll-off 85 % and 50 %, flatness;
- bands: dB of the share of seven bands; envelope: rms;
- mfcc: 12 coefficients of 24 mel bands from 100 to 1800 Hz;
- tonal: contrast of four octaves (peaks over valleys);
- transient: zero crossings, onset strength, onsets per second.

It has no runs of tones, no echo, no kurtosis, no Katz dimension, no bursts, and checks nothing.
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # as many processes as cores already

here = str(Path(__file__).resolve().parent)
sys.path = [path for path in sys.path if path != here]  # numba would take coverage.py for another

import librosa
import numpy as np

RATE, FRAME, HOP = 4000, 256, 64
EDGES = (100, 200, 300, 400, 600, 800, 1200, 1800)


def describe(cycle: np.ndarray) -> np.ndarray:
    """Return the descriptors of one cycle, shape (47,)."""
    cycle = np.pad(cycle, (0, max(0, FRAME - len(cycle))))
    power = np.abs(librosa.stft(cycle, n_fft=FRAME, hop_length=HOP, center=False)) ** 2
    power += 1e-9 * power.mean() or 1
    amplitude = np.sqrt(power)
    shape = {"S": amplitude, "sr": RATE, "n_fft": FRAME}
    mel = librosa.feature.melspectrogram(
        S=power, sr=RATE, n_fft=FRAME, n_mels=24, fmin=100, fmax=1800, htk=True
    )
    level = librosa.power_to_db(mel, top_db=None)
    hz = librosa.fft_frequencies(sr=RATE, n_fft=FRAME)
    bands = np.array(
        [power[(hz >= a) & (hz < b)].sum() for a, b in zip(EDGES[:-1], EDGES[1:], strict=True)]
    )
    onsets = librosa.onset.onset_strength(S=level, sr=RATE, hop_length=HOP)
    peaks = librosa.onset.onset_detect(onset_envelope=onsets, sr=RATE, hop_length=HOP)
    rows = np.vstack(
        [
            librosa.feature.spectral_centroid(**shape),
            librosa.feature.spectral_bandwidth(**shape),
            librosa.feature.spectral_rolloff(**shape, roll_percent=0.85),
            librosa.feature.spectral_rolloff(**shape, roll_percent=0.5),
            librosa.feature.spectral_flatness(S=amplitude),
            librosa.feature.spectral_contrast(**shape, fmin=100, n_bands=4),
            librosa.feature.mfcc(S=level, n_mfcc=13)[1:],
            librosa.feature.rms(S=amplitude, frame_length=FRAME),
            onsets[None],
        ]
    )
    crossings = librosa.feature.zero_crossing_rate(cycle, frame_length=FRAME, hop_length=HOP)
    return np.concatenate(
        [
            rows.mean(axis=1),
            rows.std(axis=1),
            librosa.power_to_db(bands / bands.sum()),
            [crossings.mean(), crossings.std(), len(peaks) * RATE / len(cycle)],
        ]
    )


def describe_recording(path: Path) -> np.ndarray:
    """Return the descriptors of the cycles of one recording, shape (n_cycles, 57)."""
    sound, _ = librosa.load(path, sr=RATE)
    times = np.loadtxt(path.with_suffix(".txt"), ndmin=2)
    spans = np.rint(times[:, :2] * RATE).astype(int)
    return np.array([describe(sound[begin:end]) for begin, end in spans])


def main() -> None:
    """Describe all recordings, and print how long that took without imports and without a first recording."""
    folder, out, processes = Path(sys.argv[1]), sys.argv[2], int((sys.argv + ["2"])[3])
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac"))
    describe_recording(paths[0])  # numba compiles here alone: two at once may break its cache
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(describe_recording, paths[:1] * 4 * processes))
        start = time.perf_counter()
        tables = list(pool.map(describe_recording, paths, chunksize=8))
        seconds = time.perf_counter() - start
    np.save(out, np.concatenate(tables))
    print(json.dumps({"warm_seconds": seconds, "cycles": sum(map(len, tables))}))


if __name__ == "__main__":
    main()
