"""The families by name, and the table of several of them from one analysis of a recording."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from auscultation.recordings.families import (
    bands,
    envelope,
    log_mel,
    mfcc,
    spectrum,
    tonal,
    transient,
)
from auscultation.recordings.frames import DEFAULTS, Analysis, Settings


class Family(NamedTuple):
    """A family: its columns, and its features, (n_cycles, columns), of a recording or analysis."""

    NAMES: tuple[str, ...]
    features: Callable[[np.ndarray, np.ndarray, Settings], np.ndarray]
    of_analysis: Callable[[Analysis], np.ndarray]


_MODULES = {
    "spectrum": spectrum,
    "bands": bands,
    "mfcc": mfcc,
    "tonal": tonal,
    "transient": transient,
    "envelope": envelope,
    "log_mel": log_mel,
}
FAMILIES = {
    name: Family(module.NAMES, module.features, module.of_analysis)
    for name, module in _MODULES.items()
}


def column_names(families: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the families of these names, in this order."""
    return tuple(column for name in families for column in FAMILIES[name].NAMES)


def features(
    signal: np.ndarray,
    cycles: np.ndarray,
    families: Sequence[str],
    settings: Settings = DEFAULTS,
) -> np.ndarray:
    """Return the features of several families, (n_cycles, columns), spectra computed once.

    From a recording at 4000 Hz, (n,), and begin and end of its cycles in samples, (n_cycles, 2).
    """
    analysis = Analysis(signal, cycles, settings)
    tables = [FAMILIES[name].of_analysis(analysis) for name in families]
    return np.concatenate([np.empty((len(analysis.cycles), 0)), *tables], axis=1)
