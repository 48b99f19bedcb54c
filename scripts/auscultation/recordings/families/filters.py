"""The recording in bands: from 100 to 1800 Hz, and in four octaves from 100 to 1600 Hz.

Each band-pass is the difference of two low-passes of 257 taps, sinc times symmetric Hamming window
with sum 1: half of the amplitude is left at its edges, 1/400 from 26 Hz beyond; the delay of 128
samples is taken out. At its ends the recording goes on mirrored. Source: Oppenheim and Schafer,
Discrete-Time Signal Processing, ch. 7: the window method.
"""

import numpy as np

from auscultation.recordings.frames import RATE

OCTAVES = (100.0, 200.0, 400.0, 800.0, 1600.0)  # Hz
N_TAPS = 257
_BLOCK = 2048  # samples of one transform: stays in the processor's cache


def low_pass(cutoff: float) -> np.ndarray:
    """Return the taps, (257,), of the low-pass with that cut-off frequency in Hz."""
    place = np.arange(N_TAPS) - N_TAPS // 2
    taps = np.sinc(2 * cutoff / RATE * place) * np.hamming(N_TAPS)
    return taps / taps.sum()


def banks(signal: np.ndarray, edges: list[tuple[float, float]]) -> np.ndarray:
    """Return the signal, (n,), in each band from low to high Hz, (n_bands, n), n >= 1."""
    taps = np.array([low_pass(high) - low_pass(low) for low, high in edges])
    response = np.fft.rfft(taps, _BLOCK)[:, None]
    hop = _BLOCK - N_TAPS + 1
    n_blocks = -(-len(signal) // hop)
    mirrored = np.pad(signal, N_TAPS // 2, mode="symmetric")
    mirrored = np.concatenate([mirrored, np.zeros(n_blocks * hop - len(signal))])
    blocks = np.lib.stride_tricks.sliding_window_view(mirrored, _BLOCK)[::hop]
    result = np.empty((len(edges), n_blocks * hop))
    for number, block in enumerate(blocks):  # overlap and save
        filtered = np.fft.irfft(np.fft.rfft(block) * response[:, 0], _BLOCK)
        result[:, number * hop : (number + 1) * hop] = filtered[:, N_TAPS - 1 :]
    return result[:, : len(signal)]
